import gc
import json
import logging
import pickle
import re
from importlib import import_module
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from mmpose.datasets import BaseCocoStyleDataset, CocoDataset, LoadImage
from mmpose.datasets.datasets.base.unreadable_images import UnreadableImages
from mmpose.datasets.transforms.loading import UnreadableImageError

STICK = dict(
    dataset_name='stick',
    keypoint_info={
        0: dict(name='top', id=0, color=[255, 0, 0], type='upper', swap=''),
        1: dict(name='left', id=1, color=[0, 255, 0], type='lower', swap='right'),
        2: dict(name='right', id=2, color=[0, 0, 255], type='lower', swap='left'),
    },
    skeleton_info={0: dict(link=('top', 'left'), id=0, color=[9, 9, 9])},
    joint_weights=[1.0, 1.2, 1.2],
    sigmas=[0.05, 0.1, 0.1],
)


class StickDataset(BaseCocoStyleDataset):
    METAINFO = STICK


def image(image_id, width=100, height=80, **more):
    return dict(id=image_id, file_name=f'{image_id}.jpg', width=width, height=height, **more)


def person(ann_id, image_id, **changes):
    ann = dict(
        id=ann_id,
        image_id=image_id,
        category_id=1,
        iscrowd=0,
        bbox=[10, 20, 30, 40],
        area=600,
        num_keypoints=2,
        keypoints=[15, 25, 2, 20, 50, 1, 0, 0, 0],
        segmentation=[[10, 20, 40, 20, 40, 60]],
    )
    ann.update(changes)
    return {key: value for key, value in ann.items() if value is not ...}


@pytest.fixture
def write(tmp_path):
    def write_file(annotations, images=None, name='ann.json', **more):
        images = [image(1), image(2), image(3)] if images is None else images
        content = dict(images=images, annotations=annotations, **more)
        (tmp_path / name).write_text(json.dumps(content))
        return dict(ann_file=name, data_root=str(tmp_path), data_prefix=dict(img='img/'))

    return write_file


