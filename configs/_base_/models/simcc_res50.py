# SimCC, which classifies each coordinate: ResNet-50 with three deconvolutions. The leaf tells the
# head input size, feature map and decoder.
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=50,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        type='SimCCHead',
        in_channels=2048,
        out_channels=17,
        simcc_split_ratio=2.0,
        loss=dict(type='KLDiscretLoss', use_target_weight=True),
    ),
    test_cfg=dict(flip_test=True),
)
