# DEKR for the 14 keypoints of CrowdPose, with HRNet-W32.
_base_ = './dekr_hrnet-w32.py'

model = dict(
    head=dict(
        num_keypoints=14,
        displacement_loss=dict(loss_weight=0.004),
        rescore_cfg=dict(
            in_channels=59,
            norm_indexes=(0, 1),  # the shoulders
            init_cfg=dict(
                checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/'
                'kpt_rescore_crowdpose-300c7efe.pth',
            ),
        ),
    ),
)
