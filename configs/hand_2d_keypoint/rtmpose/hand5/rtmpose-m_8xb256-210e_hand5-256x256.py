_base_ = [
    '../../../_base_/data/hand5_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/rtmpose_210e_bs1024.py',
    '../../../_base_/pipelines/rtmpose-rotate180_256x256.py',
]
model = dict(
    backbone=_base_.rtmpose.aic_coco_old_url.m.backbone,
    head=dict(_base_.head_input, out_channels=21),
)

train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=256)
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))

# in the second stage, more images are blurred
more_blur = dict(
    type='Albumentation',
    transforms=[
        dict(type='Blur', p=0.2),
        dict(type='MedianBlur', p=0.2),
        _base_.train_pipeline_stage2[6].transforms[2],
    ],
)
train_pipeline_stage2 = [
    *_base_.train_pipeline_stage2[:6],
    more_blur,
    *_base_.train_pipeline_stage2[7:],
]
stage2_hook = dict(switch_epoch=200, switch_pipeline=train_pipeline_stage2)
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, **stage2_hook)]
