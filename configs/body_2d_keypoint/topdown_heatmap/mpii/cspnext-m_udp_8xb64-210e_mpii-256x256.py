_base_ = [
    '../../../_base_/data/mpii_topdown.py',
    '../../../_base_/models/td-hm_cspnext-m.py',
    '../../../_base_/schedules/adamw-cosine_210e_bs1024.py',
    '../../../_base_/schedules/ema_hook.py',
    '../../../_base_/pipelines/cspnext_256x256.py',
]
model = dict(
    head=dict(out_channels=16, decoder=_base_.codec),
    test_cfg=dict(flip_test=False),
)
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(
    num_workers=10,
    dataset=dict(
        headbox_file='data/mpii//annotations/mpii_gt_val.mat', pipeline=_base_.val_pipeline
    ),
)
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
