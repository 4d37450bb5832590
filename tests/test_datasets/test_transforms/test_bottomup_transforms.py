import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm

from mmpose.datasets.transforms import BottomupRandomAffine, BottomupResize, RandomFlip

MODES = ['affine', 'affine_udp', 'perspective']
STILL = dict(shift_prob=0, scale_prob=0, rotate_prob=0, shear_prob=0)


def sample(width=80, height=60, **extra):
    """A smooth picture with two people of three keypoints."""
    img = np.random.RandomState(0).randint(0, 256, (height, width, 3), dtype=np.uint8)
    return dict(
        img=cv2.GaussianBlur(img, (9, 9), 0),
        img_shape=(height, width),
        ori_shape=(height, width),
        keypoints=np.float32([[[10, 20], [30, 40], [15, 5]], [[60, 50], [79, 59], [40, 30]]]),
        keypoints_visible=np.ones((2, 3), dtype=np.float32),
        bbox=np.float32([[10, 5, 30, 40], [40, 30, 79, 59]]),
        area=np.float32([100, 200]),
        flip_indices=[1, 0, 2],
        **extra,
    )


def back_to_picture(points, results):
    """What the pose estimators do with predictions."""
    shown = points / results['input_size'] * results['input_scale']
    return shown + results['input_center'] - 0.5 * results['input_scale']


def warp(mode, shift=(0, 0), factor=1.0, rotation=0.0, shear=(0, 0), size=(64, 64), **kwargs):
    """A sample under a chosen warp, and the sample before it."""
    before = sample(**kwargs.pop('sample', {}))
    transform = BottomupRandomAffine(input_size=size, transform_mode=mode, **kwargs)
    h, w = before['img'].shape[:2]
    change = transform._get_transform_params()._replace(
        shift=shift, factor=factor, rotation=rotation, shear=shear
    )
    matrix = transform._get_matrix((w, h), size, change)
    results = dict(before)
    transform._warp(results, matrix, size)
    return results, before


