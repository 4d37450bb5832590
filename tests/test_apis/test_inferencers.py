import json
import sys
import time

import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.apis import MMPoseInferencer, Pose2DInferencer, inference_topdown
from mmpose.apis.detectors.published import find_published
from mmpose.registry import INFERENCERS, MODELS
from mmpose.structures import PoseDataSample

BOXES = [[10, 10, 60, 80], [30, 5, 62, 60], [0, 0, 50, 50]]
NAMES = ['a', 'b', 'c']


@pytest.fixture
def inferencer(config, checkpoint):
    return MMPoseInferencer(config, checkpoint, device='cpu')


def keypoints(results):
    return [
        np.array([instance['keypoints'] for instance in result['predictions'][0]])
        for result in results
    ]


def test_are_registered():
    assert INFERENCERS.get('pose-estimation') is Pose2DInferencer
    assert INFERENCERS.get('MMPoseInferencer') is MMPoseInferencer


def test_config_that_inherits_from_the_package(folder, checkpoint, tmp_path):
    leaf = 'quickstart/td-hm_res18-slim_synthetic-people-128x96.py'
    (tmp_path / 'mine.py').write_text(f"_base_ = 'mmpose::{leaf}'\n")
    inferencer = MMPoseInferencer(str(tmp_path / 'mine.py'), device='cpu')
    results = inferencer(str(folder), vis_out_dir=str(tmp_path / 'drawn'))
    assert len(list(results)) == len(list((tmp_path / 'drawn').iterdir())) == 3


def test_results_of_a_folder(inferencer, folder, model):
    results = list(inferencer(str(folder), bboxes=BOXES))
    assert [result['visualization'] for result in results] == [[], [], []]
    for name, found in zip(NAMES, keypoints(results), strict=True):
        samples = inference_topdown(model, folder / f'{name}.png', BOXES)
        expected = np.concatenate([sample.pred_instances.keypoints for sample in samples])
        np.testing.assert_allclose(found, expected, atol=1e-3)
    instance = results[0]['predictions'][0][1]
    assert sorted(instance) == ['bbox', 'bbox_score', 'keypoint_scores', 'keypoints']
    assert instance['bbox'] == [[30, 5, 62, 60]]
    assert instance['bbox_score'] == 1
    assert np.shape(instance['keypoint_scores']) == (17,)


@pytest.mark.parametrize(('batch_size', 'crops'), [(1, [2, 3]), (2, [2, 3]), (100, [5])])
def test_batches_across_pictures_change_nothing(inferencer, folder, batch_size, crops):
    boxes = [BOXES[:2], [], BOXES]
    one_by_one = keypoints(inferencer(str(folder), bboxes=boxes))
    sizes = []
    test_step = inferencer.inferencer.model.test_step

    def counted(batch):
        sizes.append(len(batch['inputs']))
        return test_step(batch)

    inferencer.inferencer.model.test_step = counted
    batched = keypoints(inferencer(str(folder), batch_size=batch_size, bboxes=boxes))
    assert [len(k) for k in batched] == [2, 0, 3]
    for found, expected in zip(batched, one_by_one, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)
    assert sizes == crops


def test_results_come_as_soon_as_they_are_ready(inferencer, folder):
    calls = []
    test_step = inferencer.inferencer.model.test_step
    inferencer.inferencer.model.test_step = lambda batch: calls.append(1) or test_step(batch)
    results = inferencer([str(folder)] * 10, bboxes=BOXES[:1])
    assert not calls
    next(results)
    assert 1 <= len(calls) <= 4  # the threads are a few pictures ahead
    results.close()
    made = len(calls)
    time.sleep(0.05)
    assert len(calls) == made


def test_boxes_for_all_or_for_each(inferencer, image):
    for_all = keypoints(inferencer([image, image], bboxes=BOXES))
    for_each = keypoints(inferencer([image, image], bboxes=[BOXES[:1], BOXES[1:]]))
    assert [len(k) for k in for_all] == [3, 3]
    assert [len(k) for k in for_each] == [1, 2]
    np.testing.assert_allclose(np.concatenate(for_each), for_all[0], atol=1e-3)


def test_lists_of_boxes_for_another_number_of_pictures(inferencer, image):
    with pytest.raises(ValueError, match='lists of boxes for 2 pictures, but there are 3'):
        next(inferencer([image] * 3, bboxes=[BOXES, BOXES]))


def test_without_boxes_the_picture_is_one_instance(inferencer, image):
    with pytest.warns(UserWarning, match='each picture is taken as one instance'):
        (result,) = inferencer(image)
    assert [one['bbox'] for one in result['predictions'][0]] == [[[0, 0, 120, 90]]]


