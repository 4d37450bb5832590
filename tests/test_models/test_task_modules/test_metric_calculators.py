import math

import pytest
import torch

from mmpose.models.task_modules import BBoxOverlaps2D, PoseOKS

BOXES = torch.tensor([[0.0, 0, 10, 10], [20, 20, 30, 30]])
OTHERS = torch.tensor([[5.0, 0, 15, 10], [20, 20, 30, 25]])


def test_overlaps():
    overlaps = BBoxOverlaps2D()
    # 50 of 150, and 50 of 100 square pixels
    expected = torch.tensor([[1 / 3, 0], [0, 1 / 2]])
    torch.testing.assert_close(overlaps(BOXES, OTHERS), expected)
    torch.testing.assert_close(overlaps(BOXES, OTHERS, is_aligned=True), expected.diag())
    torch.testing.assert_close(overlaps(BOXES, OTHERS, 'iof').diag(), torch.tensor([0.5, 0.5]))


def test_scores_behind_boxes_are_left_out():
    scored = torch.cat([BOXES, torch.ones(2, 1)], dim=1)
    torch.testing.assert_close(BBoxOverlaps2D()(scored, OTHERS), BBoxOverlaps2D()(BOXES, OTHERS))


def test_half_precision():
    large = BOXES * 100  # areas of a million, far beyond 65504
    calculator = BBoxOverlaps2D(scale=100, dtype='fp16')
    overlaps = calculator(large, OTHERS * 100)
    assert overlaps.dtype == torch.float32
    torch.testing.assert_close(overlaps, BBoxOverlaps2D()(BOXES, OTHERS), atol=1e-3, rtol=0)
    with pytest.raises(ValueError, match=r"dtype is 'fp8'; choose 'fp16' or None"):
        BBoxOverlaps2D(dtype='fp8')


def test_oks_of_coco_keypoints():
    target = torch.zeros(1, 17, 2)
    output, weights = target.clone(), torch.zeros(1, 17)
    weights[0, :2] = 1
    # the nose has sigma 0.026: d^2 = 2 A (2 sigma)^2 costs a factor of e
    output[0, 0, 1] = math.sqrt(2 * 100) * 0.052
    output[0, 5] = 1000  # not labelled
    oks = PoseOKS()(output, target, weights, torch.tensor([100.0]))
    torch.testing.assert_close(oks, torch.tensor([(math.exp(-1) + 1) / 2]))
    assert PoseOKS()(output, target, 0 * weights, torch.tensor([100.0])) == 0


def test_oks_of_all_pairs():
    calculator = PoseOKS(metainfo=None)
    output = torch.tensor([[[0.0, 0]], [[3, 4]], [[6, 8]]])
    target = torch.tensor([[[0.0, 0]], [[3, 4]]])
    oks = calculator(output[:, None], target, torch.ones(2, 1), torch.tensor([25.0, 12.5]))
    e = math.exp
    expected = torch.tensor([[1, e(-1)], [e(-0.5), 1], [e(-2), e(-1)]])
    torch.testing.assert_close(oks, expected)


def test_oks_names_both_numbers_of_keypoints():
    ones = torch.ones(1, 14)
    with pytest.raises(ValueError, match='poses have 14 keypoints and the metainfo 17 sigmas'):
        PoseOKS()(torch.zeros(1, 14, 2), torch.zeros(1, 14, 2), ones, torch.ones(1))
