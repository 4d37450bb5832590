import numpy as np
import pytest
from oks_sets import detections, ground_truth
from pose_sets import FAR, one_person, random_records, records

from mmpose.evaluation.analysis.error_kinds import KINDS, find_errors, mend
from mmpose.evaluation.analysis.judging import judged_records
from mmpose.evaluation.analysis.pairing import pair_poses
from mmpose.evaluation.functional import oks_of_pairs, pairs_to_match


def errors_of(made):
    judged = judged_records(made)
    pairs = pairs_to_match(judged.gts, judged.dts)
    dt_index = pairs.detections[pairs.dt]
    oks = oks_of_pairs(judged.gts, judged.dts.keypoints, pairs.gt, dt_index, judged.sigmas)
    return find_errors(judged, pair_poses(judged, pairs, oks))


def kinds_of(made):
    return [[KINDS[kind] if kind >= 0 else None for kind in row] for row in errors_of(made).kinds]


@pytest.mark.parametrize(
    ('distance', 'kind'),
    # the similarity is exp(-d**2 / 100): 0.852, 0.850, 0.849, 0.502, 0.499
    [(0, 'good'), (4, 'good'), (4.04, 'jitter'), (8.3, 'jitter'), (8.34, 'miss'), (FAR, 'miss')],
)
def test_kinds_by_distance_from_the_own_label(distance, kind):
    # the other two keypoints are in place, so that the person is found
    assert kinds_of(one_person([[0, distance], [0, 0], [0, 0]])) == [[kind, 'good', 'good']]


@pytest.mark.parametrize(
    ('limit', 'kinds'), [(0.85, ('good', 'jitter')), (0.5, ('jitter', 'miss'))]
)
def test_a_similarity_exactly_at_a_limit_is_of_the_better_kind(limit, kinds):
    area = -1 / (2 * np.log(limit))
    assert np.exp(-1 / (2 * area)) == limit  # at a distance of 1
    for distance, kind in zip((1, 1 + 1e-12), kinds, strict=True):
        assert kinds_of(one_person([[distance, 0]], area=area)) == [[kind]]


def test_similarity_takes_area_and_sigma():
    # exp(-2**2 / (2 * 10 * (2 * sigma)**2)): 0.819 at 0.5, 0.951 at 1, 0.449 at 0.25
    made = one_person([[2, 0]] * 3, area=10, sigmas=[0.5, 1, 0.25])
    assert kinds_of(made) == [['jitter', 'good', 'miss']]


FLIPS = [0, 2, 1]


@pytest.mark.parametrize(
    ('distance', 'kind'), [(0, 'inversion'), (8.3, 'inversion'), (8.34, 'miss')]
)
def test_inversion_is_near_the_mirrored_label(distance, kind):
    # keypoint 1 is 1000 from its own label and so far from that of keypoint 2
    made = one_person([[0, 0], [1000, distance], [0, 0]], flip_indices=FLIPS)
    assert kinds_of(made) == [['good', kind, 'good']]


def test_near_a_label_that_is_no_mirror_is_a_miss():
    assert kinds_of(one_person([[0, 0], [1000, 0], [0, 0]])) == [['good', 'miss', 'good']]


def test_near_the_own_label_is_jitter_even_if_the_mirrored_one_is_nearer():
    gts = ground_truth([[[0, 0, 2], [10, 0, 2]]], area=50)
    made = records(gts, detections([[[8, 0], [10, 0]]], [1]), flip_indices=[1, 0])
    assert kinds_of(made) == [['jitter', 'good']]  # 0.53 to the own label, 0.96 to the mirrored


def test_an_unlabelled_mirror_confuses_nobody():
    gts = ground_truth([[[0, 0, 2], [1000, 0, 2], [2000, 0, 0]]], area=50)
    points = [[0, 0], [2000, 0], [5, 5]]
    assert kinds_of(records(gts, detections([points], [1]), flip_indices=FLIPS)) == [
        ['good', 'miss', None]
    ]


def two_people(point, areas=(50, 50), **changes):
    """Two people of three keypoints, 1000 apart along y; the first one's keypoint 1 is moved."""
    labels = np.array([[0, 0, 2], [100, 0, 2], [200, 0, 2]])
    gts = ground_truth([labels, np.add(labels, [0, 1000, 0])], area=areas)
    for name, value in changes.items():
        setattr(gts, name, np.array(value))
    points = np.array([labels, np.add(labels, [0, 1000, 0])])[..., :2].astype(float)
    points[0, 1] = point
    return records(gts, detections(points, [0.9, 0.8]), flip_indices=FLIPS)


