import re

import numpy as np
import pytest

from mmpose.datasets.datasets import CocoWholeBodyDataset, UBody2dDataset

# the parts in their order, with the number of keypoints
PARTS = dict(keypoints=17, foot_kpts=6, face_kpts=68, lefthand_kpts=21, righthand_kpts=21)


def person(**changes):
    """A person whose parts have x = 1, 2, ... at all their keypoints, all labelled."""
    parts = {name: [x, 50, 1] * K for x, (name, K) in enumerate(PARTS.items(), 1)}
    return {**parts, **changes}


@pytest.mark.parametrize('cls', [CocoWholeBodyDataset, UBody2dDataset])
def test_parts_are_joined(coco_labels, cls):
    item = cls(**coco_labels(person(num_keypoints=17)))[0]
    x = item['keypoints'][0, :, 0]
    assert x.tolist() == [1] * 17 + [2] * 6 + [3] * 68 + [4] * 21 + [5] * 21
    assert item['keypoints_visible'].tolist() == [[1] * 133]
    assert (item['num_keypoints'], item['keypoints_3d']) == (17, None)
    assert item['bbox'].tolist() == [[10, 20, 40, 60]]


def test_any_confidence_counts_as_labelled(coco_labels):
    face = [3, 50, 0.25] * 34 + [3, 50, 0] * 34
    item = CocoWholeBodyDataset(**coco_labels(person(face_kpts=face)))[0]
    expected = np.ones((1, 133), dtype=np.float32)
    expected[0, 23 + 34 : 23 + 68] = 0
    np.testing.assert_array_equal(item['keypoints_visible'], expected, strict=True)


def test_keypoints_3d_are_passed_on(coco_labels):
    labels = coco_labels(person(keypoints_3d=[[1, 2, 3]]), person())
    assert CocoWholeBodyDataset(**labels)[0]['keypoints_3d'] == [[1, 2, 3]]


def test_bottomup(coco_labels):
    item = CocoWholeBodyDataset(**coco_labels(person(), person()), data_mode='bottomup')[0]
    assert item['keypoints'].shape == (2, 133, 2)
    assert item['keypoints_3d'] == [None, None]


def test_absent_and_short_parts_are_named(coco_labels):
    ann = person()
    del ann['foot_kpts']
    with pytest.raises(ValueError, match="annotation 1 cannot be used: it has no 'foot_kpts'"):
        CocoWholeBodyDataset(**coco_labels(ann))
    message = 'its keypoints have 396 numbers; expected 3 * 133 = 399'
    with pytest.raises(ValueError, match=re.escape(message)):
        CocoWholeBodyDataset(**coco_labels(person(lefthand_kpts=[4, 50, 1] * 20)))
