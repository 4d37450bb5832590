# InterNet: ResNet-50; heatmaps of both hands in three dimensions, 64 deep, how much deeper one
# wrist lies than the other, and which of the hands there are. The leaf adds the head's decoder.
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
        type='InternetHead',
        keypoint_head_cfg=dict(
            in_channels=2048,
            out_channels=21 * 64,
            depth_size=64,
            deconv_out_channels=(256, 256, 256),
            deconv_kernel_sizes=(4, 4, 4),
        ),
        root_head_cfg=dict(in_channels=2048, heatmap_size=64, hidden_dims=(512,)),
        hand_type_head_cfg=dict(in_channels=2048, num_labels=2, hidden_dims=(512,)),
    ),
    test_cfg=dict(flip_test=False),
)
