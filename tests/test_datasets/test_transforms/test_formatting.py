import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from mmpose.datasets.transforms import PackPoseInputs
from mmpose.datasets.transforms.formatting import image_to_tensor
from mmpose.structures import MultilevelPixelData


def sample(**extra):
    return dict(
        img=np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
        img_path='a.png',
        id=3,
        input_size=(4, 2),
        bbox=np.float32([[0, 0, 3, 1]]),
        keypoints=np.zeros((1, 5, 2), np.float32),
        keypoints_visible=np.ones((1, 5), np.float32),
        unknown='left behind',
        **extra,
    )


@pytest.mark.parametrize('dtype', [np.uint8, np.float32])
@pytest.mark.parametrize('shape', [(2, 4, 3), (2, 4, 1), (2, 4)])
def test_image_to_tensor_puts_channels_first(shape, dtype):
    img = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    tensor = image_to_tensor(img)
    assert tensor.is_contiguous()
    np.testing.assert_array_equal(tensor, np.atleast_3d(img).transpose(2, 0, 1))


def test_image_to_tensor_takes_views_and_frames():
    img = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert image_to_tensor(img[:, ::-1])[0].tolist() == [[9, 6, 3, 0], [21, 18, 15, 12]]
    assert image_to_tensor([img, img]).shape == (2, 3, 2, 4)


def test_fields_of_a_plain_sample():
    packed = PackPoseInputs(meta_keys=('id', 'input_size', 'absent'))(sample())
    data_sample = packed['data_samples']
    assert packed['inputs'].shape == (3, 2, 4)
    assert packed['inputs'].dtype == torch.uint8
    assert set(data_sample.gt_instances.keys()) == {'bboxes', 'keypoints', 'keypoints_visible'}
    assert isinstance(data_sample.gt_instances.bboxes, np.ndarray)
    assert not data_sample.gt_instance_labels.keys()
    assert 'gt_fields' not in data_sample
    assert data_sample.metainfo == dict(id=3, input_size=(4, 2))


def test_targets_become_tensors():
    data_sample = PackPoseInputs()(
        sample(heatmaps=np.ones((5, 2, 4), np.float32), keypoint_weights=np.ones((1, 5)))
    )['data_samples']
    assert isinstance(data_sample.gt_fields, PixelData)
    assert isinstance(data_sample.gt_fields.heatmaps, torch.Tensor)
    assert data_sample.gt_fields.heatmaps.shape == (5, 2, 4)
    assert data_sample.gt_instance_labels.keypoint_weights.shape == (1, 5)


def test_tables_of_the_sample_take_precedence():
    results = sample(
        special=np.ones((1, 2)),
        maps=np.ones((5, 2, 4)),
        depth=np.ones(1),
        label_mapping_table=dict(special='special_labels'),
        field_mapping_table=dict(maps='heatmaps'),
        instance_mapping_table=dict(depth='depths', bbox='boxes'),
    )
    data_sample = PackPoseInputs()(results)['data_samples']
    assert data_sample.gt_instance_labels.special_labels.shape == (1, 2)
    assert data_sample.gt_fields.heatmaps.shape == (5, 2, 4)
    assert {'depths', 'boxes'} < set(data_sample.gt_instances.keys())
    assert 'special' not in PackPoseInputs.label_mapping_table


def test_levels():
    results = sample(
        heatmaps=[np.ones((5, 2, 4)), np.ones((5, 1, 2))],
        keypoint_weights=[np.zeros((1, 5)), np.ones((1, 5))],
    )
    data_sample = PackPoseInputs()(results)['data_samples']
    assert isinstance(data_sample.gt_fields, MultilevelPixelData)
    assert data_sample.gt_fields.shape == ((2, 4), (1, 2))
    assert isinstance(data_sample.gt_fields.heatmaps[1], torch.Tensor)
    weights = data_sample.gt_instance_labels.keypoint_weights
    assert weights.shape == (1, 2, 5)  # instances first
    assert weights[0].mean(dim=1).tolist() == [0, 1]


def test_levels_and_single_fields_do_not_mix():
    results = sample(heatmaps=[np.ones((5, 2, 4))], heatmap_mask=np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"\['heatmaps'\] have several levels, but \['heatmap_m"):
        PackPoseInputs()(results)


def test_visibility_and_weight_are_split():
    results = sample()
    results['keypoints_visible'] = np.stack([np.ones((1, 5)), np.full((1, 5), 0.5)], axis=-1)
    data_sample = PackPoseInputs()(results)['data_samples']
    assert data_sample.gt_instances.keypoints_visible.tolist() == [[1] * 5]
    assert data_sample.gt_instance_labels.keypoints_visible_weights.tolist() == [[0.5] * 5]


def test_transformed_keypoints_on_request():
    results = sample(transformed_keypoints=np.full((1, 5, 2), 9.0))
    assert 'transformed_keypoints' not in PackPoseInputs()(results)['data_samples'].gt_instances
    packed = PackPoseInputs(pack_transformed=True)(results)['data_samples']
    assert (packed.gt_instances.transformed_keypoints == 9).all()


def test_metainfo_is_not_copied():
    annotation = dict(segmentation=[[0.0] * 8])
    packed = PackPoseInputs()(sample(raw_ann_info=annotation))
    assert packed['data_samples'].raw_ann_info is annotation


def test_sample_without_picture():
    with pytest.raises(KeyError, match="needs 'img', but the sample has only"):
        PackPoseInputs()(dict(id=1))
