# DARK: targets around the exact, not the rounded, position; decoded from the shape of the peak.
_base_ = './td-hm_256x192.py'

codec = dict(_base_.codec, unbiased=True)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
