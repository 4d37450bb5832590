_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/td-hm_hrnet-w32.py',
    '../../../_base_/models/litehrnet-18.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-noshift_256x256.py',
]
model = dict(
    backbone=_base_.litehrnet_18,
    head=dict(in_channels=40, out_channels=16, decoder=_base_.codec),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
