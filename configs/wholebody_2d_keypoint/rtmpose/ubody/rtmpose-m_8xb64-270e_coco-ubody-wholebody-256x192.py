_base_ = [
    '../../../_base_/data/coco-ubody_topdown.py',
    '../../../_base_/models/rtmpose-wholebody.py',
    '../../../_base_/schedules/rtmpose_270e_bs512.py',
    '../../../_base_/pipelines/rtmpose-strong_256x192.py',
]
model = dict(
    backbone=_base_.rtmpose.aic_coco_old_url.m.backbone,
    head=dict(in_featuremap_size=(6, 8), input_size=_base_.codec.input_size, decoder=_base_.codec),
)
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=240)]
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
