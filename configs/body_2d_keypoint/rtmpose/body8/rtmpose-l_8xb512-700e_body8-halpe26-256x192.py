_base_ = [
    '../../../_base_/data/body8-halpe26_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/rtmpose_700e_bs1024.py',
    '../../../_base_/pipelines/rtmpose-halpe26_256x192.py',
]
model = dict(
    backbone=_base_.rtmpose.rtmpose_body7_256x192.l.backbone,
    head=dict(_base_.head_input, in_channels=1024, out_channels=26),
)
train_dataloader = dict(num_workers=5, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=5, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
optim_wrapper = dict(clip_grad=dict(max_norm=35, norm_type=2))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=670)]
