# Milder rotation and scaling; nothing is cut off.
_base_ = './td-reg-noshift_256x256.py'

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomBBoxTransform', scale_factor=(0.75, 1.25), rotate_factor=60),
    *_base_.train_pipeline[4:],
]
