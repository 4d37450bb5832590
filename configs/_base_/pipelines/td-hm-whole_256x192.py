# Nothing is cut off.
_base_ = './td-hm_256x192.py'

train_pipeline = [*_base_.train_pipeline[:3], *_base_.train_pipeline[4:]]