@pytest.mark.parametrize(
    ('point', 'kind'),
    [
        ((100, 1008.3), 'swap'),
        ((100, 1008.4), 'miss'),
        ((200, 1003), 'swap'),  # the mirrored keypoint of the other person
        ((0, 1000), 'miss'),  # another keypoint of the other person
        ((200, 3), 'inversion'),
    ],
)
def test_swap_is_near_the_label_of_another_person(point, kind):
    assert kinds_of(two_people(point))[0] == ['good', kind, 'good']


def test_the_area_is_that_of_the_person_whose_label_it_is():
    assert kinds_of(two_people((100, 1008.4), areas=(50, 100)))[0][1] == 'swap'
    assert kinds_of(two_people((100, 1008.3), areas=(100, 50)))[0][1] == 'swap'
    assert kinds_of(two_people((100, 1004), areas=(50, 10)))[0][1] == 'miss'


@pytest.mark.parametrize(
    'changes',
    [
        dict(ignore=[False, True]),
        dict(crowd=[False, True], ignore=[False, True]),
        dict(areas=[50.0, 0.0]),
        dict(image_ids=[0, 1]),
    ],
    ids=['ignored', 'crowd', 'no area', 'another picture'],
)
def test_labels_that_cannot_be_swapped_with(changes):
    assert kinds_of(two_people((100, 1000), **changes))[0][1] == 'miss'


@pytest.mark.parametrize(('x', 'kind'), [(204, 'inversion'), (206, 'swap'), (205, 'inversion')])
def test_inversion_or_swap_by_the_higher_similarity(x, kind):
    # the own mirrored label is at x = 200, that of another person at 210
    labels = np.array([[0, 0, 2], [100, 0, 2], [200, 0, 2]])
    gts = ground_truth([labels, np.add(labels, [10, 0, 0])], area=50)
    points = np.array([labels[:, :2], np.add(labels[:, :2], [10, 0])], float)
    points[0, 1] = x, 0
    made = records(gts, detections(points, [0.9, 0.8]), flip_indices=FLIPS)
    assert kinds_of(made)[0][1] == kind


def test_swap_takes_the_nearest_of_several_people():
    labels = np.array([[0, 0, 2], [100, 0, 2]])
    gts = ground_truth([np.add(labels, [0, y, 0]) for y in (0, 500, 506, 800)], area=50)
    points = np.array([np.add(labels[:, :2], [0, y]) for y in (0, 500, 506, 800)], float)
    points[0, 1] = 100, 504
    made = records(gts, detections(points, [0.9, 0.8, 0.7, 0.6]))
    assert kinds_of(made)[0] == ['good', 'swap']
    mended = mend(made.dts.keypoints, errors_of(made), ['swap'])
    np.testing.assert_allclose(mended[0, 1], [100, -2])  # 504 lies 2 before 506


@pytest.mark.parametrize('gone', ['label', 'area', 'number'])
def test_keypoints_that_cannot_be_judged(gone):
    made = one_person([[3, 4], [0, 0]], pairs=[0])
    if gone == 'label':
        made.gts.keypoints[0, 0, 2] = 0
    elif gone == 'number':
        made.gts.keypoints[0, 0, 1] = np.nan
    else:
        made.gts.areas = np.zeros(1)
    errors = errors_of(made)
    assert errors.kinds.tolist() == ([[-1, -1]] if gone == 'area' else [[-1, 0]])
    # a distance needs a label only, and the box is 100 high
    expected = 5 if gone == 'area' else np.nan
    np.testing.assert_array_equal(errors.distances, [[expected, 0]])
    np.testing.assert_array_equal(errors.relative, [[expected / 100, 0]])


def test_distances_need_a_box_to_be_relative_to():
    made = one_person([[3, 4]])
    made.gts.bboxes = np.zeros((1, 4))
    errors = errors_of(made)
    assert errors.distances.tolist() == [[5]]
    assert np.isnan(errors.relative).all()


