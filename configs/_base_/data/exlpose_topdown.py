# ExLPose by instance, on ground-truth boxes: pictures in low light.
_base_ = './topdown.py'

dataset_type = 'ExlposeDataset'
data_root = 'data/ExLPose/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/ExLPose/ExLPose_train_LL.json',
        data_prefix=dict(img=''),
    ),
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/ExLPose/ExLPose_test_LL-A.json',
        data_prefix=dict(img=''),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(
    type='CocoMetric',
    ann_file=data_root + 'annotations/ExLPose/ExLPose_test_LL-A.json',
    use_area=False,
)
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='coco/AP', rule='greater'))
