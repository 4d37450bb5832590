_base_ = [
    '../../../_base_/data/coco-wholebody_topdown.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/models/hrnet.py',
    '../../../_base_/schedules/adam_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-dark_384x288.py',
]
model = dict(
    backbone=_base_.hrnet_w48,
    head=dict(in_channels=48, out_channels=133, deconv_out_channels=None, decoder=_base_.codec),
)
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
