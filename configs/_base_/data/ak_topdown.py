# Animal Kingdom by instance, all animals in one split (protocol 1): 23 keypoints.
_base_ = './topdown.py'

dataset_type = 'AnimalKingdomDataset'
data_root = 'data/ak/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/ak_P1/train.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    batch_size=24,
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/ak_P1/test.json',
        data_prefix=dict(img='images/'),
    ),
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='PCKAccuracy', thr=0.05), dict(type='AUC')]
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='PCK', rule='greater'))
