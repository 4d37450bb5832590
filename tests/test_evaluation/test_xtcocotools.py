"""The numbers of xtcocotools, which published ones come from, where pycocotools has none."""

import contextlib
import io
import json

import numpy as np
import pytest
from oks_sets import random_coco

from mmpose.evaluation import CocoMetric, CocoWholeBodyMetric
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

try:
    from xtcocotools.coco import COCO
    from xtcocotools.cocoeval import COCOeval
except Exception as error:
    pytest.skip(
        f'xtcocotools, which has to be built from source under NumPy 2, is missing: {error}',
        allow_module_level=True,
    )

KEYPOINT_STATS = [
    *('AP', 'AP .5', 'AP .75', 'AP (M)', 'AP (L)'),
    *('AR', 'AR .5', 'AR .75', 'AR (M)', 'AR (L)'),
]
CROWD_STATS = [
    *('AP', 'AP .5', 'AP .75', 'AR', 'AR .5', 'AR .75', 'AP(E)', 'AP(M)', 'AP(H)'),
]
SIGMAS = np.random.default_rng(1).uniform(0.01, 0.12, 133)


def samples_of(dts, num_keypoints):
    """Data samples of detections; the box score is the detection's."""
    for i, dt in enumerate(dts):
        points = np.reshape(dt['keypoints'], (1, num_keypoints, 3))
        yield dict(
            id=i,
            img_id=dt['image_id'],
            category_id=dt['category_id'],
            pred_instances=dict(
                keypoints=points[..., :2],
                keypoint_scores=points[..., 2],
                bbox_scores=np.array([dt['score']]),
            ),
        )


def ours(metric, dts, num_keypoints):
    metric.dataset_meta = dict(sigmas=SIGMAS[:num_keypoints])
    samples = list(samples_of(dts, num_keypoints))
    metric.process({}, samples)
    return metric.evaluate(size=len(samples))


def theirs(ann_file, result_file, iou_type, sigmas, use_area=True):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(ann_file)
        evaluation = COCOeval(
            truth, truth.loadRes(result_file), iou_type, np.asarray(sigmas), use_area
        )
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()


@pytest.mark.filterwarnings('ignore:.*score.* not found')
@pytest.mark.parametrize('seed', range(4))
def test_whole_bodies_and_their_parts(tmp_path, seed):
    dataset, dts = random_coco(seed, num_images=20, K=133)
    cuts = np.cumsum(list(WHOLEBODY_FIELDS.values()))[:-1] * 3
    rng = np.random.default_rng(seed)
    for ann in dataset['annotations']:
        parts = np.split(np.array(ann['keypoints']), cuts)
        for field, part in zip(WHOLEBODY_FIELDS, parts, strict=True):
            if rng.random() < 0.3:
                part[2::3] = 0
            ann[field] = part.tolist()
    for dt in dts:
        scores = rng.uniform(0, 1, 133).round(1)
        scores[rng.integers(0, 133) :] *= rng.random() < 0.8
        dt['keypoints'] = np.reshape(dt['keypoints'], (133, 3))
        dt['keypoints'][:, 2] = scores
    ann_file = tmp_path / 'gt.json'
    ann_file.write_text(json.dumps(dataset))
    metric = CocoWholeBodyMetric(
        str(ann_file),
        score_mode='bbox',
        nms_mode='none',
        outfile_prefix=str(tmp_path / 'out'),
        part_numbers=True,
    )
    numbers = ours(metric, dts, 133)

    parts = dict(zip(metric.PARTS, np.split(SIGMAS, cuts // 3), strict=True))
    for part, sigmas in (*parts.items(), ('wholebody', SIGMAS)):
        expected = theirs(
            str(ann_file), str(tmp_path / 'out.keypoints.json'), f'keypoints_{part}', sigmas
        )
        start = 'coco-wholebody/' + ('' if part == 'wholebody' else f'{part}/')
        assert [numbers[start + name] for name in KEYPOINT_STATS] == expected, part
        assert 0.05 < expected[0] < 0.95


@pytest.mark.parametrize('use_area', [True, False])
@pytest.mark.parametrize('seed', range(3))
def test_crowds_and_areas_of_boxes(tmp_path, seed, use_area):
    dataset, dts = random_coco(seed, num_images=40, K=14)
    rng = np.random.default_rng(seed)
    for image in dataset['images']:
        image['crowdIndex'] = float(rng.choice([0, 0.1, 0.2, 0.5, 0.8, 0.9]))
    for dt in dts:
        dt['keypoints'][2::3] = rng.uniform(0.1, 1, 14)
    ann_file = tmp_path / 'gt.json'
    ann_file.write_text(json.dumps(dataset))
    for iou_type, names in (('keypoints', KEYPOINT_STATS), ('keypoints_crowd', CROWD_STATS)):
        metric = CocoMetric(
            str(ann_file),
            use_area,
            iou_type,
            score_mode='bbox',
            nms_mode='none',
            outfile_prefix=str(tmp_path / 'out'),
        )
        numbers = ours(metric, dts, 14)
        results = str(tmp_path / 'out.keypoints.json')
        expected = theirs(str(ann_file), results, iou_type, SIGMAS[:14], use_area)
        for level in {'AP(E)', 'AP(M)', 'AP(H)'} & set(names):  # it rounds these three
            numbers[f'coco/{level}'] = round(numbers[f'coco/{level}'], 4)
        assert [numbers[f'coco/{name}'] for name in names] == expected
