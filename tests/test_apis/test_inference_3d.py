import numpy as np
import pytest
import torch
from lifters import IMAGE, MOTION, SINGLE, VIDEO, small_config
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmpose.apis import (
    collate_pose_sequence,
    convert_keypoint_definition,
    extract_pose_sequence,
    inference_pose_lifter_model,
    init_model,
)
from mmpose.apis.lifting import (
    LiftingWindow,
    lifting_pipeline,
    normalized_to_training_boxes,
    to_display_axes,
)
from mmpose.structures import PoseDataSample

SIZE = (640, 480)


def lifter(path):
    torch.manual_seed(0)
    return init_model(small_config(path), device='cpu')


def instance(seed, track_id=None, K=17):
    keypoints = np.random.default_rng(seed).uniform(100, 300, (1, K, 2)).astype(np.float32)
    fields = dict(keypoints=keypoints, keypoint_scores=np.ones((1, K), np.float32))
    bboxes = np.array([[100, 100, 300, 300]], dtype=np.float32)
    sample = PoseDataSample(pred_instances=InstanceData(bboxes=bboxes, **fields))
    if track_id is not None:
        sample.track_id = track_id
    return sample


def video(num_frames, tracks=(0, 1)):
    return [[instance(10 * f + t, t) for t in tracks] for f in range(num_frames)]


@pytest.mark.parametrize(
    ('frame', 'causal', 'seq_len', 'step', 'expected'),
    [
        (4, False, 5, 1, [2, 3, 4, 5, 6]),
        (4, True, 3, 1, [2, 3, 4]),
        (0, False, 5, 1, [0, 0, 0, 1, 2]),
        (9, False, 5, 1, [7, 8, 9, 9, 9]),
        (1, True, 4, 1, [0, 0, 0, 1]),
        (5, False, 3, 2, [3, 5, 7]),
        (1, False, 5, 3, [0, 0, 1, 4, 7]),
        (8, False, 3, 2, [6, 8, 9]),
        (4, False, 4, 1, [2, 3, 4, 5]),
        (3, True, 1, 1, [3]),
    ],
)
def test_sequences(frame, causal, seq_len, step, expected):
    assert extract_pose_sequence(list(range(10)), frame, causal, seq_len, step) == expected


def test_faulty_sequences():
    with pytest.raises(IndexError, match='frame_idx is 3, but the video has 3 frames'):
        extract_pose_sequence([0, 1, 2], 3, False, 5)
    with pytest.raises(ValueError, match='seq_len is 0 and step 1; both have to be at least 1'):
        extract_pose_sequence([0, 1, 2], 0, False, 0)


def keypoints_of(sample):
    return sample.pred_instances.keypoints


def test_tracks_of_the_target_frame():
    frames = video(3)
    frames[1].reverse()
    first, second = collate_pose_sequence(frames)
    assert keypoints_of(first).shape == (1, 3, 17, 2)
    for sample, track in ((first, 0), (second, 1)):
        assert sample.track_id == track
        expected = [keypoints_of(instance(10 * f + track))[0] for f in range(3)]
        np.testing.assert_array_equal(keypoints_of(sample)[0], expected)
    assert first.pred_instances.bboxes.tolist() == [[100, 100, 300, 300]]


def test_missing_frames_are_those_of_the_nearest():
    frames = video(6)
    for f in (0, 2, 3, 5):
        del frames[f][1]  # track 1 is in frames 1 and 4 alone
    (_, sample) = collate_pose_sequence(frames, target_frame=4)
    known = {f: keypoints_of(instance(10 * f + 1))[0] for f in (1, 4)}
    np.testing.assert_array_equal(keypoints_of(sample)[0], [known[f] for f in (1, 1, 1, 4, 4, 4)])
    assert len(collate_pose_sequence(frames)) == 1  # nothing but the tracks of the last frame


def test_the_earlier_of_two_near_frames():
    frames = video(3, tracks=(0,))
    frames[1] = []
    (sample,) = collate_pose_sequence(frames)
    np.testing.assert_array_equal(keypoints_of(sample)[0, 1], keypoints_of(frames[0][0])[0])


def test_instances_without_tracks_belong_together_by_their_place():
    frames = [[instance(f), instance(f + 50)] for f in range(2)]
    collated = collate_pose_sequence(frames, with_track_id=False)
    np.testing.assert_array_equal(
        keypoints_of(collated[1])[0], [keypoints_of(instance(s))[0] for s in (50, 51)]
    )
    assert 'track_id' not in collated[0]
    with pytest.raises(ValueError, match=r'The frames have \[1, 2\] instances'):
        collate_pose_sequence([frames[0], frames[1][:1]], with_track_id=False)


