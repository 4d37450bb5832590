# Whole bodies, and boxes that stay in place: they are turned and scaled alone.
_base_ = './td-hm_256x256.py'

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomBBoxTransform', shift_prob=0),
    *_base_.train_pipeline[5:],
]
