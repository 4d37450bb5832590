"""Data sets of animals: what their classes read from converted sources of a few pictures."""

import csv
import json
from contextlib import nullcontext

import cv2
import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, convert, deepposekit
from mmpose.datasets.converters.macaque import polygon_area
from mmpose.registry import DATASETS


def content_of(path):
    return json.loads(path.read_text())


# ------------------------------------------------------------------ Animal-Pose


def animal(image, keypoints, bounds='xmin="10" ymin="20" width="30" height="15"'):
    rows = ''.join(
        f'<keypoint name="{name}" visible="{v}" x="{x}" y="{y}" z="0.0"/>'
        for name, (x, y, v) in keypoints.items()
    )
    return (
        f'<annotation><image>{image}</image><category>cat</category>'
        f'<visible_bounds {bounds}/><keypoints>{rows}</keypoints></annotation>'
    )


@pytest.fixture
def animals(tmp_path, picture, text):
    pascal = tmp_path / 'annotations/PASCAL2011_animal_annotation/cat'
    keypoints = dict(L_Eye=(12, 22, 1), R_Eye=(0, 0, 0), Nose=(14, 25, 1), Tail_tip=(3, 4, 1))
    for number in range(4):
        name = f'2007_00000{number}'
        picture(tmp_path / f'VOC2012/JPEGImages/{name}.jpg')
        text(pascal / f'{name}_1.xml', animal(name, keypoints))
    picture(tmp_path / 'animalpose_image_part2/horse/ho1.jpeg')
    text(
        tmp_path / 'annotations/animalpose_anno2/horse/ho1.xml',
        animal('ho1', {'L_ear': (30, 31, 1)}, 'xmin="1" xmax="2" width="3" height="4"'),
    )
    return tmp_path


def test_animalpose(animals):
    result = convert('animalpose', animals, animals, val_fraction=0.25)
    folder = animals / 'annotations'
    numbers = {
        part: len(content_of(folder / f'animalpose_{part}.json')['images'])
        for part in ('train', 'val', 'trainval', 'test')
    }
    assert numbers == dict(train=3, val=1, trainval=4, test=1)
    assert 'dropped 4: keypoint of another name, such as Tail_tip' in result.text
    dataset = DATASETS.build(
        dict(
            type='AnimalPoseDataset',
            data_root=str(animals),
            ann_file='annotations/animalpose_trainval.json',
            data_prefix=dict(img=''),
        )
    )
    item = dataset.get_data_info(0)
    assert item['img_path'] == str(animals / 'VOC2012/JPEGImages/2007_000000.jpg')
    np.testing.assert_allclose(item['bbox'], [[10, 20, 40, 35]])
    assert item['area'] == 450
    # left eye, right eye, two ears, nose
    np.testing.assert_allclose(item['keypoints'][0, [0, 4]], [[12, 22], [14, 25]])
    assert item['keypoints_visible'][0].nonzero()[0].tolist() == [0, 4]
    [horse] = content_of(folder / 'animalpose_test.json')['annotations']
    assert horse['bbox'] == [1, 2, 3, 4]  # the upper edge is called xmax there
    assert horse['keypoints'][6:9] == [30, 31, 2]  # the base of the left ear
    assert horse['species'] == 'horse'


def test_animalpose_errors(animals, text):
    path = animals / 'annotations/animalpose_anno2/horse/ho1.xml'
    good = path.read_text()
    text(path, good.replace('x="30"', ''))
    with pytest.raises(
        ConversionError, match=r"ho1\.xml': <keypoint> has no x; it has name, visib"
    ):
        convert('animalpose', animals, animals)
    text(path, good.replace('x="30"', 'x="wide"'))
    with pytest.raises(ConversionError, match=r"ho1\.xml', <keypoint>: 'wide' is no number"):
        convert('animalpose', animals, animals)
    text(path, '<annotation><image>ho1</image></annotation>')
    with pytest.raises(ConversionError, match=r"ho1\.xml' has no <visible_bounds>\."):
        convert('animalpose', animals, animals)
    text(path, '<annotation>')
    with pytest.raises(ConversionError, match=r"ho1\.xml' is not XML"):
        convert('animalpose', animals, animals)
    text(path, good.replace('<image>ho1<', '<image>other<'))
    with pytest.raises(
        FileNotFoundError, match=r'looked for animalpose_image_part2/horse/other\.j'
    ):
        convert('animalpose', animals, animals)
    with pytest.raises(FileNotFoundError, match='is not Animal-Pose with its folder annotations'):
        convert('animalpose', animals / 'VOC2012', animals)


