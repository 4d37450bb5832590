"""Times the evaluation against pycocotools and xtcocotools on sets as large as COCO's.

5,000 images hold 11,000 people, and 20 detections each. Both sides give the same numbers, digit
for digit, which is checked. The unit is the other's evaluation of loaded files: evaluate,
accumulate, summarize. xtcocotools, which alone knows whole bodies, has to be built from source
under NumPy 2; without it its rows are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import ModuleType

import numpy as np
import pycocotools.coco
import pycocotools.cocoeval
import torch
from mmengine.fileio import load
from torchvision.ops import nms as torchvision_nms

from mmpose.evaluation import CocoMetric, CocoWholeBodyMetric, nms_torch, oks_nms, soft_oks_nms
from mmpose.evaluation.functional import (
    KeypointDetections,
    coco_stats,
    grouped_oks_nms,
    match_by_oks,
    nearby_joints_nms,
)
from mmpose.evaluation.functional.nms import COCO_SIGMAS
from mmpose.evaluation.metrics.coco_ground_truth import CocoGroundTruth, parse_coco
from mmpose.evaluation.metrics.coco_poses import gather_poses, pose_scores
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

try:
    import xtcocotools.coco
    import xtcocotools.cocoeval
except Exception:  # built for another NumPy, or not there
    xtcocotools = None

IMAGES, PEOPLE, PER_IMAGE = 5000, 11000, 20
WHOLE_BODY_SHARE = 10  # the whole-body set is that much smaller unless all is asked for
ROUNDS = 5

Contender = Callable[[], list[float]]


def synthetic_set(
    num_images: int, num_people: int, K: int, seed: int = 0
) -> tuple[dict, list[dict]]:
    """A COCO data set, and data samples with noisy predictions for it."""
    rng = np.random.default_rng(seed)
    image_ids = np.sort(rng.integers(0, num_images, num_people)) + 1
    sizes = np.exp(rng.uniform(3, 6, (num_people, 1))) * rng.uniform(0.5, 1, (num_people, 2))
    corners = rng.uniform(0, 400, (num_people, 2))
    points = corners[:, None] + rng.random((num_people, K, 2)) * sizes[:, None]
    flags = rng.integers(0, 3, (num_people, K)) * (rng.random((num_people, 1)) < 0.9)
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
        for i in range(num_people)
    ]
    dataset = dict(
        images=[dict(id=i + 1, width=640, height=640) for i in range(num_images)],
        annotations=annotations,
        categories=[dict(id=1, name='person')],
    )
    # every detection resembles a person of its image, of one without people that of a neighbour
    detected_in = np.repeat(np.arange(num_images), PER_IMAGE) + 1
    first, after = (np.searchsorted(image_ids, detected_in, side) for side in ('left', 'right'))
    chosen = first + (rng.random(len(first)) * (after - first)).astype(int)
    people = np.minimum(chosen, num_people - 1)
    return dataset, [
        data_sample(i, int(image), points[person], sizes[person], rng)
        for i, (image, person) in enumerate(zip(detected_in, people, strict=True))
    ]


def data_sample(
    sample_id: int, image: int, points: np.ndarray, size: np.ndarray, rng: np.random.Generator
) -> dict:
    """A sample whose prediction strays from ``points`` (K, 2) by some share of the size."""
    spread = np.sqrt(size.prod()) * rng.choice([0.01, 0.03, 0.1, 0.3])
    predicted = points + rng.normal(size=points.shape) * spread
    return dict(
        id=sample_id,
        img_id=image,
        category_id=1,
        pred_instances=dict(
            keypoints=predicted[None].astype(np.float32),
            keypoint_scores=rng.random((1, len(points)), np.float32),
            bbox_scores=rng.random(1, np.float32),
        ),
        gt_instances=dict(bbox_scales=size[None].astype(np.float32)),
    )


def by_peer(
    peer: ModuleType, ann_file: str, result_file: str, sigmas: Mapping[str, np.ndarray]
) -> Contender:
    """The numbers of pycocotools or xtcocotools, of its evaluations by name of their kind."""
    truth = peer.coco.COCO(ann_file)
    results = truth.loadRes(result_file)

    def evaluate() -> list[float]:
        numbers = []
        for kind, values in sigmas.items():
            evaluation = peer.cocoeval.COCOeval(truth, results, kind)
            evaluation.params.kpt_oks_sigmas = values
            evaluation.sigmas = values
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
            numbers += evaluation.stats.tolist()
        return numbers

    return evaluate


def by_arrays(dataset: dict, results: list[dict]) -> Contender:
    """A function that computes the ten numbers from arrays that are ready."""
    points = np.array([result['keypoints'] for result in results])
    points = points.reshape(len(results), -1, 3)[..., :2]
    dts = KeypointDetections(
        image_ids=np.array([result['image_id'] for result in results]),
        category_ids=np.ones(len(results), int),
        keypoints=points,
        scores=np.array([result['score'] for result in results]),
        areas=np.ptp(points, axis=1).prod(1),
    )
    gts = parse_coco(dataset).instances
    return lambda: list(coco_stats(match_by_oks(gts, dts, COCO_SIGMAS)).values())


def by_metric(metric: CocoMetric, samples: list[dict], sigmas: np.ndarray) -> Contender:
    """A function that evaluates samples that a metric has processed."""
    metric.dataset_meta = dict(sigmas=sigmas)
    metric.process({}, samples)
    processed = list(metric.results)

    def evaluate() -> list[float]:
        metric.results = list(processed)
        return list(metric.evaluate(size=len(processed)).values())

    return evaluate


def by_gathered(metric: CocoWholeBodyMetric, samples: list[dict], sigmas: np.ndarray) -> Contender:
    """A function that computes the numbers of a metric from poses that are gathered and scored."""
    by_metric(metric, samples, sigmas)
    predictions = [result.prediction for result in metric.results]
    poses = gather_poses(predictions, len(sigmas))
    scores = pose_scores(metric.score_mode, poses.scores, poses.keypoints[..., 2], 0.2)
    poses, truth = poses._replace(scores=scores), parse_truth(metric)
    return lambda: list(metric.measure(poses, truth, sigmas).values())


def parse_truth(metric: CocoMetric) -> CocoGroundTruth:
    """The annotations of a metric as arrays."""
    return parse_coco(load(metric.ann_file), fields=tuple(metric.KEYPOINT_FIELDS))


def timed(contenders: Mapping[str, Callable], rounds: int) -> tuple[dict[str, float], list]:
    """Median seconds of each, taken in turn, and what each returned last."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        returned = []
        for name, function in contenders.items():
            start = time.perf_counter()
            returned.append(function())
            times[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in times.items()}, returned


