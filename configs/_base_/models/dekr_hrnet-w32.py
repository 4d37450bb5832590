# DEKR: HRNet-W32; centres of people, offsets from there to the keypoints, and a small network that
# rescores the poses. The leaf adds the head's decoder.
_base_ = ['./td-hm_res50.py', './hrnet_multiscale.py']

model = dict(
    type='BottomupPoseEstimator',
    backbone=_base_.hrnet_w32,
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        _delete_=True,
        type='DEKRHead',
        in_channels=480,
        num_keypoints=17,
        heatmap_loss=dict(type='KeypointMSELoss', use_target_weight=True),
        displacement_loss=dict(
            type='SoftWeightSmoothL1Loss',
            use_target_weight=True,
            supervise_empty=False,
            beta=1 / 9,
            loss_weight=0.002,
        ),
        rescore_cfg=dict(
            in_channels=74,
            norm_indexes=(5, 6),  # the shoulders
            init_cfg=dict(
                type='Pretrained',
                checkpoint='https://download.openmmlab.com/mmpose/pretrain_models/'
                'kpt_rescore_coco-33d58c5c.pth',
            ),
        ),
    ),
    test_cfg=dict(
        _delete_=True,
        multiscale_test=False,
        flip_test=True,
        nms_dist_thr=0.05,
        shift_heatmap=True,
        align_corners=False,
    ),
)