def test_topdown_item(write, tmp_path):
    dataset = StickDataset(**write([person(7, 2)]))
    assert len(dataset) == 1
    item = dataset.get_data_info(0)
    assert item['img_path'] == str(tmp_path / 'img' / '2.jpg')
    assert (item['id'], item['img_id'], item['iscrowd'], item['num_keypoints']) == (7, 2, 0, 2)
    expected = dict(
        bbox=[[10, 20, 40, 60]],
        bbox_score=[1],
        keypoints=[[[15, 25], [20, 50], [0, 0]]],
        keypoints_visible=[[1, 1, 0]],
        area=600,
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    assert item['category_id'].shape == ()
    assert item['segmentation'] == [[10, 20, 40, 20, 40, 60]]
    assert item['raw_ann_info'] == person(7, 2)


def test_item_has_the_skeleton_uncopied(write):
    dataset = StickDataset(**write([person(1, 1), person(2, 1)]))
    item, other = dataset[0], dataset[1]
    assert (item['dataset_name'], item['flip_indices']) == ('stick', [0, 2, 1])
    assert (item['upper_body_ids'], item['lower_body_ids']) == ([0], [1, 2])
    assert item['skeleton_links'] == [(0, 1)]
    assert sorted(item['flip_pairs']) == [(1, 2), (2, 1)]
    for key in ('flip_pairs', 'dataset_keypoint_weights', 'skeleton_links'):
        assert item[key] is other[key]
    assert item['keypoints'] is not dataset[0]['keypoints']


@pytest.mark.parametrize(
    ('bbox', 'expected'),
    [
        ([-10, -5, 30, 40], [0, 0, 20, 35]),
        ([80, 60, 50, 50], [80, 60, 99, 79]),
        ([2.5, 3.5, 10, 10], [2.5, 3.5, 12.5, 13.5]),
        (..., [15, 25, 20, 50]),  # around the two labelled keypoints
    ],
    ids=['beyond the upper left', 'beyond the lower right', 'fractions', 'absent'],
)
def test_boxes_are_clipped_or_derived(write, bbox, expected):
    dataset = StickDataset(**write([person(1, 1, bbox=bbox)]))
    np.testing.assert_array_equal(dataset[0]['bbox'], [expected])


def test_absent_fields_are_derived(write):
    bare = person(1, 1, area=..., iscrowd=..., num_keypoints=..., category_id=..., segmentation=...)
    item = StickDataset(**write([bare]))[0]
    assert item['area'] == pytest.approx(0.53 * 30 * 40)
    assert (item['iscrowd'], item['num_keypoints'], item['category_id']) == (False, 2, 1)
    assert item['segmentation'] is None


def test_an_image_of_unknown_size_does_not_clip(write):
    images = [dict(id=1, file_name='1.jpg')]
    dataset = StickDataset(**write([person(1, 1, bbox=[90, 70, 50, 50])], images))
    np.testing.assert_array_equal(dataset[0]['bbox'], [[90, 70, 140, 120]])


UNUSABLE = [
    (dict(iscrowd=1), 'is a crowd'),
    (dict(num_keypoints=0), 'no keypoint labelled'),
    (dict(num_keypoints=..., keypoints=[5, 5, 0] * 3), 'no keypoint labelled'),
    (dict(keypoints=[0, 0, 2] * 3), 'no keypoint labelled'),
    (dict(bbox=[10, 20, 0, 40]), 'box without area in the image'),
    (dict(bbox=[200, 20, 30, 40]), 'box without area in the image'),
    (dict(image_id=99), 'unknown image_id'),
    (dict(keypoints=...), 'no keypoints'),
]


@pytest.mark.parametrize(('changes', 'reason'), UNUSABLE, ids=lambda value: str(value))
def test_each_reason_to_drop_is_logged_and_named(write, changes, reason, monkeypatch):
    lines = []
    module = import_module(BaseCocoStyleDataset.__module__)
    monkeypatch.setattr(module, 'print_log', lambda line, level, **_: lines.append((level, line)))
    bad, good = person(1, **{'image_id': 1, **changes}), person(2, 1)
    config = write([bad, good])
    dataset = StickDataset(**config)
    assert [item['id'] for item in dataset] == [2]
    file = f'{config["data_root"]}/ann.json'
    line = f'StickDataset: 1 instances from 3 images of {file}; dropped 1 ({reason}).'
    assert lines == [(logging.INFO, line)]
    with pytest.raises(ValueError, match=re.escape(f'3 images; dropped 1 ({reason})')):
        StickDataset(**write([bad]))


def test_bottomup_stacks_the_instances_of_an_image(write):
    anns = [
        person(1, 2),
        person(2, 1),
        person(3, 2, num_keypoints=0, keypoints=[0] * 9, segmentation=[[1, 2, 3, 4, 5, 6]]),
        person(4, 2, iscrowd=1, segmentation=dict(counts=[9], size=[80, 100])),
    ]
    config = write(anns)
    dataset = StickDataset(**config, data_mode='bottomup')
    assert [item['img_id'] for item in dataset] == [1, 2]  # in the order of the file's images
    item = dataset[1]
    assert item['id'] == [1, 3, 4]
    assert item['iscrowd'] == [0, 0, 1]
    assert item['keypoints'].shape == (3, 3, 2)
    assert item['keypoints_visible'].tolist() == [[1, 1, 0], [0, 0, 0], [1, 1, 0]]
    assert item['bbox'].shape == (3, 4)
    assert item['bbox_score'].shape == item['area'].shape == item['category_id'].shape == (3,)
    assert item['invalid_segs'] == [[[1, 2, 3, 4, 5, 6]], dict(counts=[9], size=[80, 100])]
    assert item['segmentation'] == [
        [10, 20, 40, 20, 40, 60],
        [1, 2, 3, 4, 5, 6],
        dict(counts=[9], size=[80, 100]),
    ]
    tested = StickDataset(**config, data_mode='bottomup', test_mode=True)
    assert [item['img_id'] for item in tested] == [1, 2, 3]
    assert (tested[2]['id'], tested[2]['raw_ann_info']) == ([], None)


def test_crowd_index_is_kept(write):
    dataset = StickDataset(**write([person(1, 1)], [image(1, crowdIndex=0.4)]))
    assert dataset[0]['crowd_index'] == 0.4


@pytest.mark.parametrize('serialize', [True, False])
def test_indices_and_sample_interval(write, serialize):
    config = write([person(i, i) for i in range(1, 9)], [image(i) for i in range(1, 9)])
    config['serialize_data'] = serialize

    def ids(**arguments):
        return [item['id'] for item in StickDataset(**config, **arguments)]

    assert ids(indices=2) == [1, 2]
    assert ids(indices=-2) == [7, 8]
    assert ids(indices=[5, 0]) == [6, 1]
    assert ids(sample_interval=3) == [3, 6]
    tested = dict(data_mode='bottomup', test_mode=True)
    assert ids(sample_interval=4, **tested) == [[4], [8]]
    dataset = StickDataset(**config)
    assert dataset[-1]['id'] == 8
    assert dataset[-8]['id'] == dataset[-8]['sample_idx'] + 1 == 1
    assert [item['id'] for item in dataset.get_subset([3, 4])] == [4, 5]


def test_detections_replace_the_boxes(write, tmp_path):
    config = write([person(1, 1)])
    detections = [
        dict(image_id=2, category_id=1, bbox=[10, 20, 30, 40], score=0.9),
        dict(image_id=1, category_id=1, bbox=[90, 70, 30, 40], score=0.5),
        dict(image_id=1, category_id=3, bbox=[1, 2, 3, 4], score=0.9),
        dict(image_id=77, category_id=1, bbox=[1, 2, 3, 4], score=0.9),
    ]
    path = tmp_path / 'detections.json'
    path.write_text(json.dumps(detections))
    config.update(bbox_file=str(path), test_mode=True)
    dataset = StickDataset(**config)
    assert [item['img_id'] for item in dataset] == [2, 1]
    item = dataset[1]
    np.testing.assert_array_equal(item['bbox'], [[90, 70, 120, 110]])  # not clipped
    np.testing.assert_array_equal(item['bbox_score'], np.float32([0.5]))
    assert (item['img_shape'], item['id']) == ((80, 100), 1)
    assert item['keypoints'].shape == (1, 3, 2)
    assert item['keypoints_visible'].tolist() == [[1, 1, 1]]
    assert len(StickDataset(**config, filter_cfg=dict(bbox_score_thr=0.6))) == 1
    with pytest.raises(ValueError, match=r'bbox_score_thr=0.95; the best of 2 scores 0.9\.'):
        StickDataset(**config, filter_cfg=dict(bbox_score_thr=0.95))


def test_a_subclass_overrides_the_box_and_nothing_else(write):
    class FromScale(StickDataset):
        def parse_bbox(self, ann, image):
            return np.array([[1, 2, 3, 4]], dtype=np.float32)

        def extra_fields(self, ann, image):
            return dict(head_size=5)

    item = FromScale(**write([person(1, 1)]))[0]
    assert item['bbox'].tolist() == [[1, 2, 3, 4]]
    assert item['head_size'] == 5
    assert item['keypoints'][0, 1].tolist() == [20, 50]


def test_data_is_packed_and_survives_pickling(write):
    dataset = StickDataset(**write([person(i, 1) for i in range(1, 6)]))
    assert dataset.data_list == []
    assert dataset.data_bytes.dtype == np.uint8
    assert dataset.data_address[-1] == len(dataset.data_bytes)
    clone = pickle.loads(pickle.dumps(dataset))
    assert [item['id'] for item in clone] == [1, 2, 3, 4, 5]


def test_the_pipeline_sees_the_dataset(write):
    dataset = StickDataset(**write([person(1, 1)]), pipeline=[lambda results: results])
    assert dataset[0]['dataset'] is dataset
    assert 'dataset' not in dataset.get_data_info(0)


# ------------------------------------------------------------------- custom sets


@pytest.mark.parametrize('as_file', [True, False])
def test_a_set_of_ones_own_needs_no_class(write, tmp_path, as_file):
    metainfo = STICK
    if as_file:
        (tmp_path / 'stick.py').write_text(f'dataset_info = {STICK!r}')
        metainfo = dict(from_file=str(tmp_path / 'stick.py'))
    ann = dict(id=1, image_id=1, keypoints=[15, 25, 2, 20, 50, 1, 0, 0, 0])
    item = CocoDataset(**write([ann]), metainfo=metainfo)[0]
    assert item['dataset_name'] == 'stick'
    assert item['bbox'].tolist() == [[15, 25, 20, 50]]
    assert item['keypoints_visible'].tolist() == [[1, 1, 0]]
    assert (item['iscrowd'], item['num_keypoints'], item['category_id']) == (False, 2, 1)


@pytest.mark.parametrize(
    ('source', 'padding', 'expected'),
    [
        ('annotation', 0.2, [[10, 20, 40, 60], [10, 20, 25, 55]]),
        ('keypoints', 0, [[15, 25, 20, 50], [15, 25, 20, 50]]),
        ('keypoints', 0.2, [[10, 20, 25, 55], [10, 20, 25, 55]]),  # 0.2 of the height of 25
        ('keypoints', 2, [[0, 0, 70, 79], [0, 0, 70, 79]]),  # inside the image
        ('image', 0, [[0, 0, 100, 80], [0, 0, 100, 80]]),
    ],
)
def test_boxes_by_their_source(write, source, padding, expected):
    config = write([person(1, 1), person(2, 1, bbox=...)])
    dataset = StickDataset(**config, bbox_source=source, bbox_padding=padding)
    assert [item['bbox'][0].tolist() for item in dataset] == expected


def test_padding_gives_points_in_a_row_a_box(write):
    ann = person(1, 1, bbox=..., keypoints=[20, 30, 2, 20, 50, 2, 0, 0, 0])
    with pytest.raises(ValueError, match='box without area'):
        StickDataset(**write([ann]))
    item = StickDataset(**write([ann]), bbox_padding=0.1)[0]
    assert item['bbox'].tolist() == [[18, 28, 22, 52]]


def test_keypoints_that_are_no_numbers_are_not_labelled(write):
    nan, inf = float('nan'), float('inf')
    ann = person(1, 1, bbox=..., num_keypoints=..., area=nan)
    ann['keypoints'] = [15, 25, 2, nan, 50, 2, 30, inf, 2]
    item = StickDataset(**write([person(2, 1, keypoints=[15, 25, 2, 20, nan, 2, 5, 9, 2]), ann]))[0]
    assert item['keypoints'].tolist() == [[[15, 25], [0, 0], [5, 9]]]
    assert item['keypoints_visible'].tolist() == [[1, 0, 1]]
    item = StickDataset(**write([ann]), bbox_source='annotation', lazy_init=True)
    with pytest.raises(ValueError, match='box without area'):  # around the only one
        item.full_init()
    item = StickDataset(**write([dict(ann, bbox=[5, 5, 20, 40])]))[0]
    assert (item['num_keypoints'], item['area']) == (1, pytest.approx(0.53 * 800))


CATEGORIES = [dict(id=1, name='cat'), dict(id=4, name='mouse'), dict(id=7, name='mouse')]


@pytest.mark.parametrize(
    ('chosen', 'ids'),
    [(None, [1, 2, 3, 4]), (['mouse'], [2, 3]), ([4], [2]), (['cat', 7], [1, 3, 4])],
    ids=str,
)
@pytest.mark.parametrize('mode', ['topdown', 'bottomup'])
def test_chosen_categories(write, chosen, ids, mode):
    anns = [person(1, 1), person(2, 2, category_id=4), person(3, 3, category_id=7)]
    anns.append(person(4, 1, category_id=...))  # 1, if it is not said
    config = write(anns, categories=CATEGORIES)
    dataset = StickDataset(**config, categories=chosen, data_mode=mode)
    found = [item['id'] for item in dataset]
    assert sorted(found if mode == 'topdown' else chain(*found)) == ids
    left_out = 4 - len(ids)
    assert dataset.dropped == ({'category not chosen': left_out} if left_out else {})
    assert dataset.metainfo['CLASSES'] == CATEGORIES


def test_chosen_categories_of_detections(write, tmp_path):
    detections = [dict(image_id=1, category_id=c, bbox=[1, 2, 3, 4], score=1) for c in (1, 4, 7)]
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(detections))
    config = dict(write([], categories=CATEGORIES), bbox_file=str(path), test_mode=True)
    dataset = StickDataset(**config)
    assert (len(dataset), dataset.dropped) == (1, {'category_id is not 1': 2})
    dataset = StickDataset(**config, categories=['mouse'])
    assert (len(dataset), dataset.dropped) == (2, {'category not chosen': 1})


