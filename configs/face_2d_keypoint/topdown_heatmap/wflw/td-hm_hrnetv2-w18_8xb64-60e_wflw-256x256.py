_base_ = [
    '../../../_base_/data/wflw_topdown.py',
    '../../../_base_/models/td-hm_hrnetv2-w18.py',
    '../../../_base_/schedules/adam_60e_bs512.py',
    '../../../_base_/pipelines/td-hm-mild-noshift_256x256.py',
]
model = dict(head=dict(out_channels=98, decoder=_base_.codec))
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
