"""Data sets of faces: what their classes read from converted sources of one or two faces."""

import json
import sys
from contextlib import nullcontext

import numpy as np
import pytest
from scipy.io import savemat

from mmpose.datasets.converters import ConversionError, MissingPackageError, cofw, convert
from mmpose.datasets.converters.face_300vw import TEST_VIDEOS
from mmpose.registry import DATASETS


def build(kind, out, ann_file, prefix):
    return DATASETS.build(
        dict(type=kind, data_root=str(out), ann_file=ann_file, data_prefix=dict(img=prefix))
    )


def points_in(low, high, num_points):
    """(K, 2) points on the diagonal from one corner to the other."""
    return np.linspace(low, high, num_points)


def annotations(out, name):
    return json.loads((out / 'annotations' / name).read_text())['annotations']


# ------------------------------------------------------------------------- WFLW


def wflw_line(points, attributes='0 0 0 0 0 0', name='0--Parade/a.jpg'):
    numbers = ' '.join(f'{value:.6f}' for value in np.ravel(points))
    return f'{numbers} 1 2 3 4 {attributes} {name}'


@pytest.fixture
def wflw(tmp_path, picture, text):
    source = tmp_path / 'WFLW'
    picture(source / 'WFLW_images/0--Parade/a.jpg', (100, 80))
    face = points_in((20.5, 10.25), (60.5, 70.75), 98)
    lists = source / 'WFLW_annotations/list_98pt_rect_attr_train_test'
    text(lists / 'list_98pt_rect_attr_train.txt', wflw_line(face) + '\n\n')
    rows = [wflw_line(face), wflw_line(face + 1, '0 0 0 0 1 0')]
    text(lists / 'list_98pt_rect_attr_test.txt', '\n'.join(rows))
    return source


def test_wflw(wflw, tmp_path):
    result = convert('wflw', wflw, tmp_path / 'out')
    names = sorted(path.name for path in (tmp_path / 'out/annotations').iterdir())
    assert names == [f'face_landmarks_wflw_{n}.json' for n in ('test', 'test_occlusion', 'train')]
    assert 'face_landmarks_wflw_test.json: 1 pictures, 2 instances\n' in result.text
    [face] = annotations(tmp_path / 'out', 'face_landmarks_wflw_train.json')
    # x from 20 to 61, y from 10 to 71: the square's side is 61
    assert face['center'] == [40.5, 40.5]
    assert face['scale'] == 61 / 200
    # a tenth of 40 x 60.5 more on each side, held inside 100 x 80
    np.testing.assert_allclose(face['bbox'], [16.5, 4.2, 48, 72.6])
    assert face['area'] == pytest.approx(48 * 72.6)
    [occluded] = annotations(tmp_path / 'out', 'face_landmarks_wflw_test_occlusion.json')
    assert (occluded['occlusion'], occluded['blur']) == (1, 0)
    dataset = build(
        'WFLWDataset',
        tmp_path / 'out',
        'annotations/face_landmarks_wflw_train.json',
        '../WFLW/WFLW_images',
    )
    item = dataset.get_data_info(0)
    np.testing.assert_allclose(item['bbox'], [[10, 10, 71, 71]])
    np.testing.assert_allclose(item['keypoints'][0, [0, -1]], [[20.5, 10.25], [60.5, 70.75]])
    assert item['keypoints_visible'].tolist() == [[1] * 98]
    assert item['img_path'].endswith('WFLW_images/0--Parade/a.jpg')


def test_wflw_errors(wflw, tmp_path, text):
    lists = wflw / 'WFLW_annotations/list_98pt_rect_attr_train_test'
    train = lists / 'list_98pt_rect_attr_train.txt'
    good = train.read_text()
    text(train, good + '1 2 3 a.jpg')
    with pytest.raises(ConversionError, match=r'train\.txt., line 3: 4 fields; expected 207: x an'):
        convert('wflw', wflw, tmp_path / 'out')
    text(train, good.replace('20.500000', 'x', 1))
    with pytest.raises(ConversionError, match=r"train\.txt', line 1: 'x' is no number\."):
        convert('wflw', wflw, tmp_path / 'out')
    text(train, good.replace('a.jpg', 'b.jpg'))
    with pytest.raises(FileNotFoundError, match=r'None of the 1 pictures is in .*0--Parade/b\.jpg'):
        convert('wflw', wflw, tmp_path / 'out')
    with pytest.raises(FileNotFoundError, match="There is no folder 'elsewhere'; give that of the"):
        convert('wflw', wflw, tmp_path / 'out', images='elsewhere')
    train.unlink()
    with pytest.raises(FileNotFoundError, match='is not WFLW with its WFLW_annotations: looked fo'):
        convert('wflw', wflw, tmp_path / 'out')


