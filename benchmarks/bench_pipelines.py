"""Times the top-down pipelines from decoded picture to packed sample; see ``unit.py``."""

from __future__ import annotations

import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from unit import measure, picture, print_table

INPUT_SIZE = (192, 256)
CODEC = dict(type='MSRAHeatmap', input_size=INPUT_SIZE, heatmap_size=(48, 64), sigma=2)
TRAIN = [
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(type='RandomHalfBody'),
    dict(type='RandomBBoxTransform'),
    dict(type='TopdownAffine', input_size=INPUT_SIZE),
    dict(type='GenerateTarget', encoder=CODEC),
    dict(type='PackPoseInputs'),
]
TEST = [
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=INPUT_SIZE),
    dict(type='PackPoseInputs'),
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


def rows(samples_per_round: int = 16) -> list[tuple[str, float, float]]:
    """Name, units and target of every measurement.

    Args:
        samples_per_round: Samples that are timed together, to even out the random transforms.
    """
    init_default_scope('mmpose')
    np.random.seed(0)
    data = sample()
    table = []
    for name, transforms, target in (('training', TRAIN, 4.0), ('test', TEST, 1.6)):
        pipeline = Compose(transforms)

        def run(pipeline: Compose = pipeline) -> None:
            for _ in range(samples_per_round):
                pipeline(data.copy())

        units = measure(run, rounds=60, calls=samples_per_round)
        table.append((f'{name} pipeline, per sample', units, target))
    return table


if __name__ == '__main__':
    print_table(rows())
