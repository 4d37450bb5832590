import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm

from mmpose.datasets.transforms import (
    GenerateTarget,
    GetBBoxCenterScale,
    PackPoseInputs,
    RandomBBoxTransform,
    RandomFlip,
    RandomHalfBody,
)

MSRA = dict(type='mmpose.MSRAHeatmap', input_size=(32, 32), heatmap_size=(16, 16), sigma=1)


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def sample():
    """A 20x10 picture (w x h) with a person of four keypoints: top left, top right, low, low."""
    return dict(
        img=np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(10, 20, 3),
        bbox=np.float32([[2, 1, 8, 5]]),
        keypoints=np.float32([[[3, 2], [7, 2], [4, 5], [6, 4]]]),
        keypoints_visible=np.float32([[1, 1, 1, 0]]),
        flip_indices=[1, 0, 3, 2],
        upper_body_ids=[0, 1],
        lower_body_ids=[2, 3],
        dataset_keypoint_weights=np.float32([1, 2, 3, 4]),
    )


class TestGetBBoxCenterScale:
    def test_from_box(self):
        results = GetBBoxCenterScale(padding=1.5)(sample())
        np.testing.assert_array_equal(results['bbox_center'], [[5, 3]])
        np.testing.assert_array_equal(results['bbox_scale'], [[9, 6]])

    def test_existing_values_are_only_padded(self):
        own = dict(sample(), bbox_center=np.float32([[1, 1]]), bbox_scale=np.float32([[4, 2]]))
        results = GetBBoxCenterScale(padding=1.5)(own)
        np.testing.assert_array_equal(results['bbox_center'], [[1, 1]])
        np.testing.assert_array_equal(results['bbox_scale'], [[6, 3]])


