_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-hm_vit-base.py',
    '../../../_base_/schedules/adamw-layer-decay_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-udp_256x192.py',
]
model = dict(head=dict(decoder=_base_.codec))
train_dataloader = dict(num_workers=4, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=4, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
