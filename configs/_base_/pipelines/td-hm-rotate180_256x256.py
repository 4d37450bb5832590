# Boxes are turned by any angle, as hands may point anywhere; nothing is cut off. Flips come before,
# or last in `train_pipeline_flip_last`.
_base_ = './td-hm_256x256.py'

load, get_box, flip, *_, crop, target, pack = _base_.train_pipeline
rotate = dict(type='RandomBBoxTransform', scale_factor=(0.7, 1.3), rotate_factor=180)
train_pipeline = [load, get_box, flip, rotate, crop, target, pack]
train_pipeline_flip_last = [load, get_box, rotate, flip, crop, target, pack]
del load, get_box, flip, _, crop, target, pack, rotate
