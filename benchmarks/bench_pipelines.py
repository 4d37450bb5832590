"""Times the top-down pipelines from decoded picture to packed sample; see ``unit.py``."""

from __future__ import annotations

import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from unit import measure, picture, print_table

INPUT_SIZE = (192, 256)
HEATMAP = dict(type='MSRAHeatmap', input_size=INPUT_SIZE, heatmap_size=(48, 64), sigma=2)
SIMCC = dict(
    type='SimCCLabel',
    input_size=INPUT_SIZE,
    sigma=(4.9, 5.66),
    simcc_split_ratio=2.0,
    normalize=False,
    use_dark=False,
)
BOX, FLIP = dict(type='GetBBoxCenterScale'), dict(type='RandomFlip', direction='horizontal')
HALF_BODY, MOVE = dict(type='RandomHalfBody'), dict(type='RandomBBoxTransform')
RTMPOSE_MOVE = dict(type='RandomBBoxTransform', scale_factor=[0.6, 1.4], rotate_factor=80)
CROP = dict(type='TopdownAffine', input_size=INPUT_SIZE)
COLOUR = dict(type='YOLOXHSVRandomAug')
DROPOUT = dict(type='CoarseDropout', max_holes=1, max_height=0.4, max_width=0.4)
DROPOUT.update(min_holes=1, min_height=0.2, min_width=0.2, p=1.0)
BLUR = [dict(type='Blur', p=0.1), dict(type='MedianBlur', p=0.1)]
BLUR_AND_DROPOUT = dict(type='Albumentation', transforms=[*BLUR, DROPOUT])
DISTORTION = dict(type='PhotometricDistortion')
PACK = dict(type='PackPoseInputs')


def target_of(codec: dict) -> dict:
    """The transform that encodes with ``codec``."""
    return dict(type='GenerateTarget', encoder=codec)


RTMPOSE = [BOX, FLIP, HALF_BODY, RTMPOSE_MOVE, CROP]
RECIPES = [
    # name, transforms, target in units
    ('training: heatmap', [BOX, FLIP, HALF_BODY, MOVE, CROP, target_of(HEATMAP), PACK], 4.0),
    ('training: heatmap, whole bodies', [BOX, FLIP, MOVE, CROP, target_of(HEATMAP), PACK], 3.0),
    ('training: SimCC', [*RTMPOSE, target_of(SIMCC), PACK], 3.0),
    (
        'training: RTMPose (SimCC, HSV, blur and dropout)',
        [*RTMPOSE, COLOUR, BLUR_AND_DROPOUT, target_of(SIMCC), PACK],
        None,
    ),
    (
        'training: RTMPose body8 (SimCC, photometric, blur and dropout)',
        [*RTMPOSE, DISTORTION, BLUR_AND_DROPOUT, target_of(SIMCC), PACK],
        None,
    ),
    ('test', [BOX, CROP, PACK], 1.6),
]
FLIP_INDICES = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


def sample() -> dict:
    """One person with 17 keypoints on a decoded picture, as a data set hands it out."""
    random = np.random.RandomState(1)
    return dict(
        img=picture(),
        img_path='000000000001.jpg',
        img_id=1,
        id=1,
        img_shape=(480, 640),
        ori_shape=(480, 640),
        bbox=np.array([[200, 80, 400, 420]], dtype=np.float32),
        bbox_score=np.ones(1, dtype=np.float32),
        keypoints=(random.rand(1, 17, 2) * (200, 340) + (200, 80)).astype(np.float32),
        keypoints_visible=np.ones((1, 17), dtype=np.float32),
        category_id=1,
        iscrowd=0,
        flip_indices=FLIP_INDICES,
        upper_body_ids=list(range(11)),
        lower_body_ids=list(range(11, 17)),
        dataset_keypoint_weights=np.ones(17, dtype=np.float32),
        dataset_name='coco',
        raw_ann_info=dict(segmentation=[[float(i) for i in range(200)]], keypoints=[0] * 51),
    )


def rows(samples_per_round: int = 64) -> list[tuple[str, float, float | None]]:
    """Name, units and target of every measurement.

    Args:
        samples_per_round: Samples that are timed together, to even out the random transforms.
    """
    init_default_scope('mmpose')
    data = sample()
    table = []
    for name, transforms, target in RECIPES:
        np.random.seed(0)
        pipeline = Compose(transforms)

        def run(pipeline: Compose = pipeline) -> None:
            for _ in range(samples_per_round):
                pipeline(data.copy())

        table.append((name, measure(run, rounds=30, calls=samples_per_round), target))
    return table


if __name__ == '__main__':
    print_table(rows())
