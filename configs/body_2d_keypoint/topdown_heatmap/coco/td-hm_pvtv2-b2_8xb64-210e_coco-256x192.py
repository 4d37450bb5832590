_base_ = './td-hm_pvt-s_8xb64-210e_coco-256x192.py'
model = dict(
    backbone=dict(
        type='PyramidVisionTransformerV2',
        embed_dims=64,
        init_cfg=dict(
            checkpoint='https://github.com/whai362/PVT/releases/download/v2/pvt_v2_b2.pth',
        ),
    ),
)