def test_a_category_that_is_not_there(write):
    config = write([person(1, 1)], categories=CATEGORIES[:2])
    for chosen in (['mice'], ['cat', 9]):
        with pytest.raises(ValueError, match='are: ') as caught:
            StickDataset(**config, categories=chosen)
        assert f'categories has {chosen[-1]!r}, but' in str(caught.value)
        assert "are: 'cat' (id 1), 'mouse' (id 4)." in str(caught.value)
    with pytest.raises(ValueError, match=r"has 'cat', but the categories of .* are: none"):
        StickDataset(**write([person(1, 1)]), categories=['cat'])
    assert len(StickDataset(**write([person(1, 1)]), categories=[1])) == 1
    with pytest.raises(ValueError, match='`categories` is an object; expected a list of'):
        StickDataset(**write([person(1, 1)], categories={}), categories=['cat'])
    with pytest.raises(ValueError, match='category 3 cannot be used: it has no'):
        StickDataset(**write([person(1, 1)], categories=[dict(id=3)]), categories=['cat'])
    with pytest.raises(TypeError, match=r"categories is 'cat'; expected a list: \['cat'\]"):
        StickDataset(**config, categories='cat')


def test_what_is_odd_is_told_once(write, monkeypatch):
    lines = []
    module = import_module(BaseCocoStyleDataset.__module__)
    monkeypatch.setattr(module, 'print_log', lambda line, level, **_: lines.append((level, line)))
    anns = [person(7, 1), person(7, 2), person(8, 1, category_id=3), person(7, 1, category_id=3)]
    images = [image(1), image(2), image(2, width=90), image(1)]
    config = write(anns, images, categories=[dict(id=1, name='cat')])
    assert [item['id'] for item in StickDataset(**config)] == [7, 8, 7, 7]
    assert [level for level, _ in lines] == [logging.INFO] + [logging.WARNING] * 3
    text = '\n'.join(line for _, line in lines)
    assert '2 annotations repeat the id of another (7); scores' in text
    assert '1 images have several entries that differ (2); the last one counts' in text
    assert '2 annotations have a category_id that `categories` does not list (3)' in text


