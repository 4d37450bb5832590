_base_ = [
    './td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
    '../../../_base_/models/hrnet-w32_coco-weights.py',
]
distortion = dict(type='PhotometricDistortion')
model = dict(backbone=dict(init_cfg=_base_.hrnet_w32_coco_weights))
train_pipeline = [*_base_.train_pipeline[:-2], distortion, *_base_.train_pipeline[-2:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
