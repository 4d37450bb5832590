# Milder rotation and scaling of boxes that stay in place; narrower peaks.
_base_ = './td-hm-mild-noshift_256x256.py'

codec = dict(_base_.codec, sigma=1.5)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
