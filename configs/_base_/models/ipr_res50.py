# Integral pose regression: ResNet-50 and deconvolutions; the keypoint is the mean place of its
# heatmap. All weights start from top-down heatmaps. The leaf adds the head's decoder.
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='ResNet', depth=50),
    head=dict(
        type='DSNTHead',
        in_channels=2048,
        in_featuremap_size=(8, 8),
        num_joints=17,
        loss=dict(
            type='MultipleLossWrapper',
            losses=[
                dict(type='SmoothL1Loss', use_target_weight=True),
                dict(type='KeypointMSELoss', use_target_weight=True),
            ],
        ),
    ),
    test_cfg=dict(flip_test=True, shift_coords=True, shift_heatmap=True),
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/'
        'td-hm_res50_8xb64-210e_coco-256x192.pth',
    ),
)
