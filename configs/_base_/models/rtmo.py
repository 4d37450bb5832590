# RTMO, large, for 17 keypoints; the other sizes are `model = _base_.rtmo.s`.
_base_ = './yolox.py'
rtmo = {
    size: dict(
        backbone=backbone,
        neck=dict(
            deepen_factor=backbone['deepen_factor'],
            widen_factor=backbone['widen_factor'],
            in_channels=[int(channels * backbone['widen_factor']) for channels in (256, 512, 1024)],
            projector=dict(out_channels=int(512 * backbone['widen_factor'])),
        ),
        head=dict(
            head_module_cfg=dict(
                widen_factor=backbone['widen_factor'],
                pose_vec_channels=int(512 * backbone['widen_factor']),
            ),
            dcc_cfg=dict(in_channels=int(512 * backbone['widen_factor'])),
        ),
    )
    for size, backbone in _base_.yolox.items()
}

metainfo = 'configs/_base_/datasets/coco.py'
model = dict(
    neck=dict(
        type='HybridEncoder',
        in_channels=[256, 512, 1024],
        hidden_dim=256,
        deepen_factor=1.0,
        widen_factor=1.0,
        output_indices=[1, 2],
        encoder_cfg=dict(
            self_attn_cfg=dict(embed_dims=256, num_heads=8, dropout=0.0),
            ffn_cfg=dict(
                embed_dims=256,
                feedforward_channels=1024,
                ffn_drop=0.0,
                act_cfg=dict(type='GELU'),
            ),
        ),
        projector=dict(
            type='ChannelMapper',
            in_channels=[256, 256],
            out_channels=512,
            num_outs=2,
            kernel_size=1,
            norm_cfg=dict(type='BN'),
            act_cfg=None,
        ),
    ),
    head=dict(
        type='RTMOHead',
        num_keypoints=17,
        featmap_strides=(16, 32),
        head_module_cfg=dict(
            num_classes=1,
            in_channels=256,
            cls_feat_channels=256,
            channels_per_group=36,
            pose_vec_channels=512,
            widen_factor=1.0,
            stacked_convs=2,
            norm_cfg=dict(type='BN', momentum=0.03, eps=0.001),
            act_cfg=dict(type='Swish'),
        ),
        prior_generator=dict(
            type='MlvlPointGenerator',
            centralize_points=True,
            strides=[16, 32],
        ),
        assigner=dict(
            type='SimOTAAssigner',
            dynamic_k_indicator='oks',
            oks_calculator=dict(type='PoseOKS', metainfo=metainfo),
        ),
        overlaps_power=0.5,
        dcc_cfg=dict(
            in_channels=512,
            feat_channels=128,
            num_bins=(192, 256),
            spe_channels=128,
            gau_cfg=dict(
                s=128,
                expansion_factor=2,
                dropout_rate=0.0,
                drop_path=0.0,
                act_fn='SiLU',
                pos_enc='add',
            ),
        ),
        loss_cls=dict(
            type='VariFocalLoss',
            use_target_weight=True,
            reduction='sum',
            loss_weight=1.0,
        ),
        loss_bbox=dict(type='IoULoss', mode='square', eps=1e-16, reduction='sum', loss_weight=5.0),
        loss_oks=dict(type='OKSLoss', reduction='none', metainfo=metainfo, loss_weight=30.0),
        loss_vis=dict(type='BCELoss', use_target_weight=True, reduction='mean', loss_weight=1.0),
        loss_mle=dict(type='MLECCLoss', use_target_weight=True, loss_weight=0.01),
        loss_bbox_aux=dict(type='L1Loss', reduction='sum', loss_weight=1.0),
    ),
    test_cfg=dict(input_size=(640, 640), score_thr=0.1, nms_thr=0.65),
)
del metainfo
