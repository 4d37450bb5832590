import numpy as np
import pytest
import torch

from mmpose.evaluation.functional import simcc_pck_accuracy
from mmpose.models.utils.accuracy import (
    heatmap_pck,
    heatmap_peaks,
    keypoint_pck,
    mean_distance,
    multilabel_accuracy,
    simcc_pck,
)


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


def test_mean_distance_is_that_of_valid_keypoints():
    target = torch.zeros(1, 3, 2)
    output = torch.tensor([[[3.0, 4.0], [6.0, 8.0], [float('nan'), 0.0]]])
    assert mean_distance(output, target, torch.tensor([[True, True, False]])) == 7.5
    assert mean_distance(output, target, torch.zeros(1, 3) > 0) == 0


def simcc(*bins):
    """(1, K, 80) and (1, K, 40) with a 1 at each bin (x, y)."""
    x, y = torch.zeros(1, len(bins), 80), torch.zeros(1, len(bins), 40)
    for k, (bin_x, bin_y) in enumerate(bins):
        x[0, k, bin_x] = y[0, k, bin_y] = 1
    return x, y


def test_heatmap_pck_needs_a_heatmap_for_each_keypoint():
    with pytest.raises(ValueError, match=r'6 maps for 2 keypoints.*compute_acc=False'):
        heatmap_pck(torch.zeros(1, 6, 4, 3), torch.zeros(1, 6, 4, 3), torch.ones(1, 2) > 0)


def test_simcc_pck_counts_pixels_of_the_input():
    target = simcc((10, 10), (10, 10), (10, 10))
    output = simcc((12, 10), (10, 12), (10, 10))
    valid = torch.ones(1, 3) > 0
    # two bins are a pixel: in x 1/20 of the height, which is not less than 0.05; in y 1/40
    assert simcc_pck(output, target, 2.0, valid).item() == torch.tensor(2 / 3).item()
    assert simcc_pck(output, target, 2.0, valid, thr=0.06) == 1
    assert simcc_pck(output, target, 2.0, torch.tensor([[True, False, False]])) == 0


@pytest.mark.parametrize('ratio', [2.0, 1.6])
def test_simcc_pck_is_that_of_the_evaluation(ratio):
    rng = np.random.default_rng(0)
    output = [rng.standard_normal((3, 4, bins)) for bins in (160, 96)]
    target = [np.roll(values, rng.integers(0, 20), axis=-1) for values in output]
    mask = rng.random((3, 4)) > 0.3
    expected = simcc_pck_accuracy(output, target, ratio, mask, thr=0.1)[1]
    tensors = [tuple(map(torch.from_numpy, values)) for values in (output, target)]
    result = simcc_pck(*tensors, ratio, torch.from_numpy(mask), thr=0.1)
    assert result.item() == pytest.approx(expected, abs=1e-6)


def test_multilabel_accuracy_needs_all_labels_right():
    logits = torch.tensor([[1.0, -1.0], [0.1, 0.1], [0.0, -2.0], [3.0, 3.0]])
    labels = torch.tensor([[1, 0], [1, 0], [0, 0], [0, 0]]) > 0
    valid = torch.tensor([True, True, True, False])
    # right, half right, right (0 predicts nothing); the fourth does not count
    torch.testing.assert_close(multilabel_accuracy(logits, labels, valid), torch.tensor(2 / 3))
    assert multilabel_accuracy(logits, labels, valid & False) == 0
