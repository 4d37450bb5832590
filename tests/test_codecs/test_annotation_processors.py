import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import BaseKeypointCodec, YOLOXPoseAnnotationProcessor
from mmpose.codecs.annotation_processors import BaseAnnotationProcessor

KEYPOINTS = np.float32([[[5, 30], [12, 14], [90, 90]], [[0, 0], [1, 1], [2, 2]]])
VISIBLE = np.float32([[1, 1, 0], [0, 0, 0]])
BOXES = np.float32([[10, 10, 20, 20], [30, 30, 40, 40]])


def test_boxes_grow_to_hold_the_visible_keypoints():
    encoded = YOLOXPoseAnnotationProcessor(expand_bbox=True).encode(KEYPOINTS, VISIBLE, BOXES)
    np.testing.assert_array_equal(encoded['bbox'], [[5, 10, 20, 30], [30, 30, 40, 40]])
    assert encoded['bbox'].dtype == np.float32
    np.testing.assert_array_equal(BOXES[0], [10, 10, 20, 20])  # left as they were


def test_without_visibility_all_keypoints_with_a_position_count():
    keypoints = KEYPOINTS.copy()
    keypoints[0, 2] = np.nan
    encoded = YOLOXPoseAnnotationProcessor(expand_bbox=True).encode(keypoints, None, BOXES)
    np.testing.assert_array_equal(encoded['bbox'], [[5, 10, 20, 30], [0, 0, 40, 40]])


@given(
    keypoints=arrays(np.float32, (2, 5, 2), elements=st.floats(-50, 700, width=32)),
    visible=arrays(np.float32, (2, 5), elements=st.sampled_from([0, 1])),
)
def test_expanded_boxes_hold_box_and_keypoints(keypoints, visible):
    boxes = YOLOXPoseAnnotationProcessor(expand_bbox=True).encode(keypoints, visible, BOXES)['bbox']
    assert (boxes[:, :2] <= BOXES[:, :2]).all()
    assert (boxes[:, 2:] >= BOXES[:, 2:]).all()
    inside = (keypoints >= boxes[:, None, :2]) & (keypoints <= boxes[:, None, 2:])
    assert inside[visible > 0].all()


def test_classes_are_counted_from_zero():
    encoded = YOLOXPoseAnnotationProcessor().encode(category_id=[1, 3, 200])
    assert encoded.keys() == {'bbox_labels'}
    assert encoded['bbox_labels'].tolist() == [0, 2, 199]
    assert np.issubdtype(encoded['bbox_labels'].dtype, np.integer)


def test_only_what_changes_comes_out():
    assert YOLOXPoseAnnotationProcessor().encode(KEYPOINTS, VISIBLE, BOXES) == {}
    expanding = YOLOXPoseAnnotationProcessor(expand_bbox=True, input_size=(640, 640))
    assert expanding.encode(KEYPOINTS, VISIBLE) == {}
    assert expanding.encode(bbox=BOXES) == {}
    assert expanding.input_size == (640, 640)


def test_no_instance():
    encoded = YOLOXPoseAnnotationProcessor(expand_bbox=True).encode(
        np.zeros((0, 3, 2)), np.zeros((0, 3)), np.zeros((0, 4)), []
    )
    assert encoded['bbox'].shape == (0, 4)
    assert encoded['bbox_labels'].shape == (0,)


def test_tables():
    processor = YOLOXPoseAnnotationProcessor()
    assert isinstance(processor, (BaseAnnotationProcessor, BaseKeypointCodec))
    assert processor.auxiliary_encode_keys == {'bbox', 'category_id'}
    assert processor.label_mapping_table['bbox_labels'] == 'labels'
    assert 'area' not in processor.instance_mapping_table


def test_errors():
    processor = YOLOXPoseAnnotationProcessor(expand_bbox=True)
    with pytest.raises(ValueError, match=r'bbox has shape \(1, 4\) for 2 instances'):
        processor.encode(KEYPOINTS, VISIBLE, BOXES[:1])
    with pytest.raises(ValueError, match=r'category_id is \[1, 0\], but classes are counted from'):
        processor.encode(category_id=[1, 0])
    with pytest.raises(ValueError, match='input_size is 640'):
        YOLOXPoseAnnotationProcessor(input_size=640)
    with pytest.raises(NotImplementedError, match='only prepares annotations'):
        processor.decode(None)


def test_unlabelled_keypoints_come_out_invisible():
    keypoints = np.array([[[5.0, 6.0], [np.nan, 3.0]]])
    encoded = YOLOXPoseAnnotationProcessor().encode(keypoints=keypoints)
    assert encoded['keypoints'].tolist() == [[[5, 6], [0, 0]]]
    assert encoded['keypoints_visible'].tolist() == [[1, 0]]
    assert np.isnan(keypoints[0, 1, 0])
    assert YOLOXPoseAnnotationProcessor().encode(keypoints=keypoints[:, :1]) == {}
