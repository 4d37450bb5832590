# COCO-WholeBody by instance: trained on ground-truth boxes, tested on detected ones.
_base_ = './coco_topdown.py'

dataset_type = 'CocoWholeBodyDataset'

train_dataloader = dict(
    dataset=dict(type=dataset_type, ann_file='annotations/coco_wholebody_train_v1.0.json')
)
val_dataloader = dict(
    dataset=dict(type=dataset_type, ann_file='annotations/coco_wholebody_val_v1.0.json')
)
test_dataloader = val_dataloader

val_evaluator = dict(
    type='CocoWholeBodyMetric',
    ann_file=_base_.data_root + 'annotations/coco_wholebody_val_v1.0.json',
)
test_evaluator = val_evaluator

default_hooks = dict(checkpoint=dict(save_best='coco-wholebody/AP'))