def test_no_boxes_at_all(inferencer, image):
    for boxes in (np.empty((0, 4)), [[]]):
        (result,) = inferencer(image, bboxes=boxes, return_vis=True)
        assert result['predictions'] == [[]]
        np.testing.assert_array_equal(result['visualization'][0], image[..., ::-1])


def test_detector(config, checkpoint, image):
    seen, first, second = [], [10, 10, 60, 80], [70, 20, 110, 80]

    def detector(images):
        seen.extend(images)
        scored = [[*first, 0.9], [11, 10, 60, 80, 0.8], [*second, 0.6], [1, 1, 9, 9, 0.2]]
        return [np.array(scored)] * len(images)

    inferencer = MMPoseInferencer(config, checkpoint, device='cpu', det_model=detector)
    (result,) = inferencer(image)
    np.testing.assert_array_equal(seen[0], image)
    found = [(one['bbox'][0], one['bbox_score']) for one in result['predictions'][0]]
    assert [box for box, _ in found] == [first, second]
    assert [score for _, score in found] == pytest.approx([0.9, 0.6])
    (result,) = inferencer(image, bbox_thr=0.7, nms_thr=1.0)
    assert len(result['predictions'][0]) == 2
    (result,) = inferencer(image, bboxes=BOXES)
    assert len(result['predictions'][0]) == 3


def test_named_detectors(config, image, tmp_path):
    with pytest.raises(ValueError, match=r"There is no detector 'rtmdet-q'"):
        MMPoseInferencer(config, device='cpu', det_model='rtmdet-q')
    weights = tmp_path / 'detector.pth'
    network = MODELS.build(find_published('rtmdet-tiny').config()['model'])
    for layer in [*network.bbox_head.rtm_cls, *network.bbox_head.rtm_reg]:
        torch.nn.init.constant_(layer.bias, 2)  # it finds something everywhere
    torch.save(network.state_dict(), weights)
    options = dict(device='cpu', det_model='rtmdet-tiny', det_weights=str(weights))
    inferencer = MMPoseInferencer(config, **options)
    with pytest.warns(UserWarning, match='det_cat_ids is not given, so that no box'):
        (result,) = inferencer(image)
    assert [one['bbox'] for one in result['predictions'][0]] == [[[0, 0, 120, 90]]]
    inferencer = MMPoseInferencer(config, **options, det_cat_ids='all')
    (result,) = inferencer(image, bbox_thr=0.0)
    assert len(result['predictions'][0]) > 1


def test_data_samples(inferencer, image):
    (result,) = inferencer(image, bboxes=BOXES, return_datasamples=True)
    (sample,) = result['predictions']
    assert isinstance(sample, PoseDataSample)
    assert sample.pred_instances.keypoints.shape == (3, 17, 2)
    options = dict(return_datasamples=True, merge_results=False, return_vis=True)
    (result,) = inferencer(image, bboxes=BOXES, **options)
    assert [len(s.pred_instances) for s in result['predictions']] == [1, 1, 1]
    assert len(result['visualization']) == 1


def test_twins_are_dropped(inferencer, image):
    boxes = [[*BOXES[0], 0.5], [*BOXES[0], 0.9]]
    (result,) = inferencer(image, bboxes=boxes, pose_based_nms=True)
    assert [one['bbox_score'] for one in result['predictions'][0]] == pytest.approx([0.9])


def test_twins_without_scores_of_whole_poses(inferencer):
    """As CID and DEKR predict them: the better keypoints win."""
    keypoints = np.arange(34, dtype=np.float32).reshape(1, 17, 2).repeat(3, axis=0)
    keypoints[2] += 100
    scores = np.float32([[0.5], [0.6], [0.1]]).repeat(17, axis=1)
    sample = PoseDataSample()
    sample.pred_instances = InstanceData(keypoints=keypoints, keypoint_scores=scores)
    (merged,) = inferencer.inferencer.merge([sample], merge_results=False, pose_based_nms=True)
    assert merged.pred_instances.keypoint_scores[:, 0].tolist() == pytest.approx([0.6, 0.1])


def test_files(inferencer, folder, tmp_path):
    out = tmp_path / 'out'
    results = list(inferencer(str(folder), bboxes=BOXES, out_dir=str(out), kpt_thr=-9))
    assert sorted(p.name for p in (out / 'visualizations').iterdir()) == [
        'a.png',
        'b.png',
        'c.png',
    ]
    for name, result in zip(NAMES, results, strict=True):
        written = json.loads((out / f'predictions/{name}.json').read_text())
        assert written == result['predictions'][0]
        drawing = cv2.imread(str(out / f'visualizations/{name}.png'))
        plain = cv2.imread(str(folder / f'{name}.png'))
        assert drawing.shape == plain.shape
        assert (drawing != plain).any()