def test_an_image_id_with_two_files(write):
    images = [image(1), image(2), dict(image(1), file_name='x.jpg')]
    with pytest.raises(ValueError, match=r"image 1 .* its id is that of '1\.jpg' and of 'x\.jpg'"):
        StickDataset(**write([person(1, 1)], images))


# ------------------------------------------------------------ items one at a time


def plain_items(dataset):
    """The items as if the file had been read as a whole."""
    coco = json.loads(Path(dataset.ann_file).read_text())
    raw = [
        dict(raw_ann_info=ann, raw_img_info=dict(img, img_id=img['id'], img_path=img['file_name']))
        for img in coco['images']
        for ann in coco['annotations']
        if ann['image_id'] == img['id']
    ]
    return [dataset.parse_data_info(info) for info in raw]


@pytest.mark.parametrize('serialize', [True, False])
@pytest.mark.parametrize('images_first', [True, False])
def test_items_are_those_of_a_file_read_as_a_whole(tmp_path, serialize, images_first):
    random = np.random.RandomState(0)
    images = [image(i) for i in random.permutation(20).tolist()]
    anns = [
        person(
            i,
            int(random.randint(20)),
            bbox=(random.rand(4) * 40).round(2).tolist(),
            keypoints=np.ravel([[*(random.rand(2) * 50), random.randint(1, 3)] * 3]).tolist(),
            segmentation=[(random.rand(80) * 90).round(i % 4).tolist()],
        )
        for i in range(60)
    ]
    parts = [('images', images), ('annotations', anns)]
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(dict(parts if images_first else parts[::-1])))
    dataset = StickDataset(ann_file=str(path), serialize_data=serialize)
    expected = plain_items(dataset)
    assert len(dataset) == len(expected) == 60
    for item, other in zip(dataset, expected, strict=True):
        for key, value in other.items():
            np.testing.assert_equal(item[key], value)
            if isinstance(value, np.ndarray):
                assert item[key].dtype == value.dtype
        assert repr(item['raw_ann_info']) == repr(other['raw_ann_info'])

    grouped = StickDataset(ann_file=str(path), serialize_data=serialize, data_mode='bottomup')
    ids = chain.from_iterable(item['id'] for item in grouped)
    assert list(ids) == [item['id'] for item in expected]
    for item in grouped:
        same_image = [other for other in expected if other['img_id'] == item['img_id']]
        for key in ('keypoints', 'keypoints_visible', 'bbox', 'bbox_score'):
            joined = np.concatenate([other[key] for other in same_image])
            np.testing.assert_array_equal(item[key], joined, strict=True)
        for key in ('area', 'category_id'):
            np.testing.assert_array_equal(item[key], [other[key] for other in same_image])
            assert item[key].dtype == same_image[0][key].dtype
        assert item['raw_ann_info'] == [other['raw_ann_info'] for other in same_image]


