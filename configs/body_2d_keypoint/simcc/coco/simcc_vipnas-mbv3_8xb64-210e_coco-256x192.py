_base_ = './simcc_res50_8xb64-210e_coco-256x192.py'
model = dict(
    backbone=dict(_delete_=True, type='ViPNAS_MobileNetV3'),
    head=dict(
        in_channels=160,
        deconv_type='vipnas',
        deconv_out_channels=(160, 160, 160),
        deconv_num_groups=(160, 160, 160),
    ),
)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [_base_.param_scheduler[0], dict(_base_.param_scheduler[1], begin=0, end=210)]
