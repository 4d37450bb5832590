# DARK, with milder rotation and scaling, for light networks.
_base_ = './td-hm-mild_256x192.py'

codec = dict(_base_.codec, unbiased=True)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