# ------------------------------------------------------------------------- LaPa


@pytest.fixture
def lapa(tmp_path, picture, text):
    for part in ('train', 'val'):
        picture(tmp_path / part / f'images/{part}_0.jpg', (200, 150))
        rows = '\n'.join(f'{x} {y}' for x, y in points_in((10, 20), (115, 125), 106).tolist())
        text(tmp_path / part / f'landmarks/{part}_0.txt', f'106\n{rows}\n')
    return tmp_path


def test_lapa(lapa):
    convert('lapa', lapa, lapa)
    assert len(annotations(lapa, 'lapa_train.json')) == 1
    [first, second] = annotations(lapa, 'lapa_trainval.json')
    assert first['bbox'] == second['bbox'] == [10, 20, 105, 105]
    assert first['area'] == 105**2
    assert not (lapa / 'annotations/lapa_test.json').exists()
    dataset = build('LapaDataset', lapa, 'annotations/lapa_trainval.json', '')
    item = dataset.get_data_info(1)
    assert item['img_path'] == str(lapa / 'val/images/val_0.jpg')
    assert item['keypoints'][0, 3].tolist() == [13, 23]


def test_lapa_errors(lapa, text):
    path = lapa / 'train/landmarks/train_0.txt'
    good = path.read_text()
    text(path, good.replace('106', '68', 1))
    with pytest.raises(ConversionError, match=r"train_0\.txt', line 1: '68'; expected 106, the nu"):
        convert('lapa', lapa, lapa)
    text(path, good.replace('11.0 21.0', '11.0 21.0 5'))
    with pytest.raises(ConversionError, match=r"train_0\.txt', line 3: 3 fields; expected x and y"):
        convert('lapa', lapa, lapa)
    text(path, good.replace('11.0 21.0\n', ''))
    with pytest.raises(ConversionError, match=r"train_0\.txt' has 105 points; expected 106\."):
        convert('lapa', lapa, lapa)
    path.write_bytes(b'\xff\xfe')
    with pytest.raises(ConversionError, match=r"train_0\.txt' is no text"):
        convert('lapa', lapa, lapa)


# ---------------------------------------------------------------------- 300W-LP


@pytest.fixture
def face_300wlp(tmp_path, picture):
    source = tmp_path / '300W_LP'
    points = points_in((10, 20), (77, 87), 68)
    for name in ('AFW/AFW_1_1_0', 'AFW/AFW_1_1_1', 'IBUG/IBUG_2_0', 'AFW_Flip/AFW_1_1_0'):
        savemat(picture(source / f'{name}.jpg', (100, 90)).with_suffix('.mat'), dict(pt2d=points.T))
    (source / 'landmarks/IBUG').mkdir(parents=True)
    savemat(source / 'landmarks/IBUG/IBUG_2_0_pts.mat', dict(pts_2d=points, pts_3d=points + 1))
    return source


def test_300wlp_keeps_the_poses_of_a_face_together(face_300wlp):
    result = convert('face_300wlp', face_300wlp, face_300wlp, val_fraction=0.25)
    names = {
        part: [
            image['file_name']
            for image in json.loads(
                (face_300wlp / f'annotations/face_landmarks_300wlp_{part}.json').read_text()
            )['images']
        ]
        for part in ('train', 'valid')
    }
    faces = (
        ['IBUG/IBUG_2_0.jpg'],
        [
            'AFW/AFW_1_1_0.jpg',
            'AFW/AFW_1_1_1.jpg',
            'AFW_Flip/AFW_1_1_0.jpg',
        ],
    )
    assert sorted(names.values(), key=len) == list(faces)
    assert 'dropped' not in result.text
    dataset = build(
        'Face300WLPDataset', face_300wlp, 'annotations/face_landmarks_300wlp_valid.json', ''
    )
    item = dataset.get_data_info(0)
    np.testing.assert_allclose(item['bbox'], [[10, 20, 77, 87]])
    np.testing.assert_allclose(item['keypoints'][0, :2], [[10, 20], [11, 21]])


def test_300wlp_landmarks_folder(face_300wlp):
    result = convert('face_300wlp', face_300wlp, face_300wlp, landmarks='pts_3d', val_fraction=0)
    assert 'dropped 3: picture without points, such as AFW/AFW_1_1_0.jpg' in result.text
    [face] = annotations(face_300wlp, 'face_landmarks_300wlp_train.json')
    assert face['keypoints'][:3] == [11, 21, 2]


