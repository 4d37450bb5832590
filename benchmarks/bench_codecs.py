"""Times the codecs; see ``unit.py`` for the unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from unit import measure, print_table

from mmpose.codecs import BaseKeypointCodec
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (192, 256), (48, 64)
BATCH_SIZE = 32
NUM_KEYPOINTS = (17, 133)

Units = tuple[float, float]
"""What is allowed for each of ``NUM_KEYPOINTS``."""


class Case(NamedTuple):
    """A codec to measure."""

    name: str
    config: dict
    outputs: tuple[str, ...] = ('heatmaps',)
    """The targets that look like the outputs of a network."""
    encode: Units | None = None
    decode: Units | None = None
    in_batch: Units | None = None
    """Per sample of a batch."""


HEATMAP = dict(input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
ENCODE, DECODE, IN_BATCH = (0.5, 3.0), (1.2, 7.0), (0.6, 4.0)
SIMCC = dict(outputs=('keypoint_x_labels', 'keypoint_y_labels'), encode=(0.4, 2.5))
CASES = [
    Case('MSRAHeatmap', dict(type='MSRAHeatmap', sigma=2, **HEATMAP), encode=ENCODE),
    Case(
        'MSRAHeatmap unbiased',
        dict(type='MSRAHeatmap', sigma=2, unbiased=True, **HEATMAP),
        encode=ENCODE,
        decode=DECODE,
        in_batch=IN_BATCH,
    ),
    Case(
        'UDPHeatmap',
        dict(type='UDPHeatmap', sigma=2, **HEATMAP),
        encode=ENCODE,
        decode=DECODE,
        in_batch=IN_BATCH,
    ),
    Case(
        'UDPHeatmap combined',
        dict(type='UDPHeatmap', heatmap_type='combined', **HEATMAP),
        encode=ENCODE,
    ),
    Case('MegviiHeatmap', dict(type='MegviiHeatmap', kernel_size=11, **HEATMAP), encode=ENCODE),
    *(
        Case(
            f'SimCCLabel {name}', dict(type='SimCCLabel', input_size=INPUT_SIZE, **config), **units
        )
        for name, config, units in (
            ('area 1', dict(), SIMCC),
            ('peak 1', dict(normalize=False), SIMCC),
            ('DARK', dict(use_dark=True), dict(SIMCC, decode=DECODE)),
            ('visibility', dict(normalize=False, decode_visibility=True), SIMCC),
            ('standard', dict(smoothing_type='standard', label_smooth_weight=0.1), SIMCC),
        )
    ),
    Case(
        'RegressionLabel',
        dict(type='RegressionLabel', input_size=INPUT_SIZE),
        outputs=('keypoint_labels',),
    ),
    Case(
        'IntegralRegressionLabel',
        dict(type='IntegralRegressionLabel', sigma=2, **HEATMAP),
        outputs=('keypoint_labels',),
    ),
]


def rows() -> list[tuple[str, float, float | None]]:
    """Name, units and target of every measurement."""
    return [
        row
        for index, num_keypoints in enumerate(NUM_KEYPOINTS)
        for case in CASES
        for row in case_rows(case, num_keypoints, index)
    ]


def case_rows(case: Case, num_keypoints: int, index: int) -> list[tuple[str, float, float | None]]:
    """The rows of one codec.

    Args:
        case: The codec.
        num_keypoints: How many keypoints to encode, all visible.
        index: Place of ``num_keypoints`` in ``NUM_KEYPOINTS``.
    """
    codec: BaseKeypointCodec = KEYPOINT_CODECS.build(case.config)
    random = np.random.RandomState(0)
    keypoints = (random.rand(1, num_keypoints, 2) * INPUT_SIZE).astype(np.float32)
    visible = np.ones((1, num_keypoints), dtype=np.float32)
    targets = codec.encode(keypoints, visible)
    # as a network would
    outputs = [
        targets[key] + 0.02 * random.rand(*targets[key].shape).astype(np.float32)
        for key in case.outputs
    ]
    batch = [np.repeat(output[None], BATCH_SIZE, axis=0) for output in outputs]
    tensors = [torch.from_numpy(output) for output in batch]

    def per_sample(function: Callable[[], object]) -> float:
        return measure(function, rounds=20, calls=BATCH_SIZE)

    def target(units: Units | None) -> float | None:
        return None if units is None else units[index]

    name = f'{case.name}, K={num_keypoints}'
    table = [
        (f'{name}, encode', measure(lambda: codec.encode(keypoints, visible)), target(case.encode)),
        (f'{name}, decode', measure(lambda: codec.decode(*outputs)), target(case.decode)),
    ]
    if codec.support_batch_decoding:
        units = per_sample(lambda: codec.batch_decode(*batch))
        table.append(
            (f'{name}, batch_decode of {BATCH_SIZE}, per sample', units, target(case.in_batch))
        )
    if codec.support_tensor_decoding:
        units = per_sample(lambda: codec.decode_tensors(*tensors))
        table.append((f'{name}, decode_tensors of {BATCH_SIZE}, per sample', units, None))
    return table


if __name__ == '__main__':
    print_table(rows())
