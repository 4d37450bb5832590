_base_ = [
    './td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
    '../../../_base_/models/hrnet-w32_coco-weights.py',
]
dropout = dict(
    type='Albumentation',
    transforms=[
        dict(
            type='CoarseDropout',
            max_holes=8,
            max_height=40,
            max_width=40,
            min_holes=1,
            min_height=10,
            min_width=10,
            p=0.5,
        ),
    ],
)
model = dict(backbone=dict(init_cfg=_base_.hrnet_w32_coco_weights))
train_pipeline = [*_base_.train_pipeline[:-2], dropout, *_base_.train_pipeline[-2:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
