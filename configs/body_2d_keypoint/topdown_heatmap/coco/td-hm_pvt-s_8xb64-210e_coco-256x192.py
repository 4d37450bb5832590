_base_ = './td-hm_res50_8xb64-210e_coco-256x192.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='PyramidVisionTransformer',
        num_layers=(3, 4, 6, 3),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://github.com/whai362/PVT/releases/download/v2/pvt_small.pth',
        ),
    ),
    neck=dict(type='FeatureMapProcessor', select_index=3),
    head=dict(in_channels=512),
)
