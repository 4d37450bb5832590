# Heatmaps at stride 8.
_base_ = './td-hm_384x288.py'

codec = dict(_base_.codec, heatmap_size=(36, 48))
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
