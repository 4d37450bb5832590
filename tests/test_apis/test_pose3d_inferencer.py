import cv2
import numpy as np
import pytest
import torch
from lifters import IMAGE, MOTION, VIDEO, small_config

from mmpose.apis import (
    MMPoseInferencer,
    Pose3DInferencer,
    collate_pose_sequence,
    convert_keypoint_definition,
    extract_pose_sequence,
    inference_pose_lifter_model,
    init_model,
)
from mmpose.apis.inferencers import pose3d_inferencer as module
from mmpose.apis.lifting import TRAINING_IMAGE_WH, to_display_axes
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample

LEFT, RIGHT = [10, 10, 60, 100], [70, 20, 150, 110]
NUM_FRAMES = 17


@pytest.fixture(scope='session')
def clip(tmp_path_factory):
    """A video of coarse noise."""
    path = str(tmp_path_factory.mktemp('video') / 'clip.mp4')
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'mp4v'), 25, (160, 120))
    rng = np.random.default_rng(0)
    for _ in range(NUM_FRAMES):
        small = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        writer.write(cv2.resize(small, (160, 120)))
    writer.release()
    return path


@pytest.fixture
def make(config, checkpoint):
    def inferencer(path=VIDEO, pose2d=config, **kwargs):
        torch.manual_seed(0)
        return Pose3DInferencer(small_config(path), None, pose2d, checkpoint, 'cpu', **kwargs)

    return inferencer


def instances(results):
    return [result['predictions'][0].pred_instances for result in results]


def predict(inferencer, inputs, **kwargs):
    kwargs = dict(bboxes=[LEFT, RIGHT], return_datasamples=True) | kwargs
    return instances(inferencer(inputs, **kwargs))


def test_is_registered():
    assert INFERENCERS.get('pose-estimation-3d') is Pose3DInferencer
    assert INFERENCERS.get('Pose3DInferencer') is Pose3DInferencer


@pytest.mark.parametrize('path', [VIDEO, MOTION, IMAGE])
def test_predictions_of_a_video(make, clip, path):
    found = predict(make(path), clip)
    assert len(found) == NUM_FRAMES
    for frame in found:
        assert frame.keypoints.shape == (2, 17, 3)
        assert frame.track_ids.tolist() == [0, 1]
        assert frame.bboxes.tolist() == [LEFT, RIGHT]
        np.testing.assert_array_equal(frame.keypoints[..., 2].min(axis=1), 0)
        assert np.isfinite(frame.keypoints).all()
    assert not np.allclose(found[0].keypoints, found[9].keypoints)


def test_results_as_objects(make, clip, tmp_path):
    boxes = [LEFT, RIGHT]
    results = make().predict(clip, bboxes=boxes)
    expected = predict(make(), clip)
    assert [result.frame_index for result in results] == list(range(NUM_FRAMES))
    for result, found in zip(results, expected, strict=True):
        np.testing.assert_allclose(result.keypoints, found.keypoints, atol=1e-5)
        assert result.track_ids.tolist() == [0, 1]
    assert results[0]['root'].shape == (2, 4)
    assert results.by_track()[1].keypoints.shape == (NUM_FRAMES, 17, 3)
    results.to_csv(tmp_path / 'poses.csv')
    assert ',z,' in (tmp_path / 'poses.csv').read_text().splitlines()[0]
    both = MMPoseInferencer(
        make().pose2d_model.cfg, None, small_config(VIDEO), device='cpu', det_model='whole_image'
    )
    assert isinstance(both.inferencer, Pose3DInferencer)
    assert len(both.predict(clip, bboxes=boxes)) == NUM_FRAMES


