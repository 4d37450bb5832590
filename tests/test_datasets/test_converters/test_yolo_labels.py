"""YOLO pose labels in both directions."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.converters import CocoWriter, ConversionError, convert
from mmpose.datasets.converters.coco2yolo import label_line, write
from mmpose.datasets.converters.yolo import label_file, parse_layout, parse_line, read

DESCRIPTION = """
train: images/train
val: images/val
kpt_shape: [2, 3]
flip_idx: [1, 0]
names: {0: cat, 1: dog}
"""
# a picture of 64 x 48: the box has its centre at (32, 24) and is 16 x 12
LINE = '1 0.5 0.5 0.25 0.25 0.25 0.5 2 0.75 0.125 1\n'


@pytest.fixture
def data(tmp_path, picture, text):
    def make(description=DESCRIPTION, lines=LINE):
        folder = tmp_path / 'data'
        text(folder / 'data.yaml', description)
        for name in ('train/0', 'train/1', 'val/2'):
            picture(folder / 'images' / f'{name}.png')
        text(folder / 'labels' / 'train' / '0.txt', lines)
        text(folder / 'labels' / 'val' / '2.txt', '\n' + LINE + LINE)
        return folder

    return make


def rows(annotation):
    return np.reshape(annotation['keypoints'], (-1, 3)).tolist()


def test_labels_in_pixels(data, tmp_path):
    writer = read(data(), tmp_path, keypoints=['a', 'b'])
    assert [image['file_name'] for image in writer.images] == [
        'train/0.png',
        'train/1.png',
        'val/2.png',
    ]
    assert writer.splits == {1: 'train', 2: 'train', 3: 'val'}
    assert [ann['image_id'] for ann in writer.annotations] == [1, 3, 3]
    assert writer.categories == ['cat', 'dog']
    assert writer.swaps == dict(a='b', b='a')
    ann = writer.annotations[0]
    assert (ann['bbox'], ann['category_id']) == ([24, 18, 16, 12], 2)
    assert rows(ann) == [[16, 24, 2], [48, 6, 1]]


def test_converted_data(data, tmp_path):
    result = convert('yolo', data(), tmp_path / 'out')
    assert result.num_images == dict(train=2, val=1)
    assert result.num_usable == dict(train=1, val=2)
    assert 'split: as the source says' in result.text


def test_names_of_keypoints(data, tmp_path):
    assert read(data(), tmp_path).keypoints == ['1', '2']
    named = DESCRIPTION + 'kpt_names: {0: [left_ear, right_ear]}\n'
    assert read(data(named), tmp_path).keypoints == ['left_ear', 'right_ear']
    without_flip = named.replace('flip_idx', '# flip_idx')
    assert read(data(without_flip), tmp_path).swaps['left_ear'] == 'right_ear'


def test_two_values_for_a_keypoint():
    layout = parse_layout(dict(kpt_shape=[3, 2], names=['cat']))
    _, _, keypoints = parse_line('0 .5 .5 1 1  .25 .75  0 0  -1 -1', layout)
    assert keypoints.tolist() == [[0.25, 0.75, 2], [0, 0, 0], [-1, -1, 0]]


@pytest.mark.parametrize(
    ('picture', 'labels'),
    [
        ('/d/images/train/7.png', '/d/labels/train/7.txt'),
        ('/images/d/images/7.jpg', '/images/d/labels/7.txt'),
        ('/d/train/7.jpg', '/d/train/7.txt'),
    ],
)
def test_place_of_the_labels(picture, labels):
    assert label_file(Path(picture)).as_posix() == labels


@pytest.mark.parametrize(
    'places',
    [
        'path: .\ntrain: images/train\nval: images/val',
        'path: /gone\ntrain: [images/train]\nval: [images/val]',
        'train: ../images/train\nval: ../images/val',
        'train: train.txt\nval: val.txt',
    ],
    ids=['path', 'lists', 'download', 'text files'],
)
def test_places_of_the_pictures(data, tmp_path, text, places):
    folder = data(places + '\nkpt_shape: [2, 3]\nnc: 2\n')
    text(folder / 'train.txt', './images/train/0.png\nimages/train/1.png\n')
    text(folder / 'val.txt', './images/val/2.png\n')
    writer = read(folder, tmp_path)
    assert list(writer.splits.values()) == ['train', 'train', 'val']
    assert len(writer.annotations) == 3
    assert writer.categories == ['0', '1']


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (('kpt_shape: [2, 3]', ''), 'kpt_shape is None; expected'),
        (('kpt_shape: [2, 3]', 'kpt_shape: [2, 4]'), r'kpt_shape is \[2, 4\]; expected'),
        (('flip_idx: [1, 0]', 'flip_idx: [1, 1]'), r'flip_idx is \[1, 1\]; expected the place'),
        (('names', 'kpt_names: [a]\nnames'), r'1 names for 2 keypoints \(kpt_shape\): a'),
    ],
    ids=['no shape', 'shape', 'flip', 'names'],
)
def test_malformed_descriptions(data, tmp_path, change, message):
    with pytest.raises(ConversionError, match=r"data\.yaml': " + message):
        read(data(DESCRIPTION.replace(*change)), tmp_path)


@pytest.mark.parametrize(
    ('lines', 'message'),
    [
        ('0 .5 .5 1 1\n', r"0\.txt', line 1: 5 numbers; expected 11: the class, 4 of the box and"),
        (LINE + LINE.replace('0.5', 'x'), r"line 2: could not convert string to float: 'x'"),
        (LINE.replace('1', '2', 1), r'class 2; expected 0 to 1 \(names\)'),
        (LINE.replace('0.5', '320'), 'expected shares of the picture, 0 to 1, not pixels'),
        (LINE.replace(' 2 ', ' 7 '), r'v of the keypoints is \[7\.0, 1\.0\]; expected 0, 1 or 2'),
    ],
    ids=['count', 'number', 'class', 'pixels', 'visibility'],
)
def test_malformed_labels(data, tmp_path, lines, message):
    with pytest.raises(ConversionError, match=message):
        read(data(lines=lines), tmp_path)


def test_no_pictures(tmp_path, text):
    text(tmp_path / 'data.yaml', DESCRIPTION)
    with pytest.raises(
        FileNotFoundError, match=r'names no folder of pictures; it has path=None an'
    ):
        read(tmp_path, tmp_path)
    (tmp_path / 'data.yaml').rename(tmp_path / 'a.yaml')
    text(tmp_path / 'b.yml', DESCRIPTION)
    with pytest.raises(ConversionError, match=r'holds a\.yaml, b\.yml; give the one to read'):
        read(tmp_path, tmp_path)


# --------------------------------------------------------------------- to YOLO


@pytest.fixture
def coco(tmp_path, picture):
    """A folder with train.json and val.json, whose pictures are in images/."""
    writer = CocoWriter(
        ['nose', 'left_ear', 'right_ear'], category=['cat', 'dog'], image_root='images'
    )
    for name in ('a/0.png', '1.png'):
        picture(tmp_path / 'coco' / 'images' / name)
        image_id = writer.add_image(name, 64, 48)
        writer.add_instance(
            image_id, [[16, 12, 2], [48, 36, 1], [0, 0, 0]], bbox=[8, 6, 48, 36], category='dog'
        )
    writer.add_instance(1, [[1, 1, 2]] * 3, bbox=[0, 0, 9, 9], iscrowd=1)
    writer.add_instance(1, [[1, 1, 2]] * 3, bbox=[70, 0, 9, 9])
    writer.write(tmp_path / 'coco' / 'train.json', image_ids=[1])
    writer.write(tmp_path / 'coco' / 'val.json', image_ids=[2])
    return tmp_path / 'coco'


def test_written_labels(coco, tmp_path):
    told = write(coco, tmp_path / 'yolo')
    label = (tmp_path / 'yolo' / 'labels' / 'train' / 'a' / '0.txt').read_text()
    assert label == '1 0.5 0.5 0.75 0.75 0.25 0.25 2 0.75 0.75 1 0 0 0\n'
    assert (tmp_path / 'yolo' / 'images' / 'val' / '1.png').is_file()
    assert yaml.safe_load((tmp_path / 'yolo' / 'data.yaml').read_text()) == dict(
        train='images/train',
        val='images/val',
        kpt_shape=[3, 3],
        flip_idx=[0, 2, 1],
        names={0: 'cat', 1: 'dog'},
        kpt_names={i: ['nose', 'left_ear', 'right_ear'] for i in range(2)},
    )
    assert told.splitlines()[0] == (
        'train: 1 pictures, 1 instances, 2 groups and empty boxes dropped'
    )


def test_one_file_and_links(coco, tmp_path):
    told = write(coco / 'val.json', tmp_path / 'yolo', link=True)
    picture = tmp_path / 'yolo' / 'images' / 'val' / '1.png'
    assert picture.is_symlink()
    assert picture.resolve() == (coco / 'images' / '1.png').resolve()
    description = yaml.safe_load((tmp_path / 'yolo' / 'data.yaml').read_text())
    assert description['train'] == description['val'] == 'images/val'
    assert told.startswith('val: 1 pictures, 1 instances\n')


def test_missing_pictures(coco, tmp_path):
    content = json.loads((coco / 'train.json').read_text())
    content['images'].append(dict(id=9, file_name='gone.png', width=9, height=9))
    (coco / 'train.json').write_text(json.dumps(content))
    assert '1 missing pictures dropped' in write(coco / 'train.json', tmp_path / 'yolo')
    with pytest.raises(
        FileNotFoundError, match=r"None of the 2 pictures of .*is in 'x'; say where"
    ):
        write(coco / 'train.json', tmp_path / 'yolo', images='x')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda c: c['annotations'][0].update(keypoints=[1, 2]), 'have 2 numbers; e'),
        (lambda c: c['annotations'][0].pop('category_id'), "it has no 'category_id'"),
        (
            lambda c: c['categories'][0].pop('keypoints'),
            r"\{'cat': 0, 'dog': 3\}; YOLO needs the sa",
        ),
        (lambda c: c.pop('categories'), 'numbers of keypoints: there is none'),
        (lambda c: c['images'][0].pop('width'), r'entry 0 of `images` is .*; expected an object w'),
        (lambda c: c.pop('images'), 'has no `images`; expected the lists'),
    ],
    ids=['length', 'category', 'different', 'no categories', 'size', 'no images'],
)
def test_malformed_coco(coco, tmp_path, change, message):
    content = json.loads((coco / 'train.json').read_text())
    change(content)
    (coco / 'train.json').write_text(json.dumps(content))
    with pytest.raises(ConversionError, match=message):
        write(coco / 'train.json', tmp_path / 'yolo')


def test_unclear_parts(coco, tmp_path):
    (coco / 'train.json').rename(coco / 'first.json')
    with pytest.raises(
        ConversionError, match=r'Of first\.json, val\.json it is not clear which is'
    ):
        write(coco, tmp_path / 'yolo')


# ---------------------------------------------------------------- there and back


size = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
share = st.floats(0, 1)
keypoint = st.tuples(share, share, st.integers(0, 2))


@settings(deadline=None, max_examples=200)
@given(
    size=size,
    corners=st.tuples(share, share, share, share),
    shares=st.lists(keypoint, min_size=3, max_size=3),
)
def test_lines_keep_boxes_keypoints_and_visibility(size, corners, shares):
    size_wh = np.array(size)
    low, high = np.sort(np.reshape(corners, (2, 2)), axis=0) * size_wh
    keypoints = np.array(shares) * [*size, 1]
    keypoints[keypoints[:, 2] == 0] = 0
    annotation = dict(
        bbox=[*low, *(high - low)], keypoints=keypoints.ravel().tolist(), category_id=5
    )
    image = dict(width=size[0], height=size[1])
    line = label_line(annotation, image, {4: 0, 5: 1}, 3)
    if line is None:
        assert not (high - low > 0).all()
        return
    layout = parse_layout(dict(kpt_shape=[3, 3], names=['cat', 'dog']))
    category, box, rows = parse_line(line, layout)
    assert category == 'dog'
    np.testing.assert_allclose(box * np.tile(size_wh, 2), annotation['bbox'], atol=1e-4)
    np.testing.assert_allclose(rows[:, :2] * size_wh, keypoints[:, :2], atol=1e-4)
    np.testing.assert_array_equal(rows[:, 2], keypoints[:, 2])


def test_files_keep_everything(coco, tmp_path):
    write(coco, tmp_path / 'yolo')
    result = convert('yolo', tmp_path / 'yolo', tmp_path / 'back')
    for part, path in result.ann_files.items():
        before = json.loads((coco / f'{part}.json').read_text())
        after = json.loads(path.read_text())
        first, second = before['annotations'][0], after['annotations'][0]
        np.testing.assert_allclose(second['keypoints'], first['keypoints'], atol=1e-6)
        np.testing.assert_allclose(second['bbox'], first['bbox'], atol=1e-6)
        assert second['category_id'] == first['category_id']
        assert [c['keypoints'] for c in after['categories']] == [
            c['keypoints'] for c in before['categories']
        ]
        assert after['images'][0]['file_name'] == f'{part}/{before["images"][0]["file_name"]}'
