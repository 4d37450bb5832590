import pytest
import torch

from mmpose.structures.bbox import bbox_overlaps

# a square of 4, its right half moved on by 2, a square far away
BOXES = torch.tensor([[0.0, 0, 4, 4], [2, 0, 6, 4], [10, 0, 14, 4]])


@pytest.mark.parametrize(
    ('mode', 'expected'),
    [
        ('iou', [1, 8 / 24, 0]),
        ('iof', [1, 8 / 16, 0]),
        # enclosing boxes of 16, 24 and 56, unions of 16, 24 and 32
        ('giou', [1, 8 / 24, -24 / 56]),
    ],
)
def test_overlaps_of_squares(mode, expected):
    pairs = bbox_overlaps(BOXES[:1], BOXES, mode)
    torch.testing.assert_close(pairs, torch.tensor([expected]))
    aligned = bbox_overlaps(BOXES[:1].expand(3, 4), BOXES, mode, is_aligned=True)
    torch.testing.assert_close(aligned, torch.tensor(expected))


def test_iof_divides_by_the_first_boxes():
    inner = torch.tensor([[1.0, 1, 3, 3]])
    assert bbox_overlaps(inner, BOXES[:1], 'iof').item() == 1
    assert bbox_overlaps(BOXES[:1], inner, 'iof').item() == 0.25


def test_leading_axes_and_empty_sets():
    batch = BOXES.expand(2, 3, 4)
    assert bbox_overlaps(batch, batch[:, :2]).shape == (2, 3, 2)
    torch.testing.assert_close(bbox_overlaps(batch, batch)[1], bbox_overlaps(BOXES, BOXES))
    empty = torch.zeros(0, 4)
    assert bbox_overlaps(empty, BOXES).shape == (0, 3)
    assert bbox_overlaps(empty, empty, is_aligned=True).shape == (0,)


def test_boxes_without_area_overlap_nothing():
    point = torch.tensor([[1.0, 1, 1, 1]])
    for mode in ('iou', 'iof', 'giou'):
        assert bbox_overlaps(point, point, mode).isfinite().all()


def test_errors():
    with pytest.raises(ValueError, match="mode must be 'iou', 'iof' or 'giou', not 'dice'"):
        bbox_overlaps(BOXES, BOXES, 'dice')
    with pytest.raises(ValueError, match=r'shapes \(3, 4\) and \(3, 5\)'):
        bbox_overlaps(BOXES, torch.zeros(3, 5))
    with pytest.raises(ValueError, match='use is_aligned=False'):
        bbox_overlaps(BOXES, BOXES[:2], is_aligned=True)
