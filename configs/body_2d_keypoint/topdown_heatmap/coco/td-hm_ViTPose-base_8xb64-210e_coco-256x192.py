_base_ = [
    '../../../_base_/data/coco_topdown.py',
    '../../../_base_/models/td-hm_res50.py',
    '../../../_base_/models/vit.py',
    '../../../_base_/schedules/adamw-layer-decay_210e_bs512.py',
    '../../../_base_/pipelines/td-hm-udp_256x192.py',
]
model = dict(
    backbone=_base_.vit.base,
    head=dict(
        in_channels=768,
        deconv_out_channels=(256, 256),
        deconv_kernel_sizes=(4, 4),
        decoder=_base_.codec,
    ),
    test_cfg=dict(shift_heatmap=False),
)
train_dataloader = dict(num_workers=4, dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(num_workers=4, dataset=dict(pipeline=_base_.val_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
