import numpy as np
import pytest
from oks_sets import detections, ground_truth
from pose_sets import records

from mmpose.evaluation.analysis import analyse


def people(images, **changes):
    """People 1000 apart along x, each with one keypoint."""
    return ground_truth([[[1000.0 * i, 0, 2]] for i in range(len(images))], images, **changes)


def found(gts, which, offset=0.0):
    """Detections of some people."""
    points = gts.keypoints[which, :, :2] + [offset, 0]
    return detections(points, np.linspace(0.9, 0.5, len(which)), gts.image_ids[which])


def slices(gts, dts, by, **changes):
    return {part.pop('name'): part for part in analyse(records(gts, dts, **changes))['slices'][by]}


def test_sizes_part_at_32_and_96_pixels():
    areas = np.array([1023.9, 1024, 9216, 9216.1, 3e10, 0])
    gts = people([0] * 6, area=areas)
    parts = slices(gts, found(gts, [0, 1]), 'size')
    assert [part['instances'] for part in parts.values()] == [2, 2, 2]


def test_numbers_of_a_size():
    gts = people([0, 0, 0], area=[100, 100, 2500], bbox=(0, 0, 100, 100))
    # exp(-9 / (2 * 100)) = 0.956
    parts = slices(gts, found(gts, [0, 2], offset=3), 'size')
    assert parts['small']['instances'] == 2
    assert parts['small']['AP'] == pytest.approx(51 / 101)
    assert parts['small']['AR'] == parts['small']['PCK'] / 2 == 0.5
    assert parts['small']['median_error'] == 3
    assert parts['small']['good'] == 1
    assert parts['medium']['AP'] == pytest.approx(1)
    numbers = dict(parts['large'])
    assert numbers.pop('instances') == 0
    assert set(numbers.values()) == {None}


def test_crowd_index_parts_at_02_and_08():
    gts = people([0, 1, 2, 3, 4, 4])
    levels = [0.19, 0.2, 0.79, 0.8, 1.0]
    parts = slices(gts, found(gts, [0, 1, 3]), 'crowd', crowd_index=levels)
    assert {name: part['instances'] for name, part in parts.items()} == dict(
        easy=1, medium=2, hard=3
    )
    assert [part['AR'] for part in parts.values()] == pytest.approx([1, 1 / 2, 1 / 3])


def test_false_alarms_count_in_their_own_level():
    gts = people([0, 1])
    dts = detections([[[9e5, 0]], [[0, 0]], [[1000, 0]]], [0.9, 0.8, 0.7], images=[1, 0, 1])
    parts = slices(gts, dts, 'crowd', crowd_index=[0, 1])
    assert parts['easy']['AP'] == pytest.approx(1)
    assert parts['hard']['AP'] == pytest.approx(0.5)
    assert parts['medium']['AP'] is None


def boxes_apart(shift):
    """Two boxes of 100 x 10 of which the second is shifted along x: the IoU in test names."""
    return [[0, 0, 100, 10], [shift, 0, 100, 10]]


@pytest.mark.parametrize(
    ('boxes', 'level'),
    [
        (boxes_apart(0), 'overlapping'),
        (boxes_apart(700 / 13), 'overlapping'),  # (100 - x) / (100 + x) = 0.3
        (boxes_apart(54), 'close'),
        (boxes_apart(81), 'close'),
        (boxes_apart(900 / 11 + 0.1), 'apart'),  # 0.1 at 900 / 11
        (boxes_apart(200), 'apart'),
        ([[0, 0, 0, 0], [0, 0, 0, 0]], 'apart'),
        ([[0, 0, 9, 9]], 'alone'),
    ],
)
def test_crowd_by_the_overlap_of_boxes(boxes, level):
    gts = people([7] * len(boxes), bbox=boxes)
    for indices in ([np.nan], [np.nan, 0.3]):
        ids = [7, 8][: len(indices)]
        dts = found(gts, [0])
        paths = [''] * len(ids)
        changes = dict(image_ids=ids, image_paths=paths, crowd_index=indices)
        parts = slices(gts, dts, 'crowd', **changes)
        assert list(parts) == ['alone', 'apart', 'close', 'overlapping']
        count = {name: part['instances'] for name, part in parts.items()}
        assert count == dict.fromkeys(parts, 0) | {level: len(boxes)}
        assert parts[level]['AR'] == 1 / len(boxes)


def test_the_closest_pair_decides_for_the_whole_image():
    boxes = [[0, 0, 10, 10], [500, 0, 10, 10], [502, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10]]
    gts = people([0, 0, 0, 1, 2], bbox=boxes)
    parts = slices(gts, found(gts, [0]), 'crowd')
    assert parts['overlapping']['instances'] == 3
    assert parts['alone']['instances'] == 2


def test_ignored_people_crowd_nobody():
    gts = people([0, 0, 0], bbox=(0, 0, 10, 10), ignore=[False, True, False])
    assert slices(gts, found(gts, [0]), 'crowd')['overlapping']['instances'] == 2
    gts = people([0, 0], bbox=(0, 0, 10, 10), ignore=[False, True])
    assert slices(gts, found(gts, [0]), 'crowd')['alone']['instances'] == 1
