from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oks_sets import detections, ground_truth, pycocotools_evaluation, random_coco

from mmpose.evaluation.functional import (
    KeypointDetections,
    coco_stats,
    crowd_stats,
    match_by_oks,
    match_pairs,
    oks_of_pairs,
    oks_of_parts,
    pairs_to_match,
    precision_recall,
)
from mmpose.evaluation.functional.nms import COCO_SIGMAS
from mmpose.evaluation.metrics.coco_ground_truth import parse_coco

FAR = 1e6  # exp(-huge) is exactly 0


def pair_oks(gts, points, sigmas):
    return oks_of_pairs(gts, np.array([points], float), np.array([0]), np.array([0]), sigmas)[0]


def test_oks_of_one_keypoint_by_hand():
    gts = ground_truth([[[10, 20, 2]]], area=100)
    # d**2 = 4, (2 sigma)**2 = 0.04: exp(-4 / (2 * 100 * 0.04)) = exp(-0.5)
    assert pair_oks(gts, [[10, 22]], [0.1]) == pytest.approx(np.exp(-0.5), rel=1e-12)


def test_parts_are_measured_as_by_themselves():
    dataset, dts = random_coco(4, K=20)
    gts, dts = arrays(dataset, dts)
    gts.keypoints[::3, 5:12, 2] = 0  # some lack the whole middle part
    rng = np.random.default_rng(0)
    g, d = (rng.integers(0, len(ids), 300) for ids in (gts.image_ids, dts.image_ids))
    sigmas, parts = rng.uniform(0.02, 0.2, 20), [slice(0, 5), slice(5, 12), slice(None)]
    together = oks_of_parts(gts, dts.keypoints, g, d, sigmas, parts)
    for part, oks in zip(parts, together, strict=True):
        alone = replace(gts, keypoints=gts.keypoints[:, part])
        expected = oks_of_pairs(alone, dts.keypoints[:, part], g, d, sigmas[part])
        np.testing.assert_array_equal(oks, expected)
    assert 0 < together[0].mean() < 1


def test_oks_is_the_mean_over_labelled_keypoints_only():
    gts = ground_truth([[[0, 0, 1], [0, 0, 2], [0, 0, 0]]])
    assert pair_oks(gts, [[0, 0], [FAR, 0], [FAR, FAR]], [0.1] * 3) == 0.5


def test_oks_without_labels_measures_the_way_to_the_doubled_box():
    gts = ground_truth([[[0, 0, 0], [0, 0, 0]]], area=100, bbox=(10, 10, 20, 20))
    # the box 10..30 grows by its size on every side to -10..50; 52 lies 2 outside it
    oks = pair_oks(gts, [[-10, 50], [52, 0]], [0.1, 0.1])
    assert oks == pytest.approx((1 + np.exp(-0.5)) / 2, rel=1e-12)


def stats(gts, dts, num_keypoints=1):
    return coco_stats(match_by_oks(gts, dts, np.full(num_keypoints, 0.1)))


def test_a_perfect_detection_scores_one():
    numbers = stats(ground_truth([[[5, 5, 2]]]), detections([[[5, 5]]], [0.3]))
    # 2500 square pixels are medium (1024 to 9216), so there is nothing large to find
    names = ['', ' .5', ' .75', ' (M)', ' (L)']
    assert list(numbers) == [f'AP{name}' for name in names] + [f'AR{name}' for name in names]
    assert list(numbers.values()) == pytest.approx([1, 1, 1, 1, -1] * 2, abs=1e-12)


@pytest.mark.parametrize(('near', 'thresholds_reached'), [(1, 1), (2, 6), (0, 0)])
def test_oks_exactly_at_a_threshold_matches(near, thresholds_reached):
    # 2 of 4 keypoints in place are an OKS of 0.5, 3 of 4 one of 0.75: thresholds 1 and 1 to 6
    offsets = [0] * (near + 1) + [FAR] * (3 - near)
    gts = ground_truth([[[0, 0, 2]] * 4])
    numbers = stats(gts, detections([[[x, 0] for x in offsets]], [1.0]), 4)
    assert numbers['AP'] == pytest.approx(thresholds_reached / 10, abs=1e-12)


def test_half_of_the_people_found():
    gts = ground_truth([[[0, 0, 2]], [[500, 0, 2]]])
    numbers = stats(gts, detections([[[0, 0]]], [1.0]))
    assert numbers['AP'] == pytest.approx(51 / 101)  # recalls 0, 0.01 ... 0.5 of 101
    assert numbers['AR'] == 0.5


def test_a_false_alarm_before_the_hit_halves_the_precision():
    gts = ground_truth([[[0, 0, 2]]])
    points = [[[0, 0]], [[FAR, 0]]]
    assert stats(gts, detections(points, [0.5, 0.9]))['AP'] == pytest.approx(0.5)
    assert stats(gts, detections(points, [0.9, 0.5]))['AP'] == pytest.approx(1.0)


def test_a_second_detection_of_the_same_person_is_a_false_alarm():
    gts = ground_truth([[[0, 0, 2]], [[500, 0, 2]]])
    dts = detections([[[0, 0]], [[0, 0]], [[500, 0]]], [0.9, 0.8, 0.7])
    # precision 1 up to recall 0.5 (51 of 101), then 2 hits of 3
    assert stats(gts, dts)['AP'] == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_images_are_apart():
    gts = ground_truth([[[0, 0, 2]]], images=[1])
    numbers = stats(gts, detections([[[0, 0]]], [1.0], images=[2]))
    assert numbers['AP'] == numbers['AR'] == 0


@pytest.mark.parametrize('kind', ['crowd', 'ignore'])
def test_detections_on_ignored_ground_truth_do_not_count(kind):
    points = [[[0, 0, 2]], [[500, 0, 2]]]
    gts = ground_truth(points, **{kind: [False, True]})
    dts = detections([[[500, 0]], [[0, 0]]], [0.9, 0.5])
    assert stats(gts, dts)['AP'] == pytest.approx(1.0)
    assert stats(ground_truth(points[:1]), dts)['AP'] == pytest.approx(0.5)


def test_a_crowd_takes_any_number_of_detections_and_an_ignored_person_one():
    points = [[[0, 0, 2]], [[500, 0, 2]]]
    dts = detections([[[500, 0]], [[500, 0]], [[0, 0]]], [0.9, 0.8, 0.5])
    crowd = ground_truth(points, crowd=[False, True])
    ignored = ground_truth(points, ignore=[False, True])
    assert stats(crowd, dts)['AP'] == pytest.approx(1.0)
    assert stats(ignored, dts)['AP'] == pytest.approx(0.5)


def test_ground_truth_that_counts_goes_before_a_better_ignored_one():
    gts = ground_truth([[[0, 0, 2]], [[1, 0, 2]]], ignore=[True, False])
    assert stats(gts, detections([[[0, 0]]], [1.0]))['AP'] == pytest.approx(1.0)


def test_the_21st_detection_of_an_image_does_not_count():
    gts = ground_truth([[[0, 0, 2]]])
    points, scores = [[[FAR, 0]]] * 20 + [[[0, 0]]], np.linspace(1, 0.5, 21)
    assert stats(gts, detections(points, scores))['AP'] == 0
    assert stats(gts, detections(points[1:], scores[1:]))['AP'] == pytest.approx(1 / 20)


@pytest.mark.parametrize(
    ('gt_points', 'dt_points', 'ap', 'ar'),
    [([], [], -1, -1), ([], [[[0, 0]]], -1, -1), ([[[0, 0, 2]]], [], 0, 0)],
    ids=['nothing', 'no ground truth', 'no detections'],
)
def test_nothing_to_compare(gt_points, dt_points, ap, ar):
    gts = ground_truth(np.reshape(gt_points, (-1, 1, 3)))
    dts = detections(np.reshape(dt_points, (-1, 1, 2)), np.ones(len(dt_points)))
    numbers = stats(gts, dts)
    assert (numbers['AP'], numbers['AR']) == (ap, ar)


def test_size_bands_hold_their_limits_and_ignore_unmatched_detections_outside():
    gts = ground_truth([[[0, 0, 2]], [[500, 0, 2]]], area=[32.0**2, 96.0**2])
    dts = detections([[[0, 0]], [[500, 0]], [[FAR, 0]]], [0.5, 0.4, 0.9], area=[1, 1, 100])
    numbers = stats(gts, dts)
    assert numbers['AP'] == pytest.approx(2 / 3)  # a miss, then two hits
    # the stray detection of 100 square pixels counts in neither band; 9216 is in both
    assert numbers['AP (M)'] == pytest.approx(1.0)
    assert numbers['AP (L)'] == pytest.approx(1.0)


def arrays(dataset, dts):
    points = np.array([dt['keypoints'] for dt in dts]).reshape(len(dts), -1, 3)[..., :2]
    return parse_coco(dataset).instances, KeypointDetections(
        image_ids=np.array([dt['image_id'] for dt in dts]),
        category_ids=np.array([dt['category_id'] for dt in dts]),
        keypoints=points,
        scores=np.array([dt['score'] for dt in dts]),
        areas=np.ptp(points[..., 0], axis=1) * np.ptp(points[..., 1], axis=1),
    )


@pytest.mark.parametrize('seed', range(8))
def test_equal_to_pycocotools_digit_for_digit(seed):
    pytest.importorskip('pycocotools')
    dataset, dts = random_coco(
        seed, num_categories=(1, 3)[seed % 2], decimals=(None, 1, 2)[seed % 3]
    )
    sigmas = COCO_SIGMAS * (1 + seed % 3)
    expected = pycocotools_evaluation(dataset, dts, sigmas)
    matches = match_by_oks(*arrays(dataset, dts), sigmas)
    precision, recall = precision_recall(matches)
    np.testing.assert_array_equal(precision, expected.eval['precision'][..., 0])
    np.testing.assert_array_equal(recall, expected.eval['recall'][..., 0])
    assert list(coco_stats(matches).values()) == expected.stats.tolist()
    assert 0 < expected.stats[0] < 1  # the set tells right from wrong


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_order_of_the_input_does_not_matter(random):
    dataset, dts = random_coco(3, num_images=8)
    expected = coco_stats(match_by_oks(*arrays(dataset, dts), COCO_SIGMAS))
    random.shuffle(dts)
    random.shuffle(dataset['annotations'])
    assert coco_stats(match_by_oks(*arrays(dataset, dts), COCO_SIGMAS)) == expected


def test_matches_name_the_detection_and_its_ground_truth():
    gts = ground_truth([[[0, 0, 2]], [[500, 0, 2]], [[0, 0, 2]]], images=[1, 1, 0])
    # at 1 pixel the similarity is exp(-1 / (2 * 2500 * 0.04)) = 0.995, at 10 it is 0.61
    points = [[[500, 10]], [[0, 0]], [[0, 1]], [[500, 0]], [[FAR, 0]]]
    dts = detections(points, [0.5, 0.6, 0.7, 0.4, 0.9], images=[1, 0, 1, 1, 0])
    matches = match_by_oks(
        gts, dts, np.array([0.1]), np.array([0.5, 0.9]), [(0, 1e10), (9e9, 1e10)]
    )
    assert matches.detections.tolist() == [4, 1, 2, 0, 3]  # by image and falling score
    assert matches.gt_index[0].tolist() == [[-1, 2, 0, 1, -1], [-1, 2, 0, -1, 1]]
    np.testing.assert_array_equal(matches.matched, matches.gt_index >= 0)
    # no instance is that large, so those that are found are ignored
    assert matches.gt_index[1].tolist() == matches.gt_index[0].tolist()
    assert matches.ignored[1].all()


def test_known_similarities_give_the_same_matches():
    gts, dts = arrays(*random_coco(5, num_categories=2))
    pairs = pairs_to_match(gts, dts, max_dets=3)
    assert pairs.ranks.max() == 2
    together = gts.image_ids[pairs.gt], dts.image_ids[pairs.detections[pairs.dt]]
    np.testing.assert_array_equal(*together)
    oks = oks_of_pairs(gts, dts.keypoints, pairs.gt, pairs.detections[pairs.dt], COCO_SIGMAS)
    matches = match_pairs(gts, dts, pairs, oks)
    expected = match_by_oks(gts, dts, COCO_SIGMAS, max_dets=3)
    np.testing.assert_array_equal(matches.gt_index, expected.gt_index)
    assert coco_stats(matches) == coco_stats(expected)


def test_crowd_levels():
    # one person in each of six images, found in the 2nd, 3rd and 5th; equal scores keep the order
    gts = ground_truth([[[0, 0, 2]]] * 6, images=range(6))
    offsets = [FAR, 0, 0, FAR, 0, FAR]
    dts = detections([[[x, 0]] for x in offsets], np.full(6, 0.5), images=range(6))
    levels = np.array([0.0, 0.19, 0.2, 0.79, 0.8, 1.0])
    numbers = crowd_stats(match_by_oks(gts, dts, np.array([0.1])), np.arange(6), levels)
    assert list(numbers) == [
        *('AP', 'AP .5', 'AP .75', 'AR', 'AR .5', 'AR .75'),
        *('AP(E)', 'AP(M)', 'AP(H)'),
    ]
    assert numbers['AR'] == 0.5
    # easy: a miss, then a hit at recall 0.5; medium and hard: a hit, then a miss
    assert numbers['AP(E)'] == pytest.approx(51 / 101 / 2)
    assert numbers['AP(M)'] == numbers['AP(H)'] == pytest.approx(51 / 101)


def test_crowd_level_without_images():
    matches = match_by_oks(
        ground_truth([[[0, 0, 2]]]), detections([[[0, 0]]], [1.0]), np.array([0.1])
    )
    numbers = crowd_stats(matches, np.array([0]), np.array([0.5]))
    assert (numbers['AP(E)'], numbers['AP(M)'], numbers['AP(H)']) == (-1, pytest.approx(1), -1)
