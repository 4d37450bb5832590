import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads.targets import fields_of, labels_of
from mmpose.structures import PoseDataSample


def sample(N=1, K=2, side=4):
    sample = PoseDataSample()
    sample.gt_instance_labels = InstanceData(weights=torch.ones(N, K), places=torch.ones(N, K, 2))
    sample.gt_fields = PixelData(heatmaps=torch.ones(K, side, side))
    return sample


def test_instances_stand_in_a_row_and_maps_on_each_other():
    samples = [sample(N=3), sample(N=0), sample()]
    weights, places = labels_of(samples, 'weights', 'places')
    assert weights.shape == (4, 2)
    assert places.shape == (4, 2, 2)
    assert fields_of(samples, 'heatmaps').shape == (3, 2, 4, 4)


def test_different_keypoints_or_maps():
    with pytest.raises(
        ValueError, match=r'`weights` of the shapes \(1, 2\) and \(1, 3\): they are'
    ):
        labels_of([sample(), sample(K=3), sample()], 'weights')
    with pytest.raises(ValueError, match=r'shapes \(2, 4, 4\) and \(2, 8, 8\): .* encode them al'):
        fields_of([sample(), sample(side=8)], 'heatmaps')


def test_missing_targets():
    with pytest.raises(
        KeyError, match='A sample has no `labels` in its gt_instance_labels; encode'
    ):
        labels_of([sample()], 'labels')
    with pytest.raises(
        KeyError, match='A sample has no `heatmaps` in its gt_fields; encode the tar'
    ):
        fields_of([sample(), PoseDataSample()], 'heatmaps')
