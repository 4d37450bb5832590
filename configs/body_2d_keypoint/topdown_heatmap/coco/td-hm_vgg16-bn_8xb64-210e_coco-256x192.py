_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'
model = dict(
    backbone=dict(
        type='VGG',
        depth=16,
        norm_cfg=dict(type='BN'),
        init_cfg=dict(checkpoint='mmcls://vgg16_bn'),
    ),
    head=dict(in_channels=512),
)
