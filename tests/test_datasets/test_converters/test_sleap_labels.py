import json
import sys

import cv2
import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, MissingPackageError, convert
from mmpose.datasets.converters.sleap import parse_skeleton, read

EDGE = {'py/reduce': [{'py/type': 'sleap.skeleton.EdgeType'}, {'py/tuple': [1]}]}
SYMMETRY = {'py/reduce': [{'py/type': 'sleap.skeleton.EdgeType'}, {'py/tuple': [2]}]}
METADATA = dict(
    nodes=[dict(name=name) for name in ('tail', 'ear_1', 'ear_2', 'nose')],
    skeletons=[
        dict(
            nodes=[dict(id=3), dict(id=1), dict(id=2)],
            links=[
                dict(source=3, target=1, type=EDGE),
                dict(source=3, target=2, type={'py/id': 1}),
                dict(source=1, target=2, type=SYMMETRY),
                dict(source=2, target=1, type={'py/id': 2}),
            ],
        )
    ],
)
FRAME = [
    ('frame_id', 'u8'),
    ('video', 'u4'),
    ('frame_idx', 'u8'),
    ('instance_id_start', 'u8'),
    ('instance_id_end', 'u8'),
]
INSTANCE = [
    ('instance_id', 'i8'),
    ('instance_type', 'u1'),
    ('track', 'i4'),
    ('point_id_start', 'u8'),
    ('point_id_end', 'u8'),
]
POINT = [('x', 'f8'), ('y', 'f8'), ('visible', '?'), ('complete', '?')]


def test_skeleton():
    names, links, swaps = parse_skeleton(METADATA)
    assert names == ['nose', 'ear_1', 'ear_2']
    assert links == [('nose', 'ear_1'), ('nose', 'ear_2')]
    assert swaps == dict(ear_1='ear_2', ear_2='ear_1')
    with pytest.raises(ConversionError, match='The file has 0 skeletons; expected one'):
        parse_skeleton(dict(nodes=[], skeletons=[]))


@pytest.fixture
def slp(tmp_path):
    """Writes labels of frames 2 and 5: an animal each, and a predicted one in frame 5."""
    h5py = pytest.importorskip('h5py')

    def write(backend, format_id=1.2, embedded=None):
        path = tmp_path / 'labels.slp'
        with h5py.File(path, 'w') as file:
            attrs = file.create_group('metadata').attrs
            attrs['format_id'], attrs['json'] = format_id, np.bytes_(json.dumps(METADATA))
            file['frames'] = np.array([(0, 0, 2, 0, 1), (1, 0, 5, 1, 3)], FRAME)
            file['instances'] = np.array(
                [(0, 0, -1, 0, 3), (1, 0, 1, 3, 6), (2, 1, 0, 0, 3)], INSTANCE
            )
            points = [(1, 2), (3, 4), (np.nan, np.nan), (11, 12), (13, 14), (15.5, 16)]
            visible = [1, 1, 1, 1, 0, 1]
            file['points'] = np.array(
                [(*xy, v, 0) for xy, v in zip(points, visible, strict=True)], POINT
            )
            file['pred_points'] = np.array([(20, 21, 1, 0)] * 3, POINT)
            file['videos_json'] = [json.dumps(dict(backend=backend))]
            if embedded:
                embedded(file)
        return path

    return write


LABELLED = [
    (2, None, [[1, 2, 2], [3, 4, 2], [0, 0, 0]]),
    (5, 2, [[11, 12, 2], [0, 0, 0], [15.5, 16, 2]]),
]


def labelled(writer):
    frames = {image['id']: image['frame_id'] for image in writer.images}
    return [
        (
            frames[ann['image_id']],
            ann.get('track_id'),
            np.reshape(ann['keypoints'], (-1, 3)).tolist(),
        )
        for ann in writer.annotations
    ]


def grey(path):
    return cv2.imread(str(path)).mean()


def test_frames_of_a_video(slp, tmp_path, video):
    video(tmp_path / 'clip.mp4')
    path = slp(dict(filename='D:\\lab\\clip.mp4'))  # moved, and now beside the labels
    result = convert('sleap', path, tmp_path / 'out')
    assert result.num_usable == dict(annotations=2)
    for index in (2, 5):
        picture = tmp_path / 'out' / 'images' / 'video0' / f'{index:06d}.png'
        assert grey(picture) == pytest.approx(20 * index, abs=5)
    assert 'dropped 1: predicted instance' in result.text