def body() -> None:
    """One pose of 17 keypoints, against pycocotools."""
    dataset, samples = synthetic_set(IMAGES, PEOPLE, len(COCO_SIGMAS))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        ann_file, prefix = str(Path(folder, 'gt.json')), str(Path(folder, 'results'))
        Path(ann_file).write_text(json.dumps(dataset))
        kept = dict(nms_mode='none')
        by_metric(CocoMetric(ann_file, outfile_prefix=prefix, **kept), samples, COCO_SIGMAS)()
        results_file = f'{prefix}.keypoints.json'
        results = json.loads(Path(results_file).read_text())
        contenders = {
            'pycocotools': by_peer(
                pycocotools, ann_file, results_file, dict(keypoints=COCO_SIGMAS)
            ),
            'arrays to numbers': by_arrays(dataset, results),
            'CocoMetric.evaluate, scores included': by_metric(
                CocoMetric(ann_file, **kept), samples, COCO_SIGMAS
            ),
        }
        times, numbers = timed(contenders, ROUNDS)
        if any(other != numbers[0] for other in numbers):
            raise AssertionError(f'The numbers differ: {numbers}')
        with_nms = by_metric(CocoMetric(ann_file), samples, COCO_SIGMAS)
        times |= timed({'CocoMetric.evaluate, OKS-NMS as well': with_nms}, ROUNDS)[0]
    unit = times['pycocotools']
    title = f'{IMAGES} images, {PEOPLE} people, {len(samples)} detections, AP {numbers[0][0]:.4f}'
    print_table(title, unit, times, 1 / 6)


