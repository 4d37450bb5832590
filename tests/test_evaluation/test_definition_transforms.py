import numpy as np
import pytest

from mmpose.evaluation.functional import transform_ann, transform_pred, transform_sigmas

MAPPING = [(2, 0), (0, 3), ((0, 1), 1)]


def test_sigmas():
    sigmas = transform_sigmas([0.1, 0.3, 0.5], 4, MAPPING)
    np.testing.assert_allclose(sigmas, [0.5, 0.2, 0, 0.1])


def test_annotation_is_copied_and_converted():
    ann = dict(id=7, keypoints=[10, 20, 2, 30, 40, 1, 5, 6, 2], num_keypoints=3)
    converted = transform_ann(ann, 4, MAPPING)
    assert converted == dict(
        id=7, keypoints=[5, 6, 2, 20, 30, 1, 0, 0, 0, 10, 20, 2], num_keypoints=3
    )
    assert ann['keypoints'][:3] == [10, 20, 2]


def test_a_midpoint_needs_both_its_labels():
    converted = transform_ann(dict(keypoints=[10, 20, 2, 30, 40, 0]), 1, [((0, 1), 0)])
    assert converted == dict(keypoints=[20, 30, 0])


def test_prediction():
    keypoints = np.arange(6.0).reshape(1, 3, 2)
    pred = dict(keypoints=keypoints, keypoint_scores=np.array([[0.2, 0.4, 0.9]]), other='kept')
    converted = transform_pred(pred, 4, MAPPING)
    assert converted['keypoints'].tolist() == [[[4, 5], [1, 2], [0, 0], [0, 1]]]
    np.testing.assert_allclose(converted['keypoint_scores'], [[0.9, 0.3, 0, 0.2]])
    assert converted['other'] == 'kept'
    assert pred['keypoints'] is keypoints


@pytest.mark.parametrize(
    ('mapping', 'message'),
    [
        ([(3, 0)], 'source keypoint 3, but there are only 3; expected an index from 0 to 2'),
        ([(0, 4)], 'target keypoint 4, but there are only 4'),
    ],
)
def test_indices_outside_the_definition(mapping, message):
    with pytest.raises(ValueError, match=message):
        transform_sigmas([0.1, 0.3, 0.5], 4, mapping)
