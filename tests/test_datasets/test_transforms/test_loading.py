import cv2
import numpy as np
import pytest

from mmpose.datasets.transforms import LoadImage


@pytest.fixture
def image_path(tmp_path):
    path = tmp_path / 'picture.png'
    cv2.imwrite(str(path), np.arange(24, dtype=np.uint8).reshape(2, 4, 3))
    return str(path)


@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_reads_a_file(image_path, backend):
    results = LoadImage(imdecode_backend=backend)(dict(img_path=image_path))
    np.testing.assert_array_equal(results['img'], np.arange(24).reshape(2, 4, 3))
    assert results['img_shape'] == results['ori_shape'] == (2, 4)
    assert results['img'].dtype == np.uint8


def test_takes_a_picture_that_is_there():
    img = np.zeros((2, 4, 3), np.uint8)
    results = LoadImage()(dict(img=img))
    assert results['img'] is img
    assert results['img_path'] is None
    assert results['img_shape'] == results['ori_shape'] == (2, 4)
    assert LoadImage(to_float32=True)(dict(img=img))['img'].dtype == np.float32
    assert LoadImage()(dict(img=img, img_path='a.png'))['img_path'] == 'a.png'


def test_backend_args(image_path):
    results = LoadImage(backend_args=dict(backend='local'))(dict(img_path=image_path))
    assert results['img'].shape == (2, 4, 3)


def test_missing_file_is_named(tmp_path):
    path = str(tmp_path / 'nowhere.jpg')
    with pytest.raises(FileNotFoundError) as info:
        LoadImage()(dict(img_path=path, img_id=7))
    assert str(info.value) == (
        f"The image '{path}' (img_id 7) does not exist. Check `data_root` and `data_prefix` of "
        'the data set, and that its pictures are complete.'
    )


@pytest.mark.parametrize('content', [b'', b'not a picture'], ids=['empty', 'text'])
@pytest.mark.parametrize('backend', ['cv2', 'pillow'])
def test_undecodable_file_is_named(tmp_path, content, backend):
    path = tmp_path / 'broken.jpg'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"broken\.jpg' could not be read.*'{backend}' decodes"):
        LoadImage(imdecode_backend=backend)(dict(img_path=str(path)))
    ignoring = LoadImage(imdecode_backend=backend, ignore_empty=True)
    assert ignoring(dict(img_path=str(path))) is None


def test_ignore_empty_passes_over_missing_files():
    assert LoadImage(ignore_empty=True)(dict(img_path='nowhere.jpg')) is None


def test_wrong_samples():
    with pytest.raises(KeyError, match="neither 'img' nor 'img_path'"):
        LoadImage()(dict(id=1))
    with pytest.raises(TypeError, match="'img' is a str; expected an array"):
        LoadImage()(dict(img='a.png'))
