import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.transforms import GetBBoxCenterScale, PackPoseInputs, RandomFlip
from mmpose.structures.bbox import bbox_xyxy2corner


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
    )


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

    def test_mask_and_corners(self):
        mask = np.arange(200, dtype=np.uint8).reshape(10, 20)
        corners = bbox_xyxy2corner(sample()['bbox'])
        results = self.flip('vertical', img_mask=mask, bbox=corners)
        np.testing.assert_array_equal(results['img_mask'], mask[::-1])
        np.testing.assert_array_equal(results['bbox'], [[[2, 8], [2, 4], [8, 8], [8, 4]]])

    def test_sequences(self):
        frames = np.float32(sample()['keypoints'] + np.arange(3)[:, None, None])  # (T, K, 2)
        flipped = self.flip('horizontal', keypoints=frames, keypoints_visible=None)
        np.testing.assert_array_equal(flipped['keypoints'][2, 0], [19 - 9, 4])
        visible = np.stack([np.float32([[1, 0, 1, 1]]), np.full((1, 4), 0.5)], axis=-1)
        flipped = self.flip('horizontal', keypoints_visible=visible)['keypoints_visible']
        np.testing.assert_array_equal(flipped, visible[:, [1, 0, 3, 2]])

    def test_without_visibility(self):
        results = sample()
        del results['keypoints_visible']
        results = RandomFlip(prob=1.0)(results)
        assert 'keypoints_visible' not in PackPoseInputs()(results)['data_samples'].gt_instances

    @given(
        st.sampled_from(['horizontal', 'vertical', 'diagonal']),
        st.integers(1, 30),
        st.integers(1, 30),
        st.lists(st.floats(-50, 80, width=16), min_size=12, max_size=12),
    )
    @settings(deadline=None, max_examples=40)
    def test_two_flips_restore_the_sample_and_boxes_stay_boxes(self, direction, w, h, numbers):
        points = np.float32(numbers).reshape(1, 6, 2)
        box = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
        before = dict(
            img=np.random.randint(0, 256, (h, w, 3), dtype=np.uint8),
            bbox=box,
            bbox_center=box[:, :2],
            keypoints=points,
            keypoints_visible=np.float32([[1, 0, 1, 1, 0, 1]]),
            flip_indices=[1, 0, 2, 4, 3, 5],
        )
        flip = RandomFlip(prob=1.0, direction=direction)
        once = flip(before.copy())
        left_top, right_bottom = once['bbox'][0, :2], once['bbox'][0, 2:]
        assert (once['keypoints'] >= left_top).all()
        assert (once['keypoints'] <= right_bottom).all()
        twice = flip(once)
        for key in ('img', 'bbox', 'bbox_center', 'keypoints', 'keypoints_visible'):
            np.testing.assert_allclose(twice[key], before[key], atol=1e-4)

    def test_wrong_samples(self):
        with pytest.raises(
            KeyError, match=r"needs 'img', but the sample has only \['id'\]\. Begin"
        ):
            RandomFlip()(dict(id=1))
        without_mirror = sample()
        del without_mirror['flip_indices']
        with pytest.raises(KeyError, match="RandomFlip needs 'flip_indices'"):
            RandomFlip()(without_mirror)
        with pytest.raises(ValueError, match=r'is already cropped.*put it before TopdownAffine'):
            RandomFlip()(dict(sample(), transformed_keypoints=1))

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
