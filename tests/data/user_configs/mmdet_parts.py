# Parts of MMDetection by both spellings; no default_scope, no visualizer.
custom_imports = dict(imports=['mmdet.models', 'mmdet.engine'], allow_failed_imports=False)
norm_cfg = dict(type='BN', momentum=0.03, eps=0.001)
model = dict(
    type='mmpose.BottomupPoseEstimator',
    init_cfg=dict(type='Kaiming', layer='Conv2d'),
    data_preprocessor=dict(type='PoseDataPreprocessor', pad_size_divisor=32),
    backbone=dict(type='mmdet.CSPDarknet', deepen_factor=0.33, widen_factor=0.125),
    neck=dict(
        _scope_='mmdet',
        type='YOLOXPAFPN',
        in_channels=[32, 64, 128],
        out_channels=32,
        num_csp_blocks=1,
        norm_cfg=norm_cfg,
        act_cfg=dict(type='Swish'),
    ),
    head=dict(
        type='YOLOXPoseHead',
        num_keypoints=17,
        head_module_cfg=dict(
            in_channels=256, feat_channels=256, widen_factor=0.125, stacked_convs=2
        ),
        prior_generator=dict(type='mmdet.MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
        assigner=dict(
            type='mmdet.SimOTAAssigner',
            dynamic_k_indicator='oks',
            oks_calculator=dict(type='PoseOKS', metainfo='configs/_base_/datasets/coco.py'),
        ),
        loss_cls=dict(type='BCELoss', reduction='sum'),
        loss_bbox=dict(type='IoULoss', mode='square', reduction='sum'),
        loss_obj=dict(type='BCELoss', use_target_weight=True, reduction='sum'),
    ),
)
custom_hooks = [
    dict(
        type='mmdet.PipelineSwitchHook',
        switch_epoch=1,
        switch_pipeline=[
            dict(type='LoadImage'),
            dict(type='YOLOXHSVRandomAug', _scope_='mmdet'),
            dict(type='mmcv.RandomFlip', prob=0.5),
        ],
    ),
    dict(type='SyncNormHook', _scope_='mmdet', priority=48),
]
