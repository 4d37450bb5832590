# YOLOX-Pose, large; the other sizes are `model = _base_.yoloxpose.s`.
_base_ = './yolox.py'
csp_blocks = dict(tiny=1, s=1, m=2, l=3)
yoloxpose = {
    size: dict(
        backbone=backbone,
        neck=dict(
            in_channels=[int(channels * backbone['widen_factor']) for channels in (256, 512, 1024)],
            out_channels=int(256 * backbone['widen_factor']),
            num_csp_blocks=csp_blocks[size],
        ),
        head=dict(head_module_cfg=dict(widen_factor=backbone['widen_factor'])),
    )
    for size, backbone in _base_.yolox.items()
}

norm_cfg = dict(type='BN', momentum=0.03, eps=0.001)
act_cfg = dict(type='Swish')
model = dict(
    neck=dict(
        type='YOLOXPAFPN',
        **yoloxpose['l']['neck'],
        use_depthwise=False,
        upsample_cfg=dict(scale_factor=2, mode='nearest'),
        norm_cfg=norm_cfg,
        act_cfg=act_cfg,
    ),
    head=dict(
        type='YOLOXPoseHead',
        num_keypoints=17,
        featmap_strides=(8, 16, 32),
        head_module_cfg=dict(
            num_classes=1,
            in_channels=256,
            feat_channels=256,
            widen_factor=1.0,
            stacked_convs=2,
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        ),
        prior_generator=dict(type='MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
        assigner=dict(type='SimOTAAssigner', dynamic_k_indicator='oks'),
        overlaps_power=0.5,
        loss_cls=dict(type='BCELoss', reduction='sum', loss_weight=1.0),
        loss_bbox=dict(type='IoULoss', mode='square', eps=1e-16, reduction='sum', loss_weight=5.0),
        loss_obj=dict(type='BCELoss', use_target_weight=True, reduction='sum', loss_weight=1.0),
        loss_oks=dict(
            type='OKSLoss',
            reduction='none',
            metainfo='configs/_base_/datasets/coco.py',
            norm_target_weight=True,
            loss_weight=30.0,
        ),
        loss_vis=dict(type='BCELoss', use_target_weight=True, reduction='mean', loss_weight=1.0),
        loss_bbox_aux=dict(type='L1Loss', reduction='sum', loss_weight=1.0),
    ),
    test_cfg=dict(score_thr=0.01, nms_thr=0.65),
)
del csp_blocks, norm_cfg, act_cfg
