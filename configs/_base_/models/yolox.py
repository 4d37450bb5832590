# What YOLOX-Pose and RTMO share: images in several sizes and, here the large one, YOLOX's backbone.
# `yolox.SIZE` is what another size says otherwise, with weights from detecting the things in COCO.
url = 'https://download.openmmlab.com/'
detector = url + 'mmdetection/v2.0/yolox/yolox_{0}_8x8_300e_coco/yolox_{0}_8x8_300e_coco_'
sizes = dict(  # depth, width, weights
    tiny=(0.33, 0.375, detector.format('tiny') + '20211124_171234-b4047906.pth'),
    s=(0.33, 0.5, detector.format('s') + '20211121_095711-4592a793.pth'),
    m=(0.67, 0.75, url + 'mmpose/v1/pretrained_models/yolox_m_8x8_300e_coco_20230829.pth'),
    l=(1.0, 1.0, detector.format('l') + '20211126_140236-d3bd2b23.pth'),
)
yolox = {
    size: dict(
        deepen_factor=depth,
        widen_factor=width,
        init_cfg=dict(type='Pretrained', prefix='backbone.', checkpoint=checkpoint),
    )
    for size, (depth, width, checkpoint) in sizes.items()
}

model = dict(
    type='BottomupPoseEstimator',
    init_cfg=dict(
        type='Kaiming',
        layer='Conv2d',
        a=2.23606797749979,
        distribution='uniform',
        mode='fan_in',
        nonlinearity='leaky_relu',
    ),
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[0, 0, 0],
        std=[1, 1, 1],
        pad_size_divisor=32,
        batch_augments=[
            dict(
                type='BatchSyncRandomResize',
                random_size_range=(480, 800),
                size_divisor=32,
                interval=1,
            ),
        ],
    ),
    backbone=dict(
        type='CSPDarknet',
        **yolox['l'],
        out_indices=(2, 3, 4),
        spp_kernal_sizes=(5, 9, 13),
        norm_cfg=dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg=dict(type='Swish'),
    ),
)
del url, detector, sizes
