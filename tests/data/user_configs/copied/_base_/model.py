model = dict(
    type='TopdownPoseEstimator',
    backbone=dict(type='HRNet', in_channels=3, extra=None),
)
