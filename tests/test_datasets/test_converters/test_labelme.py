import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, convert
from mmpose.datasets.converters.labelme import read


def point(label, x, y, group=None, **more):
    return dict(label=label, points=[[x, y]], group_id=group, shape_type='point', **more)


def rectangle(label, corners, group=None):
    return dict(label=label, points=corners, group_id=group, shape_type='rectangle', flags={})


def content(*shapes, picture='0.png'):
    return dict(version='5.4.1', flags={}, shapes=shapes, imagePath=picture, imageData=None)


def instances(writer):
    return [np.reshape(ann['keypoints'], (-1, 3)).tolist() for ann in writer.annotations]


@pytest.fixture
def folder(tmp_path, picture, text):
    def make(**files):
        for name, value in files.items():
            text(tmp_path / 'data' / f'{name}.json', value)
        for name in ('0.png', 'a/1.png'):
            picture(tmp_path / 'data' / name)
        return tmp_path / 'data'

    return make


def test_points_of_one_animal(folder, tmp_path):
    source = folder(
        a=content(point('nose', 1, 2.5), point('tail', 3, 4, flags=dict(occluded=True)))
    )
    writer = read(source, tmp_path)
    assert writer.keypoints == ['nose', 'tail']
    assert writer.categories == ['object']
    assert instances(writer) == [[[1, 2.5, 2], [3, 4, 1]]]


def test_groups_are_instances_and_rectangles_their_boxes(folder, tmp_path):
    source = folder(
        a=content(
            point('tail', 1, 2, group=1),
            point('nose', 3, 4, group=2),
            point('nose', 5, 6, group=1),
            rectangle('rat', [[30, 40], [10, 20]], group=2),
            rectangle('cat', [[0, 0], [9, 0], [9, 8], [0, 8]], group=1),
            dict(label='floor', points=[[0, 0]] * 3, shape_type='polygon', group_id=None),
        )
    )
    writer = read(source, tmp_path, keypoints=['nose', 'tail'])
    assert instances(writer) == [[[5, 6, 2], [1, 2, 2]], [[3, 4, 2], [0, 0, 0]]]
    assert [ann['bbox'] for ann in writer.annotations] == [[0, 0, 9, 8], [10, 20, 20, 20]]
    names = [writer.categories[ann['category_id'] - 1] for ann in writer.annotations]
    assert names == ['cat', 'rat']
    assert writer.examples == {'shape that is neither point nor rectangle': ['0.png: floor']}


def test_the_only_rectangle_needs_no_group(folder, tmp_path):
    source = folder(a=content(point('nose', 3, 4, group=7), rectangle('cat', [[1, 2], [9, 8]])))
    (ann,) = read(source, tmp_path).annotations
    assert ann['bbox'] == [1, 2, 8, 6]


def test_rectangles_that_cannot_be_told_apart_are_not_used(folder, tmp_path):
    boxes = [rectangle('cat', [[1, 2], [9, 8]]), rectangle('cat', [[3, 2], [9, 8]])]
    (ann,) = read(folder(a=content(point('nose', 3, 4), *boxes)), tmp_path).annotations
    assert ann['bbox'] is None


def test_keypoints_in_the_order_first_met(folder, tmp_path):
    source = folder(b=content(point('ear', 1, 1)), a=content(point('tail', 1, 1)))
    assert read(source, tmp_path).keypoints == ['tail', 'ear']


def test_pictures_in_other_folders(folder, tmp_path):
    source = folder(
        a=content(point('nose', 1, 1)),
        b=content(point('nose', 2, 2), picture='a\\1.png'),
        c=content(point('nose', 2, 2), picture='C:\\gone\\2.png'),
        other=dict(some='json'),
    )
    writer = read(source, tmp_path)
    assert [image['file_name'] for image in writer.images] == ['0.png', 'a/1.png']
    assert writer.groups == {2: 'a'}
    assert writer.examples == {'picture missing': ['2.png']}


def test_pictures_beside_the_folder_of_the_labels(folder, tmp_path, text):
    source = folder()
    text(source / 'labels' / 'x.json', content(point('nose', 1, 1), picture='../a/1.png'))
    result = convert('labelme', source / 'labels', tmp_path / 'out', copy_images=True)
    assert result.num_usable == dict(annotations=1)
    assert (tmp_path / 'out' / 'images' / '1.png').is_file()


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        ('{"shapes": [', r"a\.json' is not JSON: .* in line 1"),
        (dict(shapes=[]), 'has no `imagePath`'),
        (content(dict(points=[])), r"a\.json', shape 0: it has no `label`"),
        (content(point('a', 1, 'x')), r"shape 0: its `points` are \[\[1, 'x'\]\]; expected 1 of"),
        (content(rectangle('a', [[1, 2]])), r'expected 2 of \[x, y\]'),
        (content(rectangle('a', [[1, 2], [3, 4]])), '1 JSON files, 1 of them .* no labelled point'),
        (dict(x=1), '1 JSON files, 0 of them with the `shapes` of LabelMe'),
    ],
    ids=['cut', 'path', 'label', 'number', 'corners', 'points', 'other'],
)
def test_malformed(folder, tmp_path, value, message):
    with pytest.raises(ConversionError, match=message):
        read(folder(a=value), tmp_path)


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'looked for \*\*/\*\.json, found nothing'):
        read(tmp_path, tmp_path)
