import pytest
import torch

from mmpose.models.utils.tta import (
    flip_coordinates,
    flip_heatmaps,
    flip_poses,
    flip_tracks,
    flip_vectors,
    flip_visibility,
    mean_outputs,
)

# two keypoints, mirrors of each other, on maps of 1 x 4 cells
HEATMAPS = torch.tensor([[[[1.0, 2, 3, 4]], [[5.0, 6, 7, 8]]]])


@pytest.mark.parametrize(
    ('kwargs', 'expected'),
    [
        (dict(shift_heatmap=False), [[4, 3, 2, 1], [8, 7, 6, 5]]),
        (dict(flip_indices=[1, 0], shift_heatmap=False), [[8, 7, 6, 5], [4, 3, 2, 1]]),
        (dict(flip_indices=[1, 0]), [[8, 8, 7, 6], [4, 4, 3, 2]]),  # shifted right by one cell
    ],
    ids=['flip', 'mirror', 'shift'],
)
def test_flip_heatmaps(kwargs, expected):
    before = HEATMAPS.clone()
    assert flip_heatmaps(HEATMAPS, **kwargs)[0, :, 0].tolist() == expected
    assert torch.equal(HEATMAPS, before)


def test_flip_combined_maps_negates_x_offsets():
    # per keypoint a heatmap, x offsets, y offsets
    maps = torch.tensor([[1.0, 2], [10, 20], [100, 200], [3, 4], [30, 40], [300, 400]])[
        None, :, None
    ]
    flipped = flip_heatmaps(maps, [1, 0], flip_mode='udp_combined', shift_heatmap=False)
    assert flipped[0, :, 0].tolist() == [
        [4, 3], [-40, -30], [400, 300], [2, 1], [-20, -10], [200, 100]]  # fmt: skip


def test_flip_offset_maps_negates_x():
    maps = torch.tensor([[1.0, 2], [10, 20], [3, 4], [30, 40]])[None, :, None]
    flipped = flip_heatmaps(maps, [1, 0], flip_mode='offset', shift_heatmap=False)
    assert flipped[0, :, 0].tolist() == [[-4, -3], [40, 30], [-2, -1], [20, 10]]


@pytest.mark.parametrize(('mode', 'channels'), [('heatmap', 3), ('udp_combined', 9), ('offset', 6)])
def test_flipping_twice_changes_nothing(mode, channels):
    maps = torch.randn(2, channels, 4, 5)
    once = flip_heatmaps(maps, [2, 1, 0], mode, shift_heatmap=False)
    torch.testing.assert_close(flip_heatmaps(once, [2, 1, 0], mode, shift_heatmap=False), maps)


def test_flip_coordinates():
    coords = torch.tensor([[[0.25, 0.5], [1.0, 0.0]]])
    assert flip_coordinates(coords, [1, 0], False, (10, 20)).tolist() == [[[0, 0], [0.75, 0.5]]]
    shifted = flip_coordinates(coords, [1, 0], True, (10, 20))
    torch.testing.assert_close(shifted, torch.tensor([[[-0.1, 0.0], [0.65, 0.5]]]))
    assert coords[0, 0, 0] == 0.25


def test_flip_poses_negates_x_and_mirrors():
    poses = torch.tensor([[[1.0, 2, 3], [4, 5, 6]]])
    assert flip_poses(poses, [1, 0]).tolist() == [[[-4, 5, 6], [-1, 2, 3]]]
    assert flip_poses(poses[None], [1, 0]).tolist() == [[[[-4, 5, 6], [-1, 2, 3]]]]
    assert poses[0, 0, 0] == 1


def test_flip_tracks_in_both_layouts():
    # two keypoints in three frames: x is 0 to 2 and 10 to 12, y is 3 to 5 and 13 to 15
    channels = torch.tensor([[[0.0, 1, 2], [3, 4, 5], [10, 11, 12], [13, 14, 15]]])
    expected = [[[-10, -11, -12], [13, 14, 15], [0, -1, -2], [3, 4, 5]]]
    assert flip_tracks(channels, [1, 0]).tolist() == expected
    poses = channels.reshape(1, 2, 2, 3).permute(0, 3, 1, 2)
    assert flip_tracks(poses, [1, 0])[0, 0].tolist() == [[-10, 13], [0, 3]]


def test_tracks_must_fit_the_flip_indices():
    with pytest.raises(ValueError, match='The tracks have 4 channels, which is no multiple of the'):
        flip_tracks(torch.zeros(1, 4, 3), [0, 2, 1])


def test_flip_vectors_and_visibility():
    x, y = torch.tensor([[[1, 2], [3, 4]]]), torch.tensor([[[5, 6], [7, 8]]])
    flipped_x, flipped_y = flip_vectors(x, y, [1, 0])
    assert flipped_x.tolist() == [[[4, 3], [2, 1]]]
    assert flipped_y.tolist() == [[[7, 8], [5, 6]]]
    assert flip_visibility(torch.tensor([[0.1, 0.9]]), [1, 0]).tolist() == [
        pytest.approx([0.9, 0.1])
    ]


def test_mean_outputs_goes_into_tuples_and_lists():
    a, b = torch.tensor(1.0), torch.tensor(3.0)
    assert mean_outputs(a, b) == 2
    assert mean_outputs((a, [b]), (b, [b])) == (2, [3])


def test_errors():
    with pytest.raises(
        ValueError, match="flip_mode is 'heat', but must be one of 'heatmap', 'udp_combined'"
    ):
        flip_heatmaps(HEATMAPS, flip_mode='heat')
    with pytest.raises(ValueError, match='flip_indices has 17 entries for 2 keypoints; set `meta'):
        flip_heatmaps(HEATMAPS, list(range(17)))
