import numpy as np
import pytest

from mmpose.codecs.base import BaseKeypointCodec
from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs

MSRA = dict(type='mmpose.MSRAHeatmap', input_size=(32, 32), heatmap_size=(16, 16), sigma=1)


def sample():
    """Four keypoints, the last one without a label."""
    return dict(
        img=np.zeros((10, 20, 3), np.uint8),
        keypoints=np.float32([[[3, 2], [7, 2], [4, 5], [6, 4]]]),
        keypoints_visible=np.float32([[1, 1, 1, 0]]),
        dataset_keypoint_weights=np.float32([1, 2, 3, 4]),
    )


def test_transformed_keypoints_come_first():
    transformed = np.float32([[[4, 6], [8, 8], [20, 20], [3, 3]]])
    results = GenerateTarget(MSRA)(dict(sample(), transformed_keypoints=transformed))
    assert results['heatmaps'].shape == (4, 16, 16)
    assert results['heatmaps'][0, 3, 2] == 1
    np.testing.assert_array_equal(results['keypoint_weights'], [[1, 1, 1, 0]])
    results = GenerateTarget(MSRA)(sample())
    assert results['heatmaps'][1, 1, 4] == 1  # (7, 2) / 2 + 0.5, truncated


def test_tables_of_codec_and_sample_are_joined():
    own = dict(sample(), label_mapping_table=dict(depth='depths'))
    results = GenerateTarget(MSRA)(own)
    assert results['label_mapping_table'] == dict(
        depth='depths', keypoint_weights='keypoint_weights'
    )
    assert results['field_mapping_table'] == dict(heatmaps='heatmaps')


def test_dataset_weights():
    results = GenerateTarget(MSRA, use_dataset_keypoint_weights=True)(sample())
    np.testing.assert_array_equal(results['keypoint_weights'], [[1, 2, 3, 0]])


def test_visibility_weights_are_split_off():
    results = sample()
    results['keypoints_visible'] = np.float32([[[1, 0.5], [0, 0.5], [1, 1], [1, 0]]])
    results = GenerateTarget(MSRA)(results)
    np.testing.assert_array_equal(results['keypoint_weights'], [[1, 0, 1, 1]])
    np.testing.assert_array_equal(results['keypoints_visible_weights'], [[0.5, 0.5, 1, 0]])


def test_nan_is_not_visible():
    results = sample()
    results['keypoints'][0, 1, 0] = np.nan
    results = GenerateTarget(MSRA)(results)
    np.testing.assert_array_equal(results['keypoint_weights'], [[1, 0, 1, 0]])
    assert not results['heatmaps'][1].any()
    assert np.isnan(results['keypoints'][0, 1, 0])


def test_missing_visibility_means_visible():
    results = sample()
    del results['keypoints_visible']
    results['keypoints'][0, 0] = np.nan
    results = GenerateTarget(MSRA)(results)
    np.testing.assert_array_equal(results['keypoint_weights'], [[0, 1, 1, 1]])
    results = GenerateTarget(MSRA)(dict(sample(), keypoints_visible=None))
    np.testing.assert_array_equal(results['keypoint_weights'], [[1, 1, 1, 1]])


class CodecOfTheTest(BaseKeypointCodec):
    """Passes on what it gets."""

    auxiliary_encode_keys = {'depth', 'area'}
    label_mapping_table = dict(got='got')

    def encode(self, keypoints, keypoints_visible, depth, area=2.0):
        return dict(got=np.array([[depth, area]]), keypoint_weights=keypoints_visible)

    def decode(self, encoded):
        raise NotImplementedError


def test_auxiliary_values():
    target = GenerateTarget(dict(type=CodecOfTheTest))
    np.testing.assert_array_equal(target(dict(sample(), depth=5))['got'], [[5, 2]])
    np.testing.assert_array_equal(target(dict(sample(), depth=5, area=6))['got'], [[5, 6]])
    with pytest.raises(KeyError, match=r"needs 'depth', but.*\. CodecOfTheTest encodes it"):
        target(sample())


def test_boxes_reach_the_codec_that_asks_for_them():
    own = dict(sample(), bbox=np.float32([[0, 2, 10, 8]]), img_shape=(10, 20))
    results = PackPoseInputs()(GenerateTarget(dict(type='EDPoseLabel', num_keypoints=4))(own))
    instances = results['data_samples'].gt_instances
    # centre and size as shares of 20 x 10 pixels; without an area, that of the box
    np.testing.assert_allclose(instances.bboxes, [[0.25, 0.5, 0.5, 0.6]])
    np.testing.assert_allclose(instances.areas, [0.3])


def test_codecs_with_different_targets_are_combined():
    encoders = [MSRA, dict(type=CodecOfTheTest)]
    target = GenerateTarget(encoders, use_dataset_keypoint_weights=True)
    results = target(dict(sample(), depth=5))
    assert results['heatmaps'].shape == (4, 16, 16)
    assert results['got'].tolist() == [[5, 2]]
    np.testing.assert_array_equal(results['keypoint_weights'], [[[1, 2, 3, 0]]] * 2)
    assert results['label_mapping_table'].keys() == {'keypoint_weights', 'got'}
    labels = PackPoseInputs()(results)['data_samples'].gt_instance_labels
    assert labels.keypoint_weights.tolist() == [[[1, 2, 3, 0]] * 2]  # (N, codecs, K)


def test_levels():
    small = dict(MSRA, heatmap_size=(8, 8))
    target = GenerateTarget([MSRA, small], multilevel=True, use_dataset_keypoint_weights=True)
    results = target(sample())
    assert [h.shape for h in results['heatmaps']] == [(4, 16, 16), (4, 8, 8)]
    np.testing.assert_array_equal(results['keypoint_weights'], [[[1, 2, 3, 0]]] * 2)
    packed = PackPoseInputs()(results)['data_samples']
    assert packed.gt_fields.nlevel == 2


def test_codecs_with_the_same_target_are_levels():
    with pytest.raises(ValueError, match="Two codecs make the target 'heatmaps'; drop one"):
        GenerateTarget([MSRA, MSRA])(sample())


def test_wrong_use():
    with pytest.raises(ValueError, match='multilevel needs a list of codecs'):
        GenerateTarget(MSRA, multilevel=True)
    with pytest.raises(ValueError, match='encoder is empty; give the config of a codec'):
        GenerateTarget([])
    for encoders in ([MSRA, dict(type=CodecOfTheTest)], [dict(type=CodecOfTheTest), MSRA]):
        with pytest.raises(ValueError, match='The levels have different targets'):
            GenerateTarget(encoders, multilevel=True)(dict(sample(), depth=5))
    weighted = GenerateTarget(MSRA, use_dataset_keypoint_weights=True)
    with pytest.raises(ValueError, match='dataset_keypoint_weights has 3 entries for 4 keypoints'):
        weighted(dict(sample(), dataset_keypoint_weights=np.ones(3)))
    without_weights = sample()
    del without_weights['dataset_keypoint_weights']
    with pytest.raises(KeyError, match='or set `use_dataset_keypoint_weights=False`'):
        weighted(without_weights)
    with pytest.raises(ValueError, match='has no keypoints to encode'):
        GenerateTarget(MSRA)(dict(img=1))


def test_target_type_is_deprecated():
    with pytest.warns(DeprecationWarning, match='`target_type` is deprecated'):
        assert not GenerateTarget(MSRA, target_type='heatmap').multilevel
    with pytest.warns(DeprecationWarning, match='`multilevel=True` stands for'):
        assert GenerateTarget([MSRA, MSRA], target_type='multilevel_heatmap').multilevel
