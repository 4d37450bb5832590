# COCO-WholeBody and every tenth sample of UBody by instance, tested on detected boxes of
# COCO-WholeBody. Its validation set is looked for under `data/UBody/`: annotations in
# `data/UBody/data/coco/annotations/`, images in `data/UBody/coco/val2017/`.
_base_ = ['./coco-wholebody_topdown.py', './ubody-scenes.py']

ubody = [
    dict(
        type='UBody2dDataset',
        data_root='data/UBody/',
        data_mode=_base_.data_mode,
        ann_file=f'annotations/{scene}/train_annotations.json',
        data_prefix=dict(img='images/'),
        sample_interval=10,
        pipeline=[],
    )
    for scene in _base_.ubody_scenes
]
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/coco_wholebody.py'),
        datasets=[dict(_base_.train_dataloader.dataset, pipeline=[]), *ubody],
        test_mode=False,
    )
)
val_dataloader = dict(
    dataset=dict(
        data_root='data/UBody/',
        ann_file='data/coco/annotations/coco_wholebody_val_v1.0.json',
        data_prefix=dict(img='coco/val2017/'),
    )
)
test_dataloader = val_dataloader
del ubody