def similarity(made, g, k, point):
    """The similarity of a point to the label of keypoint k of instance g."""
    x, y, flag = made.gts.keypoints[g, k]
    if not flag:
        return 0
    squared = (point[0] - x) ** 2 + (point[1] - y) ** 2
    return np.exp(-squared / (2 * made.gts.areas[g] * (2 * made.sigmas[k]) ** 2))


def kind_by_loops(made, g, k, point):
    if made.gts.keypoints[g, k, 2] == 0:
        return None
    own = similarity(made, g, k, point)
    if own >= 0.5:
        return 'good' if own >= 0.85 else 'jitter'
    mirror = made.flip_indices[k]
    inverted = similarity(made, g, mirror, point) if mirror != k else 0
    swapped = max(
        (
            similarity(made, other, keypoint, point)
            for other in range(len(made.gts.areas))
            for keypoint in (k, mirror)
            if other != g
            and made.gts.image_ids[other] == made.gts.image_ids[g]
            and not made.gts.ignore[other]
        ),
        default=0,
    )
    if max(inverted, swapped) < 0.5:
        return 'miss'
    return 'inversion' if inverted >= swapped else 'swap'


@pytest.mark.parametrize('chunk', [1 << 17, 7], ids=['at once', 'in chunks'])
@pytest.mark.parametrize('seed', range(3))
def test_kinds_are_those_of_loops(seed, chunk, monkeypatch):
    monkeypatch.setattr('mmpose.evaluation.analysis.pictures._CHUNK', chunk)
    made = random_records(seed, num_images=40, num_categories=1 + seed % 2)
    errors = errors_of(made)
    expected = [
        [kind_by_loops(made, g, k, made.dts.keypoints[d, k]) for k in range(5)]
        for g, d in zip(errors.gt, errors.dt, strict=True)
    ]
    assert kinds_of(made) == expected
    assert {kind for row in expected for kind in row} == {None, *KINDS}


def test_jitter_goes_to_where_its_similarity_is_085_and_a_miss_to_05():
    made = one_person([[3, 4], [0, -30], [0, 1]])
    errors = errors_of(made)
    ring, far_ring = 10 * np.sqrt(-np.log(0.85)), 10 * np.sqrt(-np.log(0.5))
    mended = mend(made.dts.keypoints, errors, ['jitter'])[0]
    np.testing.assert_allclose(mended[0], [0.6 * ring, 0.8 * ring], rtol=1e-8)
    np.testing.assert_array_equal(mended[1:], made.dts.keypoints[0, 1:])
    mended = mend(made.dts.keypoints, errors, ['miss'])[0]
    np.testing.assert_allclose(mended[1], [1000, -far_ring], rtol=1e-8)
    np.testing.assert_array_equal(mended[[0, 2]], made.dts.keypoints[0, [0, 2]])


def test_inversion_and_swap_keep_their_offset_from_the_other_label():
    made = two_people((203, 4))  # 3, 4 from its mirrored label
    mended = mend(made.dts.keypoints, errors_of(made), ['inversion'])
    np.testing.assert_allclose(mended[0, 1], [103, 4])
    made = two_people((203, 1004))  # 3, 4 from the mirrored label of the other person
    errors = errors_of(made)
    mended = mend(made.dts.keypoints, errors, ['swap', 'jitter'])
    np.testing.assert_allclose(mended[0, 1], [103, 4])
    np.testing.assert_array_equal(mended[1], made.dts.keypoints[1])
    np.testing.assert_array_equal(mend(made.dts.keypoints, errors, ['miss']), made.dts.keypoints)


@pytest.mark.parametrize('seed', range(3))
def test_mended_keypoints_are_better(seed):
    made = random_records(seed)
    errors = errors_of(made)
    for name, limit in (('jitter', 0.85), ('miss', 0.5)):
        mended = mend(made.dts.keypoints, errors, [name])
        for m, k in np.argwhere(errors.kinds == KINDS.index(name)):
            g, d = errors.gt[m], errors.dt[m]
            assert similarity(made, g, k, mended[d, k]) == pytest.approx(limit, abs=1e-7)
            assert similarity(made, g, k, mended[d, k]) >= limit


def test_counts_by_instance():
    made = one_person([[0, 0], [5, 0], [0, 6], [-3, 0], [30, 0]])
    assert errors_of(made).counts().tolist() == [[2, 2, 0, 0, 1]]
