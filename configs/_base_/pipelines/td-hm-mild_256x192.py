# Milder scaling and rotation, for light networks.
_base_ = './td-hm_256x192.py'

train_pipeline = [
    *_base_.train_pipeline[:4],
    dict(type='RandomBBoxTransform', scale_factor=(0.75, 1.25), rotate_factor=60),
    *_base_.train_pipeline[5:],
]
