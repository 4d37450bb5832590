"""Times the COCO evaluation against pycocotools on a synthetic set as large as COCO's.

5,000 images hold 11,000 people and some 19,000 detections. Both give the same ten numbers, which
is checked. The unit is pycocotools' evaluation of loaded files: evaluate, accumulate, summarize.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from mmpose.evaluation import CocoMetric
from mmpose.evaluation.functional import (
    KeypointDetections,
    coco_stats,
    match_by_oks,
)
from mmpose.evaluation.functional.nms import COCO_SIGMAS
from mmpose.evaluation.metrics.coco_ground_truth import parse_coco

IMAGES, PEOPLE, K = 5000, 11000, 17
ROUNDS = 5
TARGET = 1 / 6


def synthetic_set(seed: int = 0) -> tuple[dict, list[dict]]:
    """A COCO data set, and top-down data samples with noisy predictions for it."""
    rng = np.random.default_rng(seed)
    image_ids = np.sort(rng.integers(0, IMAGES, PEOPLE)) + 1
    sizes = np.exp(rng.uniform(3, 6, (PEOPLE, 1))) * rng.uniform(0.5, 1, (PEOPLE, 2))
    corners = rng.uniform(0, 400, (PEOPLE, 2))
    points = corners[:, None] + rng.random((PEOPLE, K, 2)) * sizes[:, None]
    flags = rng.integers(0, 3, (PEOPLE, K)) * (rng.random((PEOPLE, 1)) < 0.9)
    annotations = [
        dict(
            id=i + 1,
            image_id=int(image_ids[i]),
            category_id=1,
            iscrowd=int(rng.random() < 0.02),
            area=float(sizes[i].prod() * 0.6),
            bbox=[*corners[i].tolist(), *sizes[i].tolist()],
            keypoints=np.column_stack([points[i].round(), flags[i]]).ravel().tolist(),
            num_keypoints=int(np.count_nonzero(flags[i])),
        )
        for i in range(PEOPLE)
    ]
    dataset = dict(
        images=[dict(id=i + 1, width=640, height=640) for i in range(IMAGES)],
        annotations=annotations,
        categories=[dict(id=1, name='person')],
    )
    people = np.concatenate([np.arange(PEOPLE), np.flatnonzero(rng.random(PEOPLE) < 0.75)])
    return dataset, [
        data_sample(i, annotations[person], rng) for i, person in enumerate(people.tolist())
    ]


def data_sample(sample_id: int, ann: dict, rng: np.random.Generator) -> dict:
    """A sample with a prediction that strays from the annotation by some share of its size."""
    size = np.sqrt(ann['bbox'][2] * ann['bbox'][3])
    spread = size * rng.choice([0.01, 0.03, 0.1, 0.3])
    points = np.reshape(ann['keypoints'], (1, K, 3))[..., :2] + rng.normal(size=(1, K, 2)) * spread
    return dict(
        id=sample_id,
        img_id=ann['image_id'],
        category_id=1,
        pred_instances=dict(
            keypoints=points.astype(np.float32),
            keypoint_scores=rng.random((1, K), np.float32),
            bbox_scores=rng.random(1, np.float32),
        ),
        gt_instances=dict(bbox_scales=np.array([ann['bbox'][2:]], np.float32)),
    )


def by_pycocotools(truth: COCO, results: COCO) -> list[float]:
    """The ten numbers of pycocotools."""
    evaluation = COCOeval(truth, results, 'keypoints')
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats.tolist()


def by_arrays(dataset: dict, results: list[dict]) -> Callable[[], list[float]]:
    """A function that computes the ten numbers from arrays that are ready."""
    points = np.array([result['keypoints'] for result in results]).reshape(-1, K, 3)[..., :2]
    dts = KeypointDetections(
        image_ids=np.array([result['image_id'] for result in results]),
        category_ids=np.ones(len(results), int),
        keypoints=points,
        scores=np.array([result['score'] for result in results]),
        areas=np.ptp(points, axis=1).prod(1),
    )
    gts = parse_coco(dataset).instances
    return lambda: list(coco_stats(match_by_oks(gts, dts, COCO_SIGMAS)).values())


def by_metric(ann_file: str, samples: list[dict], **kwargs: str) -> Callable[[], list[float]]:
    """A function that evaluates samples that a :class:`CocoMetric` has processed."""
    metric = CocoMetric(ann_file, **kwargs)
    metric.dataset_meta = dict(sigmas=COCO_SIGMAS)
    metric.process({}, samples)
    processed = list(metric.results)

    def evaluate() -> list[float]:
        metric.results = list(processed)
        return list(metric.evaluate(size=len(processed)).values())

    return evaluate


def main() -> None:
    """Prints a Markdown table of times."""
    dataset, samples = synthetic_set()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        ann_file, prefix = str(Path(folder, 'gt.json')), str(Path(folder, 'results'))
        Path(ann_file).write_text(json.dumps(dataset))
        by_metric(ann_file, samples, outfile_prefix=prefix)()
        truth, results_file = COCO(ann_file), f'{prefix}.keypoints.json'
        results = json.loads(Path(results_file).read_text())
        loaded = truth.loadRes(results_file)
        contenders = {
            'pycocotools, evaluate': lambda: by_pycocotools(truth, loaded),
            'arrays to numbers': by_arrays(dataset, results),
            'CocoMetric.evaluate, with OKS-NMS and scoring': by_metric(ann_file, samples),
        }
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            numbers = []
            for name, function in contenders.items():
                start = time.perf_counter()
                numbers.append(function())
                times[name].append(time.perf_counter() - start)
            if any(other != numbers[0] for other in numbers):
                raise AssertionError(f'The numbers differ: {numbers}')

    unit = median(times['pycocotools, evaluate'])
    print(f'{IMAGES} images, {PEOPLE} people, {len(samples)} detections, AP {numbers[0][0]:.4f}')
    print('| measured | seconds | share of pycocotools | target |')
    print('|---|---:|---:|---:|')
    for name, values in times.items():
        target = '' if name.startswith('pycocotools') else f'{TARGET:.3f}'
        print(f'| {name} | {median(values):.3f} | {median(values) / unit:.3f} | {target} |')


if __name__ == '__main__':
    main()
