"""The detectors that go by a name: their networks, and where their weights are published."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import PurePosixPath

from mmpose.signatures import near_names

_MMDET = 'https://download.openmmlab.com/mmdetection'
_MMPOSE = 'https://download.openmmlab.com/mmpose'

# size: depth, width, blocks of the neck's layers
_RTMDET_SIZES = dict(
    nano=(0.33, 0.25, 1),
    tiny=(0.167, 0.375, 1),
    s=(0.33, 0.5, 1),
    m=(0.67, 0.75, 2),
    l=(1.0, 1.0, 3),
    x=(1.33, 1.25, 4),
)
_YOLOX_SIZES = dict(
    tiny=(0.33, 0.375, 1),
    s=(0.33, 0.5, 1),
    m=(0.67, 0.75, 2),
    l=(1.0, 1.0, 3),
    x=(1.33, 1.25, 4),
)
RTMDET_MEAN = (103.53, 116.28, 123.675)
RTMDET_STD = (57.375, 57.12, 58.395)
_MANY_BOXES = dict(nms_pre=30000, score_thr=0.001, iou_threshold=0.65, max_per_img=300)
_FEW_BOXES = dict(nms_pre=1000, score_thr=0.05, iou_threshold=0.6, max_per_img=100)


@dataclass(frozen=True)
class Published:
    """A detector that goes by a name.

    Attributes:
        family: ``'rtmdet'`` or ``'yolox'``.
        size: Of the network, such as ``'tiny'``.
        num_classes: Number of classes.
        input_side: Width and height of the input, pixels.
        url: The weights; ``None`` if none are published.
        few_boxes: Whether it returns boxes of at least 5% score only.
    """

    family: str
    size: str
    num_classes: int = 80
    input_side: int = 640
    url: str | None = None
    few_boxes: bool = False

    @property
    def state_key(self) -> str:
        """The name of the weight that has a row for each class."""
        layer = dict(rtmdet='rtm_cls', yolox='multi_level_conv_cls')[self.family]
        return f'bbox_head.{layer}.0.weight'

    def config(self, num_classes: int | None = None) -> dict:
        """The config, as that of MMDetection: ``model`` and the pipeline of pictures.

        Args:
            num_classes: Number of classes; ``None`` for that of the published weights.
        """
        make = dict(rtmdet=_rtmdet, yolox=_yolox)[self.family]
        size = (self.input_side, self.input_side)
        pipeline = [
            dict(type='LoadImageFromFile'),
            dict(type='Resize', scale=size, keep_ratio=True),
            dict(type='Pad', size=size, pad_val=dict(img=(114, 114, 114))),
        ]
        loader = dict(dataset=dict(pipeline=pipeline))
        return dict(
            default_scope='mmdet',
            model=make(self.size, num_classes or self.num_classes, self.few_boxes),
            test_pipeline=pipeline,
            val_dataloader=loader,
            test_dataloader=copy.deepcopy(loader),
            # what configs that inherit from the original ask it for
            backend_args=None,
            file_client_args=dict(backend='disk'),
            img_scale=size,
        )


def _rtmdet(size: str, num_classes: int, few_boxes: bool) -> dict:
    depth, width, blocks = _RTMDET_SIZES[size]
    in_channels = [int(channels * width) for channels in (256, 512, 1024)]
    light = size == 'nano'
    shared = dict(norm_cfg=dict(type='BN'), act_cfg=dict(type='SiLU', inplace=True))
    cfg = _FEW_BOXES if few_boxes else _MANY_BOXES
    return dict(
        type='RTMDet',
        data_preprocessor=dict(
            type='DetDataPreprocessor', mean=RTMDET_MEAN, std=RTMDET_STD, bgr_to_rgb=False
        ),
        backbone=dict(
            type='CSPNeXt',
            deepen_factor=depth,
            widen_factor=width,
            use_depthwise=light,
            **shared,
        ),
        neck=dict(
            type='CSPNeXtPAFPN',
            in_channels=in_channels,
            out_channels=in_channels[0],
            num_csp_blocks=blocks,
            use_depthwise=light,
            **shared,
        ),
        bbox_head=dict(
            type='RTMDetSepBNHead',
            num_classes=num_classes,
            in_channels=in_channels[0],
            feat_channels=in_channels[0],
            stacked_convs=2,
            anchor_generator=dict(type='MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
            with_objectness=False,
            exp_on_reg=size in ('m', 'l', 'x'),
            share_conv=not light,
            use_depthwise=light,
            **shared,
        ),
        test_cfg=dict(
            nms_pre=cfg['nms_pre'],
            min_bbox_size=0,
            score_thr=cfg['score_thr'],
            nms=dict(type='nms', iou_threshold=cfg['iou_threshold']),
            max_per_img=cfg['max_per_img'],
        ),
    )


def _yolox(size: str, num_classes: int, few_boxes: bool) -> dict:
    depth, width, blocks = _YOLOX_SIZES[size]
    in_channels = [int(channels * width) for channels in (256, 512, 1024)]
    return dict(
        type='YOLOX',
        data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=32),
        backbone=dict(type='CSPDarknet', deepen_factor=depth, widen_factor=width),
        neck=dict(
            type='YOLOXPAFPN',
            in_channels=in_channels,
            out_channels=in_channels[0],
            num_csp_blocks=blocks,
        ),
        bbox_head=dict(
            type='YOLOXHead',
            num_classes=num_classes,
            in_channels=in_channels[0],
            feat_channels=in_channels[0],
        ),
        test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.65)),
    )


def _rows() -> dict[str, Published]:
    coco = f'{_MMDET}/v3.0/rtmdet/rtmdet_{{0}}_8xb32-300e_coco/rtmdet_{{0}}_8xb32-300e_coco_{{1}}'
    rows = {
        f'rtmdet_{size}_8xb32-300e_coco': Published(
            'rtmdet', size, url=f'{coco.format(size, version)}.pth'
        )
        for size, version in dict(
            tiny='20220902_112414-78e30dcc',
            s='20220905_161602-387a891e',
            m='20220719_112220-229f527c',
            l='20220719_112030-5a0be7c4',
            x='20220715_230555-cc79b9ae',
        ).items()
    }
    person = f'{_MMPOSE}/v1/projects/rtmpose/rtmdet_{{}}_8xb32-100e_coco-obj365-person-{{}}.pth'
    few = dict(num_classes=1, few_boxes=True)
    rows['rtmdet_nano_320-8xb32_coco-person'] = Published(
        'rtmdet', 'nano', input_side=320, url=person.format('nano', '05d8511e'), **few
    )
    rows['rtmdet_m_640-8xb32_coco-person'] = Published(
        'rtmdet', 'm', url=person.format('m', '235e8209'), **few
    )
    hand = f'{_MMPOSE}/v1/projects/rtmposev1/rtmdet_nano_8xb32-300e_hand-267f9c8f.pth'
    rows['rtmdet_nano_320-8xb32_hand'] = Published(
        'rtmdet', 'nano', input_side=320, url=hand, **few
    )

    coco = f'{_MMDET}/v2.0/yolox/yolox_{{0}}_8x8_300e_coco/yolox_{{0}}_8x8_300e_coco_{{1}}.pth'
    versions = dict(
        tiny='20211124_171234-b4047906',
        s='20211121_095711-4592a793',
        m=None,
        l='20211126_140236-d3bd2b23',
        x='20211126_140254-1ef88d67',
    )
    for size, version in versions.items():
        rows[f'yolox_{size}_8xb8-300e_coco'] = Published(
            'yolox',
            size,
            input_side=416 if size == 'tiny' else 640,
            url=version and coco.format(size, version),
        )
    face = f'{_MMPOSE}/mmdet_pretrained/yolo-x_8xb8-300e_coco-face_13274d7c.pth'
    rows['yolox-s_8xb8-300e_coco-face'] = Published('yolox', 's', num_classes=1, url=face)
    return rows


PUBLISHED = _rows()
ALIASES = {
    **{f'rtmdet-{size}': f'rtmdet_{size}_8xb32-300e_coco' for size in ('tiny', 's', 'm', 'l', 'x')},
    **{f'yolox-{size}': f'yolox_{size}_8xb8-300e_coco' for size in _YOLOX_SIZES},
    'rtmdet-t': 'rtmdet_tiny_8xb32-300e_coco',
    'rtmdet-nano': 'rtmdet_nano_320-8xb32_coco-person',
    'rtmdet-nano-person': 'rtmdet_nano_320-8xb32_coco-person',
    'rtmdet-nano-hand': 'rtmdet_nano_320-8xb32_hand',
    'rtmdet-m-person': 'rtmdet_m_640-8xb32_coco-person',
    'yolox-s-face': 'yolox-s_8xb8-300e_coco-face',
}


def find_published(name: str) -> Published | None:
    """The detector of this name or alias; ``None`` if there is none.

    Args:
        name: In any case. Of a path or an ``mmdet::`` base the file name counts, without ``.py``.
    """
    stem = PurePosixPath(name.rpartition('::')[2].lower().removesuffix('.py')).name
    return PUBLISHED.get(ALIASES.get(stem, stem))


def near_published(name: str) -> list[str]:
    """At most three names that ``name`` may have been meant to be."""
    return near_names(name, [*ALIASES, *PUBLISHED], 3)
