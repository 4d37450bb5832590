_base_ = ['./td-hm_hrnet-w32_8xb64-210e_coco-256x192.py', '../../../_base_/data/coco-aic.py']
model = dict(
    metainfo=_base_.coco_aic_combined.metainfo,
    head=dict(out_channels=19),
    test_cfg=dict(output_keypoint_indices=list(range(17))),
)
train_dataloader = dict(dataset=dict(_base_.coco_aic_combined, pipeline=_base_.train_pipeline))
default_hooks = dict(checkpoint=dict(max_keep_ckpts=3))
