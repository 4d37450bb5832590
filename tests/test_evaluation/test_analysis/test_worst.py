import numpy as np
import pytest
from oks_sets import detections, ground_truth
from pose_sets import FAR, records

from mmpose.evaluation.analysis import analyse


def worst(gts, dts, **changes):
    return analyse(records(gts, dts, **changes))['worst']


def test_the_three_kinds_in_turn_by_what_they_cost():
    label = [[0, 0, 2], [0, 500, 2]]
    gts = ground_truth([np.add(label, [1000 * i, 0, 0]) for i in range(6)], area=50, images=[4] * 6)
    gts.areas = np.array([50, 50, 50, 50, 60, 70.0])
    points = gts.keypoints[[0, 1, 2, 3], :, :2]
    points[0, 0, 0] += 8  # similarity 0.527: OKS 0.764, cost 0.236 x 0.9 = 0.21
    points[1, 0, 0] += FAR  # OKS 0.5, cost 0.5 x 0.3 = 0.15
    points[2, 0, 0] += FAR  # OKS 0.5, cost 0.5 x 0.8 = 0.4
    points = [*points, [[-FAR, 0]] * 2, [[-FAR, 9]] * 2]  # the fourth is without error
    dts = detections(points, [0.9, 0.3, 0.8, 0.7, 0.1, 0.2], images=[4] * 6)
    cases = worst(gts, dts)
    assert [(case['kind'], case['instance'], case['detection']) for case in cases] == [
        ('wrong pose', 2, 2),
        ('missed', 5, None),
        ('background', None, 5),
        ('wrong pose', 0, 0),
        ('missed', 4, None),
        ('background', None, 4),
        ('wrong pose', 1, 1),
    ]
    none = dict(jitter=0, inversion=0, swap=0, miss=0)
    assert cases[0] == dict(
        image_id=4,
        image_path='4.jpg',
        instance=2,
        detection=2,
        oks=0.5,
        kind='wrong pose',
        errors=none | dict(miss=1),
    )
    assert cases[1]['errors'] == cases[2]['errors'] == none
    assert cases[1]['oks'] == cases[2]['oks'] == 0
    assert cases[3]['errors'] == none | dict(jitter=1)
    assert cases[3]['oks'] == pytest.approx((1 + np.exp(-0.64)) / 2)


@pytest.mark.parametrize(('missed', 'background'), [(30, 0), (0, 30), (30, 30), (20, 2)])
def test_at_most_24_are_listed(missed, background):
    labels = np.zeros((missed, 1, 3))
    labels[:, 0] = [0, 0, 2]
    images = np.arange(max(missed, background))
    gts = ground_truth(labels, images=images[:missed], area=np.arange(missed) + 50.0)
    points = np.full((background, 1, 2), FAR)
    scores = np.arange(background) / 40
    dts = detections(points, scores, images=images[:background])
    cases = worst(gts, dts, image_ids=images)
    kinds = [case['kind'] for case in cases]
    assert len(cases) == min(24, missed + background)
    assert kinds.count('background') == min(background, 24 - min(missed, 12))
    if missed:
        assert cases[0]['instance'] == missed - 1  # the largest
    if background:
        assert cases[kinds.index('background')]['detection'] == background - 1  # the surest


def test_ids_and_paths_that_are_text():
    gts = ground_truth([[[0, 0, 2]]], images=['a'])
    dts = detections(np.zeros((0, 1, 2)), [], images=np.zeros(0, str))
    (case,) = worst(gts, dts, image_paths=[''])
    assert (case['image_id'], case['image_path'], case['kind']) == ('a', '', 'missed')
