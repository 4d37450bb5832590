# MotionBERT: the poses of 243 frames at once, by attention over keypoints and time. The leaf adds
# the head's decoder.
model = dict(
    type='PoseLifter',
    backbone=dict(
        type='DSTFormer',
        in_channels=3,  # x, y and how sure they are
        feat_size=512,
        depth=5,
        num_heads=8,
        mlp_ratio=2,
        seq_len=243,
        att_fuse=True,
    ),
    head=dict(
        type='MotionRegressionHead',
        in_channels=512,
        out_channels=3,
        embedding_size=512,
        loss=dict(type='MPJPEVelocityJointLoss'),
    ),
    test_cfg=dict(flip_test=True),
)
