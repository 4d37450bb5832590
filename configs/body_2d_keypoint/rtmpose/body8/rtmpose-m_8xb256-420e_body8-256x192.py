_base_ = [
    '../../../_base_/data/body8_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/rtmpose_420e_bs1024.py',
    '../../../_base_/pipelines/rtmpose-body8_256x192.py',
]
model = dict(backbone=_base_.rtmpose.body7_256x192.m.backbone, head=_base_.head_input)
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=400)]
