import re

import numpy as np
import pytest

from mmpose.datasets.datasets import face

PLAIN = [
    ('COFWDataset', 'cofw', 29),
    ('Face300WLPDataset', '300wlp', 68),
    ('LapaDataset', 'lapa', 106),
]
CENTER_SCALE = [
    ('AFLWDataset', 'aflw', 19),
    ('Face300VWDataset', '300vw', 68),
    ('Face300WDataset', '300w', 68),
    ('WFLWDataset', 'wflw', 98),
]


def labelled(num_keypoints, **fields):
    """An annotation whose keypoints lie on a diagonal, (1, 1), (2, 2), ..., all labelled."""
    keypoints = [value for i in range(1, num_keypoints + 1) for value in (i, i, 1)]
    return {'id': 5, 'image_id': 2, 'iscrowd': 0, 'keypoints': keypoints, **fields}


def squared(num_keypoints, **fields):
    default = dict(center=[100, 60], scale=0.5, box_size=80, bbox=[0, 0, 10, 10], area=9)
    return labelled(num_keypoints, **{**default, **fields})


@pytest.mark.parametrize(('name', 'info', 'num_keypoints'), PLAIN + CENTER_SCALE)
def test_skeletons(write_coco, name, info, num_keypoints):
    cls = getattr(face, name)
    assert cls.METAINFO['from_file'] == f'configs/_base_/datasets/{info}.py'
    dataset = cls(**write_coco([squared(num_keypoints)]))
    assert dataset.metainfo['num_keypoints'] == num_keypoints
    item = dataset[0]
    assert (item['id'], item['img_id'], item['num_keypoints']) == (5, 2, num_keypoints)
    diagonal = np.arange(1, num_keypoints + 1)
    np.testing.assert_array_equal(item['keypoints'], np.stack([diagonal] * 2, axis=-1)[None])
    np.testing.assert_array_equal(item['keypoints_visible'], np.ones((1, num_keypoints)))


@pytest.mark.parametrize(('name', 'info', 'num_keypoints'), CENTER_SCALE)
def test_the_square_of_center_and_scale_is_the_box(write_coco, name, info, num_keypoints):
    item = getattr(face, name)(**write_coco([squared(num_keypoints)]))[0]
    expected = dict(
        bbox=[[50, 10, 150, 110]],  # 0.5 * 200 pixels wide, beyond the image of height 100
        bbox_center=[[100, 60]],
        bbox_scale=[[100, 100]],
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    assert not {'area', 'segmentation', 'category_id', 'raw_ann_info', 'box_size'} & set(item)


def test_squares_are_stacked_by_image(write_coco):
    faces = [squared(98, id=1, image_id=3), squared(98, id=2, image_id=3, center=[20, 30], scale=1)]
    item = face.WFLWDataset(**write_coco(faces), data_mode='bottomup')[0]
    np.testing.assert_array_equal(item['bbox'], [[50, 10, 150, 110], [-80, -70, 120, 130]])
    np.testing.assert_array_equal(item['bbox_center'], [[100, 60], [20, 30]])
    np.testing.assert_array_equal(item['bbox_scale'], [[100, 100], [200, 200]])
    assert item['keypoints'].shape == (2, 98, 2)
    assert item['invalid_segs'] == []


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(center=[1, 2, 3]), 'annotation 5 cannot be used: its center has 3 numbers; expected'),
        (dict(center=None), 'annotation 5 cannot be used'),
        (dict(scale='wide'), 'annotation 5 cannot be used'),
        (dict(scale=0), 'dropped 1 (box without area in the image)'),
    ],
)
def test_broken_squares(write_coco, changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        face.WFLWDataset(**write_coco([squared(98, **changes)]))


def test_a_face_without_scale(write_coco):
    ann = squared(98)
    del ann['scale']
    with pytest.raises(ValueError, match="annotation 5 cannot be used: it has no 'scale'"):
        face.WFLWDataset(**write_coco([ann]))


def test_aflw_has_the_size_that_errors_are_divided_by(write_coco):
    config = write_coco([squared(19)])
    assert face.AFLWDataset(**config, test_mode=True)[0]['box_size'] == 80
    assert 'box_size' not in face.AFLWDataset(**config)[0]
    ann = squared(19)
    del ann['box_size']
    assert len(face.AFLWDataset(**write_coco([ann]))) == 1
    with pytest.raises(ValueError, match="annotation 5 cannot be used: it has no 'box_size'"):
        face.AFLWDataset(**write_coco([ann]), test_mode=True)


def person(**changes):
    """A person of COCO-WholeBody, with half of the 68 keypoints of the face labelled."""
    ann = dict(
        id=5,
        image_id=2,
        iscrowd=0,
        area=4000,
        num_keypoints=0,  # of the body
        keypoints=[0] * 51,
        bbox=[0, 0, 90, 90],
        segmentation=[[0, 0, 9, 0, 9, 9]],
        face_valid=True,
        face_box=[180, 10, 30, 40],
        face_kpts=[190, 20, 1] * 34 + [195, 30, 0] * 34,
    )
    ann.update(changes)
    return ann


def test_faces_of_whole_bodies(write_coco):
    item = face.CocoWholeBodyFaceDataset(**write_coco([person()]))[0]
    np.testing.assert_array_equal(item['bbox'], [[180, 10, 199, 50]])  # held inside the image
    np.testing.assert_array_equal(item['keypoints'][0, [0, 67]], [[190, 20], [195, 30]])
    np.testing.assert_array_equal(item['keypoints_visible'], [[1] * 34 + [0] * 34])
    assert (item['id'], item['img_id'], item['num_keypoints'], item['iscrowd']) == (5, 2, 34, 0)
    assert item['segmentation'] == [[0, 0, 9, 0, 9, 9]]
    assert not {'area', 'category_id', 'raw_ann_info'} & set(item)


def test_people_without_a_face_are_left_out(write_coco):
    people = [
        person(id=1, face_valid=False),
        person(id=2, face_kpts=[0] * 204),
        person(id=3, iscrowd=1),
        person(id=4),
    ]
    assert [item['id'] for item in face.CocoWholeBodyFaceDataset(**write_coco(people))] == [4]
    with pytest.raises(ValueError, match=re.escape('dropped 2 (no keypoints)')):
        face.CocoWholeBodyFaceDataset(**write_coco(people[:2]))


def test_a_person_of_plain_coco(write_coco):
    ann = {key: value for key, value in person().items() if not key.startswith('face')}
    with pytest.raises(ValueError, match="annotation 5 cannot be used: it has no 'face_kpts'"):
        face.CocoWholeBodyFaceDataset(**write_coco([ann]))