# ------------------------------------------------------------------ MacaquePose


@pytest.fixture
def macaque(tmp_path, picture):
    def write(*rows, header=('image file name', 'keypoints', 'segmentation')):
        with open(tmp_path / 'annotations.csv', 'w', newline='') as file:
            csv.writer(file).writerows([header, *rows])
        return tmp_path

    for name in 'abcd':
        picture(tmp_path / f'images/{name}.jpg', (100, 80))
    return write


def monkey(**positions):
    return [dict(name=name, position=position) for name, position in positions.items()]


def row(name, monkeys, outlines):
    return [name, json.dumps(monkeys), json.dumps(outlines)]


SQUARE = [dict(name='macaque', segment=[[10, 10], [30, 10], [30, 40], [10, 40]])]


def test_macaque(macaque):
    two = [monkey(left_eye=[12, 13], nose=[11, 12], right_ear=None), monkey(nose=[50, 60])]
    outline_of_two = [*SQUARE, dict(name='macaque', segment=[[50, 10], [54, 10], [50, 13]])]
    rows = [row(f'{name}.jpg', two, [outline_of_two, []]) for name in 'abcd']
    source = macaque(*rows)
    convert('macaque', source, source, test_fraction=0.25)
    folder = source / 'annotations'
    assert len(content_of(folder / 'macaque_train.json')['images']) == 3
    assert len(content_of(folder / 'macaque_test.json')['images']) == 1
    dataset = DATASETS.build(
        dict(
            type='MacaqueDataset',
            data_root=str(source),
            ann_file='annotations/macaque_train.json',
            data_prefix=dict(img='images/'),
        )
    )
    item = dataset.get_data_info(0)
    np.testing.assert_allclose(item['keypoints'][0, :3], [[11, 12], [12, 13], [0, 0]])
    assert item['keypoints_visible'][0].sum() == 2
    # x from 10 to 54, y from 10 to 40, both pixels within
    np.testing.assert_allclose(item['bbox'], [[10, 10, 55, 41]])
    assert item['area'] == 20 * 30 + 6
    assert item['segmentation'][1] == [50, 10, 54, 10, 50, 13]
    # without an outline the box is made from the keypoint, with 8 pixels on each side
    np.testing.assert_allclose(dataset.get_data_info(1)['bbox'], [[42, 52, 58, 68]])


@pytest.mark.parametrize(
    ('bad', 'message'),
    [
        (['a.jpg', '[]'], r"annotations\.csv', line 2: cannot be used: not enough values"),
        (row('a.jpg', [monkey(nose=[1, 2])], []), 'line 2: .*1 monkeys have keypoints, 0 outlines'),
        (row('a.jpg', [monkey(wing=[1, 2])], [[]]), "line 2: cannot be used: .*'?wing"),
        (['a.jpg', '[', '[]'], 'line 2: cannot be used: Expecting value'),
        (
            row('a.jpg', [monkey(nose=[1, 2])], [[dict(segment=[[1, 2]])]]),
            r'a segment has the shape \(1, 2\)',
        ),
    ],
)
def test_macaque_errors(macaque, bad, message):
    source = macaque(bad)
    with pytest.raises(ConversionError, match=message):
        convert('macaque', source, source)