def test_a_list_of_a_subclass_is_used(write):
    class Reversed(StickDataset):
        def load_data_list(self):
            items = super().load_data_list()
            for item in items:
                item['extra'] = item['id'] * 2
            return items[::-1]

    dataset = Reversed(**write([person(1, 1), person(2, 1)]), indices=[1, 0])
    assert [(item['id'], item['extra']) for item in dataset] == [(1, 2), (2, 4)]
    assert dataset.data_list == []


def test_subsets_of_packed_items(write):
    dataset = StickDataset(**write([person(i, i) for i in range(1, 4)]))
    for indices, ids in ((5, [1, 2, 3]), (-3, [1, 2, 3]), ([-3, 2], [1, 3]), (0, [])):
        assert [item['id'] for item in dataset.get_subset(indices)] == ids
    with pytest.raises(IndexError):
        dataset.get_subset([3])


def test_workers_leave_alone_what_they_inherit(write):
    before = gc.get_freeze_count()  # those of the interpreter
    dataset = StickDataset(**write([person(1, 1)]), pipeline=[lambda _: gc.get_freeze_count()])
    loader = DataLoader(dataset, num_workers=1, collate_fn=list, multiprocessing_context='fork')
    ((frozen,),) = list(loader)
    assert frozen > before + 10_000
    assert dataset[0] == before


