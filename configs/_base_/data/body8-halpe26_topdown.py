# Seven data sets of bodies by instance, with the keypoints of Halpe26; tested on eight.
_base_ = ['./coco_topdown.py', './body-sets.py']

combined = dict(
    _delete_=True,
    type='CombinedDataset',
    metainfo=dict(from_file='configs/_base_/datasets/halpe26.py'),
)
train_sets, val_sets = (
    [
        dict(body_set, data_mode='topdown', pipeline=[_base_.to_halpe26[name]])
        for name, body_set in body_sets.items()
        if name != 'coco'
    ]
    for body_sets in (_base_.body_train, _base_.body_val)
)

train_dataloader = dict(
    batch_size=512,
    num_workers=10,
    pin_memory=True,
    dataset=dict(combined, datasets=train_sets, test_mode=False),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=10,
    dataset=dict(combined, datasets=val_sets, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='PCKAccuracy', thr=0.1), dict(type='AUC')]
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(save_best='AUC', max_keep_ckpts=1))
del combined, train_sets, val_sets
