_base_ = [
    '../../../_base_/data/coco-wholebody_topdown-gt.py',
    '../../../_base_/models/td-hm_cspnext-m.py',
    '../../../_base_/schedules/rtmpose_210e_bs1024.py',
    '../../../_base_/pipelines/cspnext_256x192.py',
]
model = dict(
    head=dict(out_channels=133, decoder=_base_.codec),
    test_cfg=dict(flip_test=False),
)
train_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=512)
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
