"""Models for the picture of one person, or of two hands."""

from __future__ import annotations

from collections.abc import Callable

from .family import DECONV, PREPROCESSOR, RESNET, WEIGHTED_MSE, Family
from .samples import HAND_KEYPOINTS, hands, persons

SIZE = (64, 64)
MAP_SIZE = (16, 16)


def topdown(
    head: dict,
    encoder: dict | list[dict],
    backbone: dict = RESNET,
    neck: dict | None = None,
    samples: Callable[[], list[dict]] = persons,
    multilevel: bool = False,
    train_cfg: dict | None = None,
) -> Family:
    """A model for the picture of one person.

    Args:
        head: Config of the head.
        encoder: The codec, or one for each level.
        backbone: Config of the backbone.
        neck: Config of the neck.
        samples: Makes the samples.
        multilevel: Whether each codec's targets are a level of their own.
        train_cfg: That of the model.
    """
    model = dict(
        type='TopdownPoseEstimator',
        data_preprocessor=PREPROCESSOR,
        backbone=backbone,
        neck=neck,
        head=head,
        train_cfg=train_cfg,
    )
    transforms = [
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=SIZE),
        dict(type='GenerateTarget', encoder=encoder, multilevel=multilevel),
        dict(type='PackPoseInputs'),
    ]
    return Family(model, transforms, samples)


def heatmap(
    name: str = 'HeatmapHead', codec: str = 'MSRAHeatmap', out_channels: int = 17,
    loss: dict = WEIGHTED_MSE, codec_cfg: dict = {}, train_cfg: dict | None = None, **head_cfg,
) -> Family:  # fmt: skip
    """A head with deconvolutions on a ResNet."""
    codec = dict(type=codec, input_size=SIZE, heatmap_size=MAP_SIZE, **{'sigma': 1.5, **codec_cfg})
    head = dict(
        type=name, in_channels=64, out_channels=out_channels, loss=loss, decoder=codec, **DECONV,
        **head_cfg,
    )  # fmt: skip
    return topdown(head, codec, train_cfg=train_cfg)


def cpm() -> Family:
    """Stacked hourglasses."""
    codec = dict(type='MSRAHeatmap', input_size=SIZE, heatmap_size=MAP_SIZE, sigma=1.5)
    backbone = dict(
        type='HourglassNet', downsample_times=2, num_stacks=2, stage_channels=(16, 16, 24),
        stage_blocks=(1, 1, 1), feat_channel=16,
    )  # fmt: skip
    head = dict(type='CPMHead', in_channels=16, out_channels=17, num_stages=2, decoder=codec)
    return topdown(dict(head, loss=WEIGHTED_MSE), codec, backbone)


def mspn() -> Family:
    """Two stages of two units, with targets that get finer."""
    codecs = [
        dict(type='MegviiHeatmap', input_size=SIZE, heatmap_size=MAP_SIZE, kernel_size=size)
        for size in (7, 5, 3)
    ]
    units = dict(num_stages=2, num_units=2, unit_channels=16)
    backbone = dict(type='MSPN', num_blocks=[1, 1], res_top_channels=16, **units)
    coarse, fine = dict(WEIGHTED_MSE, loss_weight=0.25), dict(type='KeypointOHKMMSELoss')
    head = dict(
        type='MSPNHead', out_shape=MAP_SIZE[::-1], out_channels=17, level_indices=[0, 1, 1, 2],
        loss=[coarse, dict(fine, use_target_weight=True)] * 2, decoder=codecs[-1], **units,
    )  # fmt: skip
    # the targets go up to 255, which the weights reach slowly
    return topdown(head, codecs, backbone, multilevel=True)._replace(lr=5e-2)


def simcc(name: str, backbone: dict = RESNET, **head_cfg) -> Family:
    """A head that classifies coordinates."""
    return topdown(*_simcc(name, **head_cfg), backbone)


def _simcc(name: str, **head_cfg) -> tuple[dict, dict]:
    codec = dict(type='SimCCLabel', input_size=SIZE, sigma=3.0, simcc_split_ratio=2.0)
    head = dict(
        type=name, in_channels=64, out_channels=17, input_size=SIZE, in_featuremap_size=(2, 2),
        simcc_split_ratio=2.0, loss=dict(type='KLDiscretLoss', use_target_weight=True),
        decoder=codec, **head_cfg,
    )  # fmt: skip
    return head, codec


GATED = dict(final_layer_kernel_size=3, gau_cfg=dict(hidden_dims=32, s=16))


