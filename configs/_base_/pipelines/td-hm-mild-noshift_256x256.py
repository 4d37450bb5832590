# Milder rotation and scaling of boxes that stay in place; nothing is cut off.
_base_ = './td-hm_256x256.py'

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomBBoxTransform', shift_prob=0, scale_factor=(0.75, 1.25), rotate_factor=60),
    *_base_.train_pipeline[5:],
]
