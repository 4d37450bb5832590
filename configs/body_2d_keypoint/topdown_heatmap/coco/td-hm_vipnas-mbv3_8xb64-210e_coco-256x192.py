_base_ = './td-hm_vipnas-res50_8xb64-210e_coco-256x192.py'
model = dict(
    backbone=dict(_delete_=True, type='ViPNAS_MobileNetV3'),
    head=dict(
        in_channels=160,
        deconv_out_channels=(160, 160, 160),
        deconv_num_groups=(160, 160, 160),
    ),
)
