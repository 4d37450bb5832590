_base_ = './td-reg-noshift_256x256.py'

codec = dict(type='SimCCLabel', input_size=(256, 256), sigma=6.0, simcc_split_ratio=2.0)
train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
