_base_ = [
    '../../../_base_/data/cocktail14_topdown.py',
    '../../../_base_/models/rtmw.py',
    '../../../_base_/schedules/rtmw_270e_bs8192.py',
    '../../../_base_/pipelines/rtmw_384x288.py',
]
model = dict(
    backbone=_base_.rtmw.l.backbone,
    neck=_base_.rtmw.l.neck,
    head=dict(
        _base_.rtmw.l.head,
        in_featuremap_size=(9, 12),
        input_size=_base_.codec.input_size,
        decoder=_base_.codec,
    ),
)
optim_wrapper = dict(optimizer=dict(weight_decay=0.1))
train_dataloader = dict(batch_size=320, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=2560)
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=260)]
