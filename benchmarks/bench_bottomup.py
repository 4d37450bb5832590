"""Times the transforms of bottom-up and one-stage pipelines, in warps of their own picture.

The unit is not that of the other benchmarks but the ``cv2.warpAffine`` that
``BottomupRandomAffine`` itself does, with matrices that it has drawn: from a 640x480 picture to the
input of 512x512. Five people with 17 keypoints are on the picture.
"""

from __future__ import annotations

from itertools import cycle

import cv2
import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from unit import measure, picture, print_table

NUM_PEOPLE = 5
CALLS = 8  # timed together, to even out the random transforms
INPUT_SIZE = (512, 512)
AFFINE = dict(type='BottomupRandomAffine', input_size=INPUT_SIZE)
TARGETS = {
    name: dict(
        type='GenerateTarget',
        encoder=dict(type=name, input_size=INPUT_SIZE, heatmap_size=(128, 128)),
    )
    for name in ('AssociativeEmbedding', 'SPR')
}
MASK = dict(type='BottomupGetHeatmapMask')
FILTER = dict(type='FilterAnnotations', by_box=True, keep_empty=False)
MIX_AFFINE = dict(AFFINE, transform_mode='perspective', bbox_keep_corner=False, clip_border=True)


def sample() -> dict:
    """A decoded picture with its people, as a data set hands it out."""
    random = np.random.RandomState(1)
    corners = (random.rand(NUM_PEOPLE, 2) * (440, 180)).astype(np.float32)
    offsets = (random.rand(NUM_PEOPLE, 17, 2) * (200, 300)).astype(np.float32)
    return dict(
        img=picture(),
        img_shape=(480, 640),
        ori_shape=(480, 640),
        bbox=np.hstack((corners, corners + np.float32([200, 300]))),
        bbox_score=np.ones(NUM_PEOPLE, dtype=np.float32),
        keypoints=corners[:, None] + offsets,
        keypoints_visible=np.ones((NUM_PEOPLE, 17), dtype=np.float32),
        area=np.full(NUM_PEOPLE, 3e4, dtype=np.float32),
        category_id=np.ones(NUM_PEOPLE, dtype=np.int64),
        flip_indices=list(range(17)),
        invalid_segs=[[[10.0, 10.0, 200.0, 30.0, 180.0, 220.0, 20.0, 200.0]]],
    )


class SamePicture:
    """A data set of one item, for the transforms that mix pictures."""

    def __init__(self, item: dict) -> None:
        self.item = item

    def __len__(self) -> int:
        return 1

    def get_data_info(self, idx: int) -> dict:
        """The item."""
        return self.item.copy()


def rows() -> list[tuple[str, float, float | None]]:
    """Name, units and target of every measurement."""
    init_default_scope('mmpose')
    np.random.seed(0)
    # A worker of a data loader has freed whole batches, after which the C library keeps memory of
    # this size; before that every sample fetches its pages anew, which takes longer than the warp.
    np.ones(2**24, dtype=np.uint8)
    data = sample()
    data['dataset'] = SamePicture(data.copy())
    affine = Compose([AFFINE])
    warped = affine(data.copy())
    matrices = cycle([affine(data.copy())['warp_mat'] for _ in range(64)])

    def warp() -> None:
        cv2.warpAffine(data['img'], next(matrices), INPUT_SIZE, flags=cv2.INTER_LINEAR)

    def units(source: dict, *transforms: dict) -> float:
        pipeline = Compose(transforms)

        def run() -> None:
            for _ in range(CALLS):
                pipeline(source.copy())

        return measure(run, rounds=40, calls=CALLS, unit=warp)

    table = [('BottomupRandomAffine', units(data, AFFINE), None)]
    for name, target in TARGETS.items():
        both = units(data, AFFINE, target)
        table += [(f'{name}, targets', units(warped, target), None)]
        table += [(f'BottomupRandomAffine and {name}, targets', both, 1.5)]
    targets = Compose([TARGETS['SPR']])(warped.copy())
    return [
        *table,
        ('BottomupGetHeatmapMask, one crowd', units(targets, MASK), None),
        ('BottomupGetHeatmapMask, no crowd', units(dict(targets, invalid_segs=[]), MASK), None),
        ('FilterAnnotations', units(data, FILTER), None),
        ('Mosaic, canvas of 1280x1280', units(data, dict(type='Mosaic')), None),
        ('YOLOXMixUp', units(data, dict(type='YOLOXMixUp')), None),
        (
            'Mosaic, BottomupRandomAffine, YOLOXMixUp',
            units(data, dict(type='Mosaic'), MIX_AFFINE, dict(type='YOLOXMixUp')),
            None,
        ),
        ('BottomupResize', units(data, dict(type='BottomupResize', input_size=INPUT_SIZE)), None),
    ]


if __name__ == '__main__':
    print_table(rows())