# ------------------------------------------------------- images that cannot be read


@pytest.fixture
def pictures(write, tmp_path):
    """A config of four images of which the first two cannot be read."""
    (tmp_path / 'img').mkdir()
    for i in (3, 4):
        cv2.imwrite(str(tmp_path / f'img/{i}.jpg'), np.zeros((80, 100, 3), np.uint8))
    (tmp_path / 'img/1.jpg').write_text('no picture')
    return write([person(i, i) for i in range(1, 5)], [image(i) for i in range(1, 5)])


def test_training_goes_on_without_an_unreadable_image(pictures, monkeypatch):
    lines = []
    module = import_module(UnreadableImages.__module__)
    monkeypatch.setattr(module, 'print_log', lambda line, level, **_: lines.append((level, line)))
    dataset = StickDataset(**pictures, pipeline=[LoadImage()])
    monkeypatch.setattr(dataset, '_rand_another', lambda: 3)
    for _ in range(3):
        assert [dataset[i]['id'] for i in range(4)] == [4, 4, 3, 4]
    assert len(lines) == 2  # one for each image
    (level, line), (_, other) = lines
    assert level == logging.WARNING
    assert re.search(r"The image '.*/img/1.jpg' \(img_id 1\) could not be read", line)
    assert line.endswith('Another item takes its place; this is number 1 of max_unreadable=10.')
    assert 'img/2.jpg' in other
    assert 'does not exist' in other


