import pickle

import cv2
import numpy as np
import pytest
from mmcv.image import io as mmcv_io

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


def test_reads_the_frames_of_a_sequence(image_path, tmp_path):
    second = tmp_path / 'second.png'
    cv2.imwrite(str(second), np.full((2, 4, 3), 9, np.uint8))
    paths = [image_path, str(second)]
    results = LoadImage(to_float32=True)(dict(img_path=paths))
    first, last = results['img']
    np.testing.assert_array_equal(first, np.arange(24).reshape(2, 4, 3))
    assert (last == 9).all()
    assert last.dtype == np.float32
    assert results['img_shape'] == results['ori_shape'] == (2, 4)
    assert results['img_path'] is paths


def test_takes_the_frames_that_are_there():
    frames = (np.zeros((2, 4, 3), np.uint8), np.ones((2, 4, 3), np.uint8))
    results = LoadImage()(dict(img=frames))
    assert isinstance(results['img'], list)
    assert results['img'][1] is frames[1]
    assert results['img_shape'] == (2, 4)


def test_a_frame_that_is_missing(image_path):
    sample = dict(img_path=[image_path, 'nowhere.jpg'])
    with pytest.raises(FileNotFoundError, match=r"The image 'nowhere\.jpg' does not exist"):
        LoadImage()(dict(sample))
    assert LoadImage(ignore_empty=True)(dict(sample)) is None


def test_wrong_frames():
    frames = [np.zeros((2, 4, 3)), np.zeros((4, 2, 3))]
    with pytest.raises(ValueError, match=r'frames have the sizes \[\(2, 4\), \(4, 2\)\]'):
        LoadImage()(dict(img=frames))
    with pytest.raises(ValueError, match=r'frames have the sizes \[\].* at least one frame'):
        LoadImage()(dict(img=[]))
    with pytest.raises(ValueError, match=r"'img' has shape \(5, 2, 4, 3\); expected"):
        LoadImage()(dict(img=np.zeros((5, 2, 4, 3))))


def test_unknown_backend():
    with pytest.raises(ValueError, match="imdecode_backend is 'opencv', but must be one of 'cv2'"):
        LoadImage(imdecode_backend='opencv')


@pytest.mark.parametrize(
    ('backend', 'name', 'package'),
    [('tifffile', 'tifffile', 'tifffile'), ('turbojpeg', 'TurboJPEG', 'PyTurboJPEG')],
)
def test_backend_that_is_not_installed(monkeypatch, backend, name, package):
    monkeypatch.setattr(mmcv_io, name, None)
    monkeypatch.setattr(mmcv_io, 'jpeg', None)
    with pytest.raises(ImportError, match=f'{backend!r} needs the package {package}; run `pip'):
        LoadImage(imdecode_backend=backend)
    assert mmcv_io.imread_backend == 'cv2'


def test_turbojpeg_is_set_up_in_every_process(monkeypatch, image_path):
    class Decoder:
        def decode(self, content, flag):
            return np.full((2, 4, 3), len(content) > 0, np.uint8)

    monkeypatch.setattr(mmcv_io, 'TurboJPEG', Decoder)
    monkeypatch.setattr(mmcv_io, 'jpeg', None)
    load = LoadImage(imdecode_backend='turbojpeg')
    assert isinstance(mmcv_io.jpeg, Decoder)
    assert mmcv_io.imread_backend == 'cv2'  # the default of others is left alone
    sent = pickle.dumps(load)
    monkeypatch.setattr(mmcv_io, 'jpeg', None)  # as in a process that was started anew
    assert (pickle.loads(sent)(dict(img_path=image_path))['img'] == 1).all()


def test_tifffile_reads(tmp_path):
    tifffile = pytest.importorskip('tifffile')
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    tifffile.imwrite(tmp_path / 'picture.tif', picture)
    results = LoadImage(imdecode_backend='tifffile')(dict(img_path=tmp_path / 'picture.tif'))
    np.testing.assert_array_equal(results['img'], picture)
