"""Models for pictures with several people."""

from __future__ import annotations

from .family import DECONV, PREPROCESSOR, RESNET, WEIGHTED_MSE, Family
from .samples import COCO, pictures

INPUT_SIZE = (128, 128)


def bottomup(
    head: dict, codec: dict, neck: dict | None = None, backbone: dict = RESNET, **model: dict
) -> Family:
    """A model of heatmaps for pictures with several people."""
    model = dict(
        type='BottomupPoseEstimator', data_preprocessor=PREPROCESSOR, backbone=backbone, neck=neck,
        head=dict(head, decoder=codec), **model,
    )  # fmt: skip
    still = dict(shift_prob=0.0, rotate_prob=0.0, scale_prob=0.0)
    transforms = [
        dict(type='BottomupRandomAffine', input_size=INPUT_SIZE, **still),
        dict(type='GenerateTarget', encoder=codec),
        dict(type='BottomupGetHeatmapMask'),
        dict(type='PackPoseInputs'),
    ]
    return Family(model, transforms, pictures)


def _codec(name: str, stride: int = 4, **codec_cfg) -> dict:
    heatmap_size = tuple(side // stride for side in INPUT_SIZE)
    return dict(type=name, input_size=INPUT_SIZE, heatmap_size=heatmap_size, **codec_cfg)


def associative_embedding() -> Family:
    """Heatmaps and tags."""
    head = dict(
        type='AssociativeEmbeddingHead', in_channels=64, num_keypoints=17, tag_dim=1,
        keypoint_loss=WEIGHTED_MSE, **DECONV,
        tag_loss=dict(type='AssociativeEmbeddingLoss', loss_weight=0.001),
    )  # fmt: skip
    codec = _codec('AssociativeEmbedding', sigma=2, decode_keypoint_order=[*range(17)])
    return bottomup(head, codec)


ALL_STAGES = dict(RESNET, out_indices=(0, 1, 2, 3))
CONCAT = dict(type='FeatureMapProcessor', concat=True)  # 8 + 16 + 32 + 64 channels at stride 4


def cid() -> Family:
    """Heatmaps of each person, from the features at the centre."""
    head = dict(
        type='CIDHead', in_channels=120, num_keypoints=17, gfd_channels=16,
        coupled_heatmap_loss=dict(type='FocalHeatmapLoss'),
        decoupled_heatmap_loss=dict(type='FocalHeatmapLoss', loss_weight=4.0),
        contrastive_loss=dict(type='InfoNCELoss', temperature=0.05),
    )  # fmt: skip
    train_cfg = dict(max_train_instances=200)
    return bottomup(head, _codec('DecoupledHeatmap'), CONCAT, ALL_STAGES, train_cfg=train_cfg)


def dekr() -> Family:
    """A heatmap of centres and displacements from them."""
    head = dict(
        type='DEKRHead', in_channels=120, num_keypoints=17, num_heatmap_filters=8,
        num_displacement_filters_per_keypoint=3, heatmap_loss=WEIGHTED_MSE,
        displacement_loss=dict(
            type='SoftWeightSmoothL1Loss', use_target_weight=True, supervise_empty=False,
            beta=1 / 9, loss_weight=0.002,
        ),
    )  # fmt: skip
    # the backward pass of torchvision's deformable convolution takes long on a CPU
    codec = _codec('SPR', stride=8, sigma=(2, 1), generate_keypoint_heatmaps=True)
    return bottomup(head, codec, dict(CONCAT, scale_factor=0.5), ALL_STAGES)


def one_stage(head: dict, neck: dict) -> Family:
    """A model that has a prediction in every cell."""
    backbone = dict(
        type='CSPDarknet', deepen_factor=0.33, widen_factor=0.125, out_indices=(2, 3, 4)
    )  # ends with 32, 64 and 128 channels
    metainfo = dict(metainfo=COCO['from_file'])
    losses = dict(
        loss_bbox=dict(type='IoULoss', mode='square', eps=1e-16, reduction='sum', loss_weight=5.0),
        loss_oks=dict(
            type='OKSLoss', reduction='none', metainfo=COCO['from_file'], loss_weight=30.0
        ),
        loss_vis=dict(type='BCELoss', use_target_weight=True, reduction='mean', loss_weight=1.0),
        loss_bbox_aux=dict(type='L1Loss', reduction='sum', loss_weight=1.0),
    )
    assigner = dict(
        type='SimOTAAssigner', dynamic_k_indicator='oks',
        oks_calculator=dict(type='PoseOKS', **metainfo),
    )  # fmt: skip
    model = dict(
        type='BottomupPoseEstimator',
        data_preprocessor=dict(PREPROCESSOR, mean=[0, 0, 0], std=[1, 1, 1], bgr_to_rgb=False),
        backbone=backbone,
        neck=neck,
        head=dict(**losses, num_keypoints=17, assigner=assigner, overlaps_power=0.5, **head),
    )
    names = dict(
        bbox='bboxes', bbox_labels='labels', keypoints='keypoints', area='areas',
        keypoints_visible='keypoints_visible',
    )  # fmt: skip
    transforms = [
        dict(type='BottomupResize', input_size=INPUT_SIZE),
        dict(type='FilterAnnotations', by_kpt=True, by_box=True, keep_empty=False),
        dict(
            type='GenerateTarget',
            encoder=dict(type='YOLOXPoseAnnotationProcessor', input_size=INPUT_SIZE),
        ),
        dict(type='PackPoseInputs', extra_mapping_labels=names),
    ]
    return Family(model, transforms, pictures, lr=1e-3)


SWISH = dict(act_cfg=dict(type='Swish'), norm_cfg=dict(type='BN', momentum=0.03, eps=0.001))


def yolox_pose() -> Family:
    """Boxes and keypoints by regression in every cell."""
    module = dict(num_classes=1, in_channels=32, feat_channels=32, stacked_convs=2, **SWISH)
    head = dict(
        type='YOLOXPoseHead', featmap_strides=[8, 16, 32], head_module_cfg=module,
        prior_generator=dict(type='MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
        loss_cls=dict(type='BCELoss', reduction='sum', loss_weight=1.0),
        loss_obj=dict(type='BCELoss', use_target_weight=True, reduction='sum', loss_weight=1.0),
    )  # fmt: skip
    neck = dict(type='YOLOXPAFPN', in_channels=[32, 64, 128], out_channels=32, num_csp_blocks=1)
    return one_stage(head, neck)


def rtmo() -> Family:
    """Boxes in every cell, and keypoints by classification of coordinates."""
    module = dict(
        num_classes=1, in_channels=32, cls_feat_channels=32, channels_per_group=8, stacked_convs=1,
        pose_vec_channels=64, **SWISH,
    )  # fmt: skip
    dcc = dict(
        in_channels=64, feat_channels=32, num_bins=(48, 64), spe_channels=32,
        gau_cfg=dict(s=32, expansion_factor=2, dropout_rate=0.0, drop_path=0.0, act_fn='SiLU',
                     pos_enc='add'),
    )  # fmt: skip
    head = dict(
        type='RTMOHead', featmap_strides=[16, 32], head_module_cfg=module, dcc_cfg=dcc,
        prior_generator=dict(type='MlvlPointGenerator', centralize_points=True, strides=[16, 32]),
        loss_cls=dict(
            type='VariFocalLoss', use_target_weight=True, reduction='sum', loss_weight=1.0
        ),
        loss_mle=dict(type='MLECCLoss', use_target_weight=True, loss_weight=0.01),
    )  # fmt: skip
    neck = dict(
        type='HybridEncoder', in_channels=[32, 64, 128], hidden_dim=32, output_indices=[1, 2],
        deepen_factor=0.33,
        encoder_cfg=dict(
            self_attn_cfg=dict(embed_dims=32, num_heads=4, dropout=0.0),
            ffn_cfg=dict(
                embed_dims=32, feedforward_channels=64, ffn_drop=0.0, act_cfg=dict(type='GELU')
            ),
        ),
        projector=dict(
            type='ChannelMapper', in_channels=[32, 32], kernel_size=1, out_channels=64,
            num_outs=2, act_cfg=None, norm_cfg=dict(type='BN'),
        ),
    )  # fmt: skip
    return one_stage(head, neck)


def edpose() -> Family:
    """Humans and keypoints from queries; it has no loss."""
    C, levels = 32, 3
    deformable = dict(embed_dims=C, num_heads=4, num_levels=levels, num_points=2, dropout=0.0)
    ffn = dict(embed_dims=C, feedforward_channels=64, ffn_drop=0.0)
    head = dict(
        type='EDPoseHead', num_queries=20, num_feature_levels=levels, num_keypoints=17,
        as_two_stage=True,
        encoder=dict(num_layers=1, layer_cfg=dict(self_attn_cfg=deformable, ffn_cfg=ffn)),
        decoder=dict(
            num_layers=3, num_box_decoder_layers=1, embed_dims=C, num_group=10, num_dn=10,
            layer_cfg=dict(
                self_attn_cfg=dict(embed_dims=C, num_heads=4, batch_first=True),
                cross_attn_cfg=deformable, ffn_cfg=ffn,
            ),
        ),
        out_head=dict(num_classes=2), refine_queries_num=10,
        positional_encoding=dict(
            num_pos_feats=C // 2, temperatureH=20, temperatureW=20, normalize=True
        ),
        data_decoder=dict(type='EDPoseLabel', num_select=10, num_keypoints=17),
    )  # fmt: skip
    neck = dict(
        type='ChannelMapper', in_channels=[16, 32, 64], kernel_size=1, out_channels=C,
        num_outs=levels, act_cfg=None, norm_cfg=dict(type='GN', num_groups=4),
    )  # fmt: skip
    model = dict(
        type='BottomupPoseEstimator', data_preprocessor=PREPROCESSOR,
        backbone=dict(RESNET, out_indices=(1, 2, 3)), neck=neck, head=head,
    )  # fmt: skip
    transforms = [
        dict(type='BottomupResize', input_size=INPUT_SIZE),
        dict(type='PackPoseInputs'),
    ]
    return Family(model, transforms, pictures)


FAMILIES = {
    'associative embedding': associative_embedding(),
    'CID': cid(),
    'DEKR': dekr(),
    'YOLOX-Pose': yolox_pose(),
    'RTMO': rtmo(),
}
UNTRAINED = {'ED-Pose': edpose()}
