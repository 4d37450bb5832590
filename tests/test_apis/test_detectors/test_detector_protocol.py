from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.apis.detectors import CheckedDetector, Detections, as_detections

BOXES = [[1, 2, 30, 40], [5, 6, 7.5, 8]]
SCORES = [0.9, 0.25]
LABELS = [2, 0]
IMAGE = np.zeros((50, 60, 3), np.uint8)


def rows(*columns):
    return np.column_stack([BOXES, *columns])


FORMS = {
    'detections': Detections(*map(np.array, (BOXES, SCORES, LABELS))),
    'array': rows(SCORES, LABELS),
    'lists': rows(SCORES, LABELS).tolist(),
    'tensor': torch.tensor(rows(SCORES, LABELS)),
    'half tensor': torch.tensor(rows(SCORES, LABELS)).half(),
    'torchvision': dict(
        boxes=torch.tensor(BOXES, requires_grad=True),
        scores=torch.tensor(SCORES),
        labels=torch.tensor(LABELS),
    ),
    'supervision': SimpleNamespace(
        xyxy=np.array(BOXES), confidence=np.array(SCORES), class_id=np.array(LABELS)
    ),
    'mmdet': SimpleNamespace(
        pred_instances=InstanceData(
            bboxes=torch.tensor(BOXES), scores=torch.tensor(SCORES), labels=torch.tensor(LABELS)
        )
    ),
}


@pytest.mark.parametrize('result', FORMS.values(), ids=FORMS)
def test_forms_of_results(result):
    found = as_detections(result)
    assert [values.dtype for values in found] == [np.float32, np.float32, np.int64]
    np.testing.assert_allclose(found.boxes, BOXES)
    np.testing.assert_allclose(found.scores, SCORES, atol=1e-3)
    np.testing.assert_array_equal(found.labels, LABELS)


@pytest.mark.parametrize(
    ('result', 'scores'),
    [
        (np.array(BOXES), [1, 1]),
        (rows(SCORES), SCORES),
        (dict(boxes=BOXES), [1, 1]),
        (SimpleNamespace(xyxy=np.array(BOXES), confidence=None, class_id=None), [1, 1]),
    ],
    ids=['N4', 'N5', 'dict', 'supervision'],
)
def test_defaults(result, scores):
    found = as_detections(result)
    np.testing.assert_allclose(found.scores, scores)
    np.testing.assert_array_equal(found.labels, [0, 0])


@pytest.mark.parametrize(
    'result',
    [[], np.empty((0, 4)), np.empty((0, 6)), torch.empty(0, 5), dict(boxes=[], scores=[])],
    ids=str,
)
def test_no_boxes(result):
    found = as_detections(result)
    assert [values.shape for values in found] == [(0, 4), (0,), (0,)]
    assert [values.dtype for values in found] == [np.float32, np.float32, np.int64]


def test_boxes_without_area_are_left_out():
    found = as_detections([[1, 1, 1, 5, 0.5], [1, 1, 2, 5, 0.75], [1, 1, 2, 1, 0.9]])
    np.testing.assert_allclose(found.scores, [0.75])


