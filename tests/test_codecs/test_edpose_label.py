import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import EDPoseLabel
from mmpose.registry import KEYPOINT_CODECS

SHAPE = (100, 200)  # (h, w)
BOXES = np.float32([[20, 10, 60, 90]])
KEYPOINTS = np.float32([[[20, 10], [200, 100], [50, 75]]])


def codec(**kwargs):
    return EDPoseLabel(**dict(num_keypoints=3) | kwargs)


def test_fractions_of_width_and_height():
    encoded = codec().encode(SHAPE, KEYPOINTS, np.float32([[1, 1, 0]]), np.float32([800]), BOXES)
    np.testing.assert_allclose(encoded['keypoints'], [[[0.1, 0.1], [1, 1], [0.25, 0.75]]])
    np.testing.assert_allclose(encoded['bbox'], [[0.2, 0.5, 0.2, 0.8]])
    np.testing.assert_allclose(encoded['area'], [0.04])
    np.testing.assert_array_equal(encoded['keypoints_visible'], [[1, 1, 0]])
    assert {v.dtype for v in encoded.values()} == {np.dtype(np.float32)}


def test_boxes_and_areas_of_the_keypoints_stand_in():
    encoded = codec().encode(SHAPE, KEYPOINTS, np.float32([[1, 0, 1]]))
    np.testing.assert_allclose(encoded['bbox'], [[35 / 200, 42.5 / 100, 30 / 200, 65 / 100]])
    np.testing.assert_allclose(encoded['area'], [30 * 65 / 20000])


def test_keypoints_without_a_position_are_not_labelled():
    keypoints = KEYPOINTS.copy()
    keypoints[0, 1, 0] = np.nan
    encoded = codec().encode(SHAPE, keypoints, area=np.float32([800]), bboxes=BOXES)
    np.testing.assert_array_equal(encoded['keypoints_visible'], [[1, 0, 1]])
    np.testing.assert_array_equal(encoded['keypoints'][0, 1], [0, 0])


def test_best_predictions_come_first():
    logits = np.float32([[0.2, 0.9], [0.8, 0.1], [0.5, 0.6]])  # the third query counts twice
    boxes = np.float32([[0.5, 0.5, 0.2, 0.4], [0.1, 0.1, 0.1, 0.1], [0.9, 0.9, 0.1, 0.1]])
    keypoints = np.tile(np.arange(3, dtype=np.float32)[:, None] / 10, (1, 9))
    decoded = codec(num_select=4).decode(SHAPE, logits, boxes, keypoints)
    np.testing.assert_allclose(decoded[2], np.repeat([[0.9], [0.8], [0.6], [0.5]], 3, axis=1))
    np.testing.assert_allclose(decoded[0][0], [80, 30, 120, 70], rtol=1e-6)
    np.testing.assert_allclose(decoded[1][:, 0], [[0, 0], [20, 10], [40, 20], [40, 20]])
    assert [d.shape for d in decoded] == [(4, 4), (4, 3, 2), (4, 3)]


@given(
    keypoints=arrays(np.float32, (2, 3, 2), elements=st.floats(0, 200, width=32)),
    as_tensors=st.booleans(),
)
@settings(deadline=None)
def test_round_trip(keypoints, as_tensors):
    boxes = np.float32([[20, 10, 60, 90], [0, 0, 200, 100]])
    encoded = codec().encode(SHAPE, keypoints, bboxes=boxes)
    predicted = np.float32([[0.9], [0.8]]), encoded['bbox'], encoded['keypoints'].reshape(2, 6)
    decoded = codec().decode(
        np.array(SHAPE), *(map(torch.from_numpy, predicted) if as_tensors else predicted)
    )
    np.testing.assert_allclose(decoded[0], boxes, atol=1e-4)
    np.testing.assert_allclose(decoded[1], keypoints, atol=1e-4)


def test_no_instance():
    encoded = codec().encode(SHAPE, np.zeros((0, 3, 2), np.float32))
    assert {k: v.shape for k, v in encoded.items()} == dict(
        keypoints=(0, 3, 2), keypoints_visible=(0, 3), bbox=(0, 4), area=(0,)
    )
    decoded = codec().decode(SHAPE, np.zeros((0, 2)), np.zeros((0, 4)), np.zeros((0, 6)))
    assert [d.shape for d in decoded] == [(0, 4), (0, 3, 2), (0, 3)]


def test_registered_with_its_tables():
    built = KEYPOINT_CODECS.build(dict(type='EDPoseLabel'))
    assert built.auxiliary_encode_keys == {'area', 'bboxes', 'img_shape'}
    assert built.instance_mapping_table['bbox'] == 'bboxes'
    assert (built.num_select, built.num_keypoints) == (100, 17)


def test_errors():
    with pytest.raises(ValueError, match='num_select is 0, but must be positive'):
        codec(num_select=0)
    with pytest.raises(ValueError, match=r'img_shape is \(100, 0\)'):
        codec().encode((100, 0), KEYPOINTS)
    with pytest.raises(ValueError, match=r'bboxes has shape \(2, 4\) and area \(2,\) for 1'):
        codec().encode(SHAPE, KEYPOINTS, bboxes=np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r'area \(3,\) for 1 instances'):
        codec().encode(SHAPE, KEYPOINTS, area=np.zeros(3), bboxes=BOXES)
    with pytest.raises(ValueError, match=r'pred_keypoints \(5, 4\); expected .* \(Q, 6\) or wider'):
        codec().decode(SHAPE, np.zeros((5, 2)), np.zeros((5, 4)), np.zeros((5, 4)))
