# PoseTrack18 by instance: trained and tested on ground-truth boxes.
_base_ = './topdown.py'

dataset_type = 'PoseTrack18Dataset'
data_root = 'data/posetrack18/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/posetrack18_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/posetrack18_val.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(
    type='PoseTrack18Metric', ann_file=data_root + 'annotations/posetrack18_val.json'
)
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(interval=1, save_best='posetrack18/Total AP', rule='greater'))
