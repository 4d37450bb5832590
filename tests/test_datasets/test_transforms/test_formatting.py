import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from mmpose.codecs import VideoPoseLifting
from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs
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


@pytest.mark.filterwarnings('error')
def test_a_mask_gets_its_channel():
    fields = PackPoseInputs()(sample(heatmap_mask=np.ones((2, 4), bool)))['data_samples'].gt_fields
    assert fields.heatmap_mask.shape == (1, 2, 4)
    assert fields.heatmap_mask.dtype == torch.bool


def test_visibility_and_weight_are_split():
    results = sample()
    results['keypoints_visible'] = np.stack([np.ones((1, 5)), np.full((1, 5), 0.5)], axis=-1)
    data_sample = PackPoseInputs()(results)['data_samples']
    assert data_sample.gt_instances.keypoints_visible.tolist() == [[1] * 5]
    assert data_sample.gt_instance_labels.keypoints_visible_weights.tolist() == [[0.5] * 5]


def test_missing_values_are_passed_over():
    packed = PackPoseInputs()(dict(sample(), keypoints_visible=None))
    assert set(packed['data_samples'].gt_instances.keys()) == {'bboxes', 'keypoints'}


def test_a_number_is_that_of_the_one_instance():
    packed = PackPoseInputs()(sample(head_size=np.float32(7)))
    np.testing.assert_array_equal(packed['data_samples'].gt_instances.head_size, [7])


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


def lifting_sample(**extra):
    """A sequence of five frames with one target, as GenerateTarget leaves it."""
    return dict(
        keypoints=np.zeros((5, 3, 2), np.float32),
        keypoints_visible=np.ones((5, 3), np.float32),
        keypoint_labels=np.arange(30, dtype=np.float32).reshape(6, 5),
        lifting_target=np.ones((1, 3, 3), np.float32),
        lifting_target_visible=np.ones((1, 3), np.float32),
        lifting_target_label=np.full((1, 2, 3), 2, np.float32),
        lifting_target_weight=np.ones((1, 2), np.float32),
        trajectory_weights=np.ones((1, 3), np.float32),
        target_root=np.zeros((1, 3), np.float32),
        camera_param=dict(w=10),
        instance_mapping_table=VideoPoseLifting.instance_mapping_table,
        label_mapping_table=VideoPoseLifting.label_mapping_table,
        **extra,
    )


def test_pose_lifting_without_pictures():
    packed = PackPoseInputs(meta_keys=('target_root', 'camera_param'))(lifting_sample())
    np.testing.assert_array_equal(packed['inputs'], lifting_sample()['keypoint_labels'])
    assert packed['inputs'].dtype == torch.float32
    data_sample = packed['data_samples']
    assert set(data_sample.gt_instances.keys()) == {'lifting_target', 'lifting_target_visible'}
    labels = data_sample.gt_instance_labels
    assert set(labels.keys()) == {
        'lifting_target_label', 'lifting_target_weight', 'trajectory_weights'
    }  # fmt: skip
    assert labels.lifting_target_label.shape == (1, 2, 3)
    assert data_sample.metainfo['camera_param'] == dict(w=10)


def test_pose_lifting_pipeline():
    results = {
        key: value for key, value in lifting_sample().items() if 'label' not in key
    }  # as a data set gives it
    results['camera_param'] = dict(w=2, h=2)
    encoder = dict(type='VideoPoseLifting', num_keypoints=3, remove_root=True)
    packed = PackPoseInputs(meta_keys=('target_root',))(GenerateTarget(encoder)(results))
    np.testing.assert_array_equal(packed['inputs'], -np.ones((6, 5)))
    assert packed['data_samples'].gt_instance_labels.lifting_target_label.shape == (1, 2, 3)
    np.testing.assert_array_equal(packed['data_samples'].metainfo['target_root'], [[1, 1, 1]])


def test_pose_lifting_without_codec_takes_the_keypoints():
    keypoints = np.arange(12.0).reshape(2, 3, 2)
    results = dict(keypoints=keypoints, lifting_target=np.zeros((2, 3, 3)))
    packed = PackPoseInputs()(results)
    np.testing.assert_array_equal(packed['inputs'], keypoints)
    assert packed['inputs'].dtype == torch.float32


def test_keypoints_alone_are_no_inputs():
    results = sample()
    del results['img']
    with pytest.raises(KeyError, match='begin the pipeline with LoadImage'):
        PackPoseInputs()(results)


def test_picture_comes_before_labels():
    labels = np.zeros((1, 5, 2), np.float32)
    packed = PackPoseInputs()(sample(keypoint_labels=labels))
    assert packed['inputs'].dtype == torch.uint8
    assert packed['data_samples'].gt_instance_labels.keypoint_labels.shape == (1, 5, 2)


def test_extra_labels():
    pack = PackPoseInputs(extra_mapping_labels=dict(bbox='bboxes', keypoints='keypoints'))
    labels = pack(sample())['data_samples'].gt_instance_labels
    assert labels.bboxes.tolist() == [[0, 0, 3, 1]]
    assert labels.keypoints.shape == (1, 5, 2)
    assert 'bbox' not in PackPoseInputs.label_mapping_table


def test_several_sizes_come_as_a_list():
    img = [np.zeros((4, 6, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)]
    results = dict(img=img, aug_scales=[0.5])
    out = PackPoseInputs(meta_keys=('aug_scales',))(results)
    assert [x.shape for x in out['inputs']] == [(3, 4, 6), (3, 2, 3)]
    assert out['data_samples'].aug_scales == [0.5]