def test_one_sort_of_files(inferencer, image, tmp_path):
    options = dict(bboxes=BOXES, pred_out_dir=str(tmp_path / 'p'))
    list(inferencer([image, image], **options))
    assert sorted(p.name for p in tmp_path.iterdir()) == ['p']
    assert sorted(p.name for p in (tmp_path / 'p').iterdir()) == ['00000000.json', '00000001.json']


def test_drawings(inferencer, image):
    common = dict(bboxes=BOXES, return_vis=True, kpt_thr=9)
    (result,) = inferencer(image, **common)
    np.testing.assert_array_equal(result['visualization'][0], image[..., ::-1])
    (result,) = inferencer(image, **common, black_background=True)
    assert result['visualization'][0].max() == 0
    (result,) = inferencer(image, **common, draw_bbox=True)
    assert (result['visualization'][0] != image[..., ::-1]).any()
    (result,) = inferencer(image, **common, draw_heatmap=True)
    assert result['visualization'][0].shape == (180, 120, 3)
    assert inferencer.inferencer.model.test_cfg['output_heatmaps'] is True


def test_video(inferencer, tmp_path):
    path = str(tmp_path / 'clip.mp4')
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'mp4v'), 5, (64, 48))
    for i in range(3):
        writer.write(np.full((48, 64, 3), 60 * i, dtype=np.uint8))
    writer.release()
    out = tmp_path / 'out'
    options = dict(bboxes=[[5, 5, 40, 40]], out_dir=str(out))
    assert len(list(inferencer(path, batch_size=2, **options))) == 3
    frames = json.loads((out / 'predictions/clip.json').read_text())
    assert [frame['frame_id'] for frame in frames] == [0, 1, 2]
    assert len(frames[0]['instances'][0]['keypoints']) == 17
    video = cv2.VideoCapture(str(out / 'visualizations/clip.mp4'))
    assert (video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)) == (3, 5)


def test_progress_bar(config, checkpoint, folder, capfd):
    inferencer = MMPoseInferencer(config, checkpoint, device='cpu', show_progress=True)
    assert len(list(inferencer(str(folder), bboxes=BOXES))) == 3
    assert '100%' in capfd.readouterr().out


def test_window_without_display(inferencer, image, monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.setattr(sys, 'platform', 'linux')
    with pytest.raises(RuntimeError, match='this machine has no display'):
        inferencer(image, show=True)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(kpt_thresh=0.5), r"Unknown options \['kpt_thresh'\]. Did you mean kpt_thr\?"),
        (dict(batch_size=0), 'batch_size is 0'),
    ],
)
def test_wrong_options(inferencer, image, options, message):
    with pytest.raises(ValueError, match=message):
        inferencer(image, **options)


def test_options_of_3d_models_are_passed_over(inferencer, image):
    (result,) = inferencer(image, bboxes=BOXES, num_instances=2, use_oks_tracking=True)
    assert len(result['predictions'][0]) == 3


def test_no_model():
    with pytest.raises(ValueError, match='No model is given'):
        MMPoseInferencer()


def test_config_as_path_and_unknown_names(config, checkpoint, image, tmp_path):
    path = tmp_path / 'config.py'
    config.dump(path)
    inferencer = Pose2DInferencer(path, checkpoint, device='cpu')
    (result,) = inferencer(image, bboxes=BOXES)
    assert len(result['predictions'][0]) == 3
    with pytest.raises(FileNotFoundError, match=r'no_such_config\.py'):
        Pose2DInferencer('no_such_config.py')
    with pytest.raises(ValueError, match="'no-such-model' is neither the name or alias"):
        Pose2DInferencer('no-such-model')


def test_untrained_model_is_pointed_out(config, monkeypatch):
    notices = []
    monkeypatch.setattr(
        'mmpose.apis.inferencers.base_mmpose_inferencer.print_log',
        lambda text, **_: notices.append(text),
    )
    Pose2DInferencer(config, device='cpu')
    assert notices == [
        'No weights are given: the model is untrained, and its predictions mean nothing.'
    ]


def test_steps_by_hand(inferencer, image):
    ((batch, (prepared,)),) = inferencer.preprocess(image, batch_size=3, bboxes=BOXES)
    (sample,) = inferencer.forward(batch)
    assert prepared.num_inputs == len(sample.pred_instances) == 3
    (drawing,) = inferencer.visualize([prepared.img], [sample], return_vis=True)
    assert drawing.shape == (90, 120, 3)