def test_300wlp_errors(face_300wlp, tmp_path):
    with pytest.raises(ConversionError, match='no labelled instance:\ndropped 1: picture without '):
        convert('face_300wlp', face_300wlp / 'AFW_Flip', tmp_path, landmarks='pts_2d')
    path = face_300wlp / 'AFW/AFW_1_1_0.mat'
    savemat(path, dict(pt2d=np.zeros((2, 21))))
    with pytest.raises(ConversionError, match=r'pt2d has the shape \(2, 21\); expected \(2, 68\) '):
        convert('face_300wlp', face_300wlp, tmp_path)
    savemat(path, dict(roi=np.zeros(4)))
    with pytest.raises(ConversionError, match=r"0\.mat' has no pt2d; it has roi\. It may be anot"):
        convert('face_300wlp', face_300wlp, tmp_path)
    path.write_bytes(b'no MATLAB')
    with pytest.raises(ConversionError, match=r"0\.mat' cannot be read as a MATLAB file"):
        convert('face_300wlp', face_300wlp, tmp_path)


# ------------------------------------------------------------------------ 300VW


def pts(points):
    rows = '\n'.join(f'{x} {y}' for x, y in np.asarray(points).tolist())
    return f'version: 1\nn_points: 68\n{{\n{rows}\n}}\n'


@pytest.fixture
def face_300vw(tmp_path, video, text):
    source = tmp_path / '300VW'
    points = points_in((10, 4), (30.25, 44), 68)
    for name in ('001', '114', '410'):
        for number in (1, 3, 4):
            text(source / name / f'annot/{number:06d}.pts', pts(points))
        video(source / name / 'vid.avi')
    return source


def test_300vw(face_300vw, tmp_path):
    np.save(tmp_path / 'broken.npy', {'410': [2, 3]})
    out = tmp_path / 'out'
    result = convert('face_300vw', face_300vw, out, broken_frames=str(tmp_path / 'broken.npy'))
    assert 'dropped 1: broken frame, such as 410/000003' in result.text
    counts = {p.stem: len(annotations(out, p.name)) for p in (out / 'annotations').iterdir()}
    assert counts == dict(train=3, test_1=3, test_3=2)
    dataset = build('Face300VWDataset', out, 'annotations/train.json', 'images')
    item = dataset.get_data_info(1)
    assert item['img_path'] == str(out / 'images/001/imgs/000003.jpg')
    # the square around (20.125, 24) has sides of 40, the larger extent
    np.testing.assert_allclose(item['bbox'], [[0.125, 4, 40.125, 44]])
    import cv2

    # frames count from 1: the third is 40 grey
    assert abs(cv2.imread(item['img_path']).mean() - 40) < 4
    assert not (out / 'images/001/imgs/000002.jpg').exists()


def test_300vw_writes_pictures_once(face_300vw, tmp_path):
    convert('face_300vw', face_300vw, tmp_path)
    for path in face_300vw.glob('*/vid.avi'):
        path.unlink()
    convert('face_300vw', face_300vw, tmp_path)
    (tmp_path / 'images/114/imgs/000004.jpg').unlink()
    with pytest.raises(FileNotFoundError, match=r"There is no video '.*114/vid.avi', which pict"):
        convert('face_300vw', face_300vw, tmp_path)


def test_300vw_errors(face_300vw, tmp_path, text):
    path = face_300vw / '001/annot/000001.pts'
    text(path, path.read_text().replace('10.0 4.0', '10.0 four'))
    with pytest.raises(ConversionError, match=r"000001\.pts', line 4: 'four' is no number\."):
        convert('face_300vw', face_300vw, tmp_path)
    text(path, 'version: 1')
    with pytest.raises(ConversionError, match=r"000001\.pts' has no braces; expected lines with"):
        convert('face_300vw', face_300vw, tmp_path)
    text(face_300vw / '001/vid.avi', 'no video')
    with pytest.raises(ConversionError, match=r"vid\.avi' cannot be opened as a video\."):
        convert('face_300vw', face_300vw, tmp_path / 'other')
    np.save(tmp_path / 'broken.npy', [1, 2])
    with pytest.raises(ConversionError, match=r"broken\.npy' holds no dict with the broken frames"):
        convert('face_300vw', face_300vw, tmp_path, broken_frames=str(tmp_path / 'broken.npy'))


