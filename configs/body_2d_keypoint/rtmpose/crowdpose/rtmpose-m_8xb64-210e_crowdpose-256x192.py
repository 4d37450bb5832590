_base_ = [
    '../../../_base_/data/crowdpose_topdown.py',
    '../../../_base_/data/body-sets.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/rtmpose_210e_bs1024.py',
    '../../../_base_/pipelines/rtmpose_256x192.py',
]
model = dict(head=dict(_base_.head_input, out_channels=14))
train_dataloader = dict(
    num_workers=10,
    dataset=dict(_base_.body_train.crowdpose, pipeline=_base_.train_pipeline),
)
val_dataloader = dict(
    num_workers=10,
    dataset=dict(_base_.body_val.crowdpose, pipeline=_base_.val_pipeline),
)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], eta_min=2.5e-5)]
auto_scale_lr = dict(base_batch_size=512)
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
