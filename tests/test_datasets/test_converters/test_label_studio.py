import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, convert
from mmpose.datasets.converters.label_studio import read


def point(label, x, y, **more):
    value = dict(x=x, y=y, width=0.5, keypointlabels=[label])
    return dict(id=f'{label}{x}', type='keypointlabels', value=value, **more)


def box(box_id, label, x, y, width, height, rotation=0):
    value = dict(x=x, y=y, width=width, height=height, rotation=rotation, rectanglelabels=[label])
    return dict(id=box_id, type='rectanglelabels', value=value)


def task(*results, picture='/data/upload/1/0a1b2c3d-0.png', **more):
    return dict(
        id=1, data=dict(note='x', image=picture), annotations=[dict(result=list(results))], **more
    )


def instances(writer):
    return [np.reshape(ann['keypoints'], (-1, 3)).tolist() for ann in writer.annotations]


@pytest.fixture
def export(tmp_path, picture, text):
    def make(content):
        # 64 x 48 pixels: a percent is 0.64 x 0.48
        for name in ('0.png', 'sub/my 1.png'):
            picture(tmp_path / 'export' / name)
        return text(tmp_path / 'export' / 'export.json', content)

    return make


def test_points_of_one_instance_in_percent(export, tmp_path):
    writer = read(export([task(point('nose', 50, 25), point('tail', 12.5, 100))]), tmp_path)
    assert writer.keypoints == ['nose', 'tail']
    assert writer.categories == ['object']
    assert instances(writer) == [[[32, 12, 2], [8, 48, 2]]]
    assert writer.images[0]['file_name'] == '0.png'


def test_points_belong_to_the_smallest_rectangle_around_them(export, tmp_path):
    source = export(
        [
            task(
                box('A', 'cat', 0, 0, 100, 100),
                point('nose', 75, 75),
                box('B', 'rat', 50, 50, 50, 50),
                point('nose', 25, 25),
            )
        ]
    )
    writer = read(source, tmp_path)
    assert instances(writer) == [[[16, 12, 2]], [[48, 36, 2]]]
    assert [ann['bbox'] for ann in writer.annotations] == [[0, 0, 64, 48], [32, 24, 32, 24]]
    assert writer.categories == ['object', 'cat', 'rat']
    assert [ann['category_id'] for ann in writer.annotations] == [2, 3]


@pytest.mark.parametrize(
    'links',
    [
        [point('nose', 25, 25, parentID='B')],
        [point('nose', 25, 25), dict(type='relation', from_id='nose25', to_id='B')],
        [point('nose', 25, 25), dict(type='relation', from_id='B', to_id='nose25')],
    ],
    ids=['parent', 'relation', 'relation back'],
)
def test_what_is_linked_counts_more_than_the_place(export, tmp_path, links):
    boxes = [box('A', 'cat', 0, 0, 50, 50), box('B', 'cat', 50, 50, 50, 50)]
    writer = read(export([task(*boxes, *links)]), tmp_path)
    assert [(ann['bbox'][0], ann['num_keypoints']) for ann in writer.annotations] == [
        (0, 0),
        (32, 1),
    ]


def test_turned_rectangles_have_the_box_around_them(export, tmp_path):
    # 10 x 10 pixels at (32, 24), turned by 90 degrees about this corner, as y points down:
    # it then lies to the left
    result = box('A', 'cat', 50, 50, 15.625, 125 / 6, rotation=90)
    (ann,) = read(export([task(result, point('nose', 45, 60))]), tmp_path).annotations
    np.testing.assert_allclose(ann['bbox'], [22, 24, 10, 10], atol=1e-9)


@pytest.mark.parametrize(
    ('name', 'found'),
    [
        ('/data/upload/1/0a1b2c3d-0.png', '0.png'),
        ('/data/local-files/?d=sub/my%201.png', 'sub/my 1.png'),
        ('http://localhost:8080/data/upload/9/0.png?x=1', '0.png'),
        ('sub/my 1.png', 'sub/my 1.png'),
    ],
)
def test_names_of_pictures(export, tmp_path, name, found):
    writer = read(export([task(point('nose', 1, 1), picture=name)]), tmp_path)
    assert writer.images[0]['file_name'] == found


def test_the_first_that_finished_counts(export, tmp_path):
    entry = task(point('nose', 50, 50))
    entry['annotations'] = [
        dict(result=[point('nose', 1, 1)], was_cancelled=True),
        *entry['annotations'],
        dict(result=[point('nose', 2, 2)]),
    ]
    unlabelled = dict(id=2, data=dict(image='sub/my 1.png'), annotations=[])
    writer = read(export([entry, unlabelled]), tmp_path)
    assert instances(writer) == [[[32, 24, 2]]]
    assert len(writer.images) == 2


def test_converted_export(export, tmp_path):
    path = export([task(point('nose', 50, 25), point('left_ear', 10, 10))])
    result = convert('label-studio', path, tmp_path / 'out', links=['nose:left_ear'])
    assert result.num_usable == dict(annotations=1)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({'a': 1}, "holds no list of tasks; export it as 'JSON'"),
        (
            [{'image': 'x.png', 'kp': []}],
            r"export\.json', entry 0 has no `data`.*not as 'JSON-MIN'",
        ),
        ([task(picture='nothing')], 'entry 0 cannot be used: no value of its data names a picture'),
        ([task(), task(dict(type='keypointlabels'))], "entry 1 cannot be used: it has no 'value'"),
        ([task(point('a', 'x', 1))], 'entry 0 cannot be used: could not convert string to float'),
        ([task()], 'its 1 tasks have no keypoint labels'),
    ],
    ids=['object', 'min', 'picture', 'value', 'number', 'empty'],
)
def test_malformed(export, tmp_path, content, message):
    with pytest.raises(ConversionError, match=message):
        read(export(content), tmp_path)
