_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/rtmpose.py',
    '../../../_base_/schedules/adamw-cosine_210e_bs1024.py',
    '../../../_base_/schedules/ema_hook.py',
    '../../../_base_/pipelines/rtmpose_256x256.py',
]
model = dict(head=dict(_base_.head_input, out_channels=16))
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(
    num_workers=10,
    dataset=dict(
        headbox_file=f'{_base_.data_root}/annotations/mpii_gt_val.mat',
        pipeline=_base_.val_pipeline,
    ),
)
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