def test_macaque_table(macaque):
    source = macaque(header=('name', 'x'))
    with pytest.raises(
        ConversionError, match='line 1: the columns are name, x; expected image fil'
    ):
        convert('macaque', source, source)
    with pytest.raises(ConversionError, match='test_fraction is 1; expected between 0 and 1'):
        convert('macaque', source, source, test_fraction=1)
    with pytest.raises(FileNotFoundError, match=r'looked for annotations\.csv'):
        convert('macaque', source / 'images', source)


def test_polygon_area():
    corners = np.array([[0, 0], [4, 0], [4, 2], [2, 2], [2, 6], [0, 6]])
    assert polygon_area(corners) == polygon_area(corners[::-1]) == 4 * 2 + 2 * 4


# ------------------------------------------------------------------ DeepPoseKit


@pytest.fixture
def zebras(monkeypatch, tmp_path):
    """20 pictures of zebras, whose keypoint k is at (10 k, 5 k + 20)."""
    (tmp_path / deepposekit.FILE_NAME).touch()
    points = np.stack([10.0 * np.arange(9), 5 * np.arange(9) + 20], axis=-1)
    content = dict(
        images=np.arange(20, dtype=np.uint8)[:, None, None, None].repeat(60, 1).repeat(100, 2),
        annotations=np.tile(points, (20, 1, 1)),
        annotated=np.ones((20, 9), dtype=bool),
    )
    monkeypatch.setattr(deepposekit, 'open_hdf5', lambda *_: nullcontext(content))
    return content


def test_deepposekit(zebras, tmp_path):
    zebras['annotated'][1, 8] = False
    zebras['annotated'][2] = False
    result = convert('deepposekit', tmp_path, tmp_path)
    assert 'dropped 1: picture without a label, such as 2.jpg' in result.text
    images = content_of(tmp_path / 'annotations/zebra_test.json')['images']
    assert [image['file_name'] for image in images] == ['18.jpg', '19.jpg']
    first, second = content_of(tmp_path / 'annotations/zebra_train.json')['annotations'][:2]
    assert first['bbox'] == [0, 20, 81, 41]
    assert first['area'] == 81 * 41
    assert second['bbox'] == [0, 20, 71, 36]
    assert second['keypoints'][-3:] == [0, 0, 0]
    dataset = DATASETS.build(
        dict(
            type='ZebraDataset',
            data_root=str(tmp_path),
            ann_file='annotations/zebra_test.json',
            data_prefix=dict(img='images/'),
        )
    )
    item = dataset.get_data_info(1)
    assert item['keypoints'][0, 3].tolist() == [30, 35]
    assert abs(cv2.imread(item['img_path']).mean() - 19) < 1


def test_deepposekit_errors(zebras, tmp_path):
    with pytest.raises(ConversionError, match='test_fraction is 0; expected between 0 and 1'):
        convert('deepposekit', tmp_path, tmp_path, test_fraction=0)
    good = zebras['annotations']
    zebras['annotations'] = good[:, :5]
    with pytest.raises(
        ConversionError, match=r'shape \(20, 5, 2\); expected \(N, K, 2\) with K = '
    ):
        convert('deepposekit', tmp_path, tmp_path)
    zebras['annotations'] = good[:7]
    with pytest.raises(ConversionError, match='has 20 images, annotations of the shape'):
        convert('deepposekit', tmp_path, tmp_path)
    (tmp_path / deepposekit.FILE_NAME).unlink()
    with pytest.raises(FileNotFoundError, match=r'looked for annotation_data_release\.h5'):
        convert('deepposekit', tmp_path, tmp_path)


def test_deepposekit_in_a_file(tmp_path):
    h5py = pytest.importorskip('h5py', reason='reads a real HDF5 file')
    with h5py.File(tmp_path / deepposekit.FILE_NAME, 'w') as file:
        file['images'] = np.zeros((10, 40, 50, 3), dtype=np.uint8)
        file['annotations'] = np.full((10, 35, 2), 7.0)
        file['annotated'] = np.ones((10, 35), dtype=bool)
    assert 'locust_test.json: 1 pictures' in convert('deepposekit', tmp_path, tmp_path).text
