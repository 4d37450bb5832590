_base_ = ['./cspnext-m_udp_8xb256-210e_coco-256x192.py', '../../../_base_/data/coco-x3-aic.py']
model = dict(
    head=dict(out_channels=19),
    test_cfg=dict(_delete_=True, flip_test=False, output_keypoint_indices=list(range(17))),
)
train_dataloader = dict(dataset=dict(_base_.coco_aic_combined, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=_base_.coco_val)
test_dataloader = val_dataloader
