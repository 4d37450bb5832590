"""Records of detected poses and COCO annotations."""

import numpy as np
import pytest

from mmpose.evaluation.analysis import PoseRecords, analyse, records_of_coco
from mmpose.evaluation.metrics.coco_ground_truth import parse_coco
from mmpose.evaluation.metrics.coco_poses import Poses

META = dict(
    dataset_name='three',
    num_keypoints=3,
    keypoint_id2name={0: 'nose', 1: 'left', 2: 'right'},
    flip_indices=[0, 2, 1],
    skeleton_links=[(0, 1), (0, 2)],
    sigmas=np.array([0.1, 0.2, 0.3], np.float32),
)


def truth(**image):
    label = [10.0, 10.0, 2, 20.0, 10.0, 1, 0, 0, 0]
    ann = dict(id=1, image_id=7, category_id=1, keypoints=label, bbox=[5, 5, 20, 10], area=100)
    images = [dict(id=7, **image), dict(id=8, **image)]
    return parse_coco(dict(images=images, annotations=[ann]), crowd='crowdIndex' in image)


def poses(image_ids=(7, 7, 9), scores=(1.0, 0.0, 1.0)):
    """Poses of an extent of 30 x 20, whose keypoints all have these scores."""
    points = np.array([[10.0, 10], [40, 10], [10, 30]])
    keypoints = np.stack([np.column_stack([points, np.full(3, score)]) for score in scores])
    D = len(image_ids)
    return Poses(
        ids=np.arange(D),
        image_ids=np.array(image_ids),
        category_ids=np.ones(D, int),
        keypoints=keypoints,
        scores=np.linspace(0.9, 0.7, D),
        areas=np.ones(D),
    )


def test_records():
    found = records_of_coco(poses(), truth(), META, {7: 'a/7.jpg'})
    assert found.dataset_name == 'three'
    assert found.keypoint_names == ['nose', 'left', 'right']
    assert found.flip_indices.tolist() == [0, 2, 1]
    assert found.skeleton_links == [(0, 1), (0, 2)]
    assert found.image_ids.tolist() == [7, 8]
    assert found.image_paths == ['a/7.jpg', '']
    assert np.isnan(found.crowd_index).all()
    assert found.pairs is None
    # a pose whose keypoints score 0 and one of an image without annotation are left out
    assert found.dts.scores.tolist() == [0.9]
    assert found.dts.keypoints.shape == (1, 3, 2)
    assert found.dts.areas.tolist() == [600]
    assert found.keypoint_scores.tolist() == [[1, 1, 1]]


def test_crowds_and_given_areas():
    found = records_of_coco(poses(), truth(crowdIndex=0.4), META, {}, np.array([5.0, 6, 7]))
    assert found.crowd_index.tolist() == [0.4, 0.4]
    assert found.dts.areas.tolist() == [5]


def test_names_of_other_keypoints_are_not_used():
    names = {k: f'name {k}' for k in range(5)}
    meta = dict(META, keypoint_id2name=names, flip_indices=[1, 0, 2, 3, 4])
    found = records_of_coco(poses(), truth(), meta, {})
    assert found.keypoint_names == ['keypoint 0', 'keypoint 1', 'keypoint 2']
    assert found.flip_indices.tolist() == [0, 1, 2]
    assert found.skeleton_links == []


def test_no_poses(tmp_path):
    none = poses((), (1.0,)).select(np.empty(0, int))._replace(keypoints=np.empty((0, 3, 3)))
    found = records_of_coco(none, truth(), META, {})
    found.save(tmp_path / 'r.npz')
    report = analyse(PoseRecords.load(tmp_path / 'r.npz'))
    assert report['outcomes'] == dict(found=0, missed=1, background=0, duplicate=0)
    assert report['numbers']['AP'] == pytest.approx(0)
