# Heatmaps at stride 8.
_base_ = './td-hm-mild-whole_256x256.py'

codec = dict(_base_.codec, heatmap_size=(32, 32))
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
