import numpy as np
import pytest

from mmpose.datasets.transforms import FilterAnnotations


def sample():
    """Four people: whole; narrow; hardly visible; small."""
    return dict(
        bbox=np.float32([[0, 0, 9, 9], [3, 0, 4, 9], [0, 0, 9, 9], [0, 0, 5, 5]]),
        bbox_score=np.float32([0.1, 0.2, 0.3, 0.4]),
        keypoints=np.arange(24, dtype=np.float32).reshape(4, 3, 2),
        keypoints_visible=np.float32([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 1, 1]]),
        area=np.float32([50, 40, 30, 20]),
        category_id=np.array([1, 2, 3, 4]),
        id=[10, 20, 30, 40],
        num_keypoints=[3, 2, 1, 2],
        img_id=5,
        flip_indices=[0, 2, 1, 3],
    )


def kept(results=None, **kwargs):
    results = FilterAnnotations(**kwargs)(results or sample())
    return None if results is None else results['id']


@pytest.mark.parametrize(
    ('arguments', 'ids'),
    [
        (dict(), [10, 20, 30, 40]),
        (dict(min_kpt_vis=2), [10, 20, 40]),
        (dict(by_box=True), [10, 30, 40]),  # a width of 1 does not exceed 1
        (dict(by_box=True, min_gt_bbox_wh=(5, 4)), [10, 30]),
        (dict(by_area=True, by_kpt=False, min_gt_area=40), [10, 20]),
        (dict(by_area=True, by_box=True, min_kpt_vis=2, min_gt_area=20), [10, 40]),
        (dict(min_kpt_vis=4), None),
        (dict(min_kpt_vis=4, keep_empty=False), []),
    ],
)
def test_tests(arguments, ids):
    assert kept(**arguments) == ids


def test_every_key_of_the_instances():
    results = FilterAnnotations(min_kpt_vis=3)(sample())
    for key in ('bbox', 'bbox_score', 'keypoints', 'keypoints_visible', 'area', 'category_id'):
        np.testing.assert_array_equal(results[key], sample()[key][:1])
    assert results['num_keypoints'] == [3]
    assert results['img_id'] == 5
    assert results['flip_indices'] == [0, 2, 1, 3]


def test_forms_of_boxes_and_visibility():
    results = sample()
    corners = np.float32([[4, 0], [0, 4], [8, 4], [4, 8]])
    results['bbox'] = np.stack([corners, corners / 8, corners, corners])
    assert kept(results, by_box=True) == [10, 30, 40]
    results = sample()
    results['keypoints_visible'] = np.stack((results['keypoints_visible'], np.ones((4, 3))), -1)
    results['keypoints'][0, :2] = np.nan  # not labelled
    assert kept(results, min_kpt_vis=2) == [20, 40]


def test_missing_keys_pass():
    results = sample()
    del results['bbox'], results['area']
    assert kept(results, by_box=True, by_area=True, min_kpt_vis=2) == [10, 20, 40]
    boxes_only = dict(bbox=sample()['bbox'], id=[10, 20, 30, 40])
    assert kept(boxes_only, by_box=True) == [10, 30, 40]


@pytest.mark.parametrize('keep_empty', [False, True])
def test_a_sample_without_instances_passes(keep_empty):
    results = dict(keypoints=np.zeros((0, 3, 2)), keypoints_visible=np.zeros((0, 3)), id=[])
    assert kept(results, keep_empty=keep_empty) == []


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(by_kpt=False), 'has no test; set by_box, by_area or by_kpt'),
        (dict(min_gt_bbox_wh=3), 'min_gt_bbox_wh is 3; expected pixels'),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        FilterAnnotations(**arguments)