def test_labels(slp, tmp_path, video):
    path = slp(dict(filename=str(video(tmp_path / 'clip.mp4'))))
    assert labelled(read(path, tmp_path / 'out')) == LABELLED
    writer = read(path, tmp_path / 'out', predicted=True)
    assert labelled(writer) == [*LABELLED, (5, 1, [[20, 21, 2]] * 3)]


def test_old_files_count_from_the_corner_of_a_pixel(slp, tmp_path, video):
    path = slp(dict(filename=str(video(tmp_path / 'clip.mp4'))), format_id=1.0)
    assert labelled(read(path, tmp_path))[0][2] == [[0.5, 1.5, 2], [2.5, 3.5, 2], [0, 0, 0]]


@pytest.mark.parametrize('padded', [False, True])
def test_embedded_pictures(slp, tmp_path, padded):
    h5py = pytest.importorskip('h5py')

    def embed(file):
        images = [np.full((48, 64, 3), 10 * index, np.uint8) for index in (2, 5)]
        data = [cv2.imencode('.png', image)[1].ravel().view(np.int8) for image in images]
        if padded:
            rows = np.zeros((2, 500), np.int8)
            for row, encoded in zip(rows, data, strict=True):
                row[: len(encoded)] = encoded
            file['video0/video'] = rows
        else:
            kind = h5py.special_dtype(vlen=np.int8)
            dataset = file.create_dataset('video0/video', (2,), dtype=kind)
            dataset[0], dataset[1] = data
        file['video0/video'].attrs['format'] = 'png'
        file['video0/frame_numbers'] = [2, 5]

    path = slp(dict(filename='.', dataset='video0/video'), embedded=embed)
    assert labelled(read(path, tmp_path / 'out')) == LABELLED
    assert grey(tmp_path / 'out' / 'images' / 'video0' / '000005.png') == 50


def test_pictures_stored_as_pixels(slp, tmp_path):
    def embed(file):
        pixels = np.zeros((2, 48, 64, 3), np.uint8)
        pixels[1] = (200, 100, 0)  # RGB
        file['video0/video'] = pixels
        file['video0/video'].attrs['format'] = 'hdf5'
        file['video0/frame_numbers'] = [2, 5]

    path = slp(dict(filename='.', dataset='video0/video'), embedded=embed)
    read(path, tmp_path / 'out')
    picture = cv2.imread(str(tmp_path / 'out' / 'images' / 'video0' / '000005.png'))
    assert picture[0, 0].tolist() == [0, 100, 200]


def test_a_video_of_pictures(slp, tmp_path, picture):
    names = [str(picture(tmp_path / 'p' / f'{i}.png', color=i)) for i in range(4)]
    writer = read(slp(dict(filename=names[0], filenames=names)), tmp_path / 'out')
    assert labelled(writer) == LABELLED[:1]
    assert grey(tmp_path / 'out' / 'images' / 'video0' / '000002.png') == 2
    assert writer.examples['frame missing'] == ['5 of 0.png']


def test_no_video(slp, tmp_path):
    path = slp(dict(filename='/gone/clip.mp4'))
    with pytest.raises(
        ConversionError, match=r'no labelled instance:\n(?s:.)*2: frame missing, su'
    ):
        convert('sleap', path, tmp_path / 'out')


def test_other_files(slp, tmp_path, text):
    with pytest.raises(ConversionError, match=r"x\.slp' is no SLEAP file"):
        read(text(tmp_path / 'x.slp', 'text'), tmp_path)
    slp(dict())
    with pytest.raises(
        ConversionError, match=r'holds labels\.slp, x\.slp; give one of these files'
    ):
        read(tmp_path, tmp_path)


def test_package_is_named(tmp_path, text, monkeypatch):
    monkeypatch.setitem(sys.modules, 'h5py', None)
    with pytest.raises(
        MissingPackageError, match=r'reading \.slp files needs h5py.*`pip install h5'
    ):
        read(text(tmp_path / 'x.slp', ''), tmp_path)