def test_300vw_test_videos():
    assert [len(videos) for videos in TEST_VIDEOS.values()] == [31, 19, 14]
    assert len(set().union(*TEST_VIDEOS.values())) == 64


# ------------------------------------------------------------------------- COFW


def cofw_content(ending, images):
    """A file as h5py shows it: axes reversed, pictures behind references."""
    N = len(images)
    points = np.zeros((87, N))
    points[:29] = np.arange(29)[:, None] + 10
    points[29:58] = 20
    points[58] = 1  # the first point is occluded
    boxes = np.tile([[5.0], [6], [30], [20]], N)
    content = {f'Is{ending}': np.array([list(images)], dtype=object), f'phis{ending}': points}
    return {**content, f'bboxes{ending}': boxes, **images}


@pytest.fixture
def cofw_files(tmp_path, monkeypatch):
    red = np.zeros((3, 60, 40), dtype=np.uint8)
    red[0] = 200
    files = {
        'COFW_train_color.mat': cofw_content('Tr', dict(a=red, b=red[0])),
        'COFW_test_color.mat': cofw_content('T', dict(c=red[1])),
    }
    monkeypatch.setattr(cofw, 'open_hdf5', lambda path, *_: nullcontext(files[path.name]))
    return files


def test_cofw(cofw_files, tmp_path):
    import cv2

    convert('cofw', tmp_path, tmp_path)
    dataset = build('COFWDataset', tmp_path, 'annotations/cofw_train.json', 'images/')
    assert len(dataset) == 2
    item = dataset.get_data_info(0)
    assert item['img_path'] == str(tmp_path / 'images/000001.jpg')
    np.testing.assert_allclose(item['bbox'], [[5, 6, 35, 26]])
    assert item['area'] == 600
    np.testing.assert_allclose(item['keypoints'][0, :2], [[10, 20], [11, 20]])
    face = annotations(tmp_path, 'cofw_train.json')[0]
    assert face['keypoints'][2::3] == [1] + [2] * 28  # the first is occluded
    image = cv2.imread(item['img_path'])
    assert image.shape == (40, 60, 3)
    np.testing.assert_allclose(image.mean(axis=(0, 1)), [0, 0, 200], atol=2)  # BGR
    # the files of the test set continue the numbers
    test = build('COFWDataset', tmp_path, 'annotations/cofw_test.json', 'images/')
    assert test.get_data_info(0)['img_path'].endswith('000003.jpg')
    # a second run leaves the pictures
    before = (tmp_path / 'images/000001.jpg').stat().st_mtime_ns
    convert('cofw', tmp_path, tmp_path)
    assert (tmp_path / 'images/000001.jpg').stat().st_mtime_ns == before


def test_cofw_errors(cofw_files, tmp_path):
    cofw_files['COFW_test_color.mat']['phisT'] = np.zeros((87, 5))
    with pytest.raises(
        ConversionError, match=r"test_color\.mat' has 1 pictures, phisT of the shap"
    ):
        convert('cofw', tmp_path, tmp_path)


def test_cofw_needs_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'h5py', None)
    with pytest.raises(
        MissingPackageError, match=r'reading COFW_train_color\.mat needs h5py.*pip i'
    ):
        convert('cofw', tmp_path, tmp_path)


def test_cofw_in_a_file(tmp_path):
    h5py = pytest.importorskip('h5py', reason='reads a real HDF5 file')
    for name, ending in cofw.FILES.values():
        content = cofw_content(ending, dict(a=np.zeros((3, 60, 40), dtype=np.uint8)))
        with h5py.File(tmp_path / name, 'w') as file:
            for key in ('a', f'phis{ending}', f'bboxes{ending}'):
                file[key] = content[key]
            file[f'Is{ending}'] = np.array([[file['a'].ref]], dtype=h5py.ref_dtype)
    convert('cofw', tmp_path, tmp_path)
    assert len(annotations(tmp_path, 'cofw_test.json')) == 1
    (tmp_path / 'COFW_test_color.mat').write_bytes(b'cut')
    with pytest.raises(ConversionError, match=r"test_color\.mat' cannot be read as an HDF5 file"):
        convert('cofw', tmp_path, tmp_path)
    with h5py.File(tmp_path / 'COFW_test_color.mat', 'w') as file:
        file['other'] = 1
    with pytest.raises(ConversionError, match='has no IsT, phisT, bboxesT; it has other'):
        convert('cofw', tmp_path, tmp_path)
    (tmp_path / 'COFW_test_color.mat').unlink()
    with pytest.raises(FileNotFoundError, match='COFW_test_color'):
        convert('cofw', tmp_path, tmp_path)
