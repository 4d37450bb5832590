"""Times the codecs; see ``unit.py`` for the unit."""

from __future__ import annotations

import numpy as np
from unit import measure, print_table

from mmpose.codecs import BaseKeypointCodec, MSRAHeatmap

INPUT_SIZE, HEATMAP_SIZE = (192, 256), (48, 64)
BATCH_SIZE = 32


def rows() -> list[tuple[str, float, float | None]]:
    """Name, units and target of every measurement."""
    table = []
    for num_keypoints, target in ((17, 0.5), (133, 3.0)):
        plain, unbiased = (
            MSRAHeatmap(INPUT_SIZE, HEATMAP_SIZE, sigma=2, unbiased=unbiased)
            for unbiased in (False, True)
        )
        table += codec_rows(f'MSRAHeatmap, K={num_keypoints}', plain, num_keypoints, target)
        table += codec_rows(f'MSRAHeatmap unbiased, K={num_keypoints}', unbiased, num_keypoints)
    return table


def codec_rows(
    name: str, codec: BaseKeypointCodec, num_keypoints: int, encode_target: float | None = None
) -> list[tuple[str, float, float | None]]:
    """The rows of one codec, which predicts heatmaps.

    Args:
        name: What to call the codec.
        codec: The codec.
        num_keypoints: How many keypoints to encode, all visible.
        encode_target: What ``encode`` may take, in units.
    """
    random = np.random.RandomState(0)
    keypoints = (random.rand(1, num_keypoints, 2) * INPUT_SIZE).astype(np.float32)
    visible = np.ones((1, num_keypoints), dtype=np.float32)
    heatmaps = codec.encode(keypoints, visible)['heatmaps']
    heatmaps += 0.02 * random.rand(*heatmaps.shape).astype(np.float32)  # as a network would
    batch = np.repeat(heatmaps[None], BATCH_SIZE, axis=0)
    in_batch = measure(lambda: codec.batch_decode(batch), rounds=20, calls=BATCH_SIZE)
    return [
        (f'{name}, encode', measure(lambda: codec.encode(keypoints, visible)), encode_target),
        (f'{name}, decode', measure(lambda: codec.decode(heatmaps)), None),
        (f'{name}, batch_decode of {BATCH_SIZE}, per sample', in_batch, None),
    ]


if __name__ == '__main__':
    print_table(rows())
