import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.results import Pose, PoseResult, restricted
from mmpose.structures import PoseDataSample, parse_pose_metainfo, split_instances

NAMES = ['nose', 'left_wrist', 'right_wrist']
COCO = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))


def two_people(**fields):
    points = [[[1, 2], [3, 4], [5, 6]], [[10, 20], [30, 40], [50, 60]]]
    scores = [[0.5, 0.25, 1.5], [-0.5, 0.75, np.nan]]
    fields.setdefault('bboxes', [[0, 0, 9, 9], [5, 5, 60, 70]])
    fields.setdefault('bbox_scores', [0.75, 0.25])
    return PoseResult(points, scores, NAMES, **fields)


def sample_of(size=(48, 64), **fields):
    sample = PoseDataSample(metainfo=dict(ori_shape=size))
    sample.pred_instances = InstanceData(**fields)
    return sample


def test_confidence_is_the_score_cut_to_its_range():
    result = two_people()
    np.testing.assert_array_equal(result.keypoint_conf, [[0.5, 0.25, 1], [0, 0.75, 0]])
    assert result.keypoint_scores[0, 2] == 1.5
    assert result.keypoint_conf.dtype == result.keypoints.dtype == np.float32


def test_poses_and_keypoints_by_number_and_name():
    result = two_people(track_ids=[7, 8])
    assert len(result) == 2
    assert result[0]['left_wrist'] == (3, 4, 0.25)
    assert result[-1].track_id == 8
    assert result[np.int64(1)].bbox.tolist() == [5, 5, 60, 70]
    assert [pose.bbox_score for pose in result] == [0.75, 0.25]
    assert result['nose'].tolist() == [[1, 2, 0.5], [10, 20, -0.5]]
    assert isinstance(result[0], Pose)
    assert result[0].keypoint_scores.tolist() == [0.5, 0.25, 1.5]
    assert result[0].keypoint_conf.tolist() == [0.5, 0.25, 1]


def test_a_keypoint_of_a_3d_pose_has_its_depth():
    result = PoseResult([[[1, 2, 3]]], [[0.5]], ['nose'], keypoints_3d=[[[4, 5, 6]]])
    assert result[0]['nose'] == (1, 2, 3, 0.5)
    assert result['nose'].tolist() == [[1, 2, 3, 0.5]]
    assert result[0].keypoints_3d.tolist() == [[4, 5, 6]]


def test_what_is_unknown_is_none_where_there_are_poses():
    pose = PoseResult([[[1, 2]]], [[0.5]])[0]
    assert pose.names == ('keypoint_0',)
    assert (pose.bbox, pose.bbox_score, pose.track_id, pose.keypoints_3d) == (None,) * 4
    empty = PoseResult(np.empty((0, 17, 2)), np.empty((0, 17)), COCO)
    assert empty.bboxes.shape == (0, 4)
    assert empty.bbox_scores.shape == empty.track_ids.shape == (0,)
    assert list(empty) == []


@pytest.mark.parametrize(
    ('key', 'kept'),
    [
        (slice(1, None), [1]),
        ([1, 0], [1, 0]),
        ([], []),
        (np.array([True, False]), [0]),
        ([False, True], [1]),
    ],
)
def test_some_of_the_poses(key, kept):
    result = two_people(track_ids=[0, 1], frame_index=3)
    chosen = result[key]
    assert chosen.track_ids.tolist() == kept
    assert chosen.frame_index == 3
    np.testing.assert_array_equal(chosen.keypoints, result.keypoints[kept])


def test_unknown_names_and_numbers_say_what_there_is():
    result = two_people()
    with pytest.raises(KeyError, match=r"'left_wirst' is no keypoint\. Did you mean 'left_wrist'"):
        result['left_wirst']
    with pytest.raises(KeyError, match='There are nose, left_wrist, right_wrist'):
        result[0]['tail']
    with pytest.raises(IndexError, match='There is no pose 2; the result has 2'):
        result[2]


def test_filter_by_the_scores_of_keypoints_and_poses():
    result = two_people()
    sure = result.filter(min_conf=0.5)
    assert np.isnan(sure.keypoints[..., 0]).tolist() == [[False, True, False], [True, False, True]]
    np.testing.assert_array_equal(sure.keypoint_scores, result.keypoint_scores)
    assert not np.isnan(result.keypoints).any()
    assert result.filter(min_conf=0.9).bbox_scores.tolist() == [0.75]
    assert result.filter(min_score=0.75).bbox_scores.tolist() == [0.75]
    assert result.filter() == result
    with pytest.raises(ValueError, match='no bbox_scores; leave `min_score` out'):
        PoseResult([[[1, 2]]], [[1]]).filter(min_score=0.5)


