import torch

from mmpose.models.utils.accuracy import heatmap_pck, heatmap_peaks, keypoint_pck


def heatmaps(*points, shape=(20, 40)):
    """(1, K, H, W) with a 1 at each (x, y)."""
    maps = torch.zeros(1, len(points), *shape)
    for k, (x, y) in enumerate(points):
        maps[0, k, y, x] = 1
    return maps


def test_peaks_are_x_y_and_minus_one_where_nothing_is_positive():
    maps = torch.cat([heatmaps((7, 3)), -heatmaps((7, 3))], dim=1)
    assert heatmap_peaks(maps).tolist() == [[[7, 3], [-1, -1]]]


def test_keypoint_pck_is_the_mean_over_keypoints():
    errors = torch.tensor([[[0.0, 0], [0.3, 0.4]], [[0, 1], [3, 4]], [[0, 2], [0, 0]]])
    valid = torch.tensor([[1, 1], [1, 0], [0, 0]]) > 0
    # keypoint 0: one of two within 0.5; keypoint 1: an error of 0.5 is not less than 0.5
    assert keypoint_pck(errors, valid, thr=0.5) == 0.25
    assert keypoint_pck(errors, valid, thr=0.51) == 0.75
    assert keypoint_pck(errors, valid & False, thr=0.5) == 0


def test_heatmap_pck_divides_x_by_the_height_and_y_by_the_width():
    target = heatmaps((10, 10), (10, 10), (10, 10))
    output = heatmaps((11, 10), (10, 11), (10, 10))
    valid = torch.ones(1, 3) > 0
    # one cell in x is 1/20 of the height, which is not less than 0.05; in y 1/40 of the width
    assert heatmap_pck(output, target, valid).item() == torch.tensor(2 / 3).item()
    assert not heatmap_pck(output.requires_grad_(), target, valid).requires_grad