@pytest.mark.parametrize(
    ('result', 'error', 'text'),
    [
        (None, TypeError, 'The detector returned a NoneType for a picture; return Detections, an'),
        ('x', TypeError, 'The detector returned a str for a picture'),
        (np.zeros((2, 3)), ValueError, r'an array of shape \(2, 3\) for a picture; \(N, 4\) was'),
        (np.arange(5.0), ValueError, r'an array of shape \(5,\) for a picture'),
        ([[1, 2, 3, 4], [1, 2]], ValueError, 'rows of different lengths'),
        (np.array([['a'] * 4]), TypeError, 'The boxes of the detector are of type <U1; return num'),
        (np.ones((1, 4), bool), TypeError, 'The boxes of the detector are of type bool'),
        ([[0, 0, np.nan, 1]], ValueError, 'The boxes of the detector are not all finite'),
        ([[0, 0, 1, 1, np.inf]], ValueError, 'The scores of the detector are not all finite'),
        ([[0, 0, 1, 1, 1, 1.5]], ValueError, 'returned the label 1.5; labels are 0, 1, 2'),
        ([[0, 0, 1, 1, 1, -1]], ValueError, 'returned the label -1; labels'),
        ([[50, 60, 20, 30]], ValueError, r'bottom\) \[50.0, 60.0, 20.0, 30.0\], which ends before'),
        (dict(bboxes=BOXES), ValueError, "a dict with 'bboxes'; it has to have 'boxes'"),
        (dict(boxes=np.zeros((1, 5))), ValueError, r'the shape \(1, 5\); \(N, 4\) was expected'),
        (dict(boxes=BOXES, scores=[[1], [1]]), ValueError, r'shape \(2, 1\); \(N,\) was expected'),
        (dict(boxes=BOXES, scores=[1]), ValueError, 'returned 2 boxes, 1 scores and 2 labels'),
    ],
)
def test_malformed_results(result, error, text):
    with pytest.raises(error, match=text):
        as_detections(result)


def test_select():
    found = as_detections(rows(SCORES, LABELS))
    assert found.select(None) is found
    np.testing.assert_array_equal(found.select((2, 7)).boxes, [BOXES[0]])
    assert found.select([1]).boxes.shape == (0, 4)


def test_classes_are_selected():
    detector = CheckedDetector(lambda images: [rows(SCORES, LABELS)] * len(images), cat_ids=0)
    first, second = detector([IMAGE, IMAGE])
    assert isinstance(first, Detections)
    np.testing.assert_array_equal(first.boxes, [BOXES[1]])
    np.testing.assert_array_equal(second.labels, [0])


def test_no_pictures_ask_nobody():
    assert CheckedDetector(lambda images: 1 / 0)([]) == []


@pytest.mark.parametrize(
    ('results', 'error', 'text'),
    [
        ([BOXES], ValueError, 'returned 1 results for 2 pictures; return a list with an entry for'),
        (Detections(*map(np.array, (BOXES, SCORES, LABELS))), ValueError, 'returned 1 results'),
        (None, TypeError, 'The detector returned a NoneType; return a list'),
        (dict(boxes=BOXES), TypeError, 'The detector returned a dict; return a list'),
    ],
    ids=['few', 'bare', 'none', 'dict'],
)
def test_results_that_are_no_list(results, error, text):
    with pytest.raises(error, match=text):
        CheckedDetector(lambda images: results)([IMAGE, IMAGE])


def test_results_may_be_made_one_by_one():
    found = CheckedDetector(lambda images: (BOXES for _ in images))([IMAGE])
    np.testing.assert_allclose(found[0].boxes, BOXES)


@pytest.mark.parametrize(
    ('images', 'error', 'text'),
    [
        (IMAGE, ValueError, r'a single picture; give a list of pictures, such as \[image\]'),
        ([IMAGE[..., 0]], ValueError, r'\(H, W, 3\) in BGR was expected'),
        ([IMAGE / 255], TypeError, 'uint8, 0 to 255, was expected'),
    ],
)
def test_malformed_pictures(images, error, text):
    with pytest.raises(error, match=text):
        CheckedDetector(lambda images: [BOXES])(images)


@pytest.mark.parametrize(
    ('cat_ids', 'error', 'text'),
    [
        ('person', TypeError, "cat_ids is 'person'; give numbers of classes"),
        ([0.5], TypeError, r'cat_ids is \[0.5\]'),
        ([True], TypeError, r'cat_ids is \[True\]'),
        ([], ValueError, r'cat_ids is \[\]; give at least one class'),
        (-1, ValueError, 'cat_ids is -1; give at least one class from 0 on'),
        ((0, 3), ValueError, 'cat_ids has 3, but the detector knows the classes 0 to 2'),
    ],
)
def test_wrong_classes(cat_ids, error, text):
    class Three:
        num_classes = 3

        def __call__(self, images):
            return []

    with pytest.raises(error, match=text):
        CheckedDetector(Three(), cat_ids)
