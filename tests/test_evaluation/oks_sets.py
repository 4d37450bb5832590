"""Sets of annotations and detections for the tests of the evaluation."""

import contextlib
import copy
import io

import numpy as np

from mmpose.evaluation.functional import KeypointDetections, KeypointGroundTruth


def ground_truth(keypoints, images=None, area=2500.0, ignore=False, crowd=False, bbox=(0, 0, 1, 1)):
    """Ground truth from keypoints (G, K, 3), other values shared unless given for each."""
    keypoints = np.array(keypoints, float)
    G = len(keypoints)
    return KeypointGroundTruth(
        image_ids=np.zeros(G, int) if images is None else np.array(images),
        category_ids=np.ones(G, int),
        keypoints=keypoints,
        bboxes=np.broadcast_to(np.array(bbox, float), (G, 4)),
        areas=np.broadcast_to(np.array(area, float), G),
        ignore=np.broadcast_to(np.array(ignore) | np.array(crowd), G),
        crowd=np.broadcast_to(np.array(crowd), G),
    )


def detections(keypoints, scores, images=None, area=2500.0):
    """Detections from keypoints (D, K, 2)."""
    D = len(scores)
    return KeypointDetections(
        image_ids=np.zeros(D, int) if images is None else np.array(images),
        category_ids=np.ones(D, int),
        keypoints=np.array(keypoints, float),
        scores=np.array(scores, float),
        areas=np.broadcast_to(np.array(area, float), D),
    )


def random_coco(seed, num_images=25, num_categories=1, decimals=None, K=17):
    """A COCO data set and detections, with crowds, empty poses, twins and many detections."""
    rng = np.random.default_rng(seed)
    anns, dts = [], []
    image_ids = (1000 - 3 * np.arange(num_images)).tolist()
    for image_id in image_ids:
        for _ in range(rng.poisson(2.2)):
            anns.append(_annotation(rng, image_id, len(anns) + 1, num_categories, K))
            if rng.random() < 0.1:
                anns.append(dict(copy.deepcopy(anns[-1]), id=len(anns) + 1))
            repeats = 25 if rng.random() < 0.05 else rng.integers(0, 4)
            dts += [_detection(rng, anns[-1], num_categories, decimals) for _ in range(repeats)]
        if rng.random() < 0.2:  # near nothing, in an image that may be empty
            stray = rng.uniform(0, 300, 3 * K).tolist()
            dts.append(dict(image_id=image_id, category_id=1, keypoints=stray, score=rng.random()))
    dataset = dict(
        images=[dict(id=i) for i in image_ids],
        annotations=anns,
        categories=[dict(id=i + 1) for i in range(num_categories)],
    )
    return dataset, dts


def _annotation(rng, image_id, ann_id, num_categories, K):
    size = np.exp(rng.uniform(2.5, 5.5)) * rng.uniform(0.4, 1, 2)
    corner = rng.uniform(0, 300, 2)
    points = (corner + rng.random((K, 2)) * size).round()
    flags = rng.integers(0, 3, K) * (rng.random() < 0.9)
    return dict(
        id=ann_id,
        image_id=image_id,
        category_id=int(rng.integers(num_categories)) + 1,
        iscrowd=int(rng.random() < 0.1),
        area=float(size.prod() * 0.6),
        bbox=[*corner.tolist(), *size.tolist()],
        keypoints=np.column_stack([points, flags]).ravel().tolist(),
        num_keypoints=int(np.count_nonzero(flags)),
    )


def _detection(rng, ann, num_categories, decimals):
    keypoints = np.array(ann['keypoints']).reshape(-1, 3)
    size = np.sqrt(ann['bbox'][2] * ann['bbox'][3])
    keypoints[:, :2] += rng.normal(size=(len(keypoints), 2)) * size * rng.choice([0.01, 0.05, 0.2])
    score = rng.random()
    other = rng.random() < 0.1
    return dict(
        image_id=ann['image_id'],
        category_id=int(rng.integers(num_categories)) + 1 if other else ann['category_id'],
        keypoints=keypoints.ravel().tolist(),
        score=score if decimals is None else round(score, decimals),
    )


def pycocotools_evaluation(dataset, dts, sigmas):
    """The evaluated COCOeval of pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = copy.deepcopy(dataset)
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(copy.deepcopy(dts)), 'keypoints')
        evaluation.params.kpt_oks_sigmas = np.asarray(sigmas)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation
