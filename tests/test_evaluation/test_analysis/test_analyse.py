import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oks_sets import detections, ground_truth
from pose_sets import FAR, one_person, random_records, records

from mmpose.evaluation.analysis import PoseRecords, analyse
from mmpose.evaluation.functional import coco_stats, match_by_oks

KINDS = ['good', 'jitter', 'inversion', 'swap', 'miss']


def radius(similarity):
    """How far from its label a keypoint is at an area of 50."""
    return 10 * np.sqrt(-np.log(similarity))


def test_what_comes_out_has_these_keys():
    report = analyse(random_records(0))
    measures = ['PCK', 'median_error', *KINDS]
    assert list(report) == [
        *('dataset', 'sigmas_assumed', 'pck_thr', 'images', 'instances', 'detections'),
        *('outcomes', 'numbers', 'keypoints', 'errors', 'calibration', 'slices', 'worst'),
    ]
    assert list(report['outcomes']) == ['found', 'missed', 'background', 'duplicate']
    assert list(report['numbers']) == ['AP', 'AP .5', 'AP .75', 'AR', 'PCK', 'median_error']
    assert list(report['keypoints'][0]) == ['name', 'labelled', 'matched', 'AP', *measures]
    assert list(report['errors']) == ['keypoints', 'share', 'AP_if_mended']
    assert list(report['errors']['share']) == KINDS
    assert list(report['errors']['AP_if_mended']) == [*KINDS[1:], 'all']
    assert list(report['calibration']) == ['pose', 'keypoint']
    assert [part['name'] for part in report['slices']['size']] == ['small', 'medium', 'large']
    assert list(report['slices']['size'][0]) == ['name', 'instances', 'AP', 'AR', *measures]
    assert list(report['worst'][0]) == [
        *('image_id', 'image_path', 'instance', 'detection', 'oks', 'kind', 'errors'),
    ]
    assert report['dataset'] == 'set'
    assert (report['images'], len(report['keypoints'])) == (15, 5)


# four people, the last ignored: found, found with a second detection beside it, missed
PEOPLE = ground_truth(
    [[[0, 0, 2]], [[1000, 0, 2]], [[2000, 0, 2]], [[3000, 0, 2]]],
    area=50,
    ignore=[False, False, False, True],
    bbox=(0, 0, 100, 60),
)
# the similarity of 16 pixels is exp(-2.56) = 0.077, that of 15 is 0.105
POINTS = [[[3, 4]], [[1000, 0]], [[1000, 15]], [[2000, 16]], [[3000, 0]]]
SCORES = [0.9, 0.8, 0.7, 0.6, 0.5]


def test_outcomes_of_instances_and_detections():
    report = analyse(records(PEOPLE, detections(POINTS, SCORES)))
    assert (report['images'], report['instances'], report['detections']) == (1, 3, 5)
    assert report['outcomes'] == dict(found=2, missed=1, background=1, duplicate=1)


def test_the_surer_detection_takes_the_instance():
    gts = ground_truth([[[0, 0, 2]]], area=50)
    report = analyse(records(gts, detections([[[0, 0]], [[10, 0]]], [0.5, 0.6])))
    assert report['outcomes'] == dict(found=1, missed=0, background=0, duplicate=1)
    assert report['numbers']['median_error'] == 10


def test_detections_past_the_best_20_of_an_image_do_not_count():
    gts = ground_truth([[[0, 0, 2]]], area=50)
    points = [[[FAR, 0]]] * 20 + [[[0, 0]]]
    report = analyse(records(gts, detections(points, np.linspace(1, 0.5, 21))))
    assert report['outcomes'] == dict(found=0, missed=1, background=20, duplicate=0)
    assert report['calibration']['pose']['bins'][5]['count'] == 3  # not that of 0.5


def test_pairs_by_construction_are_kept_whatever_their_distance():
    dts = detections([[[2000, 0]], [[FAR, 0]], [[1000, 0]], [[1000, 0]], [[0, 0]]], SCORES)
    report = analyse(records(PEOPLE, dts, pairs=[0, 1, 1, 2, 3]))
    # the second detection of instance 1 is a duplicate, the last one is on an ignored instance
    assert report['outcomes'] == dict(found=3, missed=0, background=0, duplicate=1)
    assert report['errors']['share'] == dict(good=0, jitter=0, inversion=0, swap=2 / 3, miss=1 / 3)
    assert report['numbers']['median_error'] == 2000
    # matched by similarity: a hit, a miss, a hit, a miss, a hit
    assert report['numbers']['AP'] == pytest.approx((34 + 33 * 2 / 3 + 34 * 3 / 5) / 101)


def test_pck_and_median_error_by_hand():
    made = one_person([[3, 4], [0, 4.9], [0, 0], [0, 7]])  # the box is 100 high: right below 5
    made.gts.keypoints[0, 2, 2] = 0
    report = analyse(made)
    assert report['numbers']['PCK'] == pytest.approx(1 / 3)
    assert report['numbers']['median_error'] == 5
    assert [row['PCK'] for row in report['keypoints']] == [0, 1, None, 0]
    assert [row['median_error'] for row in report['keypoints']] == pytest.approx([5, 4.9, None, 7])
    assert [row['labelled'] for row in report['keypoints']] == [1, 1, 0, 1]
    assert report['slices']['size'][0]['PCK'] == pytest.approx(1 / 3)
    assert analyse(made, pck_thr=0.0501)['numbers']['PCK'] == pytest.approx(2 / 3)


def test_shares_of_the_kinds_by_hand():
    report = analyse(one_person([[0, 0], [5, 0], [0, 5], [0, 0], [99, 0]]))
    assert report['errors']['keypoints'] == 5
    expected = dict(good=0.4, jitter=0.4, inversion=0, swap=0, miss=0.2)
    assert report['errors']['share'] == pytest.approx(expected)
    assert {k: report['keypoints'][1][k] for k in KINDS} == dict.fromkeys(KINDS, 0) | dict(jitter=1)
    small = report['slices']['size'][0]
    assert {k: small[k] for k in KINDS} == pytest.approx(expected)


@pytest.mark.parametrize(
    ('similarity', 'precision', 'jitter', 'miss'),
    # of the thresholds 0.5, 0.55 ... 0.95: how many are reached
    [(0.62, 0.3, 0.8, 0.3), (0.2, 0, 0, 0.1), (0.91, 0.9, 0.9, 0.9)],
    ids=['jitter', 'miss', 'good'],
)
def test_precision_if_mended_of_one_keypoint(similarity, precision, jitter, miss):
    report = analyse(one_person([[radius(similarity), 0]]))
    assert report['numbers']['AP'] == pytest.approx(precision)
    expected = dict(jitter=jitter, inversion=precision, swap=precision, miss=miss)
    expected['all'] = max(jitter, miss)
    assert report['errors']['AP_if_mended'] == pytest.approx(expected)


def test_precision_if_inversion_is_mended():
    # left on the right, 3 beside it: half of the keypoints in place; mended exp(-9 / 100) = 0.914
    report = analyse(one_person([[1000, 3], [0, 0]], flip_indices=[1, 0]))
    assert report['numbers']['AP'] == pytest.approx(0.1)
    mended = dict(jitter=0.1, inversion=1, swap=0.1, miss=0.1, all=1)
    assert report['errors']['AP_if_mended'] == pytest.approx(mended)


def test_precision_if_swap_is_mended():
    labels = np.array([[[0, 0, 2], [100, 0, 2]], [[0, 1000, 2], [100, 1000, 2]]])
    points = labels[..., :2].astype(float)
    points[0, 1] = 100, 1003
    report = analyse(records(ground_truth(labels, area=50), detections(points, [0.9, 0.8])))
    # at 0.5 both are found, above it only the second: recall 0.5 at a precision of 1 / 2
    precision = 0.1 + 0.9 * 51 / 101 / 2
    assert report['numbers']['AP'] == pytest.approx(precision)
    mended = dict(jitter=precision, inversion=precision, swap=1, miss=precision, all=1)
    assert report['errors']['AP_if_mended'] == pytest.approx(mended)


@pytest.mark.parametrize('categories', [1, 3])
def test_numbers_are_those_of_the_coco_evaluation(categories):
    made = random_records(4, num_images=40, num_categories=categories)
    expected = coco_stats(match_by_oks(made.gts, made.dts, made.sigmas))
    report = analyse(made)
    for name in ('AP', 'AP .5', 'AP .75', 'AR'):
        assert report['numbers'][name] == expected[name]
    _, medium, large = report['slices']['size']
    for part, letter in ((medium, 'M'), (large, 'L')):
        assert part['AP'] == pytest.approx(expected[f'AP ({letter})'])
        assert part['AR'] == pytest.approx(expected[f'AR ({letter})'])
    assert sum(part['instances'] for part in report['slices']['size']) == report['instances']


def test_precision_of_a_keypoint_is_that_of_instances_of_it_alone():
    made = random_records(5, num_images=40)
    for k, row in enumerate(analyse(made)['keypoints']):
        points = made.gts.keypoints[:, [k]]
        ignore = made.gts.ignore | (points[:, 0, 2] == 0)
        alone = replace(made.gts, keypoints=points, ignore=ignore)
        found = replace(made.dts, keypoints=made.dts.keypoints[:, [k]])
        expected = coco_stats(match_by_oks(alone, found, made.sigmas[[k]]))['AP']
        assert row['AP'] == pytest.approx(expected)
        assert 0 < expected < 1


def test_instances_that_lack_a_keypoint_are_ignored():
    gts = ground_truth([[[0, 0, 2], [0, 9, 2]], [[500, 0, 2], [0, 0, 0]]], area=50)
    report = analyse(records(gts, detections([[[0, 0], [0, 9]]], [1])))
    assert [row['AP'] for row in report['keypoints']] == pytest.approx([51 / 101, 1])
    assert [row['labelled'] for row in report['keypoints']] == [2, 1]
    assert [row['matched'] for row in report['keypoints']] == [1, 1]


def nothing(count_gts, count_dts, **changes):
    gts = ground_truth(np.tile([[[0.0, 0, 2]] * 2], (count_gts, 1, 1)).reshape(-1, 2, 3))
    dts = detections(np.zeros((count_dts, 2, 2)), np.full(count_dts, 0.5))
    return records(gts, dts, **changes)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(
    ('made', 'precision', 'outcomes'),
    [
        (nothing(0, 0), None, [0, 0, 0, 0]),
        (nothing(0, 2), None, [0, 0, 2, 0]),
        (nothing(0, 0, pairs=[]), None, [0, 0, 0, 0]),
        (nothing(2, 0), 0, [0, 2, 0, 0]),
        (nothing(2, 0, pairs=[]), 0, [0, 2, 0, 0]),
        (nothing(1, 1, image_paths=['']), 1, [1, 0, 0, 0]),
        (nothing(1, 1, flip_indices=None, sigmas=None), 1, [1, 0, 0, 0]),
    ],
    ids=['nothing', 'no label', 'no pairs', 'no pose', 'no pose', 'no path', 'no metainfo'],
)
def test_what_is_missing_is_none_and_never_nan(made, precision, outcomes):
    report = analyse(made)
    json.dumps(report, allow_nan=False)
    assert report['numbers']['AP'] == pytest.approx(precision)
    assert list(report['outcomes'].values()) == outcomes
    if not outcomes[0]:
        assert report['numbers']['PCK'] is report['numbers']['median_error'] is None
        assert set(report['errors']['share'].values()) == {None}
        assert report['errors']['AP_if_mended'] == dict.fromkeys([*KINDS[1:], 'all'], precision)
        assert report['calibration']['keypoint']['ece'] is None


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('paired', [False, True])
@pytest.mark.parametrize('kind', ['ignore', 'crowd', 'unlabelled'])
def test_ignored_instances_count_for_nothing(kind, paired):
    changes = {} if kind == 'unlabelled' else {kind: True}
    label = [0, 0, 0 if kind == 'unlabelled' else 2]
    gts = ground_truth([[label]], area=50, bbox=(-5, -5, 10, 10), **changes)
    dts = detections([[[0, 0]]], [0.5])
    report = analyse(records(gts, dts, pairs=[0] if paired else None))
    json.dumps(report, allow_nan=False)
    assert report['instances'] == report['errors']['keypoints'] == 0
    assert report['outcomes'] == dict(found=0, missed=0, background=0, duplicate=0)
    assert report['numbers']['AP'] is report['keypoints'][0]['AP'] is None
    assert report['keypoints'][0]['labelled'] == 0
    assert report['worst'] == []


@pytest.mark.filterwarnings('error')
def test_without_an_area_keypoints_are_not_judged():
    made = one_person([[3, 4], [0, 9]], area=0, pairs=[0])
    report = analyse(made)
    json.dumps(report, allow_nan=False)
    assert report['outcomes']['found'] == 1
    assert [row['labelled'] for row in report['keypoints']] == [1, 1]
    assert [row['matched'] for row in report['keypoints']] == [0, 0]
    assert set(report['errors']['share'].values()) == {None}
    assert report['calibration']['pose']['ece'] is None
    # a distance needs no area
    assert report['numbers']['median_error'] == 7
    assert report['numbers']['PCK'] == 0
    assert report['worst'] == []


def test_without_sigmas_005_is_assumed():
    made = random_records(6)
    assumed = analyse(replace(made, sigmas=None))
    given = analyse(replace(made, sigmas=np.full(5, 0.05)))
    assert assumed.pop('sigmas_assumed') is True
    assert given.pop('sigmas_assumed') is False
    assert assumed == given


def test_keypoints_with_a_sigma_of_0_are_not_judged():
    made = random_records(7)
    sigmas = made.sigmas * [1, 0, 1, 1, 1]
    flips = np.array([0, 1, 3, 2])  # the mirror of keypoint 2 is gone, 3 and 4 are each other's
    made = replace(made, sigmas=sigmas, flip_indices=np.array([0, 2, 1, 4, 3]))
    without = PoseRecords(
        **{
            **vars(made),
            'keypoint_names': ['k0', 'k2', 'k3', 'k4'],
            'flip_indices': flips,
            'sigmas': np.delete(sigmas, 1),
            'gts': replace(made.gts, keypoints=np.delete(made.gts.keypoints, 1, axis=1)),
            'dts': replace(made.dts, keypoints=np.delete(made.dts.keypoints, 1, axis=1)),
            'keypoint_scores': np.delete(made.keypoint_scores, 1, axis=1),
        }
    )
    report, expected = analyse(made), analyse(without)
    none = dict.fromkeys(['AP', 'PCK', 'median_error', *KINDS])
    assert report['keypoints'].pop(1) == dict(name='k1', labelled=0, matched=0, **none)
    assert report == expected


@pytest.mark.parametrize('threshold', [0, -1, float('nan'), float('inf')])
def test_thresholds_that_are_none(threshold):
    with pytest.raises(ValueError, match=r'pck_thr is .*; expected a share of the box above 0'):
        analyse(random_records(0), pck_thr=threshold)


def test_repeated_use_changes_nothing():
    made = random_records(8)
    before = copy.deepcopy(made)
    assert analyse(made) == analyse(made)
    for name in ('gts', 'dts'):
        for field, values in vars(getattr(made, name)).items():
            np.testing.assert_array_equal(values, getattr(getattr(before, name), field))
    np.testing.assert_array_equal(made.sigmas, before.sigmas)


def taken(instances, order):
    return replace(instances, **{name: values[order] for name, values in vars(instances).items()})


def approximately(value):
    if isinstance(value, dict):
        return {key: approximately(item) for key, item in value.items()}
    if isinstance(value, list):
        return [approximately(item) for item in value]
    return pytest.approx(value) if isinstance(value, float) else value


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000))
@pytest.mark.parametrize('paired', [False, True])
def test_order_of_the_records_does_not_matter(paired, seed):
    made = random_records(seed, num_images=8, num_categories=2)
    # those without label would be equally similar to all that lies within their boxes
    made.gts.keypoints[..., 2] = 2
    rng = np.random.default_rng(seed)
    if paired and len(made.gts.areas):
        pairs = rng.integers(0, len(made.gts.areas), len(made.dts.scores))
        dts = replace(made.dts, image_ids=made.gts.image_ids[pairs])
        made = replace(made, dts=dts, pairs=pairs)
    of_images, of_gts, of_dts = (
        rng.permutation(len(x)) for x in (made.image_ids, made.gts.areas, made.dts.scores)
    )
    shuffled = replace(
        made,
        image_ids=made.image_ids[of_images],
        image_paths=[made.image_paths[i] for i in of_images],
        gts=taken(made.gts, of_gts),
        dts=taken(made.dts, of_dts),
        keypoint_scores=made.keypoint_scores[of_dts],
        pairs=None if made.pairs is None else np.argsort(of_gts)[made.pairs[of_dts]],
    )
    report, expected = analyse(shuffled), analyse(made)
    for case in report['worst']:
        for name, order in (('instance', of_gts), ('detection', of_dts)):
            if case[name] is not None:
                case[name] = int(order[case[name]])
    assert report == approximately(expected)


def test_text_ids_and_saved_records_give_the_same(tmp_path):
    made = random_records(9)
    made.save(tmp_path / 'records.npz')
    report = analyse(made)
    assert analyse(PoseRecords.load(tmp_path / 'records.npz')) == report

    def text(instances):
        return replace(instances, image_ids=np.char.add('i', instances.image_ids.astype(str)))

    ids = np.array([f'i{i}' for i in made.image_ids])
    named = analyse(replace(made, image_ids=ids, gts=text(made.gts), dts=text(made.dts)))
    for case in report['worst']:
        case['image_id'] = f'i{case["image_id"]}'
    assert named == approximately(report)
