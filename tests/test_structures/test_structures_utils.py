import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.structures import (
    MultilevelPixelData,
    PoseDataSample,
    merge_data_samples,
    revert_heatmap,
    split_instances,
)


def sample(x, K=2, **fields):
    """A sample with the instance at ``x`` of an image of 40 x 20 pixels."""
    return PoseDataSample(
        metainfo=dict(
            ori_shape=(20, 40), input_center=np.array([x, 10]), input_scale=np.array([10, 20])
        ),
        pred_instances=InstanceData(
            keypoints=np.full((1, K, 2), x, dtype=np.float32), keypoint_scores=np.ones((1, K))
        ),
        **fields,
    )


def peaks(value, shape=(2, 20, 10)):
    """Heatmaps in the resolution of the image, with a peak of ``value`` at the center."""
    heatmaps = np.zeros(shape, dtype=np.float32)
    heatmaps[:, 10, 5] = value
    return heatmaps


def test_revert_puts_the_input_region_back_into_the_image():
    reverted = revert_heatmap(peaks(1), np.array([15.0, 10.0]), np.array([10.0, 20.0]), (20, 40))
    assert reverted.shape == (2, 20, 40)
    assert np.unravel_index(reverted[0].argmax(), (20, 40)) == (10, 15)
    np.testing.assert_allclose(reverted.sum(), 2, rtol=1e-5)  # nothing but the peaks


def test_revert_scales_by_the_width_and_takes_one_map_or_one_keypoint():
    constant = np.ones((8, 8))
    reverted = revert_heatmap(constant, np.array([[20, 10]]), np.array([[16, 16]]), (20, 40))
    assert reverted.shape == (20, 40)
    np.testing.assert_allclose(reverted[4:16, 14:26], 1)
    assert not reverted[:, :11].any()
    same = revert_heatmap(constant[None], np.array([20, 10]), np.array([16, 16]), (20, 40))
    np.testing.assert_array_equal(same, reverted[None])


def test_revert_takes_many_keypoints():
    heatmaps = np.random.default_rng(0).random((133, 20, 10), dtype=np.float32)
    args = (np.array([15.0, 10.0]), np.array([10.0, 20.0]), (20, 40))
    reverted = revert_heatmap(heatmaps, *args)
    np.testing.assert_allclose(reverted[132], revert_heatmap(heatmaps[132], *args), atol=1e-6)


@pytest.mark.parametrize(
    'fields',
    [
        lambda value: PixelData(heatmaps=peaks(value)),
        lambda value: PixelData(heatmaps=torch.from_numpy(peaks(value))),
        lambda value: MultilevelPixelData(heatmaps=[np.zeros((2, 10, 5)), peaks(value)]),
    ],
    ids=['array', 'tensor', 'levels'],
)
def test_merge(fields):
    samples = [sample(10, pred_fields=fields(0.5)), sample(30, pred_fields=fields(0.8))]
    merged = merge_data_samples(samples)
    np.testing.assert_array_equal(merged.pred_instances.keypoints[:, 0, 0], [10, 30])
    heatmaps = merged.pred_fields.heatmaps
    assert heatmaps.shape == (2, 20, 40)
    np.testing.assert_allclose(heatmaps[1, 10, [10, 30]], [0.5, 0.8], rtol=1e-5)
    assert merged.ori_shape == (20, 40)
    assert 'gt_fields' not in merged
    assert 'gt_instances' not in merged


def test_merge_leaves_out_what_only_some_samples_have():
    gt = InstanceData(keypoints=np.zeros((1, 2, 2)))
    merged = merge_data_samples([sample(10, gt_instances=gt), sample(20)])
    assert 'gt_instances' not in merged
    assert len(merged.pred_instances) == 2


def test_merge_of_nothing_and_of_something_else():
    assert merge_data_samples([]).keys() == []
    with pytest.raises(ValueError, match=r'must be a list of PoseDataSample.*not PoseDataSample'):
        merge_data_samples(sample(1))
    with pytest.raises(ValueError, match='pred_instances of sample 1 has fields'):
        merge_data_samples([sample(1), sample(1, K=3)])


@pytest.mark.parametrize('convert', [np.array, torch.tensor])
def test_split_gives_plain_values(convert):
    instances = InstanceData(
        keypoints=convert([[[1.0, 2.0]], [[3.0, 4.0]]]),
        keypoint_scores=convert([[0.5], [0.25]]),
        bboxes=convert([[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]),
        bbox_scores=convert([0.75, 1.0]),
    )
    assert split_instances(instances)[1] == dict(
        keypoints=[[3.0, 4.0]], keypoint_scores=[0.25], bbox=[[4.0, 5.0, 6.0, 7.0]], bbox_score=1.0
    )


def test_split_of_few_fields_and_none():
    assert split_instances(None) == []
    assert split_instances(InstanceData(keypoints=np.zeros((0, 17, 2)))) == []
    assert split_instances(InstanceData(keypoints=np.zeros((1, 1, 2)))) == [
        dict(keypoints=[[0.0, 0.0]])
    ]