def regression(name: str, loss: dict) -> Family:
    """A linear layer on pooled features."""
    codec = dict(type='RegressionLabel', input_size=SIZE)
    head = dict(type=name, in_channels=64, num_joints=17, loss=loss, decoder=codec)
    return topdown(head, codec, neck=dict(type='GlobalAveragePooling'))


def integral(name: str, losses: list[dict]) -> Family:
    """The mean of a heatmap."""
    codec = dict(
        type='IntegralRegressionLabel', input_size=SIZE, heatmap_size=MAP_SIZE, sigma=1.5,
        normalize=True,
    )  # fmt: skip
    loss = dict(type='MultipleLossWrapper', losses=losses) if len(losses) > 1 else losses[0]
    head = dict(
        type=name, in_channels=64, in_featuremap_size=(2, 2), num_joints=17, loss=loss,
        decoder=codec, **DECONV,
    )  # fmt: skip
    return topdown(head, codec)


def internet() -> Family:
    """Volumes of two hands' keypoints."""
    depth = 8
    codec = dict(
        type='Hand3DHeatmap', image_size=SIZE, heatmap_size=(*MAP_SIZE, depth), depth_size=depth,
        root_heatmap_size=depth, sigma=1.5,
    )  # fmt: skip
    slices = HAND_KEYPOINTS * depth
    head = dict(
        type='InternetHead',
        keypoint_head_cfg=dict(in_channels=64, out_channels=slices, depth_size=depth, **DECONV),
        root_head_cfg=dict(in_channels=64, heatmap_size=depth, hidden_dims=(32,)),
        hand_type_head_cfg=dict(in_channels=64, num_labels=2, hidden_dims=(32,)),
        decoder=codec,
    )
    return topdown(head, codec, samples=hands)


def visibility() -> Family:
    """A heatmap head that also says which keypoints are visible."""
    family = heatmap()
    model = dict(family.model)
    model['head'] = dict(
        type='VisPredictHead', pose_cfg=model['head'],
        loss=dict(type='BCELoss', use_target_weight=True, use_sigmoid=True, loss_weight=1e-3),
    )  # fmt: skip
    return family._replace(model=model)


def distillation(two_dis: bool) -> Family:
    """A stage of DWPose; its teacher is not trained, but is sure of what it says."""
    family = simcc('RTMCCHead', **GATED)
    student = family.model
    sure = dict(type='Normal', layer=['Conv2d', 'Linear'], std=0.2)
    teacher = dict(student, head=dict(student['head'], init_cfg=sure))
    losses = [dict(type='KDLoss', name='loss_logit', use_this=True, weight=0.1)]
    if not two_dis:
        channels = dict(student_channels=64, teacher_channels=64)
        losses.append(dict(type='FeaLoss', name='loss_fea', use_this=True, **channels))
    model = dict(
        type='DWPoseDistiller', data_preprocessor=PREPROCESSOR, teacher_cfg=dict(model=teacher),
        student_cfg=dict(model=student), two_dis=two_dis, distill_cfg=[dict(methods=losses)],
    )  # fmt: skip
    return family._replace(model=model)


SMOOTH_L1 = dict(type='SmoothL1Loss', use_target_weight=True)
FAMILIES = {
    'heatmap, MSRA': heatmap(),
    'heatmap, UDP': heatmap(codec='UDPHeatmap'),
    'heatmap, UDP combined': heatmap(
        codec='UDPHeatmap',
        out_channels=51,
        loss=dict(type='CombinedTargetMSELoss', use_target_weight=True),
        codec_cfg=dict(heatmap_type='combined'),
        train_cfg=dict(compute_acc=False),  # there are three maps for each keypoint
    ),
    'CPM': cpm(),
    'MSPN': mspn(),
    'ViPNAS': heatmap('ViPNASHead', deconv_num_groups=(4, 4, 4)),
    'visibility': visibility(),
    'SimCC': simcc('SimCCHead', deconv_out_channels=None),
    'RTMCC': simcc('RTMCCHead', **GATED),
    'RTMW': simcc('RTMWHead', dict(RESNET, out_indices=(2, 3)), **GATED),
    'regression': regression('RegressionHead', SMOOTH_L1),
    'RLE': regression('RLEHead', dict(type='RLELoss', use_target_weight=True)),
    'integral': integral('IntegralRegressionHead', [SMOOTH_L1]),
    'DSNT': integral('DSNTHead', [SMOOTH_L1, WEIGHTED_MSE]),
    'DSNT, divergence': integral(
        'DSNTHead', [SMOOTH_L1, dict(type='JSDiscretLoss', use_target_weight=True)]
    ),
    'InterNet': internet(),
    'distillation, first stage': distillation(two_dis=False),
    'distillation, second stage': distillation(two_dis=True),
}
