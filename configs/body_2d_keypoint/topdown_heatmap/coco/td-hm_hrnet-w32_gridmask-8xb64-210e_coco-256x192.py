_base_ = [
    './td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
    '../../../_base_/models/hrnet-w32_coco-weights.py',
]
grid_mask = dict(
    type='Albumentation',
    transforms=[
        dict(type='GridDropout', unit_size_min=10, unit_size_max=40, random_offset=True, p=0.5),
    ],
)
model = dict(backbone=dict(init_cfg=_base_.hrnet_w32_coco_weights))
train_pipeline = [*_base_.train_pipeline[:-2], grid_mask, *_base_.train_pipeline[-2:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
