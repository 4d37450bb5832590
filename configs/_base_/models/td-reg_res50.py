# Top-down regression: ResNet-50, averaged over the image, and one linear layer. The leaf adds the
# head's decoder.
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
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='RegressionHead',
        in_channels=2048,
        num_joints=17,
        loss=dict(type='SmoothL1Loss', use_target_weight=True),
    ),
    test_cfg=dict(flip_test=True, shift_coords=True),
)
