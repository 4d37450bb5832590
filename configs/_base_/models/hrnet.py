# HRNets, to take the place of a model's backbone. W32 and W48 put out as many channels at stride 4,
# HRNetV2-W18 puts out 18, 36, 72 and 144 channels at strides 4 to 32.
_weights = 'https://download.openmmlab.com/mmpose/pretrain_models/'

hrnet_w32, hrnet_w48, hrnetv2_w18 = (
    dict(
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
                num_channels=[width, 2 * width],
            ),
            stage3=dict(
                num_modules=4,
                num_branches=3,
                block='BASIC',
                num_blocks=[4, 4, 4],
                num_channels=[width, 2 * width, 4 * width],
            ),
            stage4=dict(
                num_modules=3,
                num_branches=4,
                block='BASIC',
                num_blocks=[4, 4, 4, 4],
                num_channels=[width, 2 * width, 4 * width, 8 * width],
                **stage4,
            ),
            **extra,
        ),
        init_cfg=dict(type='Pretrained', checkpoint=checkpoint),
    )
    for width, stage4, extra, checkpoint in (
        (32, {}, {}, f'{_weights}hrnet_w32-36af842e.pth'),
        (48, {}, {}, f'{_weights}hrnet_w48-8ef0771d.pth'),
        (
            18,
            dict(multiscale_output=True),
            dict(upsample=dict(mode='bilinear', align_corners=False)),
            'open-mmlab://msra/hrnetv2_w18',
        ),
    )
)
del _weights
