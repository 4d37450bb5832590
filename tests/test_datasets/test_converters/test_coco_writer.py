import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.converters import CocoWriter, ConversionError
from mmpose.structures.metainfo import parse_pose_metainfo

NAMES = ['nose', 'left_ear', 'right_ear']
ROWS = [[10, 20, 2], [30, 24, 1], [0, 0, 0]]


def written(writer, path, **kwargs):
    writer.write(path, **kwargs)
    return json.loads(path.read_text())


def test_file_has_all_that_coco_readers_ask_for(tmp_path):
    writer = CocoWriter(NAMES, [('nose', 'left_ear')], category='mouse')
    image_id = writer.add_image('a/0.png', 64, 48, frame_id=7)
    ann_id = writer.add_instance(
        image_id, ROWS, bbox=(5, 6, 40, 30), area=99, iscrowd=1, track_id=3, note='x'
    )
    content = written(writer, tmp_path / 'deep' / 'x.json')
    assert (image_id, ann_id) == (1, 1)
    assert content['images'] == [dict(id=1, file_name='a/0.png', width=64, height=48, frame_id=7)]
    assert content['annotations'] == [
        dict(
            id=1,
            image_id=1,
            category_id=1,
            keypoints=[10, 20, 2, 30, 24, 1, 0, 0, 0],
            num_keypoints=2,
            bbox=[5, 6, 40, 30],
            area=99,
            iscrowd=1,
            note='x',
            track_id=3,
        )
    ]
    assert content['categories'] == [dict(id=1, name='mouse', keypoints=NAMES, skeleton=[[1, 2]])]


def test_text_is_compact(tmp_path):
    writer = CocoWriter(['a'])
    writer.add_instance(writer.add_image('ü.png', 9, 9), [[1, 1, 2]])
    writer.write(tmp_path / 'x.json')
    assert '"file_name":"ü.png","width":9' in (tmp_path / 'x.json').read_text(encoding='utf-8')


def test_box_around_keypoints_has_a_margin():
    # 100 x 60 around the labelled ones, wider by 0.2 * 100 on each side
    writer = CocoWriter(NAMES)
    image_id = writer.add_image('0.png', 640, 480)
    writer.add_instance(image_id, [[200, 100, 2], [300, 160, 1], [9, 9, 0]])
    entry = writer.boxed(writer.annotations[0])
    assert entry['bbox'] == [180, 80, 140, 100]
    assert entry['area'] == pytest.approx(140 * 100 * 0.53)
    writer.box_margin = 0.5
    assert writer.boxed(writer.annotations[0])['bbox'] == [150, 50, 200, 160]


def test_one_keypoint_has_a_box_of_the_smallest_margin():
    writer = CocoWriter(NAMES)
    writer.add_instance(writer.add_image('0.png', 640, 480), [[200, 100, 2], [0] * 3, [0] * 3])
    assert writer.boxed(writer.annotations[0])['bbox'] == [192, 92, 16, 16]


def test_box_is_held_inside_the_picture():
    writer = CocoWriter(NAMES)
    writer.add_instance(writer.add_image('0.png', 64, 48), [[2, 3, 2], [60, 45, 2], [0, 0, 0]])
    assert writer.boxed(writer.annotations[0])['bbox'] == [0, 0, 64, 48]


def test_instances_with_nothing_are_dropped_and_counted():
    writer = CocoWriter(NAMES)
    image_id = writer.add_image('0.png', 64, 48)
    assert writer.add_instance(image_id, np.zeros((3, 3))) is None
    assert writer.add_instance(image_id, [[np.nan, 3, 2], [1, np.inf, 1], [0, 0, 0]]) is None
    assert writer.dropped == {'instance without a labelled keypoint': 2}
    assert writer.examples == {'instance without a labelled keypoint': ['0.png']}
    assert writer.add_instance(image_id, np.zeros((3, 3)), bbox=[1, 2, 3, 4]) == 1


def test_few_examples_are_kept():
    writer = CocoWriter(NAMES)
    for i in range(20):
        writer.drop('picture missing', f'{i}.png')
    assert writer.dropped['picture missing'] == 20
    assert writer.examples['picture missing'] == [f'{i}.png' for i in range(5)]


def test_pictures_give_their_size(tmp_path, picture):
    picture(tmp_path / 'a' / '0.png', (30, 20))
    (tmp_path / 'bad.png').write_text('no picture')
    writer = CocoWriter(NAMES, image_root=tmp_path)
    assert writer.add_picture('a/0.png', group='a') == 1
    assert writer.add_picture('a/0.png') == 1
    assert writer.add_picture('b/0.png') is None
    assert writer.add_picture('bad.png') is None
    assert writer.images == [dict(id=1, file_name='a/0.png', width=30, height=20)]
    assert writer.groups == {1: 'a'}
    assert writer.dropped == {'picture missing': 1, 'picture unreadable': 1}


def test_turned_pictures_have_the_size_they_are_loaded_with(tmp_path):
    from PIL import Image

    from mmpose.datasets.transforms import LoadImage

    image, exif = Image.new('RGB', (30, 20)), Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    image.save(tmp_path / '0.jpg', exif=exif)
    writer = CocoWriter(NAMES, image_root=tmp_path)
    writer.add_picture('0.jpg')
    assert (writer.images[0]['width'], writer.images[0]['height']) == (20, 30)
    loaded = LoadImage()(dict(img_path=str(tmp_path / '0.jpg')))
    assert loaded['img_shape'] == (30, 20)


