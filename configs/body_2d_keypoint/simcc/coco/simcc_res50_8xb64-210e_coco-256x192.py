_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/simcc_res50.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/simcc_256x192.py',
]
model = dict(head=dict(input_size=(192, 256), in_featuremap_size=(6, 8), decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(type='MultiStepLR', milestones=[170, 200], gamma=0.1, by_epoch=True),
]
