# JHMDB by instance, the first of its three splits. PCK in sizes of the box and of the torso.
_base_ = './topdown.py'

dataset_type = 'JhmdbDataset'
data_root = 'data/jhmdb/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/Sub1_train.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/Sub1_test.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='JhmdbPCKAccuracy', thr=0.2, norm_item=['bbox', 'torso'])]
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(interval=1, save_best='PCK', rule='greater'))
