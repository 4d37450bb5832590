# CID: HRNet-W32; centres of people, and heatmaps of each from the features at its centre. The leaf
# adds the head's decoder.
_base_ = ['./td-hm_res50.py', './hrnet_multiscale.py']

model = dict(
    type='BottomupPoseEstimator',
    backbone=_base_.hrnet_w32,
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        _delete_=True,
        type='CIDHead',
        in_channels=480,
        gfd_channels=32,
        num_keypoints=17,
        coupled_heatmap_loss=dict(type='FocalHeatmapLoss', loss_weight=1.0),
        decoupled_heatmap_loss=dict(type='FocalHeatmapLoss', loss_weight=4.0),
        contrastive_loss=dict(type='InfoNCELoss', temperature=0.05, loss_weight=1.0),
    ),
    train_cfg=dict(max_train_instances=200),
    test_cfg=dict(
        _delete_=True,
        multiscale_test=False,
        flip_test=True,
        shift_heatmap=False,
        align_corners=False,
    ),
)
