_base_ = [
    '../../../_base_/data/humanart_topdown.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/models/hrnet.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm_256x192.py',
]
model = dict(
    backbone=_base_.hrnet_w32,
    head=dict(in_channels=32, deconv_out_channels=None, decoder=_base_.codec),
)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
