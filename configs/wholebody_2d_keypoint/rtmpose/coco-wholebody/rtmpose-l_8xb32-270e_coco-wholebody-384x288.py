_base_ = [
    '../../../_base_/data/coco-wholebody_topdown.py',
    '../../../_base_/models/rtmpose-wholebody.py',
    '../../../_base_/schedules/rtmpose_270e_bs512.py',
    '../../../_base_/pipelines/rtmpose_384x288.py',
]
model = dict(
    backbone=_base_.rtmpose.aic_coco.l.backbone,
    head=dict(
        _base_.rtmpose.aic_coco.l.head,
        in_featuremap_size=(9, 12),
        input_size=_base_.codec.input_size,
        decoder=_base_.codec,
    ),
)
train_dataloader = dict(batch_size=32, num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=240)]
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
