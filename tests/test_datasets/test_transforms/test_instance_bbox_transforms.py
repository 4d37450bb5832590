import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm

from mmpose.datasets.transforms import GetBBoxCenterScale, RandomBBoxTransform, RandomHalfBody


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def sample():
    """A person of four keypoints: top left, top right, low, low."""
    return dict(
        bbox=np.float32([[2, 1, 8, 5]]),
        keypoints=np.float32([[[3, 2], [7, 2], [4, 5], [6, 4]]]),
        keypoints_visible=np.float32([[1, 1, 1, 0]]),
        upper_body_ids=[0, 1],
        lower_body_ids=[2, 3],
    )


class TestGetBBoxCenterScale:
    def test_from_box(self):
        results = GetBBoxCenterScale(padding=1.5)(sample())
        np.testing.assert_array_equal(results['bbox_center'], [[5, 3]])
        np.testing.assert_array_equal(results['bbox_scale'], [[9, 6]])

    def test_from_corners(self):
        turned = np.float32([[[2, 3], [5, 5], [8, 2], [6, 1]]])
        results = GetBBoxCenterScale(padding=1.5)(dict(bbox=turned))
        np.testing.assert_array_equal(results['bbox_center'], [[5, 3]])
        np.testing.assert_array_equal(results['bbox_scale'], [[9, 6]])

    def test_existing_values_are_only_padded(self):
        own = dict(sample(), bbox_center=np.float32([[1, 1]]), bbox_scale=np.float32([[4, 2]]))
        results = GetBBoxCenterScale(padding=1.5)(own)
        np.testing.assert_array_equal(results['bbox_center'], [[1, 1]])
        np.testing.assert_array_equal(results['bbox_scale'], [[6, 3]])

    def test_wrong_use(self):
        with pytest.raises(ValueError, match=r'padding is -1; expected a positive factor'):
            GetBBoxCenterScale(padding=-1)
        with pytest.raises(KeyError, match=r"needs 'bbox', but the sample has only \['img'\]"):
            GetBBoxCenterScale()(dict(img=1))


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

    def test_without_visibility_all_keypoints_with_a_position_count(self):
        results = GetBBoxCenterScale()(sample())
        del results['keypoints_visible']
        half_body = RandomHalfBody(min_total_keypoints=4, prob=1.0, upper_prioritized_prob=1.0)
        np.testing.assert_array_equal(half_body(results)['bbox_center'], [[5, 2]])

    def test_wrong_use(self):
        with pytest.raises(ValueError, match=r'upper_prioritized_prob is 7; expected a prob'):
            RandomHalfBody(upper_prioritized_prob=7)
        with pytest.raises(ValueError, match=r'padding is 0; expected a positive factor'):
            RandomHalfBody(padding=0)
        with pytest.raises(KeyError, match=r"'bbox_center'.*Put GetBBoxCenterScale before it"):
            RandomHalfBody()(sample())
        results = GetBBoxCenterScale()(sample())
        del results['lower_body_ids']
        with pytest.raises(KeyError, match="RandomHalfBody needs 'lower_body_ids'"):
            RandomHalfBody()(results)


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

    def test_wrong_use(self):
        with pytest.raises(ValueError, match=r'rotate_prob is nan; expected a probability'):
            RandomBBoxTransform(rotate_prob=float('nan'))
        with pytest.raises(KeyError, match="RandomBBoxTransform needs 'bbox_center'"):
            RandomBBoxTransform()(sample())

    @pytest.mark.parametrize('scale_factor', [(1.5, 0.5), (0, 1), (1,)])
    def test_wrong_scale_factor(self, scale_factor):
        with pytest.raises(ValueError, match='expected the smallest and the largest value'):
            RandomBBoxTransform(scale_factor=scale_factor)
