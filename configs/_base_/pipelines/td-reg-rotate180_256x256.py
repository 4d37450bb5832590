# Boxes are turned by any angle, as hands may point anywhere; nothing is cut off.
_base_ = './td-reg-noshift_256x256.py'

train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomBBoxTransform', scale_factor=(0.7, 1.3), rotate_factor=180),
    *_base_.train_pipeline[4:],
]
