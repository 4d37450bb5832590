import re

import numpy as np
import pytest

from mmpose.datasets.datasets import hand
from mmpose.datasets.transforms import PackPoseInputs

DATASETS_OF_21_KEYPOINTS = {
    'CocoWholeBodyHandDataset': 'coco_wholebody_hand',
    'FreiHandDataset': 'freihand2d',
    'OneHand10KDataset': 'onehand10k',
    'PanopticHand2DDataset': 'panoptic_hand2d',
    'Rhd2DDataset': 'rhd2d',
}
COCO_ONLY = {'area', 'category_id', 'raw_ann_info'}


def one_hand(**changes):
    """A hand whose keypoint i lies at (10 + i, 20 + i); the last is not labelled."""
    ann = dict(
        id=7,
        image_id=2,
        category_id=1,
        iscrowd=0,
        area=300,
        bbox=[10, 20, 30, 40],
        keypoints=[value for i in range(21) for value in (10 + i, 20 + i, int(i < 20))],
        segmentation=[[10, 20, 40, 20, 40, 60]],
        head_size=12.5,
    )
    ann.update(changes)
    return ann


def person(**changes):
    """A person of COCO-WholeBody with both hands."""
    ann = dict(
        id=7,
        image_id=2,
        iscrowd=0,
        num_keypoints=17,
        keypoints=[1] * 51,
        bbox=[0, 0, 90, 90],
        segmentation=[[0, 0, 9, 0, 9, 9]],
        lefthand_valid=True,
        lefthand_box=[10, 20, 30, 40],
        lefthand_kpts=[15, 25, 1] * 21,
        righthand_valid=True,
        righthand_box=[50, 20, 30, 40],
        righthand_kpts=[55, 25, 0.25] * 20 + [0, 0, 0],
    )
    ann.update(changes)
    return ann


@pytest.mark.parametrize(('name', 'info'), DATASETS_OF_21_KEYPOINTS.items())
def test_skeletons(write_coco, name, info):
    cls = getattr(hand, name)
    assert cls.METAINFO['from_file'] == f'configs/_base_/datasets/{info}.py'
    dataset = cls(**write_coco([{**person(), **one_hand()}]))
    assert dataset.metainfo['num_keypoints'] == 21
    assert dataset[0]['keypoints'].shape == (1, 21, 2)


def test_onehand10k_is_plain(write_coco):
    item = hand.OneHand10KDataset(**write_coco([one_hand()]))[0]
    np.testing.assert_array_equal(item['bbox'], [[10, 20, 40, 60]])
    assert set(item) >= COCO_ONLY | {'segmentation'}
    assert item['num_keypoints'] == 20


def test_the_box_of_freihand_is_the_picture(write_coco):
    item = hand.FreiHandDataset(**write_coco([one_hand()], width=224, height=223))[0]
    np.testing.assert_array_equal(item['bbox'], np.float32([[0, 0, 224, 223]]), strict=True)
    assert item['segmentation'] == [[10, 20, 40, 20, 40, 60]]
    assert item['num_keypoints'] == 20
    assert not COCO_ONLY & set(item)


def test_panoptic_has_the_size_of_the_head(write_coco):
    hands = [one_hand(), one_hand(id=8, head_size=25)]
    config = write_coco(hands)
    dataset = hand.PanopticHand2DDataset(**config)
    np.testing.assert_array_equal(dataset[0]['head_size'], np.float32(12.5))
    np.testing.assert_array_equal(dataset[0]['bbox'], [[10, 20, 40, 60]])
    assert not COCO_ONLY & set(dataset[0])
    both = hand.PanopticHand2DDataset(**config, data_mode='bottomup')[0]
    np.testing.assert_array_equal(both['head_size'], np.float32([12.5, 25]), strict=True)

    packed = PackPoseInputs()(dict(dataset[1], img=np.zeros((8, 8, 3), np.uint8)))
    np.testing.assert_array_equal(packed['data_samples'].gt_instances.head_size, [25])