def test_too_many_unreadable_images_are_listed(pictures):
    dataset = StickDataset(**pictures, pipeline=[LoadImage()], max_unreadable=1)
    with pytest.raises(
        UnreadableImageError, match='More than max_unreadable=1 images cannot'
    ) as caught:
        [dataset.prepare_data(i) for i in (0, 0, 1)]
    assert 'img/1.jpg' in str(caught.value)
    assert 'img/2.jpg' in str(caught.value)
    dataset = StickDataset(**pictures, pipeline=[LoadImage()], max_unreadable=0)
    with pytest.raises(
        UnreadableImageError, match=r'max_unreadable=0 images .* read:\n- The image'
    ):
        dataset[1]


def test_testing_stops_at_an_unreadable_image(pictures):
    dataset = StickDataset(**pictures, pipeline=[LoadImage()], test_mode=True)
    with pytest.raises(ValueError, match=r'img/1\.jpg'):
        dataset[0]
    with pytest.raises(FileNotFoundError, match=r'img/2\.jpg'):
        dataset[1]


def test_other_errors_are_not_swallowed(pictures):
    def broken(results):
        raise ValueError('a mistake')

    dataset = StickDataset(**pictures, pipeline=[broken])
    with pytest.raises(ValueError, match='a mistake'):
        dataset[0]


def test_an_error_of_a_worker_names_the_images(pictures):
    dataset = StickDataset(**pictures, pipeline=[LoadImage()], max_unreadable=0)
    loader = DataLoader(dataset, num_workers=1, collate_fn=list, multiprocessing_context='fork')
    with pytest.raises(UnreadableImageError, match=r'img/1\.jpg'):
        list(loader)


# ------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(data_mode='up'), "data_mode is 'up'; expected 'topdown' or 'bottomup'."),
        (dict(bbox_file='x.json'), 'bbox_file is for testing from detected boxes'),
        (dict(sample_interval=0), 'sample_interval is 0; expected 1 or more.'),
        (dict(bbox_source='mask'), "bbox_source is 'mask'; expected one of ('annotation', "),
        (dict(bbox_padding=-1), 'bbox_padding is -1; expected a share such as 0.1.'),
        (dict(max_unreadable=-1), 'max_unreadable is -1; expected 0 or more images.'),
    ],
    ids=lambda value: str(value)[:20],
)
def test_contradicting_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        StickDataset(**arguments)


def test_metainfo_must_be_a_dict():
    with pytest.raises(TypeError, match=r"metainfo is 'coco\.py'; expected a dict such as"):
        StickDataset(metainfo='coco.py')


def test_absent_file_names_path_and_root(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        StickDataset(ann_file='none.json', data_root=str(tmp_path))
    assert repr(str(tmp_path / 'none.json')) in str(caught.value)
    assert f'data_root={str(tmp_path)!r}' in str(caught.value)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{"images": [],\n "annotations": [1 2]}', 'is not JSON: .* in line 2, column 20'),
        ('', 'is not JSON: .* in line 1, column 1'),
        ('[1, 2]', r'holds a list; a COCO annotation file holds .* goes into `bbox_file`'),
        ('{"images": []}', 'has no `annotations`; expected the lists'),
        ('{"images": {}, "annotations": []}', '`images` is an object; expected the lists'),
        ('{"images": [], "annotations": []}', '0 images; dropped nothing'),
        ('{"images": [3], "annotations": []}', 'an image is a number; expected an object'),
        ('{"images": [{"id": 5}], "annotations": []}', "image 5 .* it has no 'file_name'"),
        ('{"images": [], "annotations": [null]}', 'an annotation is null; expected an object'),
        ('{"images": [], "annotations": [{"id": 8}]}', "annotation 8 .* it has no 'image_id'"),
    ],
    ids=lambda value: value[:36],
)
def test_files_that_cannot_be_understood(tmp_path, content, message):
    (tmp_path / 'ann.json').write_text(content)
    with pytest.raises(ValueError, match=message):
        StickDataset(ann_file='ann.json', data_root=str(tmp_path))


