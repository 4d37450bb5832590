import numpy as np
import pytest
import torch
from lifters import INTERNET, small_config
from mmengine.structures import InstanceData

from mmpose.apis import Hand3DInferencer, inference_topdown
from mmpose.apis.inferencers.hand3d_inferencer import _in_space
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample

BOXES = [[10, 10, 60, 80], [30, 5, 110, 85]]


@pytest.fixture(scope='module')
def inferencer():
    torch.manual_seed(0)
    return Hand3DInferencer(small_config(INTERNET), device='cpu')


def hands(hand_type=((1, 1),)):
    """Keypoint k is at x = k, y = 100 + k and depth -k; the left root is 40 mm behind."""
    N, k = len(hand_type), np.arange(42.0)
    return InstanceData(
        keypoints=np.stack([np.stack([k, 100 + k, -k], axis=-1)] * N),
        keypoint_scores=np.ones((N, 42)),
        hand_type=np.array(hand_type),
        rel_root_depth=np.full(N, 40.0),
        bboxes=np.array([[0.0, 0, 50, 50]] * N),
    )


def test_is_registered():
    assert INFERENCERS.get('Hand3DInferencer') is Hand3DInferencer


def test_axes_of_two_hands():
    found = _in_space(hands(), rebase=False)
    assert found.keypoints[0, 3].tolist() == [3, -3, -103]
    assert found.keypoints[0, 30].tolist() == [30, 40 - 30, -130]
    assert found.keypoints_2d[0, 30].tolist() == [30, 130]
    based = _in_space(hands(), rebase=True)
    assert based.keypoints[0, [0, 41], 2].tolist() == [41, 0]


def test_hands_that_are_not_there():
    found = _in_space(hands([(1, 0), (0, 1), (0, 0)]), rebase=True)
    shown = found.keypoint_scores > 0
    assert shown[:, [0, 20, 21, 41]].tolist() == [
        [True, True, False, False],
        [False, False, True, True],
        [False] * 4,
    ]
    # the lowest joint of a hand that is there is at 0; of all if there is none
    assert [found.keypoints[i, k, 2] for i, k in ((0, 20), (1, 41), (2, 41))] == [0, 0, 0]
    assert found.hand_type.tolist() == [[1, 0], [0, 1], [0, 0]]


def test_predictions(inferencer, image):
    (result,) = inferencer(image, bboxes=BOXES, return_datasamples=True)
    found = result['predictions'][0].pred_instances
    assert found.keypoints.shape == (2, 42, 3)
    assert found.keypoints_2d.shape == (2, 42, 2)
    assert found.hand_type.shape == (2, 2)
    assert found.bboxes.tolist() == BOXES
    samples = inference_topdown(inferencer.model, image, BOXES)
    expected = np.concatenate([sample.pred_instances.keypoints for sample in samples])
    np.testing.assert_allclose(found.keypoints_2d, expected[..., :2], atol=1e-3)
    np.testing.assert_allclose(found.keypoints[..., 0], expected[..., 0], atol=1e-3)
    np.testing.assert_allclose(found.keypoints[:, :21, 1], expected[:, :21, 2], atol=1e-3)


def test_batches_and_forward_give_the_same(inferencer, folder):
    options = dict(bboxes=BOXES, return_datasamples=True)
    one_by_one, batched = (
        [
            result['predictions'][0].pred_instances.keypoints
            for result in inferencer(str(folder), batch_size=n, **options)
        ]
        for n in (1, 3)
    )
    for expected, found in zip(one_by_one, batched, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)
    ((batch, _), *_) = inferencer.preprocess(str(folder), bboxes=BOXES)
    (sample,) = inferencer.forward(batch)
    np.testing.assert_allclose(sample.pred_instances.keypoints, one_by_one[0], atol=1e-3)


def test_boxes_come_from_a_detector(image):
    torch.manual_seed(0)
    inferencer = Hand3DInferencer(
        small_config(INTERNET),
        device='cpu',
        det_model=lambda images: [np.array([[*BOXES[0], 0.9]])] * len(images),
    )
    (result,) = inferencer(image)
    assert [one['bbox'] for one in result['predictions'][0]] == [[BOXES[0]]]


def test_without_boxes_the_picture_is_one_instance(inferencer, image):
    with pytest.warns(UserWarning, match='each picture is taken as one instance'):
        (result,) = inferencer(image)
    assert [one['bbox'] for one in result['predictions'][0]] == [[[0, 0, 120, 90]]]


def test_no_boxes_at_all(inferencer, image):
    (result,) = inferencer(image, bboxes=[[]], return_vis=True)
    assert result['predictions'] == [[]]
    assert result['visualization'][0].shape == (90, 210, 3)


def test_drawings(inferencer, image):
    sample = PoseDataSample(pred_instances=_in_space(hands(), rebase=True))
    plain, _ = (
        inferencer.visualize([image], [sample], return_vis=True, num_instances=n)[0] for n in (1, 2)
    )
    assert plain.shape == (90, 210, 3)
    inferencer.drawing_options = dict(axis_azimuth=0, show_kpt_idx=True)
    turned = inferencer.visualize([image], [sample], return_vis=True)[0]
    inferencer.drawing_options = {}
    assert (turned != plain).any()
    assert inferencer.visualize([image], [sample]) == []


def test_models_of_other_things(config, checkpoint, image):
    inferencer = Hand3DInferencer(config, checkpoint, 'cpu')
    with pytest.raises(TypeError, match='predicts no `hand_type`'):
        next(inferencer(image, bboxes=BOXES))
