import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import detection_views
from mmpose.models.heads.detection_views import (
    at_first_size,
    check_suppression,
    suppression,
    united,
    unmirrored,
)


def instances(*boxes, scores=None):
    """Instances with keypoints at two corners of their boxes."""
    boxes = np.float32(boxes).reshape(-1, 4)
    scores = np.float32(np.zeros(len(boxes)) if scores is None else scores)
    return InstanceData(
        bboxes=boxes,
        bbox_scores=scores,
        keypoints=boxes.reshape(-1, 2, 2).copy(),
        keypoint_scores=np.stack([scores, scores + 1], axis=1),
    )


def test_unmirrored():
    (pred,) = unmirrored([instances([2, 3, 10, 20], scores=[0.5])], (32, 24), [1, 0])
    # x becomes 31 - x, and the sides of the box and the two keypoints change places
    assert pred.bboxes.tolist() == [[21, 3, 29, 20]]
    assert pred.keypoints.tolist() == [[[21, 20], [29, 3]]]
    assert pred.keypoint_scores.tolist() == [[1.5, 0.5]]
    assert pred.bbox_scores.tolist() == [0.5]
    assert unmirrored([instances()], (32, 24), [1, 0])[0].keypoints.shape == (0, 2, 2)
    with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
        unmirrored([pred], (32, 24), [0, 1, 2])


def test_at_first_size():
    preds = [instances([2, 3, 10, 20]), instances([2, 3, 10, 20])]
    assert at_first_size(preds, (8, 16), (8, 16), np.ones((2, 2))) is preds
    # half the size of the first; of the second picture it shows twice as much along x
    first, second = at_first_size(preds, (24, 32), (48, 64), np.array([[1, 1], [2, 1.0]]))
    assert first.bboxes.tolist() == [[4, 6, 20, 40]]
    assert first.keypoints.tolist() == [[[4, 6], [20, 40]]]
    assert second.bboxes.tolist() == [[-24, 6, 8, 40]]


@pytest.mark.parametrize('compiled', [True, False], ids=['torchvision', 'ours'])
def test_united(compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(detection_views, '_compiled_nms', lambda: None)
    first = instances([0, 0, 10, 10], [50, 0, 60, 10], scores=[0.5, 0.9])
    second = instances([1, 0, 11, 10], [0, 50, 10, 60], scores=[0.6, 0.4])
    nobody = instances()
    found, none = united([[first, nobody], [second, nobody]], dict(nms_thr=0.5))
    assert found.bbox_scores.tolist() == pytest.approx([0.9, 0.6, 0.4])
    assert found.keypoints[1].tolist() == [[1, 0], [11, 10]]
    assert len(none) == 0
    assert none.keypoints.shape == (0, 2, 2)


def test_suppression_without_boxes():
    assert suppression(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


@pytest.mark.parametrize('cfg', [{}, dict(nms_thr=1.0)])
def test_several_views_need_a_suppression(cfg):
    check_suppression(dict(nms_thr=0.65))
    with pytest.raises(
        ValueError, match=r'nms_thr is 1\.0, which keeps all of them; set `nms_thr`'
    ):
        check_suppression(cfg)
