import pytest
import torch

from mmpose.models.task_modules import MlvlPointGenerator
from mmpose.registry import TASK_UTILS


def build(**kwargs):
    return TASK_UTILS.build(dict(type='MlvlPointGenerator', **kwargs))


@pytest.mark.parametrize(
    ('kwargs', 'first'),
    [
        (dict(), 8.0),
        (dict(offset=0), 0.0),
        # a cell of stride 16 covers the pixels 0 to 15
        (dict(centralize_points=True), 7.5),
    ],
)
def test_points_row_by_row(kwargs, first):
    (points,) = build(strides=[16], **kwargs).grid_priors([(2, 3)], device='cpu')
    expected = [[x, y] for y in (0, 16) for x in (0, 16, 32)]
    torch.testing.assert_close(points, torch.tensor(expected) + first)


def test_strides_stand_behind_the_points():
    fine, coarse = build(strides=[(4, 8), 16]).grid_priors(
        [(1, 2), (1, 1)], dtype=torch.float64, device='cpu', with_stride=True
    )
    assert fine.tolist() == [[2, 4, 4, 8], [6, 4, 4, 8]]
    assert coarse.tolist() == [[8, 8, 16, 16]]
    assert fine.dtype == torch.float64


def test_sparse_priors_are_rows_of_the_grid():
    generator = build(strides=[8, 16])
    (_, grid) = generator.grid_priors([(4, 6), (2, 3)], device='cpu')
    cells = torch.tensor([5, 0, 4])
    torch.testing.assert_close(generator.sparse_priors(cells, (2, 3), 1, device='cpu'), grid[cells])


def test_valid_flags():
    generator = build(strides=[8, 16])
    fine, coarse = generator.valid_flags([(2, 3), (1, 2)], (8, 17), device='cpu')
    # 8 pixels fill one row, 17 pixels begin a third column of 8 and a second of 16
    assert fine.tolist() == [True, True, True, False, False, False]
    assert coarse.tolist() == [True, True]


def test_levels():
    generator = build(strides=[8, (16, 32)])
    assert (generator.num_levels, generator.num_base_priors) == (2, [1, 1])
    with pytest.raises(ValueError, match=r'There are 1 feature maps for 2 strides \[8, \(16, 32\)'):
        generator.grid_priors([(2, 2)], device='cpu')
    with pytest.raises(ValueError, match=r'strides is \[8, 0\]; give positive'):
        MlvlPointGenerator([8, 0])
