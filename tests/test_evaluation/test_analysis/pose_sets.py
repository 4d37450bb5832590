"""Records for the tests of the analysis."""

import numpy as np
from oks_sets import detections, ground_truth, random_coco

from mmpose.evaluation.analysis import PoseRecords
from mmpose.evaluation.functional import KeypointDetections
from mmpose.evaluation.metrics.coco_ground_truth import parse_coco

FAR = 1e6


def records(gts, dts, **changes):
    """Records of these, with (2 sigma)**2 = 1 for each keypoint unless changed."""
    K = gts.keypoints.shape[1]
    image_ids = np.unique(np.concatenate([gts.image_ids, dts.image_ids]))
    values = dict(
        dataset_name='set',
        keypoint_names=[f'k{k}' for k in range(K)],
        flip_indices=np.arange(K),
        sigmas=np.full(K, 0.5),
        skeleton_links=[],
        image_ids=image_ids,
        image_paths=[f'{i}.jpg' for i in image_ids],
        crowd_index=np.full(len(image_ids), np.nan),
        gts=gts,
        dts=dts,
        keypoint_scores=np.ones((len(dts.scores), K)),
    )
    return PoseRecords(**(values | changes))


def one_person(offsets, area=50.0, **changes):
    """A person with labels 1000 pixels apart along x, found with offsets (K, 2) from them.

    At an area of 50 the similarity is exp(-d**2 / 100): good up to 4.03, jitter up to 8.33.
    """
    offsets = np.array(offsets, float)
    K = len(offsets)
    labels = np.stack([1000.0 * np.arange(K), np.zeros(K)], axis=1)
    gts = ground_truth([np.column_stack([labels, np.full(K, 2)])], area=area, bbox=(0, 0, 80, 100))
    dts = detections([labels + offsets], [0.9], area=area)
    return records(**(dict(gts=gts, dts=dts) | changes))


def random_records(seed, num_images=15, num_categories=1, K=5, **changes):
    """Random people and predictions, some with keypoints mirrored or taken from neighbours.

    No two people are alike, so that the order of the records settles nothing.
    """
    rng = np.random.default_rng(seed)
    dataset, dts = random_coco(seed, num_images=num_images, num_categories=num_categories, K=K)
    gts = parse_coco(dataset).instances
    gts.keypoints[..., :2] += rng.normal(size=(len(gts.areas), K, 2)) * 1e-3
    gts.areas += rng.random(len(gts.areas))
    points = np.array([dt['keypoints'] for dt in dts]).reshape(len(dts), K, 3)[..., :2]
    flips = np.array([0, *np.arange(1, K).reshape(-1, 2)[:, ::-1].ravel()])
    mirrored = rng.random((len(dts), K)) < 0.2
    points = np.where(mirrored[..., None], points[:, flips], points)
    for i, dt in enumerate(dts):
        anns = [a for a in dataset['annotations'] if a['image_id'] == dt['image_id']]
        if anns and rng.random() < 0.3:
            k = rng.integers(K)
            points[i, k] = anns[rng.integers(len(anns))]['keypoints'][3 * k : 3 * k + 2]
    detected = KeypointDetections(
        image_ids=np.array([dt['image_id'] for dt in dts]),
        category_ids=np.array([dt['category_id'] for dt in dts]),
        keypoints=points,
        scores=np.array([dt['score'] for dt in dts]),
        areas=np.ptp(points, axis=1).prod(1),
    )
    image_ids = np.array([image['id'] for image in dataset['images']])
    values = dict(
        flip_indices=flips,
        sigmas=np.linspace(0.03, 0.1, K),
        image_ids=image_ids,
        image_paths=[f'{i}.jpg' for i in image_ids],
        crowd_index=np.full(len(image_ids), np.nan),
        keypoint_scores=rng.random((len(dts), K)),
    )
    return records(gts, detected, **(values | changes))
