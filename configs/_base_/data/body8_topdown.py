# Seven data sets of bodies by instance, with the keypoints of COCO. Validated on detected boxes of
# COCO; tested on eight data sets, on ground-truth boxes.
_base_ = ['./coco_topdown.py', './body-sets.py']

combined = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
)
train_sets, test_sets = (
    [
        dict(
            body_set,
            data_mode='topdown',
            pipeline=[] if name == 'coco' else [_base_.to_coco[name]],
        )
        for name, body_set in body_sets.items()
        if name != 'coco_wholebody'
    ]
    for body_sets in (_base_.body_train, _base_.body_val)
)

train_dataloader = dict(
    batch_size=256,
    num_workers=10,
    dataset=dict(combined, datasets=train_sets, test_mode=False),
)
val_dataloader = dict(batch_size=64, num_workers=10, dataset=_base_.body_val.coco)
test_dataloader = dict(
    batch_size=64,
    num_workers=10,
    dataset=dict(combined, datasets=test_sets, test_mode=True),
)
test_evaluator = [
    dict(type='PCKAccuracy', thr=0.1),
    dict(type='AUC'),
    dict(type='EPE'),
]
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
del combined, train_sets, test_sets
