import numpy as np
import pytest

from mmpose.datasets.datasets import UBody3dDataset
from mmpose.datasets.datasets.wholebody3d import ubody3d_dataset

SKELETON = dict(
    dataset_name='pair',
    keypoint_info={0: dict(name='left', swap='right'), 1: dict(name='right', swap='left')},
    skeleton_info={},
    joint_weights=[1, 1],
    sigmas=[],
)


def person(ann_id, image_id, **changes):
    ann = dict(
        id=ann_id,
        image_id=image_id,
        category_id=1,
        person_id=0,
        bbox=[10, 20, 30, 40],
        center=[25, 40],
        scale=[1, 2],
        keypoints=[[image_id, 1], [2, 3]],
        keypoints_3d=[[image_id, 1, 0.5], [2, 3, 0.25]],
        keypoints_valid=[1, 0],
        camera_param=dict(focal=[1000 + image_id, 2000], princpt=[320, 240]),
    )
    ann.update(changes)
    return {key: value for key, value in ann.items() if value is not ...}


@pytest.fixture
def build(write_json, tmp_path):
    """Reads annotations of images 0 to 2 of video `a` and 3 of `b`."""

    def build_dataset(*annotations, **settings):
        images = [
            dict(id=i, file_name=f'show/{"b" if i == 3 else "a"}/{i}.png', width=640, height=480)
            for i in range(4)
        ]
        file = write_json(dict(images=images, annotations=annotations), 'ubody.json')
        settings = {'metainfo': SKELETON, **settings}
        return UBody3dDataset(ann_file=file, data_root=str(tmp_path), **settings)

    return build_dataset


def test_an_item_of_ubody(build, tmp_path):
    item = build(person(7, 2), data_prefix=dict(img='img'))[0]
    path = str(tmp_path / 'img' / 'show/a/2.png')
    assert item['img_path'] == path
    assert item['img_paths'] == item['target_img_paths'] == [path]
    assert (item['id'], item['img_ids'], item['target_idx']) == (7, [2], [-1])
    expected = dict(
        keypoints=[[[2, 1], [2, 3]]],
        keypoints_visible=[[1, 0]],
        keypoints_3d=[[[2, 1, 0.5], [2, 3, 0.25]]],
        lifting_target=[[[2, 1, 0.5], [2, 3, 0.25]]],
        lifting_target_visible=[[1, 0]],
        bbox=[[10, 20, 30, 40]],  # x, y, w, h
        bbox_scores=[1],
        bbox_scales=[[1, 1]],
        center=[[25, 40]],
        scale=[[1, 2]],
        factor=[0],
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    camera = item['camera_param']
    assert (camera['f'].tolist(), camera['c'].tolist()) == ([1002, 2000], [320, 240])
    assert (camera['w'], camera['h']) == (640, 480)
    assert not {'target_img_path', 'keypoints_3d_visible'} & set(item)


def test_what_may_be_absent(build):
    absent = dict.fromkeys(('keypoints_valid', 'center', 'scale', 'person_id'), ...)
    item = build(person(7, 2, **absent))[0]
    assert item['keypoints_visible'].tolist() == [[1, 1]]
    assert item['center'].tolist() == item['scale'].tolist() == [[0, 0]]


def test_a_video_follows_one_person_through_a_folder(build):
    annotations = [
        person(1, 3),
        person(2, 2),
        person(3, 0, person_id=1),
        person(4, 0),
        person(5, 1, person_id=1),
    ]
    dataset = build(*annotations, seq_len=2)
    assert [item['img_ids'] for item in dataset] == [[0, 2], [0, 1]]
    assert [item['id'] for item in dataset] == [2, 5]
    padded = build(*annotations, seq_len=3, pad_video_seq=True, causal=False)
    assert [item['img_ids'] for item in padded] == [
        [0, 0, 2],
        [0, 2, 2],
        [0, 0, 1],
        [0, 1, 1],
        [3, 3, 3],
    ]
    assert [item['id'] for item in padded] == [4, 2, 3, 5, 1]
    assert padded[0]['target_idx'] == [1]
    several = build(*annotations, multiple_target=2)[0]
    assert (several['target_idx'], several['factor'].shape) == ([0, 1], (2,))
    assert [path[-5:] for path in several['target_img_paths']] == ['0.png', '2.png']


def test_labels_of_another_skeleton_are_read_with_a_warning(build, monkeypatch):
    lines = []
    monkeypatch.setattr(ubody3d_dataset, 'print_log', lambda line, **_: lines.append(line))
    dataset = build(person(1, 0), metainfo=None)
    assert dataset[0]['num_keypoints'] == 2
    assert "labels 2 keypoints, but the skeleton 'ubody3d' has 137" in lines[0]


@pytest.mark.parametrize(
    ('annotations', 'message'),
    [
        ([], "ubody.json' has no annotations; expected one of each frame"),
        ([person(4, 9)], 'annotation 4 cannot be used: its image_id is 9, which no image has'),
        ([person(4, 0, keypoints_3d=...)], "annotation 4 cannot be used: it has no 'keypoints_3d'"),
        ([person(4, 0, camera_param=...)], "annotation 4 cannot be used: it has no 'camera_param'"),
        ([person(4, 0, bbox=[1, 2])], 'annotation 4 cannot be used: cannot reshape'),
        (
            [person(4, 0), person(5, 0, keypoints=[[1, 2]])],
            r'annotation 5 cannot be used: cannot reshape array of size 2 into shape \(2,2\)',
        ),
        ([7], 'an annotation is a number; expected an object'),
    ],
)
def test_annotations_that_cannot_be_used(build, annotations, message):
    with pytest.raises(ValueError, match=message):
        build(*annotations)


def test_images_that_cannot_be_used(write_json, tmp_path):
    file = write_json(dict(images=[dict(id=3, file_name='3.png')], annotations=[]), 'ubody.json')
    with pytest.raises(ValueError, match="image 3 cannot be used: it has no 'width'"):
        UBody3dDataset(ann_file=file, data_root=str(tmp_path))