def test_panoptic_without_head_size(write_coco):
    ann = one_hand()
    del ann['head_size']
    with pytest.raises(ValueError, match="annotation 7 cannot be used: it has no 'head_size'"):
        hand.PanopticHand2DDataset(**write_coco([ann]))


def test_rhd_lists_its_keypoints_in_rows(write_coco):
    flat = one_hand()
    rows = one_hand(keypoints=np.reshape(flat['keypoints'], (21, 3)).tolist())
    item = hand.Rhd2DDataset(**write_coco([rows]))[0]
    np.testing.assert_array_equal(item['keypoints'][0, [0, 20]], [[10, 20], [30, 40]])
    np.testing.assert_array_equal(item['keypoints_visible'], [[1] * 20 + [0]])
    item_of_flat = hand.Rhd2DDataset(**write_coco([flat]))[0]
    np.testing.assert_array_equal(item['keypoints'], item_of_flat['keypoints'])
    too_few = one_hand(keypoints=[[1, 2, 1]] * 20)
    with pytest.raises(ValueError, match=re.escape('60 numbers; expected 3 * 21 = 63')):
        hand.Rhd2DDataset(**write_coco([too_few]))


def test_both_hands_of_a_whole_body(write_coco):
    left, right = hand.CocoWholeBodyHandDataset(**write_coco([person()]))
    np.testing.assert_array_equal(left['bbox'], np.float32([[10, 20, 40, 60]]), strict=True)
    np.testing.assert_array_equal(right['bbox'], [[50, 20, 80, 60]])
    np.testing.assert_array_equal(left['keypoints'], [[[15, 25]] * 21])
    np.testing.assert_array_equal(left['keypoints_visible'], [[1] * 21])
    np.testing.assert_array_equal(right['keypoints_visible'], [[0.25] * 20 + [0]])
    assert (left['num_keypoints'], right['num_keypoints']) == (21, 20)
    assert left['segmentation'] == right['segmentation'] == [[0, 0, 9, 0, 9, 9]]
    assert not COCO_ONLY & set(left)


def test_hands_are_counted_by_image(write_coco):
    people = [
        person(image_id=3),
        person(image_id=1, lefthand_valid=False),
        person(image_id=2, righthand_kpts=[0] * 63),
    ]
    config = write_coco(people)
    items = list(hand.CocoWholeBodyHandDataset(**config))
    assert [(item['img_id'], item['id']) for item in items] == [(1, 0), (2, 1), (3, 2), (3, 3)]
    sides = [item['bbox'][0, 0] for item in items]
    assert sides == [50, 10, 10, 50]

    images = list(hand.CocoWholeBodyHandDataset(**config, data_mode='bottomup'))
    assert [list(image['id']) for image in images] == [[0], [1], [2, 3]]
    assert images[2]['keypoints'].shape == (2, 21, 2)


def test_bottomup_tests_see_images_without_hands(write_coco):
    config = dict(write_coco([person()]), data_mode='bottomup', test_mode=True)
    images = hand.CocoWholeBodyHandDataset(**config)
    assert sorted(image['img_id'] for image in images) == [1, 2, 3]


def test_no_hand_at_all(write_coco):
    ann = person(lefthand_valid=False, righthand_valid=False)
    with pytest.raises(ValueError, match=re.escape('dropped 2 (hands not labelled)')):
        hand.CocoWholeBodyHandDataset(**write_coco([ann]))


@pytest.mark.parametrize(
    ('ann', 'message'),
    [
        (one_hand(), "annotation 7 cannot be used: it has no 'lefthand_kpts'"),
        (
            person(righthand_kpts=[1, 1, 1]),
            'annotation 7 cannot be used: its keypoints have 3',
        ),
        (person(righthand_box=[1, 2]), 'annotation 7 cannot be used: its bbox has 2 numbers'),
        (4, 'an annotation is a number; expected an object'),
    ],
)
def test_broken_people(write_coco, ann, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        hand.CocoWholeBodyHandDataset(**write_coco([ann]))