@pytest.mark.parametrize('norm', [True, False])
def test_frames_are_lifted_as_by_the_functions(make, clip, norm):
    inferencer = make()
    found = predict(inferencer, clip, disable_norm_pose_2d=not norm, disable_rebase_keypoint=True)
    frames = []
    for instances_2d in found:
        samples = []
        for i in range(2):
            one = instances_2d[i : i + 1]
            one.keypoints = convert_keypoint_definition(one.keypoints_2d, 'coco', 'h36m')
            samples.append(PoseDataSample(pred_instances=one))
            samples[-1].track_id = i
        frames.append(samples)
    size = TRAINING_IMAGE_WH if norm else (160, 120)
    for index in (0, 8, NUM_FRAMES - 1):
        window = extract_pose_sequence(frames, index, False, 27)
        lifted = inference_pose_lifter_model(
            inferencer.model, window, image_size=size, norm_pose_2d=norm
        )
        expected = np.concatenate([sample.pred_instances.keypoints for sample in lifted])
        np.testing.assert_allclose(
            found[index].keypoints, to_display_axes(expected, rebase=False), atol=1e-4
        )
    assert len(collate_pose_sequence(window)) == 2


@pytest.mark.parametrize('path', [VIDEO, MOTION])
def test_batches_change_nothing(make, clip, path):
    inferencer = make(path)
    one_by_one, batched = (predict(inferencer, clip, batch_size=n) for n in (1, 4))
    for expected, found in zip(one_by_one, batched, strict=True):
        np.testing.assert_allclose(found.keypoints, expected.keypoints, atol=1e-4)


def seen_frames(inferencer, clip, **kwargs):
    """How many frames were found in the picture before each result came."""
    count, inner = [0], inferencer.pose2d_model._predict

    def counted(*args):
        for item in inner(*args):
            count[0] += 1
            yield item

    inferencer.pose2d_model._predict = counted
    return [count[0] for _ in inferencer(clip, bboxes=[LEFT], **kwargs)]


def test_results_wait_for_the_window_and_no_longer(make, clip):
    expected = [min(i + 14, NUM_FRAMES) for i in range(NUM_FRAMES)]
    assert seen_frames(make(), clip) == expected


def test_online_nothing_waits(make, clip):
    for path in (VIDEO, MOTION):
        inferencer = make(path)
        inferencer.online = True
        assert seen_frames(inferencer, clip) == list(range(1, NUM_FRAMES + 1))


def test_online_no_later_frame_counts(make, clip):
    inferencer = make()
    capture = cv2.VideoCapture(clip)
    first = [capture.read()[1] for _ in range(4)]
    inferencer.online = True
    whole = predict(inferencer, clip)
    (alone,) = predict(inferencer, first[0])
    np.testing.assert_allclose(whole[0].keypoints, alone.keypoints, atol=1e-4)


def test_pictures_are_lifted_one_by_one(make, folder):
    inferencer = make()
    together = predict(inferencer, str(folder))
    alone = [predict(inferencer, str(folder / f'{name}.png'))[0] for name in 'abc']
    for found, expected in zip(together, alone, strict=True):
        np.testing.assert_allclose(found.keypoints, expected.keypoints, atol=1e-4)


def test_preprocess_and_forward_give_the_same(make, image):
    for path in (VIDEO, MOTION):
        inferencer = make(path)
        (expected,) = predict(inferencer, image)
        ((batch, _),) = inferencer.preprocess([image], bboxes=[LEFT, RIGHT])
        (sample,) = inferencer.forward(batch)
        np.testing.assert_allclose(sample.pred_instances.keypoints, expected.keypoints, atol=1e-4)
        assert next(inferencer.preprocess([image], bboxes=[[]]))[0] is None


def test_lost_tracks_begin_anew(make, clip):
    boxes = [[LEFT, RIGHT]] * NUM_FRAMES
    boxes[5] = [RIGHT]
    boxes[9] = []
    found = predict(make(), clip, bboxes=boxes)
    ids = [frame.track_ids.tolist() for frame in found]
    assert ids[:11] == [[0, 1]] * 5 + [[1]] + [[1, 2]] * 3 + [[]] + [[3, 4]]
    assert found[6].bboxes.tolist() == [RIGHT, LEFT]  # in the order of the tracks
    assert found[9].keypoints.shape == (0, 17, 3)


def test_tracking_by_keypoints(make, clip):
    found = predict(make(), clip, use_oks_tracking=True, tracking_thr=1.0)
    assert found[2].track_ids.tolist() == [4, 5]  # nothing is as alike as that