class TestRandomFlip:
    def flip(self, direction, **changes):
        results = dict(GetBBoxCenterScale()(sample()), **changes)
        return RandomFlip(prob=1.0, direction=direction)(results)

    def test_horizontal(self):
        results = self.flip('horizontal')
        assert results['flip'] is True
        assert results['flip_direction'] == 'horizontal'
        np.testing.assert_array_equal(results['img'], sample()['img'][:, ::-1])
        np.testing.assert_array_equal(results['bbox'], [[11, 1, 17, 5]])
        np.testing.assert_array_equal(results['bbox_center'], [[14, 3]])
        # mirrored at x = 9.5, left and right exchanged
        np.testing.assert_array_equal(results['keypoints'], [[[12, 2], [16, 2], [13, 4], [15, 5]]])
        np.testing.assert_array_equal(results['keypoints_visible'], [[1, 1, 0, 1]])

    def test_vertical_and_diagonal(self):
        results = self.flip('vertical')
        np.testing.assert_array_equal(results['img'], sample()['img'][::-1])
        np.testing.assert_array_equal(results['bbox_center'], [[5, 6]])
        results = self.flip('diagonal')
        np.testing.assert_array_equal(results['img'], sample()['img'][::-1, ::-1])
        np.testing.assert_array_equal(results['bbox_center'], [[14, 6]])

    def test_frames_and_single_channels(self):
        frame = np.arange(200, dtype=np.uint8).reshape(10, 20, 1)
        flipped = self.flip('horizontal', img=[frame, frame])['img']
        np.testing.assert_array_equal(flipped, [frame[:, ::-1]] * 2)

    def test_no_flip(self):
        results = RandomFlip(prob=0.0)(sample())
        assert results['flip'] is False
        assert results['flip_direction'] is None
        np.testing.assert_array_equal(results['img'], sample()['img'])

    @pytest.mark.parametrize(
        ('prob', 'expected'),
        [(0.6, (0.3, 0.3, 0.4)), ([0.5, 0.1], (0.5, 0.1, 0.4)), ([0.25, 0.75], (0.25, 0.75, 0))],
    )
    def test_probabilities_of_directions(self, prob, expected):
        flip = RandomFlip(prob=prob, direction=['horizontal', 'vertical'])
        drawn = [flip._choose_direction() for _ in range(4000)]
        shares = [drawn.count(d) / len(drawn) for d in ('horizontal', 'vertical', None)]
        np.testing.assert_allclose(shares, expected, atol=0.03)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(direction='sideways'), r"direction has \['sideways'\]; choose from \['diag"),
            (dict(prob=[0.5, 0.5]), 'prob has 2 entries for 1 directions'),
            (dict(prob=1.5), r'prob is 1\.5; expected numbers from 0 to 1'),
            (dict(prob=[0.6, 0.6], direction=['horizontal', 'vertical']), 'with a sum up to 1'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            RandomFlip(**arguments)


class TestRandomHalfBody:
    def run(self, visible=(1, 1, 1, 1), upper_body_ids=(0, 1), nan=(), **kwargs):
        results = dict(sample(), upper_body_ids=list(upper_body_ids))
        results['keypoints_visible'] = np.float32([visible])
        results['keypoints'][0, list(nan)] = np.nan
        arguments = dict(
            min_total_keypoints=3, min_upper_keypoints=1, min_lower_keypoints=1, prob=1.0
        )
        transform = RandomHalfBody(**dict(arguments, **kwargs))
        results = transform(GetBBoxCenterScale()(results))
        return results['bbox_center'].tolist(), results['bbox_scale'].tolist()

    UPPER = ([[5, 2]], [[6, 0]])  # keypoints (3, 2), (7, 2): extent (4, 0) times 1.5
    LOWER = ([[5, 4.5]], [[3, 1.5]])  # keypoints (4, 5), (6, 4)
    WHOLE = ([[5, 3]], [[7.5, 5]])

    def test_preferred_half(self):
        assert self.run(upper_prioritized_prob=1.0) == self.UPPER
        assert self.run(upper_prioritized_prob=0.0) == self.LOWER

    def test_box_is_centred_on_the_mean_of_the_keypoints(self):
        ids = (1, 2, 3)  # (7, 2), (4, 5), (6, 4)
        center, scale = self.run(upper_body_ids=ids, upper_prioritized_prob=1.0, padding=2)
        np.testing.assert_allclose(center, [[17 / 3, 11 / 3]], rtol=1e-6)
        assert scale == [[6, 6]]

    def test_half_with_too_few_keypoints_gives_way(self):
        assert self.run(upper_prioritized_prob=0.0, min_lower_keypoints=3) == self.UPPER
        assert self.run(upper_prioritized_prob=1.0, min_upper_keypoints=3) == self.LOWER

    @pytest.mark.parametrize(
        'kwargs',
        [
            dict(min_total_keypoints=5),
            dict(min_upper_keypoints=3, min_lower_keypoints=3),
            dict(prob=0.0),
            dict(visible=(1, 1, 1, 0), min_total_keypoints=4),
            dict(nan=[0], min_total_keypoints=4),
            dict(visible=(1, 1, 1, 0), upper_prioritized_prob=0.0),  # one keypoint has no extent
        ],
    )
    def test_whole_body(self, kwargs):
        assert self.run(**kwargs) == self.WHOLE

    def test_only_labelled_keypoints_count(self):
        ids = (0, 1, 2)
        for kwargs in (dict(visible=(1, 1, 0, 1)), dict(nan=[2])):
            assert self.run(upper_body_ids=ids, upper_prioritized_prob=1.0, **kwargs) == self.UPPER

    def test_boxes_are_not_written_in_place(self):
        results = GetBBoxCenterScale()(sample())
        before = results['bbox_center']
        RandomHalfBody(min_total_keypoints=1, prob=1.0)(results)
        np.testing.assert_array_equal(results['bbox_center'], [[5, 2]])
        np.testing.assert_array_equal(before, [[5, 3]])


class TestRandomBBoxTransform:
    def test_amounts(self, monkeypatch):
        transform = RandomBBoxTransform()
        params = np.float64([[0.1, -0.2]]), np.float64([[1.5]]), np.float64([30])
        monkeypatch.setattr(transform, '_get_transform_params', lambda num_bboxes: params)
        results = transform(
            dict(bbox_center=np.float32([[5, 3]]), bbox_scale=np.float32([[10, 20]]))
        )
        np.testing.assert_array_equal(results['bbox_center'], [[6, -1]])
        np.testing.assert_array_equal(results['bbox_scale'], [[15, 30]])
        np.testing.assert_array_equal(results['bbox_rotation'], [30])
        assert {v.dtype for v in results.values()} == {np.dtype(np.float32)}

    def test_distributions(self):
        transform = RandomBBoxTransform(scale_factor=(0.6, 1.6))
        offset, factor, rotation = transform._get_transform_params(5000)
        shifted, turned = offset.any(axis=1), rotation != 0
        np.testing.assert_allclose(shifted.mean(), 0.3, atol=0.03)
        np.testing.assert_allclose(turned.mean(), 0.6, atol=0.03)
        standard = truncnorm(-1, 1).cdf
        for values in (
            offset[shifted, 0] / 0.16,
            offset[shifted, 1] / 0.16,
            (factor[:, 0] - 1.1) / 0.5,
            rotation[turned] / 80,
        ):
            assert kstest(values, standard).pvalue > 0.01

    def test_nothing_to_do(self):
        transform = RandomBBoxTransform(shift_prob=0, scale_prob=0, rotate_prob=0)
        offset, factor, rotation = transform._get_transform_params(3)
        assert not offset.any()
        assert (factor == 1).all()
        assert not rotation.any()

    @given(st.tuples(st.floats(0.1, 1), st.floats(1, 3)), st.floats(0, 180), st.integers(0, 4))
    @settings(deadline=None, max_examples=30)
    def test_limits(self, scale_factor, rotate_factor, num_bboxes):
        transform = RandomBBoxTransform(scale_factor=scale_factor, rotate_factor=rotate_factor)
        offset, factor, rotation = transform._get_transform_params(num_bboxes)
        assert (offset.shape, factor.shape) == ((num_bboxes, 2), (num_bboxes, 1))
        assert (np.abs(offset) <= 0.16).all()
        assert (factor >= scale_factor[0] - 1e-9).all()
        assert (factor <= scale_factor[1] + 1e-9).all()
        assert (np.abs(rotation) <= rotate_factor + 1e-9).all()

    @pytest.mark.parametrize('scale_factor', [(1.5, 0.5), (0, 1), (1,)])
    def test_wrong_scale_factor(self, scale_factor):
        with pytest.raises(ValueError, match='expected the smallest and the largest factor'):
            RandomBBoxTransform(scale_factor=scale_factor)


class TestGenerateTarget:
    def test_transformed_keypoints_come_first(self):
        transformed = np.float32([[[4, 6], [8, 8], [20, 20], [3, 3]]])
        results = GenerateTarget(MSRA)(dict(sample(), transformed_keypoints=transformed))
        assert results['heatmaps'].shape == (4, 16, 16)
        assert results['heatmaps'][0, 3, 2] == 1
        np.testing.assert_array_equal(results['keypoint_weights'], [[1, 1, 1, 0]])
        results = GenerateTarget(MSRA)(sample())
        assert results['heatmaps'][1, 1, 4] == 1  # (7, 2) / 2 + 0.5, truncated

    def test_tables_of_codec_and_sample_are_joined(self):
        own = dict(sample(), label_mapping_table=dict(depth='depths'))
        results = GenerateTarget(MSRA)(own)
        assert results['label_mapping_table'] == dict(
            depth='depths', keypoint_weights='keypoint_weights'
        )
        assert results['field_mapping_table'] == dict(heatmaps='heatmaps')

    def test_dataset_weights(self):
        results = GenerateTarget(MSRA, use_dataset_keypoint_weights=True)(sample())
        np.testing.assert_array_equal(results['keypoint_weights'], [[1, 2, 3, 0]])

    def test_visibility_weights_are_split_off(self):
        results = sample()
        results['keypoints_visible'] = np.float32([[[1, 0.5], [0, 0.5], [1, 1], [1, 0]]])
        results = GenerateTarget(MSRA)(results)
        np.testing.assert_array_equal(results['keypoint_weights'], [[1, 0, 1, 1]])
        np.testing.assert_array_equal(results['keypoints_visible_weights'], [[0.5, 0.5, 1, 0]])

    def test_nan_is_not_visible(self):
        results = sample()
        results['keypoints'][0, 1, 0] = np.nan
        results = GenerateTarget(MSRA)(results)
        np.testing.assert_array_equal(results['keypoint_weights'], [[1, 0, 1, 0]])
        assert not results['heatmaps'][1].any()
        assert np.isnan(results['keypoints'][0, 1, 0])

    def test_levels(self):
        small = dict(MSRA, heatmap_size=(8, 8))
        target = GenerateTarget([MSRA, small], multilevel=True, use_dataset_keypoint_weights=True)
        results = target(sample())
        assert [h.shape for h in results['heatmaps']] == [(4, 16, 16), (4, 8, 8)]
        np.testing.assert_array_equal(results['keypoint_weights'], [[[1, 2, 3, 0]]] * 2)
        packed = PackPoseInputs()(results)['data_samples']
        assert packed.gt_fields.nlevel == 2

    def test_codecs_with_the_same_target_are_levels(self):
        with pytest.raises(ValueError, match="Two codecs make the target 'heatmaps'; drop one"):
            GenerateTarget([MSRA, MSRA])(sample())

    def test_wrong_use(self):
        with pytest.raises(ValueError, match='multilevel needs a list of codecs'):
            GenerateTarget(MSRA, multilevel=True)
        with pytest.raises(ValueError, match='has no keypoints to encode'):
            GenerateTarget(MSRA)(dict(img=1))

    def test_target_type_is_deprecated(self):
        with pytest.warns(DeprecationWarning, match='`target_type` is deprecated'):
            assert not GenerateTarget(MSRA, target_type='heatmap').multilevel
        with pytest.warns(DeprecationWarning, match='`multilevel=True` stands for'):
            assert GenerateTarget([MSRA, MSRA], target_type='multilevel_heatmap').multilevel