def whole_body(share: int, rounds: int) -> None:
    """Whole bodies and their five parts, against xtcocotools; ``share`` makes the set smaller."""
    num_images, num_people = IMAGES // share, PEOPLE // share
    sigmas = np.random.default_rng(0).uniform(0.01, 0.1, 133)
    dataset, samples = synthetic_set(num_images, num_people, 133)
    cuts = np.cumsum(list(WHOLEBODY_FIELDS.values()))[:-1]
    for ann in dataset['annotations']:
        parts = np.split(np.array(ann['keypoints']), cuts * 3)
        ann.update(zip(WHOLEBODY_FIELDS, (part.tolist() for part in parts), strict=True))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        ann_file, prefix = str(Path(folder, 'gt.json')), str(Path(folder, 'results'))
        Path(ann_file).write_text(json.dumps(dataset))
        kept = dict(nms_mode='none', part_numbers=True)
        ours = by_metric(CocoWholeBodyMetric(ann_file, **kept), samples, sigmas)
        writer = CocoWholeBodyMetric(ann_file, outfile_prefix=prefix, **kept)
        by_metric(writer, samples, sigmas)()
        parts = zip(CocoWholeBodyMetric.PARTS, np.split(sigmas, cuts), strict=True)
        kinds = dict(keypoints_wholebody=sigmas) | {f'keypoints_{k}': v for k, v in parts}
        theirs = by_peer(xtcocotools, ann_file, f'{prefix}.keypoints.json', kinds)
        arrays = by_gathered(CocoWholeBodyMetric(ann_file, **kept), samples, sigmas)
        contenders = {
            'xtcocotools': theirs,
            'arrays to numbers': arrays,
            'CocoWholeBodyMetric.evaluate, scores included': ours,
        }
        times, numbers = timed(contenders, rounds)
        if any(other != numbers[0] for other in numbers):
            raise AssertionError(f'The numbers differ: {numbers}')
    title = (
        f'Whole bodies and five parts: {num_images} images, {num_people} people, '
        f'{len(samples)} detections, AP {numbers[0][0]:.4f}'
    )
    print_table(title, times['xtcocotools'], times, 1 / 30)


def suppression() -> None:
    """The kinds of suppression, those of one image with 100 poses, and of 2,000 boxes."""
    _, samples = synthetic_set(IMAGES, PEOPLE, len(COCO_SIGMAS))
    poses = np.concatenate(
        [
            np.dstack([s['pred_instances']['keypoints'], s['pred_instances']['keypoint_scores']])
            for s in samples
        ]
    )
    scores, areas = poses[..., 2].mean(1), np.ptp(poses[..., :2], axis=1).prod(1)
    images = np.array([sample['img_id'] for sample in samples])
    image = [
        dict(keypoints=pose, score=score, area=area)
        for pose, score, area in zip(poses[:100], scores, areas, strict=False)
    ]
    rng = np.random.default_rng(0)
    corners = torch.from_numpy(rng.uniform(0, 600, (2000, 2)).astype(np.float32))
    boxes = torch.cat([corners, corners + 80], 1)
    box_scores = torch.from_numpy(rng.random(2000).astype(np.float32))
    times, results = timed(
        {
            f'OKS-NMS of {len(images)} poses in {IMAGES} images': lambda: grouped_oks_nms(
                poses, scores, areas, images, 0.9
            ),
            'oks_nms of 100 poses': lambda: oks_nms(image, 0.9),
            'soft_oks_nms of 100 poses': lambda: soft_oks_nms(image, 0.9),
            'nearby_joints_nms of 100 poses': lambda: nearby_joints_nms(image),
            'nms_torch of 2000 boxes': lambda: nms_torch(boxes, box_scores, 0.5).tolist(),
            'torchvision.ops.nms of them': lambda: torchvision_nms(boxes, box_scores, 0.5).tolist(),
        },
        ROUNDS,
    )
    if results[-1] != results[-2]:
        raise AssertionError('nms_torch keeps other boxes than torchvision.')
    print('\nSuppression\n\n| measured | milliseconds |\n|---|---:|')
    for name, seconds in times.items():
        print(f'| {name} | {1000 * seconds:.2f} |')


def print_table(title: str, unit: float, times: Mapping[str, float], target: float) -> None:
    """Prints seconds and shares of the unit, the first row's."""
    print(f'\n{title}\n\n| measured | seconds | share | target |\n|---|---:|---:|---:|')
    for i, (name, seconds) in enumerate(times.items()):
        print(f'| {name} | {seconds:.3f} | {seconds / unit:.4f} | {target if i else 1:.4f} |')


def main() -> None:
    """Prints Markdown tables of times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--full', action='store_true', help='whole bodies on the whole set, which takes minutes'
    )
    full = parser.parse_args().full
    warnings.simplefilter('ignore')
    torch.set_num_threads(1)  # nothing else here uses a second core
    body()
    if xtcocotools is not None:
        whole_body(share=1 if full else WHOLE_BODY_SHARE, rounds=2 if full else ROUNDS)
    suppression()


if __name__ == '__main__':
    main()