def test_axes_and_heights(make, image):
    inferencer = make()
    (based,) = predict(inferencer, image)
    (plain,) = predict(inferencer, image, disable_rebase_keypoint=True)
    heights = plain.keypoints[..., 2:].min(axis=1, keepdims=True)
    np.testing.assert_allclose(based.keypoints, plain.keypoints - heights * (0, 0, 1), atol=1e-5)


def test_plain_results(make, image):
    (result,) = make()(image, bboxes=[LEFT])
    (person,) = result['predictions'][0]
    assert np.shape(person['keypoints']) == (17, 3)
    assert person['bbox'] == [LEFT]


@pytest.mark.parametrize('num_instances', [0, 1, 2, -1])
def test_drawings_of_a_video_have_one_size(make, clip, num_instances):
    boxes = [[LEFT], [], *[[LEFT, RIGHT]] * (NUM_FRAMES - 2)]
    results = make(IMAGE)(clip, bboxes=boxes, return_vis=True, num_instances=num_instances)
    shapes = {result['visualization'][0].shape for result in results}
    assert shapes == {(120, 160 + 120 * max(num_instances, 1), 3)}


def test_files(make, clip, tmp_path):
    list(make(IMAGE)(clip, bboxes=[LEFT], out_dir=str(tmp_path)))
    video = cv2.VideoCapture(str(tmp_path / 'visualizations' / 'clip.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == NUM_FRAMES
    assert (tmp_path / 'predictions' / 'clip.json').is_file()


def test_the_view_can_be_turned(make, image):
    inferencer = make(IMAGE)
    drawings = []
    for azimuth in (-70, 20):
        inferencer.drawing_options = dict(axis_azimuth=azimuth)
        (result,) = inferencer(image, bboxes=[LEFT], return_vis=True)
        drawings.append(result['visualization'][0])
    assert (drawings[0] != drawings[1]).any()


def test_a_window_that_the_user_closes(make, image, monkeypatch):
    inferencer, closed = make(IMAGE), []
    (result,) = inferencer(image, bboxes=[LEFT], return_datasamples=True)
    monkeypatch.setattr(inferencer.visualizer, 'show', lambda *args, **kwargs: None)
    for visible in (1, 0):
        monkeypatch.setattr(cv2, 'getWindowProperty', lambda *args, visible=visible: visible)
        inferencer.visualize(
            [image],
            result['predictions'],
            show=True,
            window_name='title',
            window_close_event_handler=closed.append,
        )
    assert closed == ['title']


def test_a_2d_model_in_the_place_of_the_lifting_model(config, checkpoint):
    with pytest.raises(TypeError, match='TopdownPoseEstimator, which does not lift poses'):
        Pose3DInferencer(config, checkpoint, config, checkpoint, 'cpu')


def test_skeletons_that_do_not_go_together(make, config):
    dataset = config.test_dataloader.dataset
    dataset.metainfo = dict(from_file='configs/_base_/datasets/ap10k.py')
    model = init_model(config, device='cpu')
    assert model.dataset_meta['dataset_name'] == 'ap10k'
    with pytest.raises(ValueError, match="Poses of 'ap10k' cannot be turned into those of 'h36m'"):
        Pose3DInferencer(small_config(VIDEO), None, config, None, 'cpu')


@pytest.mark.filterwarnings('ignore:Neither the checkpoint nor the data loaders')
def test_a_skeleton_that_is_not_known(config):
    config.test_dataloader.dataset.type = 'Nothing'
    with pytest.raises(ValueError, match='The skeleton of pose2d_model is not known'):
        Pose3DInferencer(small_config(VIDEO), None, config, None, 'cpu')


def test_the_2d_model_is_that_of_people(config, checkpoint, monkeypatch):
    asked = []
    monkeypatch.setattr(
        module,
        'Pose2DInferencer',
        lambda model, *args: asked.append(model) or INFERENCERS.get('Pose2DInferencer')(
            config, checkpoint, 'cpu'
        ),
    )  # fmt: skip
    Pose3DInferencer(small_config(IMAGE), device='cpu')
    assert asked == ['human']
