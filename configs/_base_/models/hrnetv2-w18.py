# HRNetV2-W18, to take the place of a model's backbone. It puts out 18, 36, 72 and 144 channels at
# strides 4 to 32.
hrnetv2_w18 = dict(
    _delete_=True,
    type='HRNet',
    in_channels=3,
    extra=dict(
        stage1=dict(
            num_modules=1,
            num_branches=1,
            block='BOTTLENECK',
            num_blocks=[4],
            num_channels=[64],
        ),
        stage2=dict(
            num_modules=1,
            num_branches=2,
            block='BASIC',
            num_blocks=[4, 4],
            num_channels=[18, 36],
        ),
        stage3=dict(
            num_modules=4,
            num_branches=3,
            block='BASIC',
            num_blocks=[4, 4, 4],
            num_channels=[18, 36, 72],
        ),
        stage4=dict(
            num_modules=3,
            num_branches=4,
            block='BASIC',
            num_blocks=[4, 4, 4, 4],
            num_channels=[18, 36, 72, 144],
            multiscale_output=True,
        ),
        upsample=dict(mode='bilinear', align_corners=False),
    ),
    init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18'),
)
