_base_ = [
    '../../../_base_/data/cofw_topdown.py',
    '../../../_base_/models/td-hm_hrnetv2-w18.py',
    '../../../_base_/schedules/adam_60e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-noshift-narrow_256x256.py',
]
model = dict(head=dict(out_channels=29, decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
# the second decay, at epoch 55, lies behind the end and is never made, as published
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], end=50)]
