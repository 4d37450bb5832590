# RTMW: RTMPose for whole bodies, whose head sees two scales of a feature pyramid. `model` is the
# medium one; another size: `model = _base_.rtmw.l`. The backbone goes on from that of an RTMPose
# of whole bodies.
_base_ = './rtmpose-wholebody.py'

url = 'https://download.openmmlab.com/mmpose/v1/'
distilled = url + 'projects/rtmposev1/rtmpose-'
ubody = url + 'wholebody_2d_keypoint/rtmpose/ubody/rtmpose-'
sizes = dict(  # depth, width, weights
    m=(0.67, 0.75, distilled + 'm_simcc-ucoco_dw-ucoco_270e-256x192-c8b76419_20230728.pth'),
    l=(1.0, 1.0, distilled + 'l_simcc-ucoco_dw-ucoco_270e-256x192-4d6dfc62_20230728.pth'),
    x=(1.33, 1.25, ubody + 'x_simcc-ucoco_pt-aic-coco_270e-256x192-05f5bcb7_20230822.pth'),
    x_384x288=(1.33, 1.25, ubody + 'x_simcc-ucoco_pt-aic-coco_270e-384x288-f5b50679_20230822.pth'),
)
rtmw = {
    size: dict(
        backbone=dict(
            deepen_factor=depth,
            widen_factor=width,
            init_cfg=dict(type='Pretrained', prefix='backbone.', checkpoint=weights),
        ),
        neck=dict(in_channels=[int(channels * width) for channels in (256, 512, 1024)]),
        head=dict(in_channels=int(1024 * width)),
    )
    for size, (depth, width, weights) in sizes.items()
}

model = dict(
    backbone=dict(
        _delete_=True,
        type='CSPNeXt',
        arch='P5',
        expand_ratio=0.5,
        **rtmw['m']['backbone'],
        channel_attention=True,
        norm_cfg=dict(type='BN'),
        act_cfg=dict(type='SiLU'),
    ),
    neck=dict(
        type='CSPNeXtPAFPN',
        **rtmw['m']['neck'],
        out_channels=None,
        out_indices=(1, 2),
        num_csp_blocks=2,
        expand_ratio=0.5,
        norm_cfg=dict(type='SyncBN'),
        act_cfg=dict(type='SiLU', inplace=True),
    ),
    head=dict(
        type='RTMWHead',
        loss=dict(beta=1.0, label_beta=10.0, mask=list(range(23, 91)), mask_weight=0.5),
    ),
)
del url, distilled, ubody, sizes
