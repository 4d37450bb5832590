_base_ = [
    '../../../_base_/data/ap10k_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/rtmpose_210e_bs1024.py',
    '../../../_base_/pipelines/rtmpose_256x256.py',
]
model = dict(head=_base_.head_input)
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
auto_scale_lr = dict(base_batch_size=512)