def test_faulty_samples():
    with pytest.raises(ValueError, match='A sample has no track_id'):
        collate_pose_sequence([[instance(0)]])
    with pytest.raises(IndexError, match='target_frame is 2, but there are 2 frames'):
        collate_pose_sequence(video(2), target_frame=2)
    two = instance(0, 0)
    two.pred_instances = InstanceData.cat([two.pred_instances] * 2)
    with pytest.raises(ValueError, match='A sample has 2 instances; one was expected'):
        collate_pose_sequence([[two]])


def test_windows_of_models():
    assert LiftingWindow.of_model(lifter(VIDEO)) == (27, 13, 1, False)
    assert LiftingWindow.of_model(lifter(IMAGE)) == (1, 0, 1, False)
    assert LiftingWindow.of_model(lifter(MOTION)) == (18, 17, 1, True)
    assert LiftingWindow(5, 4, 2).offsets.tolist() == [-8, -6, -4, -2, 0]


@pytest.mark.parametrize(
    ('path', 'num_frames', 'shape'),
    [
        (VIDEO, 27, (1, 17, 3)),
        (SINGLE, 1, (1, 17, 3)),
        (IMAGE, 1, (1, 17, 3)),
        (MOTION, 18, (1, 18, 17, 3)),
        (MOTION, 1, (1, 1, 17, 3)),
    ],
)
@pytest.mark.parametrize('norm_pose_2d', [False, True])
def test_lifted_poses(path, num_frames, shape, norm_pose_2d):
    model = lifter(path)
    samples = inference_pose_lifter_model(
        model, video(num_frames, (3, 8)), image_size=SIZE, norm_pose_2d=norm_pose_2d
    )
    assert [sample.track_id for sample in samples] == [3, 8]
    for sample in samples:
        assert sample.pred_instances.keypoints.shape == shape
        assert np.isfinite(sample.pred_instances.keypoints).all()
    alone = inference_pose_lifter_model(
        model, video(num_frames, (8,)), image_size=SIZE, norm_pose_2d=norm_pose_2d
    )
    np.testing.assert_allclose(keypoints_of(alone[0]), keypoints_of(samples[1]), atol=1e-4)


def test_the_middle_frame_is_lifted():
    model, frames = lifter(VIDEO), video(27, (0, 1))
    del frames[13][1]
    (sample,) = inference_pose_lifter_model(model, frames, image_size=SIZE)
    assert sample.track_id == 0


def test_nobody_to_lift():
    assert inference_pose_lifter_model(lifter(VIDEO), [[]] * 27, image_size=SIZE) == []


def test_the_input_is_what_the_codec_makes():
    model, seen = lifter(VIDEO), []
    test_step = model.test_step
    model.test_step = lambda batch: seen.append(batch['inputs'][0]) or test_step(batch)
    frames = video(27, (0,))
    inference_pose_lifter_model(model, frames, image_size=SIZE)
    tracks = np.stack([keypoints_of(frame[0])[0] for frame in frames])
    expected = (tracks - (320, 240)) / 320
    np.testing.assert_allclose(seen[0].T.reshape(27, 17, 2), expected, atol=1e-6)


def test_a_size_that_is_needed():
    with pytest.raises(ValueError, match=r"camera_param lacks \['w', 'h'\]"):
        inference_pose_lifter_model(lifter(VIDEO), video(27))


def test_people_in_the_mean_box():
    boxes = np.array([[100.0, 50, 200, 250], [0, 0, 0, 0]])
    corners = np.array([[[100.0, 50], [200, 250]], [[0, 0], [0, 0]]])
    found = normalized_to_training_boxes(corners, boxes, None)
    # the longest side of 200 becomes 400, around (528, 427)
    assert found[0].tolist() == [[428, 227], [628, 627]]
    assert found[1].tolist() == [[528, 427]] * 2
    stats = dict(stats_info=dict(bbox_center=np.array([[10.0, 20]]), bbox_scale=np.array([100.0])))
    found = normalized_to_training_boxes(corners[:1], boxes[:1], stats)
    assert found[0].tolist() == [[-15, -30], [35, 70]]


def test_axes_to_be_drawn():
    pose = np.array([[[1.0, 2, 3], [4, 5, 6]]])  # right, down, away
    assert to_display_axes(pose, rebase=False).tolist() == [[[-1, 3, -2], [-4, 6, -5]]]
    assert to_display_axes(pose).tolist() == [[[-1, 3, 3], [-4, 6, 0]]]
    assert pose[0, 0].tolist() == [1, 2, 3]
    assert to_display_axes(np.empty((0, 17, 3))).shape == (0, 17, 3)


def test_a_config_without_a_pipeline():
    model = lifter(VIDEO)
    model.cfg = Config(dict())
    with pytest.raises(ValueError, match='makes model inputs'):
        lifting_pipeline(model)


def test_coco_poses_can_be_lifted():
    frames = video(1)
    for sample in frames[0]:
        poses = convert_keypoint_definition(keypoints_of(sample), 'coco', 'h36m')
        sample.pred_instances.keypoints = poses
    assert len(inference_pose_lifter_model(lifter(SINGLE), frames, image_size=SIZE)) == 2
