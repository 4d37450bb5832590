"""Times inference with given boxes: batches, videos, and what is spent outside of the network.

    python benchmarks/bench_inference.py              # all
    python benchmarks/bench_inference.py outside      # batches | video | outside

RTMPose-s with random weights, which take as long as trained ones. Outside of the network: the
backbone and the layers of the head are replaced by what they returned before; see ``unit.py``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
import torch
from mmengine.logging import MMLogger
from unit import measure, picture, print_table

from mmpose.apis import MMPoseInferencer, inference_topdown
from mmpose.apis.inferencers.utils.pictures import Pictures

CONFIG = 'configs/body_2d_keypoint/rtmpose/coco/rtmpose-s_8xb256-420e_coco-256x192.py'
BOXES = np.float32([[x, 40, x + 110, 400] for x in (5, 130, 255, 380, 505)])
ROUNDS = 5


def main() -> None:
    """Print the tables that the command line names, or all."""
    MMLogger.get_current_instance().setLevel('ERROR')
    chosen = sys.argv[1:] or list(PARTS)
    inferencer = MMPoseInferencer(CONFIG, device='cpu')
    for name in chosen:
        PARTS[name](inferencer)


def batches(inferencer: MMPoseInferencer) -> None:
    """32 pictures with 5 people each."""
    pictures = [picture() for _ in range(32)]
    model = inferencer.inferencer.model
    ways = {
        'a call for each person': lambda: [
            inference_topdown(model, image, box[None]) for image in pictures for box in BOXES
        ],
        'a call for each picture': lambda: [
            list(inferencer(image, bboxes=BOXES)) for image in pictures
        ],
        'one call, batch_size=1': lambda: list(inferencer(pictures, bboxes=BOXES)),
        'one call, batch_size=8': lambda: list(inferencer(pictures, bboxes=BOXES, batch_size=8)),
        'one call, batch_size=32': lambda: list(inferencer(pictures, bboxes=BOXES, batch_size=32)),
        'one call, batch_size=8, flip_test=False': lambda: list(
            inferencer(pictures, bboxes=BOXES, batch_size=8, flip_test=False)
        ),
    }
    seconds = times(ways)
    first = seconds['a call for each person']
    print('| 32 pictures, 5 people each | seconds | share |\n|---|---:|---:|')
    for name, value in seconds.items():
        print(f'| {name} | {value:.2f} | {value / first:.2f} |')


def video(inferencer: MMPoseInferencer) -> None:
    """A video against its slowest stage."""
    folder = tempfile.mkdtemp()
    path = f'{folder}/clip.avi'
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'MJPG'), 25, (640, 480))
    for _ in range(60):
        writer.write(picture())
    writer.release()
    options = dict(bboxes=BOXES, batch_size=8, flip_test=False)
    drawn = dict(options, vis_out_dir=folder)
    frames = [p.source for p in Pictures(path)]
    samples = [r['predictions'] for r in inferencer(frames, return_datasamples=True, **options)]
    inner = inferencer.inferencer
    target = cv2.VideoWriter(f'{folder}/out.mp4', cv2.VideoWriter.fourcc(*'mp4v'), 25, (640, 480))
    ways = {
        'reading': lambda: list(Pictures(path)),
        'crops': lambda: list(inner.preprocess(frames, 8, bboxes=BOXES)),
        'crops and network': lambda: list(inferencer(frames, **options)),
        'drawing': lambda: [
            inner.visualize([f], s, return_vis=True) for f, s in zip(frames, samples, strict=True)
        ],
        'writing': lambda: [target.write(f) for f in frames],
        'all at once': lambda: list(inferencer(path, **drawn)),
    }
    seconds = times(ways)
    slowest = max(value for name, value in seconds.items() if name != 'all at once')
    print('\n| video, 60 frames, 5 people each | seconds | share of the slowest |\n|---|---:|---:|')
    for name, value in seconds.items():
        print(f'| {name} | {value:.2f} | {value / slowest:.2f} |')


def outside(inferencer: MMPoseInferencer) -> None:
    """A picture with 5 given boxes, without the network."""
    torch.set_num_threads(1)
    rows = [row for flip in (False, True) for row in _outside(inferencer, flip)]
    print()
    print_table(rows)


def _outside(inferencer: MMPoseInferencer, flip: bool) -> Iterator[tuple[str, float, float]]:
    image, model = picture(), inferencer.inferencer.model
    ways = {
        'MMPoseInferencer': lambda: list(inferencer(image, bboxes=BOXES, flip_test=flip)),
        'inference_topdown': lambda: inference_topdown(model, image, BOXES),
    }
    with network_left_out(model, ways['MMPoseInferencer']):
        for name, way in ways.items():
            yield f'{name}, flip_test={flip}', measure(way, rounds=60), 25.0


@contextmanager
def network_left_out(model: Any, run: Callable[[], Any]) -> Iterator[None]:
    """Within it, the model's layers return what they returned in ``run``."""
    features, outputs = model.backbone.forward, model.head.forward
    seen: dict[str, Any] = {}

    def kept(name: str, function: Callable) -> Callable:
        def call(*args: Any) -> Any:
            seen[name] = function(*args)
            return seen[name]

        return call

    with (
        patch.object(model.backbone, 'forward', kept('features', features)),
        patch.object(model.head, 'forward', kept('outputs', outputs)),
    ):
        run()
    with (
        patch.object(model.backbone, 'forward', lambda *args: seen['features']),
        patch.object(model.head, 'forward', lambda *args: seen['outputs']),
    ):
        yield


def times(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each, taken in turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in taken.items()}


PARTS = dict(batches=batches, video=video, outside=outside)

if __name__ == '__main__':
    main()