def test_sampling_needs_numbers(write):
    config = write([person(1, 'a')], [image('a')])
    assert len(StickDataset(**config)) == 1
    with pytest.raises(ValueError, match=r"sample_interval=2 .* has the image id 'a'; leave it"):
        StickDataset(**config, sample_interval=2)


def test_wrong_number_of_keypoints_names_annotation_and_skeleton(write):
    with pytest.raises(ValueError, match='annotation 41 cannot be used') as caught:
        StickDataset(**write([person(41, 1, keypoints=[1, 2, 2])]))
    assert 'its keypoints have 3 numbers; expected 3 * 3 = 9' in str(caught.value)
    assert "'stick'" in str(caught.value)
    with pytest.raises(ValueError, match=r'annotation 6 .* its bbox has 3 numbers; expected 4'):
        StickDataset(**write([person(6, 1, bbox=[1, 2, 3])]))


def test_detections_must_be_a_list_of_boxes(write, tmp_path):
    config = write([person(1, 1)])
    config.update(bbox_file=str(tmp_path / 'boxes.json'), test_mode=True)
    with pytest.raises(FileNotFoundError, match=r'boxes\.json'):
        StickDataset(**config)
    Path(config['bbox_file']).write_text('{}')
    with pytest.raises(ValueError, match='does not hold a list'):
        StickDataset(**config)
    Path(config['bbox_file']).write_text('[{"image_id": 1, "bbox": [1, 2, 3, 4]}]')
    with pytest.raises(ValueError, match="detection of image 1 cannot be used: it has no 'score'"):
        StickDataset(**config)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
NUMBERS = st.lists(st.integers(-50, 150) | st.floats(), min_size=9, max_size=9)
ANNOTATION = st.fixed_dictionaries(
    dict(id=st.integers() | JSON, image_id=st.integers(1, 2) | JSON),
    optional=dict(
        keypoints=NUMBERS | JSON,
        bbox=st.lists(st.floats(), min_size=4, max_size=4) | JSON,
        area=JSON,
        iscrowd=JSON,
        num_keypoints=JSON,
        category_id=JSON,
        segmentation=JSON,
    ),
)
IMAGE = st.fixed_dictionaries(
    dict(id=st.integers(1, 2) | JSON, file_name=st.just('a.jpg') | JSON),
    optional=dict(width=st.just(100) | JSON, height=st.just(80) | JSON),
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    images=st.lists(IMAGE, max_size=3) | JSON,
    annotations=st.lists(ANNOTATION | JSON, max_size=4) | JSON,
    mode=st.sampled_from(['topdown', 'bottomup']),
    test_mode=st.booleans(),
)
def test_any_file_is_read_or_refused(tmp_path, images, annotations, mode, test_mode):
    path = tmp_path / 'fuzz.json'
    path.write_text(json.dumps(dict(images=images, annotations=annotations)))
    refusal, dataset = None, []
    try:
        dataset = StickDataset(ann_file=str(path), data_mode=mode, test_mode=test_mode)
    except ValueError as error:
        refusal = str(error)
    assert refusal is None or str(path) in refusal
    for item in dataset:
        if mode == 'topdown':
            x1, y1, x2, y2 = item['bbox'][0]
            assert x2 > x1
            assert y2 > y1
            assert item['keypoints'].shape == (1, 3, 2)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / 'bytes.json'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path))):
        StickDataset(ann_file=str(path))


# -------------------------------------------------------------------------- COCO


def test_coco_names_its_skeleton():
    dataset = CocoDataset(lazy_init=True)
    metainfo = dataset.metainfo
    assert metainfo['dataset_name'] == 'coco'
    assert metainfo['num_keypoints'] == 17
    assert metainfo['keypoint_id2name'][9] == 'left_wrist'
    assert metainfo['flip_indices'] == [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    assert metainfo['sigmas'][[0, 12]].tolist() == pytest.approx([0.026, 0.107])