def test_parts_have_their_pictures_and_instances_alone(tmp_path):
    writer = CocoWriter(['a'])
    for i in range(3):
        image_id = writer.add_image(f'{i}.png', 9, 9)
        writer.add_instance(image_id, [[i, i, 2]])
        writer.add_instance(image_id, [[i, 5, 2]])
    content = written(writer, tmp_path / 'x.json', image_ids=[2])
    assert [image['id'] for image in content['images']] == [2]
    assert [ann['id'] for ann in content['annotations']] == [3, 4]


def test_several_categories(tmp_path):
    writer = CocoWriter(['a'], category=['cat', 'dog'])
    writer.add_instance(writer.add_image('0.png', 9, 9), [[1, 1, 2]], category='dog')
    content = written(writer, tmp_path / 'x.json')
    assert content['annotations'][0]['category_id'] == 2
    assert [category['name'] for category in content['categories']] == ['cat', 'dog']


def test_metainfo_file_is_read_back(tmp_path):
    path = tmp_path / 'info.py'
    writer = CocoWriter(
        NAMES, [('nose', 'left_ear')], dataset_name="m'ice", weights=[1, 2, 3], sigmas=[0.1] * 3
    )
    writer.write(tmp_path / 'x.json', path)
    info = parse_pose_metainfo(dict(from_file=str(path)))
    assert info['dataset_name'] == "m'ice"
    assert info['keypoint_id2name'] == dict(enumerate(NAMES))
    assert info['flip_indices'] == [0, 2, 1]
    assert info['skeleton_links'] == [(0, 1)]
    assert info['dataset_keypoint_weights'].tolist() == [1, 2, 3]
    np.testing.assert_allclose(info['sigmas'], 0.1)
    assert info['keypoint_colors'].tolist() == [[51, 153, 255], [0, 255, 0], [255, 128, 0]]


def test_from_metainfo_and_back(tmp_path):
    writer = CocoWriter.from_metainfo('configs/_base_/datasets/coco.py', category='person')
    assert writer.num_keypoints == 17
    assert writer.metainfo == 'configs/_base_/datasets/coco.py'
    writer.write_metainfo(tmp_path / 'info.py')
    mine = parse_pose_metainfo(dict(from_file=str(tmp_path / 'info.py')))
    coco = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
    for key in ('dataset_name', 'keypoint_id2name', 'flip_indices', 'skeleton_links'):
        assert mine[key] == coco[key]
    np.testing.assert_allclose(mine['sigmas'], coco['sigmas'])


def test_points_by_name():
    writer = CocoWriter(NAMES)
    points = [
        ('right_ear', (1, 2, 2)),
        ('nose', (3, 4, 1)),
        ('nose', (5, 6, 2)),
        ('tail', (7, 8, 2)),
    ]
    rows = writer.rows_by_name(points, '0.png')
    assert rows.tolist() == [[3, 4, 1], [0, 0, 0], [1, 2, 2]]
    assert writer.examples == {
        'keypoint labelled twice in one instance': ["'nose' in 0.png"],
        'point that is no keypoint': ["'tail' in 0.png"],
    }


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (lambda w: CocoWriter(['a', 'a']), r"keypoints is \['a', 'a'\]; expected different names"),
        (lambda w: CocoWriter([]), 'expected different names'),
        (lambda w: CocoWriter(['a'], [('a', 'b')]), 'links or swaps name b; expected names from a'),
        (lambda w: CocoWriter('abc', swaps=dict(a='b', c='b')), "several mirror images of 'b'"),
        (lambda w: CocoWriter(['a'], sigmas=[1, 2]), '2 sigmas for 1 keypoints; give one for each'),
        (lambda w: w.add_image('x.png', 0, 9), "'x.png' is 0 x 9; expected a positive size"),
        (lambda w: w.add_image('0.png', 9, 8), 'is 9 x 8, but was added as 9 x 9'),
        (lambda w: w.add_instance(7, ROWS), 'There is no picture 7; add_image returns the ids'),
        (lambda w: w.add_instance(1, ROWS[:2]), r'shape \(2, 3\); expected \(3, 3\): x, y and v'),
        (lambda w: w.add_instance(1, [[1, 1, 3]] * 3), 'v is 3; expected 0, 1 or 2'),
        (lambda w: w.add_instance(1, ROWS, bbox=[1, 2, 3]), r'expected x, y, w, h'),
        (lambda w: w.add_instance(1, ROWS, bbox=[1, 2, -3, 4]), 'the last two 0 or more'),
        (lambda w: w.add_instance(1, ROWS, category='cow'), "'cow'; expected one of"),
    ],
)
def test_bad_arguments(call, message):
    writer = CocoWriter(NAMES)
    writer.add_image('0.png', 9, 9)
    with pytest.raises(ConversionError, match=message):
        call(writer)


coordinate = st.floats(-50, 200) | st.sampled_from([np.nan, np.inf])


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(st.tuples(coordinate, coordinate, st.integers(0, 2)), min_size=3, max_size=3),
    size=st.tuples(st.integers(1, 150), st.integers(1, 150)),
)
def test_what_is_written_is_finite_and_boxes_lie_inside(rows, size):
    writer = CocoWriter(NAMES)
    labelled = [row for row in rows if row[2] and np.isfinite(row).all()]
    if writer.add_instance(writer.add_image('0.png', *size), rows) is None:
        assert not labelled
        return
    entry = writer.boxed(writer.annotations[0])
    json.dumps(entry, allow_nan=False)
    assert entry['num_keypoints'] == len(labelled)
    x, y, w, h = entry['bbox']
    assert min(x, y, w, h) >= 0
    assert x + w <= size[0] + 0.01
    assert y + h <= size[1] + 0.01
    for px, py, _ in labelled:
        if 0 <= px <= size[0] and 0 <= py <= size[1]:
            assert x - 0.01 <= px <= x + w + 0.01
            assert y - 0.01 <= py <= y + h + 0.01
