import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.transforms import TopdownAffine
from mmpose.structures.bbox import get_warp_matrix


def sample(center=(50.0, 40.0), scale=(30.0, 40.0), **extra):
    img = np.random.RandomState(0).randint(0, 256, (80, 100, 3), dtype=np.uint8)
    return dict(
        img=cv2.GaussianBlur(img, (9, 9), 0),
        bbox_center=np.float32([center]),
        bbox_scale=np.float32([scale]),
        **extra,
    )


def test_crop_at_scale_one_copies_the_region():
    results = sample(scale=(30.0, 40.0))
    region = results['img'][20:60, 35:65].copy()
    results = TopdownAffine(input_size=(30, 40))(results)
    np.testing.assert_array_equal(results['img'], region)
    assert results['input_size'] == (30, 40)
    np.testing.assert_array_equal(results['input_center'], [50, 40])
    np.testing.assert_array_equal(results['input_scale'], [30, 40])


@pytest.mark.parametrize(
    ('scale', 'fitted'),
    [((30, 20), (30, 40)), ((6, 40), (30, 40)), ((30, 40), (30, 40)), ((60, 40), (60, 80))],
)
def test_scale_grows_to_the_aspect_ratio_of_the_input(scale, fitted):
    results = TopdownAffine(input_size=(192, 256))(sample(scale=scale))
    np.testing.assert_allclose(results['bbox_scale'], [fitted], rtol=1e-6)
    assert results['bbox_scale'].dtype == np.float32


@pytest.mark.parametrize('use_udp', [False, True])
def test_keypoints_follow_the_picture(use_udp):
    keypoints = np.float32([[[50, 40, 7], [35, 20, 8]]])
    results = TopdownAffine(input_size=(60, 80), use_udp=use_udp)(sample(keypoints=keypoints))
    # 30x40 pixels onto 60x80; under UDP the corners of the box go to the outermost pixels
    expected = [[29.5, 39.5, 7], [0, 0, 8]] if use_udp else [[30, 40, 7], [0, 0, 8]]
    np.testing.assert_allclose(results['transformed_keypoints'][0], expected, atol=1e-4)
    np.testing.assert_array_equal(results['keypoints'], keypoints)


@given(
    x=st.floats(30, 70),
    y=st.floats(20, 60),
    width=st.floats(20, 60),
    rotation=st.floats(-180, 180),
    use_udp=st.booleans(),
)
@settings(deadline=None, max_examples=50)
def test_a_mark_is_found_where_its_keypoint_goes(x, y, width, rotation, use_udp):
    mark = np.float32([48, 42])
    img = np.zeros((80, 100, 3), np.uint8)
    rows, columns = np.mgrid[:80, :100]
    squares = (columns - mark[0]) ** 2 + (rows - mark[1]) ** 2
    img[:] = np.rint(255 * np.exp(-squares / (2 * 2.5**2)))[..., None]
    results = TopdownAffine(input_size=(96, 128), use_udp=use_udp)(
        dict(
            img=img,
            bbox_center=np.float32([[x, y]]),
            bbox_scale=np.float32([[width, 1]]),
            bbox_rotation=np.float32([rotation]),
            keypoints=mark[None, None],
        )
    )
    there = results['transformed_keypoints'][0, 0]
    reach = 8 * 96 / width
    if (there >= reach).all() and (there < np.array([96, 128]) - reach).all():
        weights = results['img'][..., 0].astype(float)
        centre = [(weights.sum(0) @ np.arange(96)), (weights.sum(1) @ np.arange(128))]
        np.testing.assert_allclose(np.array(centre) / weights.sum(), there, atol=0.1)


@given(
    rotation=st.floats(-180, 180),
    size=st.tuples(st.integers(8, 400), st.integers(8, 400)),
    scale=st.tuples(st.floats(1, 500), st.floats(1, 500)),
    points=st.lists(st.floats(-100, 300), min_size=8, max_size=8),
)
@settings(deadline=None, max_examples=50)
def test_the_inverse_maps_keypoints_back(rotation, size, scale, points):
    keypoints = np.array(points).reshape(2, 2, 2)  # frames, keypoints
    turned = dict(bbox_rotation=np.array([rotation]), keypoints=keypoints)
    results = TopdownAffine(size)(sample(scale=scale, **turned))
    center, fitted = results['input_center'], results['input_scale']
    np.testing.assert_allclose(fitted[0] * size[1], fitted[1] * size[0], rtol=1e-5)
    back = get_warp_matrix(center, fitted, rotation, size, inv=True)
    points_back = results['transformed_keypoints'] @ back[:, :2].T + back[:, 2]
    np.testing.assert_allclose(points_back, keypoints, atol=1e-3)
    upright = TopdownAffine(size)(sample(scale=scale, keypoints=keypoints))
    shares = upright['transformed_keypoints'] / size
    np.testing.assert_allclose((shares - 0.5) * fitted + center, keypoints, atol=1e-3)


def test_frames_are_cropped_alike():
    results = sample()
    results['img'] = [results['img'], results['img'][::-1].copy()]
    cropped = TopdownAffine(input_size=(30, 40))(results)['img']
    assert [frame.shape for frame in cropped] == [(40, 30, 3)] * 2


def test_samples_without_keypoints():
    assert 'transformed_keypoints' not in TopdownAffine((30, 40))(sample())
    assert 'transformed_keypoints' not in TopdownAffine((30, 40))(sample(keypoints=None))


def test_wrong_use():
    with pytest.raises(ValueError, match=r'input_size is \(192, 256, 3\), but must be 2'):
        TopdownAffine(input_size=(192, 256, 3))
    with pytest.raises(ValueError, match=r'input_size is \(0, 256\), but must be 2 positive'):
        TopdownAffine(input_size=(0, 256))
    with pytest.raises(ValueError, match=r'input_size is \(192\.5, 256\); expected whole pix'):
        TopdownAffine(input_size=(192.5, 256))
    with pytest.raises(KeyError, match="TopdownAffine needs 'img'"):
        TopdownAffine((30, 40))(dict(id=1))
    with pytest.raises(KeyError, match=r"'bbox_center'.*Put GetBBoxCenterScale before it"):
        TopdownAffine((30, 40))(dict(img=np.zeros((4, 4, 3), np.uint8)))
    with pytest.raises(ValueError, match=r'centre is \(nan, 40\.0\)'):
        TopdownAffine((30, 40))(sample(center=(np.nan, 40)))
    for scale in ((0, 0), (np.nan, 5)):
        with pytest.raises(ValueError, match='pixels; a crop needs a box of some width or height'):
            TopdownAffine((30, 40))(sample(scale=scale))
    several = sample()
    several['bbox_center'] = several['bbox_center'].repeat(2, axis=0)
    with pytest.raises(ValueError, match='crops one instance, but the sample has 2; set `data_mod'):
        TopdownAffine((30, 40))(several)
