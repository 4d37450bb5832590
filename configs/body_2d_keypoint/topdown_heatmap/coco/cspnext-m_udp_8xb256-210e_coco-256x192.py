_base_ = [
    '../../../_base_/data/coco_topdown-gt.py',
    '../../../_base_/models/td-hm_cspnext-m.py',
    '../../../_base_/schedules/rtmpose_210e_bs1024.py',
    '../../../_base_/pipelines/cspnext-udp_256x192.py',
]
model = dict(head=dict(decoder=_base_.codec))
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [_base_.ema_hook, dict(_base_.stage2_hook, switch_epoch=180)]
train_dataloader = dict(
    batch_size=256, num_workers=10, dataset=dict(pipeline=_base_.train_pipeline)
)
val_dataloader = dict(batch_size=64, num_workers=10, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