class TestRandomAffine:
    def test_short_side_is_filled(self):
        # 60x60 of 80x60 pixels onto 120x120, from x = 10 on
        results, before = warp('affine', size=(120, 120))
        np.testing.assert_allclose(results['keypoints'][0], [[0, 40], [40, 80], [10, 10]])
        np.testing.assert_allclose(results['area'], [400, 800])
        np.testing.assert_allclose(results['input_center'], [40, 30])
        np.testing.assert_allclose(results['input_scale'], [60, 60])
        assert results['input_size'] == (120, 120)
        assert results['img'].shape == (120, 120, 3)
        assert results['img_shape'] == (60, 80)
        np.testing.assert_array_equal(before['keypoints'], sample()['keypoints'])

    def test_long_side_is_held(self):
        # 80x80 pixels onto 160x160, with 10 rows of padding above and below
        results, _ = warp('affine', size=(160, 160), scale_type='long', pad_val=114)
        np.testing.assert_allclose(results['keypoints'][0, 0], [20, 60])
        np.testing.assert_allclose(results['input_scale'], [80, 80])
        assert (results['img'][:19] == 114).all()
        assert (results['img'][-19:] == 114).all()
        assert not (results['img'][21:-21] == 114).all(axis=(1, 2)).any()

    def test_shift_and_size_of_the_region(self):
        # the region doubles, and its centre moves by a tenth of 80 and of 60 pixels
        results, _ = warp('affine', shift=(0.1, -0.1), factor=2.0, size=(60, 60))
        np.testing.assert_allclose(results['input_center'], [48, 24], rtol=1e-6)
        np.testing.assert_allclose(results['input_scale'], [120, 120], rtol=1e-6)
        np.testing.assert_allclose(results['keypoints'][1, 2], [26, 33], rtol=1e-6)

    def test_udp_measures_between_centres_of_pixels(self):
        results, _ = warp('affine_udp', size=(121, 121))
        # the region 60x60 about (39.5, 29.5), from (9.5, -0.5) on, onto 0 to 120
        np.testing.assert_allclose(results['keypoints'][0, 0], [1, 41], atol=1e-4)

    def test_perspective_keeps_the_centre_of_the_input(self):
        results, _ = warp('perspective', factor=0.5, size=(60, 40), shift=(0.1, 0.2))
        # (10, 20) lies (-20, 0) from the centre (30, 20), which moves by (6, 8)
        np.testing.assert_allclose(results['keypoints'][0, 0], [26, 28], atol=1e-5)
        np.testing.assert_allclose(results['area'], [25, 50], rtol=1e-6)
        results, before = warp('perspective', size=(30, 40))
        np.testing.assert_array_equal(results['img'], before['img'][:40, :30])

    def test_perspective_shear(self):
        results, _ = warp('perspective', shear=(np.rad2deg(np.arctan(0.5)), 0), size=(60, 40))
        # y is 0 from the centre at the first keypoint, 20 at the second, -15 at the third
        np.testing.assert_allclose(results['keypoints'][0], [[10, 20], [40, 40], [7.5, 5]], 1e-5)
        np.testing.assert_allclose(results['area'], [100, 200], rtol=1e-5)

    def test_turned_boxes(self):
        turned, _ = warp('affine', rotation=90, size=(60, 60))
        corners = turned['bbox']
        assert corners.shape == (2, 4, 2)
        # relative to the centre (40, 30), (x, y) goes to (y, -x)
        expected = [[5, 60], [40, 60], [5, 40], [40, 40]]  # of (10, 5), (10, 40), (30, 5), ...
        np.testing.assert_allclose(corners[0], expected, atol=1e-4)
        upright, _ = warp('affine', rotation=90, size=(60, 60), bbox_keep_corner=False)
        np.testing.assert_allclose(upright['bbox'][0], [5, 40, 40, 60], atol=1e-4)

    def test_clip(self):
        # shows 60x60 pixels from x = 10 on at their size
        options = dict(size=(60, 60), bbox_keep_corner=False)
        free, _ = warp('affine', **options)
        np.testing.assert_allclose(free['bbox'][1], [30, 30, 69, 59])
        assert free['keypoints_visible'].all()
        clipped, before = warp('affine', clip_border=True, **options)
        np.testing.assert_allclose(clipped['bbox'][1], [30, 30, 60, 59])
        np.testing.assert_array_equal(clipped['keypoints_visible'], [[1, 1, 1], [1, 0, 1]])
        assert before['keypoints_visible'].all()

    def test_without_input_size_the_border_counts(self):
        transform = BottomupRandomAffine(border=(-10, 5), transform_mode='perspective', **STILL)
        results = transform(sample())
        assert results['img'].shape == (70, 60, 3)
        with pytest.raises(ValueError, match=r'border=\(-40, 0\) is \(0, 60\)'):
            BottomupRandomAffine(border=(-40, 0))(sample())

    def test_picture_without_labels(self):
        results = BottomupRandomAffine(input_size=32)(dict(img=np.zeros((20, 30, 3), np.uint8)))
        assert results['img'].shape == (32, 32, 3)
        assert not results.keys() & {'keypoints', 'bbox', 'area'}

    @pytest.mark.parametrize('keep_corner', [False, True])
    def test_no_instances(self, keep_corner):
        empty = dict(
            keypoints=np.zeros((0, 3, 2), np.float32),
            keypoints_visible=np.zeros((0, 3), np.float32),
            bbox=np.zeros((0, 4), np.float32),
            area=np.zeros(0, np.float32),
        )
        transform = BottomupRandomAffine(32, bbox_keep_corner=keep_corner, clip_border=True)
        results = transform(dict(sample(), **empty))
        assert results['keypoints'].shape == (0, 3, 2)
        assert results['bbox'].shape == ((0, 4, 2) if keep_corner else (0, 4))

    def test_nan_stays_nan_and_the_dtype_stays(self):
        before = sample()
        before['keypoints'][0, 1] = np.nan
        results = BottomupRandomAffine(32, clip_border=True)(before)
        assert np.isnan(results['keypoints'][0, 1]).all()
        assert np.isfinite(results['keypoints'][1]).all()
        assert results['keypoints'].dtype == results['bbox'].dtype == np.float32
        assert results['area'].dtype == np.float32

    @pytest.mark.parametrize('mode', MODES)
    def test_seed(self, mode):
        drawn = []
        for _ in range(2):
            np.random.seed(7)
            drawn.append(BottomupRandomAffine(64, transform_mode=mode)(sample()))
        np.testing.assert_array_equal(drawn[0]['img'], drawn[1]['img'])
        np.testing.assert_array_equal(drawn[0]['keypoints'], drawn[1]['keypoints'])

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(input_size=(64, 0)), r'input_size is \(64, 0\), but must be 2 positive numbers'),
            (dict(input_size=[(64, 64), (32, 32)]), 'input_size is .* give it as'),
            (dict(input_size=(64.5, 64)), r'input_size is \(64.5, 64\); expected whole pixels'),
            (dict(scale_factor=(1.5, 0.5)), r'scale_factor is \(1.5, 0.5\); expected the smallest'),
            (dict(scale_factor=2.0), r'scale_factor is 2\.0; expected the smallest'),
            (dict(scale_type='medium'), "must be one of 'short', 'long'"),
            (dict(distribution='normal'), "must be one of 'trunc_norm', 'uniform'"),
            (dict(transform_mode='linear'), "must be one of 'affine', 'affine_udp', 'perspective'"),
            (dict(transform_mode='perspective', use_udp=True), 'use_udp goes with an affine warp'),
            (dict(shift_prob=1.2), r'shift_prob is 1\.2; expected a probability'),
            (dict(shear_factor=50), 'shear_factor is 50; expected degrees from 0 to 45'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            BottomupRandomAffine(**{'input_size': 64, **arguments})

    def test_no_picture(self):
        with pytest.raises(KeyError, match=r"needs 'img'.*LoadImage"):
            BottomupRandomAffine(64)(dict(bbox=np.zeros((1, 4))))
        message = r"BottomupRandomAffine needs one picture.*'img' is a list; give the frames"
        with pytest.raises(TypeError, match=message):
            BottomupRandomAffine(64)(dict(img=[np.zeros((4, 4, 3), np.uint8)]))

    def test_use_udp_names_the_mode(self):
        assert BottomupRandomAffine(64, use_udp=True).transform_mode == 'affine_udp'


class TestDraw:
    def draw(self, number=3000, **kwargs):
        np.random.seed(0)
        transform = BottomupRandomAffine(input_size=64, **kwargs)
        drawn = [transform._get_transform_params() for _ in range(number)]
        return np.array(
            [[*shift, factor, rotation, *shear] for shift, factor, rotation, shear in drawn]
        )

    @pytest.mark.parametrize('distribution', ['trunc_norm', 'uniform'])
    def test_distribution(self, distribution):
        options = dict(shift_factor=0.2, scale_factor=(0.5, 1.5), rotate_factor=30, shear_factor=2)
        drawn = self.draw(distribution=distribution, **options)
        amounts = (drawn - [0, 0, 1, 0, 0, 0]) / [0.2, 0.2, 0.5, 30, 2, 2]
        expected = truncnorm(-1, 1).cdf if distribution == 'trunc_norm' else lambda x: (x + 1) / 2
        for amount in amounts.T:
            assert kstest(amount, expected).pvalue > 0.001
        correlation = np.corrcoef(amounts.T)
        np.testing.assert_allclose(correlation, np.eye(6), atol=0.07)

    def test_probabilities(self):
        drawn = self.draw(shift_prob=0.3, scale_prob=0.5, rotate_prob=0.7, shear_prob=0.1)
        changed = drawn != [0, 0, 1, 0, 0, 0]
        np.testing.assert_allclose(changed.mean(axis=0), [0.3, 0.3, 0.5, 0.7, 0.1, 0.1], atol=0.03)
        np.testing.assert_array_equal(self.draw(9, **STILL), [[0, 0, 1, 0, 0, 0]] * 9)


@given(
    mode=st.sampled_from(MODES),
    size=st.tuples(st.integers(32, 128), st.integers(32, 128)),
    seed=st.integers(0, 2**31),
    scale_type=st.sampled_from(['short', 'long']),
    direction=st.sampled_from([None, 'horizontal', 'vertical', 'diagonal']),
)
@settings(deadline=None, max_examples=60)
def test_warp_mat_leads_to_the_keypoints_and_back(mode, size, seed, scale_type, direction):
    np.random.seed(seed)
    before = sample()
    results = dict(before)
    transform = BottomupRandomAffine(
        size, transform_mode=mode, scale_type=scale_type, bbox_keep_corner=False, clip_border=True
    )
    results = transform(results)
    matrix = results['warp_mat']
    inverse = np.linalg.inv(np.vstack((matrix, (0, 0, 1))))[:2]
    restored = results['keypoints'] @ inverse[:, :2].T + inverse[:, 2]
    np.testing.assert_allclose(restored, before['keypoints'], atol=1e-3)
    boxes = results['bbox']
    assert (boxes[:, :2] <= boxes[:, 2:]).all()
    assert (boxes >= 0).all()
    assert (boxes <= np.tile(size, 2)).all()
    # a flip before or after the warp leaves warp_mat the path to the input that is not flipped
    if direction is not None:
        flip = RandomFlip(prob=1.0, direction=direction)
        results = transform(flip(dict(before)))
        unflipped = flip(dict(results, flip=False))
        expected = before['keypoints'] @ results['warp_mat'][:, :2].T + results['warp_mat'][:, 2]
        np.testing.assert_allclose(unflipped['keypoints'], expected, atol=1e-3)


@given(
    mode=st.sampled_from(MODES),
    size=st.tuples(st.integers(32, 128), st.integers(32, 128)),
    shift=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    factor=st.floats(0.5, 1.5),
    scale_type=st.sampled_from(['short', 'long']),
)
@settings(deadline=None, max_examples=60)
def test_predictions_map_back_to_the_picture(mode, size, shift, factor, scale_type):
    results, before = warp(mode, shift, factor, size=size, scale_type=scale_type)
    restored = back_to_picture(results['keypoints'], results)
    np.testing.assert_allclose(restored, before['keypoints'], atol=1e-3)
    # a second warp continues from the first
    again = BottomupRandomAffine(50, rotate_prob=0, shear_prob=0, transform_mode=mode)(results)
    restored = back_to_picture(again['keypoints'], again)
    np.testing.assert_allclose(restored, before['keypoints'], atol=1e-2)


@given(
    mode=st.sampled_from(MODES),
    x=st.floats(25, 55),
    y=st.floats(20, 40),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=40)
def test_a_mark_is_found_where_its_keypoint_goes(mode, x, y, seed):
    np.random.seed(seed)
    rows, columns = np.mgrid[:60, :80]
    spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    img = np.repeat(spot[..., None], 3, axis=2).astype(np.float32)
    keypoints = np.float32([[[x, y]]])
    transform = BottomupRandomAffine(160, shift_factor=0.05, transform_mode=mode)
    results = transform(dict(img=img, keypoints=keypoints))
    assume((abs(results['keypoints'] - 80) < 65).all())  # the whole spot is in the picture
    weights = results['img'][..., 0]
    found = [(weights * axis).sum() / weights.sum() for axis in np.mgrid[:160, :160][::-1]]
    np.testing.assert_allclose(found, results['keypoints'][0, 0], atol=0.2)


class TestResize:
    def test_fit(self):
        results = BottomupResize(input_size=(64, 64), pad_val=7)(sample())
        # 80x60 onto 64x48, with 8 rows of padding above and below
        assert results['img'].shape == (64, 64, 3)
        assert results['img_shape'] == (64, 64)
        assert results['input_size'] == (64, 64)
        assert (results['img'][[0, 6, 57, 63]] == 7).all()
        assert not (results['img'][9:55] == 7).all(axis=(1, 2)).any()
        np.testing.assert_allclose(results['input_center'], [40, 30])
        np.testing.assert_allclose(results['input_scale'], [80, 80])
        np.testing.assert_array_equal(results['keypoints'], sample()['keypoints'])

    def test_expand(self):
        results = BottomupResize((64, 64), resize_mode='expand', size_factor=32)(sample())
        # 60 rows to 64, so 80 columns to 85.3, padded to the next multiple of 32
        assert results['input_size'] == (96, 64)
        np.testing.assert_allclose(results['input_scale'], [90, 60], rtol=1e-6)
        results = BottomupResize(50, resize_mode='expand', size_factor=32)(sample())
        assert results['input_size'] == (96, 64)

    def test_exact_multiples_are_not_exceeded(self):
        # 3 * 64 * 7 / 21 would come out above 64 by rounding of 7 / 21
        for w, h in ((7, 21), (49, 147), (21, 7)):
            picture = dict(img=np.zeros((h, w, 3), np.uint8))
            results = BottomupResize(96, resize_mode='expand', size_factor=32)(picture)
            assert sorted(results['input_size']) == [96, 288]

    def test_further_sizes(self):
        results = BottomupResize((64, 64), aug_scales=[0.5, 1.5])(sample())
        assert [img.shape[0] for img in results['img']] == [64, 32, 96]
        assert results['aug_scales'] == [0.5, 1.5]
        assert results['input_size'] == (64, 64)
        assert BottomupResize((64, 64))(sample())['aug_scales'] is None

    def test_udp_puts_the_picture_at_the_top_left(self):
        results = BottomupResize((64, 64), use_udp=True, pad_val=(1, 2, 3))(sample())
        assert (results['img'][50:] == (1, 2, 3)).all()
        assert not (results['img'][:46] == (1, 2, 3)).all(axis=(1, 2)).any()
        np.testing.assert_allclose(results['input_center'], [39.5, 29.5])
        np.testing.assert_allclose(results['input_scale'], [80, 60])

    @given(
        picture=st.tuples(st.integers(20, 200), st.integers(20, 200)),
        size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
        mode=st.sampled_from(['fit', 'expand']),
    )
    @settings(deadline=None, max_examples=40)
    def test_the_picture_lies_where_predictions_map_back(self, picture, size, mode):
        w, h = picture
        img = np.full((h, w, 3), 255, np.uint8)
        transform = BottomupResize([32 * s for s in size], resize_mode=mode)
        results = transform(dict(img=img))
        W, H = results['input_size']
        assert W % 32 == H % 32 == 0
        rows, columns = np.mgrid[:H, :W]
        xy = back_to_picture(np.stack((columns, rows), axis=-1), results)
        inside = ((xy >= 0) & (xy <= (w - 1, h - 1))).all(axis=-1)
        outside = ((xy <= -1) | (xy >= (w, h))).any(axis=-1)
        assert (results['img'][inside] == 255).all()
        assert (results['img'][outside] == 0).all()

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(input_size=(64, -32)), r'input_size is \(64, -32\), but must be 2 positive'),
            (dict(input_size=(64, 70)), r'\(64, 70\) is no multiple of size_factor=32.*\(64, 96\)'),
            (dict(aug_scales=[0.75]), r'\(48, 48\) is no multiple of size_factor=32'),
            (dict(aug_scales=[0.5, -1]), 'aug_scales is .* must be positive'),
            (dict(size_factor=0), 'size_factor is 0, but must be positive'),
            (dict(resize_mode='stretch'), "must be one of 'fit', 'expand'"),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            BottomupResize(**{'input_size': (64, 64), **arguments})
