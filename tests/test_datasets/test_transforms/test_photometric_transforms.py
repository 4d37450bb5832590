import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.transforms import PhotometricDistortion, YOLOXHSVRandomAug
from mmpose.datasets.transforms.photometric_transforms import _Distortion

PICTURE = np.random.RandomState(0).randint(0, 256, (32, 48, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def scaled(img, factor=1.0, offset=0.0):
    """The plain formula: float32, limited, cut off after the point."""
    return np.clip(img.astype(np.float32) * factor + offset, 0, 255).astype(np.uint8)


def distort(img, **changes):
    return PhotometricDistortion._distort(_Distortion(**changes), img)


class TestPhotometricDistortion:
    def test_brightness_and_contrast(self):
        img = np.uint8([[[0, 100, 250]]])
        assert distort(img, brightness=10.7).tolist() == [[[10, 110, 255]]]
        assert distort(img, brightness=-10.7).tolist() == [[[0, 89, 239]]]
        assert distort(img, contrast=1.5).tolist() == [[[0, 150, 255]]]
        assert distort(img, brightness=10, contrast=0.5).tolist() == [[[5, 55, 127]]]

    def test_saturation_and_hue(self):
        red, grey = np.uint8([[[0, 0, 200]]]), np.full((1, 1, 3), 90, np.uint8)
        assert distort(red, saturation=0.5).tolist() == [[[100, 100, 200]]]  # S from 255 to 127
        assert distort(red, hue=60).tolist() == [[[0, 200, 0]]]  # 120 degrees on: green
        assert distort(red, hue=-60).tolist() == [[[200, 0, 0]]]  # the circle's other side: blue
        assert distort(grey, saturation=1.5, hue=30).tolist() == grey.tolist()

    def test_contrast_after_colour_and_order_of_channels(self):
        img = np.uint8([[[20, 60, 200]]])
        assert distort(img, channels=(2, 0, 1)).tolist() == [[[200, 20, 60]]]
        # half saturation first: 200 stays, the others move halfway to it; then twice as light
        late = distort(img, saturation=0.5, contrast=2.0, contrast_first=False)
        assert late.tolist() == [[[222, 255, 255]]]

    def test_equals_the_plain_formula(self):
        transform = PhotometricDistortion()
        for _ in range(60):
            change = transform._draw()
            expected = scaled(PICTURE, offset=change.brightness)
            if change.contrast_first:
                expected = scaled(expected, change.contrast)
            if change.saturation != 1 or change.hue != 0:
                hsv = cv2.cvtColor(expected, cv2.COLOR_BGR2HSV)
                hsv[..., 1] = scaled(hsv[..., 1], change.saturation)
                hsv[..., 0] = (hsv[..., 0].astype(int) + change.hue) % 180
                expected = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
            if not change.contrast_first:
                expected = scaled(expected, change.contrast)
            expected = expected[..., list(change.channels)]
            np.testing.assert_array_equal(transform._distort(change, PICTURE), expected)

    def test_nothing_drawn_changes_nothing(self):
        assert distort(PICTURE) is PICTURE

    def test_distributions(self):
        transform = PhotometricDistortion(
            brightness_delta=8, contrast_range=(0.9, 1.2), saturation_range=(0, 2), hue_delta=3
        )
        drawn = [transform._draw() for _ in range(4000)]
        neutral = _Distortion()
        limits = dict(brightness=(-8, 8), contrast=(0.9, 1.2), saturation=(0, 2), hue=(-3, 2))
        # one of six hues and one of six orders are neutral even when chosen
        shares = dict(brightness=1, contrast=1, saturation=1, hue=5 / 6, channels=5 / 6)
        for name, share in shares.items():
            values = [getattr(change, name) for change in drawn]
            changed = [value for value in values if value != getattr(neutral, name)]
            np.testing.assert_allclose(len(changed) / len(drawn), share / 2, atol=0.03)
            if name in limits:
                low, high = limits[name]
                assert low <= min(changed) < low + 0.02 * (high - low)
                assert high - 0.02 * (high - low) < max(changed) <= high
        np.testing.assert_allclose(np.mean([c.contrast_first for c in drawn]), 0.5, atol=0.03)

    def test_frames_change_alike_and_the_input_stays(self):
        before = PICTURE.copy()
        for _ in range(10):
            results = PhotometricDistortion()(dict(img=[PICTURE, PICTURE]))
            np.testing.assert_array_equal(*results['img'])
        np.testing.assert_array_equal(PICTURE, before)

    @pytest.mark.parametrize(
        ('arguments', 'message'),
        [
            (dict(hue_delta=-1), 'hue_delta is -1; expected the largest amount, 0 or more'),
            (dict(brightness_delta=float('nan')), 'brightness_delta is nan'),
            (
                dict(contrast_range=(1.5, 0.5)),
                r'contrast_range is \(1.5, 0.5\); expected the small',
            ),
            (dict(saturation_range=(1,)), r'saturation_range is \(1,\)'),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            PhotometricDistortion(**arguments)


class TestYOLOXHSVRandomAug:
    def run(self, img, gains):
        transform = YOLOXHSVRandomAug()
        transform._get_hsv_gains = lambda: np.int16(gains)
        return transform(dict(img=img))['img']

    def test_by_hand(self):
        red = np.uint8([[[0, 0, 200]]])  # hue 0, saturation 255, value 200
        assert self.run(red, (0, 0, 30)).tolist() == [[[0, 0, 230]]]
        assert self.run(red, (0, 0, 90)).tolist() == [[[0, 0, 255]]]
        assert self.run(red, (0, -255, 0)).tolist() == [[[200, 200, 200]]]
        assert self.run(red, (-60, 0, 0)).tolist() == [[[200, 0, 0]]]

    @given(st.tuples(st.integers(-200, 200), st.integers(-300, 300), st.integers(-300, 300)))
    @settings(deadline=None, max_examples=60)
    def test_equals_the_plain_formula(self, gains):
        hsv = cv2.cvtColor(PICTURE, cv2.COLOR_BGR2HSV).astype(np.int16) + np.int16(gains)
        hsv[..., 0] %= 180
        expected = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
        np.testing.assert_array_equal(self.run(PICTURE, gains), expected)

    def test_gains(self):
        transform = YOLOXHSVRandomAug(hue_delta=5, saturation_delta=30, value_delta=0)
        gains = np.array([transform._get_hsv_gains() for _ in range(4000)])
        assert gains.dtype == np.int16
        assert np.abs(gains).max(axis=0).tolist() == [4, 29, 0]  # cut off after the point
        # half are not chosen, and a fifth of [-5, 5] is cut off to 0
        np.testing.assert_allclose((gains[:, 0] != 0).mean(), 0.5 * 0.8, atol=0.03)
        np.testing.assert_allclose(gains.mean(axis=0), 0, atol=0.5)

    def test_frames_change_alike_and_the_input_stays(self):
        before = PICTURE.copy()
        results = YOLOXHSVRandomAug()(dict(img=[PICTURE, PICTURE]))
        np.testing.assert_array_equal(*results['img'])
        np.testing.assert_array_equal(PICTURE, before)

    def test_wrong_arguments(self):
        with pytest.raises(ValueError, match='value_delta is -3; expected the largest amount'):
            YOLOXHSVRandomAug(value_delta=-3)


@pytest.mark.parametrize('transform', [PhotometricDistortion(), YOLOXHSVRandomAug()])
@pytest.mark.parametrize(
    'img', [np.zeros((4, 5, 3), np.float32), np.zeros((4, 5), np.uint8), np.zeros((4, 5, 1), 'u1')]
)
def test_pictures_must_be_uint8_colour(transform, img):
    with pytest.raises(
        TypeError, match=r'needs a picture \(H, W, 3\) of uint8, not \(4, 5.*load it'
    ):
        transform(dict(img=img))


@pytest.mark.parametrize('transform', [PhotometricDistortion(), YOLOXHSVRandomAug()])
def test_sample_without_picture(transform):
    with pytest.raises(KeyError, match=r"needs 'img', but the sample has only \['id'\]"):
        transform(dict(id=1))