def test_filter_blanks_lifted_keypoints_too():
    result = PoseResult([[[1, 2], [3, 4]]], [[0, 1]], keypoints_3d=np.ones((1, 2, 3)))
    assert np.isnan(result.filter(min_conf=0.5).keypoints_3d[0, :, 0]).tolist() == [True, False]


def test_equality_is_by_value():
    assert two_people() == two_people()
    assert two_people() != two_people(track_ids=[1, 2])
    assert two_people() != two_people(source='a.jpg')
    assert two_people(timestamp=0.5) != two_people(timestamp=0.25)
    assert two_people() != 1
    other = two_people()
    other.keypoints[0, 0, 0] = 2
    assert two_people() != other


def test_shown_in_one_line():
    shown = repr(two_people(source='clip.mp4', frame_index=2))
    assert shown == "PoseResult(2 poses of 3 keypoints, source='clip.mp4', frame_index=2)"


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        (dict(bboxes=[[1, 2, 3, 4]]), r'bboxes has shape \(1, 4\), .* ask for \(2, 4\)'),
        (dict(track_ids=[1]), r'track_ids has shape \(1,\), but the keypoints ask for \(2,\)'),
        (dict(keypoint_conf=[[2, 0, 0]] * 2), 'keypoint_conf goes beyond 0 to 1'),
    ],
)
def test_arrays_that_do_not_fit(fields, message):
    with pytest.raises(ValueError, match=message):
        two_people(**fields)


def test_keypoints_that_do_not_fit():
    with pytest.raises(ValueError, match=r'shape \(3, 2\); give \(N, K, 2\) or \(N, K, 3\)'):
        PoseResult(np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match=r'keypoints are 3, but the metainfo \(coco\) defines 17'):
        PoseResult(np.zeros((1, 3, 2)), np.zeros((1, 3)), COCO)
    with pytest.raises(ValueError, match='keypoint_scores has shape'):
        PoseResult(np.zeros((1, 3, 2)), np.zeros((1, 2)))


def test_from_a_sample_of_tensors():
    sample = sample_of(
        keypoints=torch.tensor([[[1.0, 2], [3, 4], [5, 6]]]),
        keypoint_scores=torch.tensor([[0.5, 255, 0]]),
        bboxes=np.array([[0.0, 1, 2, 3]]),
        bbox_scores=np.array([0.75]),
        track_ids=np.array([4]),
        keypoints_visible=np.ones((1, 3)),
    )
    meta = restricted(COCO, [0, 9, 10])
    result = PoseResult.from_sample(sample, meta, 'clip.mp4', 3, 0.125, score_range=(0, 255))
    assert result.names == ('nose', 'left_wrist', 'right_wrist')
    assert result.metainfo is meta
    assert result.size == (48, 64)
    assert (result.source, result.frame_index, result.timestamp) == ('clip.mp4', 3, 0.125)
    assert result.track_ids.tolist() == [4]
    np.testing.assert_allclose(result.keypoint_conf, [[0.5 / 255, 1, 0]], rtol=1e-6)
    assert result.keypoint_scores.tolist() == [[0.5, 255, 0]]


def test_from_samples_without_poses():
    nothing = PoseResult.from_sample(PoseDataSample(), COCO)
    assert nothing.keypoints.shape == (0, 17, 2)
    assert nothing.size is None
    empty = sample_of(keypoints=np.empty((0, 17, 3)), keypoint_scores=np.empty((0, 17)))
    assert PoseResult.from_sample(empty, COCO).keypoints.shape == (0, 17, 3)


def test_from_a_lifted_sample_with_one_step_of_time():
    sample = sample_of(keypoints=np.ones((2, 1, 17, 3)), keypoint_scores=np.ones((2, 1, 17)))
    assert PoseResult.from_sample(sample, COCO).keypoints.shape == (2, 17, 3)


def test_to_dict_has_the_instances_of_1x():
    instances = InstanceData(
        keypoints=np.array([[[1.5, 2], [3, 4]]], np.float32),
        keypoint_scores=np.array([[0.1, 1.5]], np.float32),
        bboxes=np.array([[0, 1, 2, 3]], np.float32),
        bbox_scores=np.array([0.5], np.float32),
    )
    sample = PoseDataSample(metainfo=dict(ori_shape=(4, 5)))
    sample.pred_instances = instances
    plain = PoseResult.from_sample(sample, restricted(COCO, [0, 5]), 'a.jpg').to_dict()
    (instance,) = plain.pop('instances')
    assert instance.pop('keypoint_conf') == [instance['keypoint_scores'][0], 1]
    assert instance == split_instances(instances)[0]
    assert plain == dict(
        source='a.jpg',
        frame_index=None,
        timestamp=None,
        size=[4, 5],
        names=['nose', 'left_shoulder'],
    )
