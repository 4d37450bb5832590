_base_ = [
    '../../../_base_/data/interhand3d_topdown.py',
    '../../../_base_/models/internet_res50.py',
    '../../../_base_/schedules/adam_20e_bs128.py',
    '../../../_base_/pipelines/internet_256x256.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
