_base_ = [
    '../../../_base_/data/face6_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/models/cspnext.py',
    '../../../_base_/schedules/rtmpose_120e_bs512.py',
    '../../../_base_/pipelines/rtmpose-face6_256x256.py',
]
model = dict(backbone=_base_.cspnext.m, head=dict(_base_.head_input, out_channels=106))
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
optim_wrapper = dict(clip_grad=dict(max_norm=35, norm_type=2))
param_scheduler = [
    _base_.param_scheduler[0],
    dict(_base_.param_scheduler[1], begin=30, T_max=90, eta_min=2e-5),
]
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=110)]
