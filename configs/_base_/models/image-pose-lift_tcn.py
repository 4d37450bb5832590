# SimpleBaseline3D: the pose of one frame, lifted by a network without convolution over time. The
# root stays where it is: 16 keypoints come out. The leaf adds the head's decoder.
model = dict(
    type='PoseLifter',
    backbone=dict(
        type='TCN',
        in_channels=2 * 17,
        stem_channels=1024,
        num_blocks=2,
        kernel_sizes=(1, 1, 1),
        dropout=0.5,
    ),
    head=dict(
        type='TemporalRegressionHead',
        in_channels=1024,
        num_joints=16,
        loss=dict(type='MSELoss'),
    ),
)
