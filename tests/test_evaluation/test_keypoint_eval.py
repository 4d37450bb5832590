import numpy as np
import pytest

from mmpose.evaluation.functional import (
    keypoint_auc,
    keypoint_epe,
    keypoint_mpjpe,
    keypoint_nme,
    keypoint_pck_accuracy,
    multilabel_classification_accuracy,
    pose_pck_accuracy,
    simcc_pck_accuracy,
)

GT = np.zeros((2, 3, 2))
# distances of the first instance 0, 3, 5; of the second 10, 5, 0
PRED = np.array([[[0, 0], [3, 0], [3, 4]], [[0, 10], [4, 3], [0, 0]]], float)
MASK = np.array([[True, True, False], [True, False, False]])
NORM = np.full((2, 2), 10.0)


def test_pck_counts_labelled_keypoints():
    acc, average, count = keypoint_pck_accuracy(PRED, GT, MASK, 0.5, NORM)
    # the first keypoint is right in one of two instances, the second in its only one
    np.testing.assert_array_equal(acc, [0.5, 1, -1])
    assert (average, count) == (0.75, 2)


def test_pck_threshold_is_exclusive():
    acc, _, _ = keypoint_pck_accuracy(PRED, GT, MASK, 0.3, NORM)
    assert acc.tolist() == [0.5, 0, -1]


def test_pck_normalises_each_axis():
    pred = np.array([[[3.0, 0], [0, 3.0]]])
    mask, norm = np.ones((1, 2), bool), np.array([[10.0, 2]])
    assert keypoint_pck_accuracy(pred, pred * 0, mask, 0.5, norm)[0].tolist() == [1, 0]


@pytest.mark.parametrize('bad', [0, -1])
def test_pck_leaves_out_instances_without_a_size(bad):
    acc, average, count = keypoint_pck_accuracy(
        PRED, GT, MASK, 0.5, np.array([[10, 10], [10, bad]])
    )
    assert acc.tolist() == [1, 1, -1]
    assert (average, count) == (1, 2)


def test_pck_takes_nan_for_wrong():
    pred = np.full_like(GT, np.nan)
    assert keypoint_pck_accuracy(pred, GT, MASK, 0.5, NORM)[0].tolist() == [0, 0, -1]
    assert np.isnan(keypoint_epe(pred, GT, MASK))


def test_nothing_labelled():
    none = np.zeros_like(MASK)
    acc, average, count = keypoint_pck_accuracy(PRED, GT, none, 0.5, NORM)
    assert acc.tolist() == [-1, -1, -1]
    assert (average, count) == (0, 0)
    assert keypoint_epe(PRED, GT, none) == 0


def test_auc_is_the_mean_pck_over_thresholds():
    # thresholds 0, 0.25, 0.5, 0.75; distances 0 and 1 of the first keypoint, 0.3 of the second:
    # averages 0, (0.5 + 0) / 2, (0.5 + 1) / 2 twice
    assert keypoint_auc(PRED, GT, MASK, 10, 4) == pytest.approx((0 + 0.25 + 0.75 + 0.75) / 4)


def test_nme_and_epe():
    assert keypoint_epe(PRED, GT, MASK) == pytest.approx((0 + 3 + 10) / 3)
    assert keypoint_nme(PRED, GT, MASK, NORM) == pytest.approx(1.3 / 3)
    assert keypoint_nme(PRED, GT, MASK, np.array([[10, 10], [5, 5]])) == pytest.approx(2.3 / 3)


def heatmap(x, y, size=(20, 40)):
    maps = np.zeros((1, 1, *size), np.float32)
    maps[0, 0, y, x] = 1
    return maps


def test_pose_pck_takes_the_height_for_x_and_the_width_for_y():
    mask = np.ones((1, 1), bool)
    # a map 20 high and 40 wide: 3 cells along x are 3 / 20, along y 3 / 40
    assert pose_pck_accuracy(heatmap(13, 5), heatmap(10, 5), mask, thr=0.1)[1] == 0
    assert pose_pck_accuracy(heatmap(10, 8), heatmap(10, 5), mask, thr=0.1)[1] == 1
    size = np.array([[40, 40]])
    assert pose_pck_accuracy(heatmap(13, 5), heatmap(10, 5), mask, 0.1, size)[1] == 1


def test_pose_pck_without_keypoints():
    empty = np.zeros((2, 0, 4, 4))
    assert pose_pck_accuracy(empty, empty, np.zeros((2, 0), bool)) == (None, 0, 0)


def simcc(x, y, bins=(80, 40)):
    along_x, along_y = np.zeros((1, 1, bins[0])), np.zeros((1, 1, bins[1]))
    along_x[..., x] = along_y[..., y] = 1
    return along_x, along_y


def test_simcc_pck_counts_pixels():
    mask = np.ones((1, 1), bool)
    # 80 x 40 bins of half a pixel: input 40 x 20, and 3 pixels along x are 3 / 20
    assert simcc_pck_accuracy(simcc(16, 5), simcc(10, 5), 2.0, mask, thr=0.16)[1] == 1
    assert simcc_pck_accuracy(simcc(16, 5), simcc(10, 5), 2.0, mask, thr=0.14)[1] == 0
    nothing = (np.zeros((1, 1, 80)), np.zeros((1, 1, 40)))  # stands at (-1, -1)
    assert simcc_pck_accuracy(nothing, simcc(0, 0), 2.0, mask, thr=0.05)[1] == 1
    assert simcc_pck_accuracy(nothing, simcc(2, 2), 2.0, mask, thr=0.05)[1] == 0


def test_multilabel_accuracy():
    pred = np.array([[0.9, 0.1], [0.9, 0.9], [0.1, 0.1], [0.6, 0.4]])
    gt = np.array([[1, 0], [1, 0], [0, 0], [1, 0]])
    mask = np.array([[1, 1], [1, 1], [1, 0], [1, 1]])
    assert multilabel_classification_accuracy(pred, gt, mask) == pytest.approx(2 / 3)
    assert multilabel_classification_accuracy(pred, gt, np.array([0, 1, 0, 1])) == 0.5
    assert multilabel_classification_accuracy(pred, gt, np.zeros(4)) == 0
    assert multilabel_classification_accuracy(pred, gt, mask, thr=0.7) == pytest.approx(1 / 3)


def test_mpjpe_by_hand():
    gt = np.array([[[1, 0, 0], [0, 2, 0], [0, 0, 3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]], float)
    mask = np.ones((2, 3), bool)
    mask[1, 0] = False
    pred = gt + np.array([3, 0, 4])
    assert keypoint_mpjpe(pred, gt, mask) == pytest.approx(5)
    assert keypoint_mpjpe(pred, gt, mask, 'procrustes') == pytest.approx(0, abs=1e-9)
    assert keypoint_mpjpe(gt * 2, gt, mask) == pytest.approx((1 + 2 + 3 + 1 + 1) / 5)
    assert keypoint_mpjpe(gt * 2, gt, mask, 'scale') == pytest.approx(0, abs=1e-12)


def test_mpjpe_names_its_alignments():
    with pytest.raises(ValueError, match="'procrust'; expected 'none', 'scale' or 'procrustes'"):
        keypoint_mpjpe(PRED, GT, MASK, 'procrust')
