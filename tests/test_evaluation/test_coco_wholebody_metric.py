import copy
import json
import re

import numpy as np
import pytest

from mmpose.evaluation import CocoWholeBodyMetric
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

META = dict(dataset_name='coco_wholebody', num_keypoints=133, sigmas=[0.1] * 133)
FOOT, FACE = slice(17, 23), slice(23, 91)


def person(ann_id, image_id, corner, unlabelled=()):
    """An annotation of 133 points in a square of 100 pixels, and the points."""
    points = np.random.default_rng(ann_id).uniform(0, 100, (133, 2)) + corner
    flags = np.full((133, 1), 2)
    for part in unlabelled:
        flags[part] = 0
    keypoints, start, ann = np.hstack([points, flags]), 0, {}
    for field, number in WHOLEBODY_FIELDS.items():
        ann[field] = keypoints[start : start + number].ravel().tolist()
        start += number
    ann.update(id=ann_id, image_id=image_id, category_id=1, iscrowd=0, area=6000.0)
    return dict(ann, bbox=[corner, corner, 100, 100]), points


def sample(ann, points, score=0.9, **kwargs):
    pred = dict(
        keypoints=points[None], keypoint_scores=np.full((1, 133), score), bbox_scores=np.ones(1)
    )
    ids = dict(id=ann['id'], img_id=ann['image_id'], raw_ann_info=ann)
    return dict(ids, pred_instances=pred, **kwargs)


PEOPLE = [person(1, 1, 0), person(2, 1, 300), person(3, 2, 50)]


@pytest.fixture
def ann_file(tmp_path):
    anns = [ann for ann, _ in PEOPLE]
    path = tmp_path / 'gt.json'
    path.write_text(json.dumps(dict(images=[dict(id=1), dict(id=2)], annotations=anns)))
    return str(path)


def evaluate(samples, **kwargs):
    metric = CocoWholeBodyMetric(part_numbers=True, nms_mode='none', **kwargs)
    metric.dataset_meta = META
    metric.process({}, samples)
    return metric.evaluate(size=len(samples))


def test_perfect_predictions_give_one(ann_file):
    numbers = evaluate([sample(*one) for one in PEOPLE], ann_file=ann_file)
    assert next(iter(numbers)) == 'coco-wholebody/AP'
    for part in ('', 'body/', 'foot/', 'face/', 'lefthand/', 'righthand/'):
        assert numbers[f'coco-wholebody/{part}AP'] == pytest.approx(1, abs=1e-12)
        assert numbers[f'coco-wholebody/{part}AP (L)'] == -1  # 6000 square pixels are medium
    assert len(numbers) == 60


def test_only_whole_bodies_are_returned_unless_asked_for(ann_file):
    metric = CocoWholeBodyMetric(ann_file)
    metric.dataset_meta = META
    metric.process({}, [sample(*one) for one in PEOPLE])
    assert len(metric.evaluate(size=3)) == 10


def test_a_wrong_part_costs_that_part_and_its_share_of_the_whole(ann_file):
    samples = [sample(*one) for one in copy.deepcopy(PEOPLE)]
    for item in samples:
        item['pred_instances']['keypoints'][:, FACE] += 1e4
    numbers = evaluate(samples, ann_file=ann_file)
    assert numbers['coco-wholebody/face/AP'] == 0
    for part in ('body', 'foot', 'lefthand', 'righthand'):
        assert numbers[f'coco-wholebody/{part}/AP'] == pytest.approx(1, abs=1e-12)
    # 65 of 133 keypoints in place are an OKS of 0.49, below the lowest threshold
    assert numbers['coco-wholebody/AP'] == 0
    for item in samples:
        item['pred_instances']['keypoints'][:, 23:26] -= 1e4
    # 68 of 133 are one of 0.51, above the lowest of ten
    assert evaluate(samples, ann_file=ann_file)['coco-wholebody/AP'] == pytest.approx(0.1)


def test_people_whose_part_is_not_labelled_are_ignored_for_it():
    people = [person(1, 1, 0), person(2, 1, 300, unlabelled=[FOOT])]
    samples = [sample(*one) for one in people]
    samples[1]['pred_instances']['keypoints'][:, FOOT] += 30  # still in the doubled box
    numbers = evaluate(samples)
    assert numbers['coco-wholebody/foot/AP'] == pytest.approx(1, abs=1e-12)
    assert numbers['coco-wholebody/AP'] == pytest.approx(1, abs=1e-12)


def test_written_results_are_split_into_parts(ann_file, tmp_path):
    prefix = str(tmp_path / 'out')
    evaluate([sample(*PEOPLE[0])], ann_file=ann_file, outfile_prefix=prefix)
    (entry,) = json.loads((tmp_path / 'out.keypoints.json').read_text())
    values = [value for field in WHOLEBODY_FIELDS for value in entry[field]]
    np.testing.assert_allclose(np.reshape(values, (133, 3))[:, :2], PEOPLE[0][1])
    assert len(entry['foot_kpts']) == 18


def test_ground_truth_of_samples_is_written_with_its_parts(tmp_path):
    prefix = str(tmp_path / 'out')
    expected = evaluate([sample(*one) for one in PEOPLE], outfile_prefix=prefix)
    samples = [sample(*one) for one in PEOPLE]
    assert evaluate(samples, ann_file=f'{prefix}.gt.json') == expected


def test_the_parts_are_logged(ann_file, log):
    evaluate([sample(*one) for one in PEOPLE], ann_file=ann_file)
    (table,) = log
    rows = [line.split()[0] for line in table.splitlines()[1:]]
    assert rows == ['body', 'foot', 'face', 'lefthand', 'righthand', 'whole']


def test_annotations_without_a_part(tmp_path):
    ann, _ = person(7, 1, 0)
    del ann['face_kpts']
    path = tmp_path / 'gt.json'
    path.write_text(json.dumps(dict(images=[dict(id=1)], annotations=[ann])))
    message = (
        "The annotation with id 7 has no 'face_kpts'. The evaluation needs the keypoints in "
        'keypoints, foot_kpts, face_kpts, lefthand_kpts, righthand_kpts.'
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        CocoWholeBodyMetric(str(path))
