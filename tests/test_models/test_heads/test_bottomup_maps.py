import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmengine.structures import PixelData

from mmpose.models.heads import HeatmapHead
from mmpose.models.heads.bottomup_maps import (
    check_cells,
    feature_views,
    fed_shape,
    from_first_size,
    heatmap_masks,
    merged_maps,
    relative_extents,
    to_first_size,
)
from mmpose.structures import PoseDataSample


@pytest.mark.parametrize(
    ('test_cfg', 'feats', 'views'),
    [
        ({}, 'a', [['a']]),
        (dict(flip_test=True), ['a', 'b'], [['a', 'b']]),
        (dict(multiscale_test=True), ['a', 'b'], [['a'], ['b']]),
        (
            dict(multiscale_test=True, flip_test=True),
            [['a', 'b'], ['c', 'd']],
            [['a', 'b'], ['c', 'd']],
        ),
    ],
)
def test_feature_views(test_cfg, feats, views):
    assert feature_views(feats, test_cfg) == views


def test_fed_shape_counts_the_padding():
    assert fed_shape(dict(input_size=(6, 4))) == (4, 6)
    assert fed_shape(dict(input_size=(6, 4), batch_input_shape=(8, 8))) == (8, 8)


def test_extents_of_sizes_with_other_margins():
    """A picture of 100 x 50 fills 100 x 60, apart from 5 rows on either side, and 60 x 30."""
    (first,), (second,) = relative_extents([(60, 100), (30, 60)], [dict(ori_shape=(50, 100))])
    assert first.tolist() == [1, 1]
    np.testing.assert_allclose(second, [1, 50 / 60])


def test_extents_are_alike_where_the_picture_is_not_known():
    extents = relative_extents([(60, 100), (30, 60)], [{}, dict(ori_shape=(50, 100))])
    assert extents[1][0].tolist() == [1, 1]
    assert extents[1][1].tolist() != [1, 1]


def test_points_of_another_size():
    shapes, extent = ((30, 60), (60, 100)), np.array([1, 50 / 60])
    points = torch.tensor([[0.0, 0.0], [30, 15], [60, 30]])
    # the upper edge of the smaller picture lies 5 rows below that of the larger
    first = to_first_size(points, *shapes, extent)
    torch.testing.assert_close(first, torch.tensor([[0.0, 5], [50, 30], [100, 55]]))
    torch.testing.assert_close(from_first_size(first, *shapes, extent), points)


@given(
    st.tuples(*[st.integers(1, 2000)] * 4),
    st.tuples(*[st.floats(0.3, 3)] * 2),
    st.tuples(*[st.floats(-1e3, 1e3)] * 2),
)
def test_points_come_back(sides, extent, point):
    shapes = sides[:2], sides[2:]
    point = torch.tensor([point], dtype=torch.float64)
    there = to_first_size(point, *shapes, np.array(extent))
    torch.testing.assert_close(from_first_size(there, *shapes, np.array(extent)), point)


def test_maps_of_one_size_come_as_they_are():
    maps = torch.rand(1, 2, 4, 6)
    torch.testing.assert_close(merged_maps([maps], [{}]), maps)


def test_merging_is_the_mean_on_the_first_grid():
    small = torch.tensor([[[[0.0, 2.0]]]])
    large = torch.tensor([[[[4.0, 4.0, 4.0, 4.0]] * 2]])
    # cells of half the size have their centres at 1/4 and 3/4 of the larger ones
    resized = torch.tensor([[[[0, 0.5, 1.5, 2]] * 2]])
    torch.testing.assert_close(merged_maps([large, small], [{}]), (large + resized) / 2)
    torch.testing.assert_close(merged_maps([small], [{}], (2, 4)), resized)
    corners = torch.tensor([[[[0, 2 / 3, 4 / 3, 2]] * 2]])
    torch.testing.assert_close(merged_maps([small], [{}], (2, 4), align_corners=True), corners)


def test_merging_aligns_pictures_with_other_margins():
    """In 8 x 4 cells, a picture of 8 x 8 fills the middle 4 x 4 that fill the other size."""
    ramp = torch.arange(4.0).expand(4, 4)[None, None]
    first = torch.zeros(1, 1, 4, 8)
    merged = merged_maps([first, ramp], [dict(ori_shape=(8, 8))])
    wanted = torch.tensor([0.0, 0, 0, 1, 2, 3, 3, 3]).expand(4, 8) / 2
    torch.testing.assert_close(merged[0, 0], wanted)


def sample(**fields):
    return PoseDataSample(gt_fields=PixelData(**fields))


def test_masks():
    heatmaps = torch.zeros(3, 2, 2)
    mask = torch.tensor([[[True, False], [True, True]]])
    assert heatmap_masks([sample(heatmaps=heatmaps)]) is None
    masks = heatmap_masks([sample(heatmaps=heatmaps), sample(heatmaps=heatmaps, heatmap_mask=mask)])
    assert masks.tolist() == [[[[True, True]] * 2], mask.tolist()]


def test_cells_must_fit_the_decoder():
    codec = dict(type='MSRAHeatmap', input_size=(32, 48), heatmap_size=(8, 12), sigma=1)
    head = HeatmapHead(2, 2, deconv_out_channels=None, decoder=codec)
    check_cells(head, (24, 16), dict(input_size=(64, 96)))
    message = (
        r'HeatmapHead has maps of 16x24 cells for an input of 32x48 pixels, but its decoder takes '
        r'input_size=\(32, 48\) and heatmap_size=\(8, 12\), 4x4 pixels a cell; change '
        r'`heatmap_size` of the decoder, or pray.'
    )
    with pytest.raises(ValueError, match=message):
        check_cells(head, (24, 16), dict(input_size=(32, 48)), ', or pray')
    head.decoder = None
    with pytest.raises(RuntimeError, match='HeatmapHead has no decoder'):
        check_cells(head, (24, 16), dict(input_size=(64, 96)))
