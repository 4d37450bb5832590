# Top-down heatmaps: ViPNAS, light networks found by search, of the kind of ResNet-50; for that of
# MobileNetV3, `model = _base_.vipnas_mbv3`. The leaf adds the head's decoder.
_base_ = './td-hm_res50.py'

model = dict(
    backbone=dict(_delete_=True, type='ViPNAS_ResNet', depth=50),
    head=dict(type='ViPNASHead', in_channels=608),
)
vipnas_mbv3 = dict(
    backbone=dict(_delete_=True, type='ViPNAS_MobileNetV3'),
    head=dict(
        in_channels=160,
        deconv_out_channels=(160, 160, 160),
        deconv_num_groups=(160, 160, 160),
    ),
)
