import warnings

import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.registry import VISUALIZERS
from mmpose.structures import PoseDataSample
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.visualization import PoseLocalVisualizer

RED, GREEN, BLUE = (250, 0, 0), (0, 240, 0), (0, 0, 230)
META = dict(
    dataset_name='toy',
    keypoint_name2id=dict(a=0, b=1, c=2),
    keypoint_colors=np.array([RED, GREEN, BLUE]),
    skeleton_links=[(0, 1), (1, 2)],
    skeleton_link_colors=np.array([(9, 9, 9), (99, 99, 99)]),
)
GREY = np.full((60, 80, 3), 180, dtype=np.uint8)
KEYPOINTS = np.array([[[10.0, 10.0], [50.0, 10.0], [50.0, 50.0]]])


def instances(visible=(1.0, 1.0, 1.0), **kwargs):
    return InstanceData(keypoints=KEYPOINTS, keypoints_visible=np.array([visible]), **kwargs)


def draw(sample=None, options=(), meta=META, **kwargs):
    visualizer = PoseLocalVisualizer(**{'line_width': 3, **dict(options)})
    visualizer.set_dataset_meta(meta)
    sample = sample or PoseDataSample(pred_instances=instances())
    return visualizer.add_datasample('picture', GREY, sample, **kwargs)


def test_is_registered():
    visualizer = VISUALIZERS.build(dict(type='PoseLocalVisualizer', name='registered'))
    assert isinstance(visualizer, PoseLocalVisualizer)


def test_keypoints_and_links_have_the_colours_of_the_data_set():
    image = draw()
    assert image.shape == (60, 80, 3)
    for (x, y), color in zip(KEYPOINTS[0].astype(int), (RED, GREEN, BLUE), strict=True):
        assert tuple(image[y, x]) == color
    assert image[10, 30].tolist() == [9, 9, 9]
    assert image[30, 50].tolist() == [99, 99, 99]
    assert (image[30:, :40] == 180).all()
    assert (GREY == 180).all()


def test_keypoints_below_the_threshold_are_left_out_with_their_links():
    image = draw(PoseDataSample(pred_instances=instances((0.9, 0.2, 0.9))))
    assert tuple(image[10, 10]) == RED
    assert tuple(image[50, 50]) == BLUE
    assert (image[10, 20:80] == 180).all()
    assert (image[15:45, 50] == 180).all()


def test_threshold_above_all_scores_draws_nothing():
    np.testing.assert_array_equal(draw(kpt_thr=1.1), GREY)


def test_scores_stand_in_for_visibility():
    pred = InstanceData(keypoints=KEYPOINTS, keypoint_scores=np.array([[0.9, 0.1, 0.1]]))
    image = draw(PoseDataSample(pred_instances=pred))
    assert tuple(image[10, 10]) == RED
    assert image[50, 50].tolist() == [180] * 3


def test_visibility_with_weights_and_tensors():
    visible = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    pred = InstanceData(keypoints=torch.from_numpy(KEYPOINTS), keypoints_visible=visible)
    image = draw(PoseDataSample(pred_instances=pred))
    assert tuple(image[10, 10]) == RED
    assert image[10, 50].tolist() == [180] * 3


@pytest.mark.parametrize('value', [np.nan, np.inf, -1e30])
def test_keypoints_that_are_nowhere(value):
    pred = instances()
    pred.keypoints = KEYPOINTS.copy()
    pred.keypoints[0, 1] = value
    image = draw(PoseDataSample(pred_instances=pred))
    assert tuple(image[10, 10]) == RED
    assert tuple(image[50, 50]) == BLUE


def test_unsure_keypoints_are_transparent():
    sample = PoseDataSample(pred_instances=instances((0.5, 0.0, 1.0)))
    image = draw(sample, dict(show_keypoint_weight=True))
    np.testing.assert_allclose(image[10, 10], [(250 + 180) / 2, 90, 90], atol=1)
    assert tuple(image[50, 50]) == BLUE


def test_radius_and_line_width():
    thin, thick = (draw(options=dict(radius=r, line_width=w)) for r, w in ((2, 1), (6, 5)))
    np.testing.assert_allclose(thin[10, 15], 9, atol=20)  # the link: the dot ends before
    assert tuple(thick[10, 15]) == RED
    assert thin[12, 30].tolist() == [180] * 3
    assert thick[12, 30].tolist() == [9, 9, 9]


def test_ground_truth_is_left_of_predictions():
    sample = PoseDataSample(gt_instances=instances((1, 0, 0)), pred_instances=instances((0, 0, 1)))
    both = draw(sample)
    assert both.shape == (60, 160, 3)
    assert tuple(both[10, 10]) == RED
    assert both[10, 90].tolist() == [180] * 3
    assert tuple(both[50, 130]) == BLUE
    assert draw(sample, draw_gt=False).shape == (60, 80, 3)
    np.testing.assert_array_equal(draw(sample, draw_gt=False, draw_pred=False), GREY)


def test_heatmaps_are_below_and_of_any_size():
    heatmaps = np.zeros((3, 6, 8), dtype=np.float32)
    heatmaps[1, 1, 6] = 1
    sample = PoseDataSample(
        pred_instances=instances(), pred_fields=PixelData(heatmaps=torch.from_numpy(heatmaps))
    )
    image = draw(sample, draw_heatmap=True)
    assert image.shape == (120, 80, 3)
    top_right, bottom_left = image[60 + 14, 64].astype(int), image[60 + 50, 10].astype(int)
    assert top_right[0] > top_right[2]  # hot
    assert bottom_left[2] > bottom_left[0]  # cold
    assert draw(sample).shape == (60, 80, 3)


def test_only_one_side_has_heatmaps():
    fields = PixelData(heatmaps=np.ones((3, 6, 8), dtype=np.float32))
    sample = PoseDataSample(
        gt_instances=instances(), pred_instances=instances(), pred_fields=fields
    )
    image = draw(sample, draw_heatmap=True)
    assert image.shape == (120, 160, 3)
    assert (image[60:, :80] == 0).all()


def test_boxes_and_labels():
    pred = instances(bboxes=np.array([[20, 20, 40, 40]]), labels=np.array([0]))
    sample = PoseDataSample(pred_instances=pred)
    image = draw(sample, meta={**META, 'bbox_color': (1, 2, 3)}, draw_bbox=True, kpt_thr=2)
    assert image[30, 20].tolist() == [1, 2, 3]
    assert (image[45:] == 180).all()
    assert not (image[20:32, 20:70] == draw(sample, kpt_thr=2)[20:32, 20:70]).all()
    assert (draw(sample, kpt_thr=2) == 180).all()


def test_indices_are_written():
    plain, numbered = draw(), draw(show_kpt_idx=True)
    assert (plain != numbered).any(axis=-1)[36:46, 40:60].any()


def test_file_is_written_in_its_colours(tmp_path):
    file = tmp_path / 'folder' / 'drawing.png'
    image = draw(out_file=str(file))
    np.testing.assert_array_equal(cv2.imread(str(file))[..., ::-1], image)


def test_without_file_the_backends_get_the_picture(tmp_path):
    visualizer = PoseLocalVisualizer(
        vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path)
    )
    visualizer.set_dataset_meta(META)
    sample = PoseDataSample(pred_instances=instances())
    image = visualizer.add_datasample('val', GREY, sample, step=7)
    file = tmp_path / 'vis_data/vis_image/val_7.png'
    np.testing.assert_array_equal(cv2.imread(str(file))[..., ::-1], image)


def test_without_metainfo_dots_only_and_a_notice():
    with pytest.warns(UserWarning, match='keypoints are drawn without links'):
        image = draw(meta=None)
    assert tuple(image[10, 10]) == (255, 0, 0)
    assert image[10, 30].tolist() == [180] * 3


def test_own_skeleton_and_colours_need_no_metainfo():
    options = dict(skeleton=[(0, 1)], link_color=(1, 2, 3), kpt_color=[RED, GREEN, 'blue'])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        image = draw(options=options, meta=None)
    assert image[10, 30].tolist() == [1, 2, 3]
    assert image[50, 50].tolist() == [0, 0, 255]


def test_wrong_number_of_colours():
    with pytest.raises(ValueError, match='kpt_color has 2 colours for 3 keypoints'):
        draw(meta={**META, 'keypoint_colors': np.array([RED, GREEN])})


def test_unknown_style():
    with pytest.raises(ValueError, match="skeleton_style is 'bones'; it has to be one of"):
        draw(skeleton_style='bones')
    with pytest.raises(ValueError, match='skeleton_style'):
        PoseLocalVisualizer().set_dataset_meta(META, 'bones')


def test_openpose_style_draws_transparent_ellipses():
    image = draw(skeleton_style='openpose', options=dict(line_width=4))
    middle = 180 * 0.4 + 9 * 0.6
    np.testing.assert_allclose(image[10, 30], [middle] * 3, atol=1)
    np.testing.assert_allclose(image[13, 30], [middle] * 3, atol=1)
    assert image[14, 14].tolist() == [180] * 3  # an ellipse is slim at its ends
    assert tuple(image[10, 10]) == RED


def test_openpose_style_of_coco_has_a_neck(tmp_path, monkeypatch):
    folder = tmp_path / 'configs/_base_/datasets'
    folder.mkdir(parents=True)
    info = dict(
        dataset_name='toy_openpose',
        keypoint_info={0: dict(name='neck', color=[5, 6, 7]), 1: dict(name='a', color=[1, 1, 1])},
        skeleton_info={},
        joint_weights=[1.0, 1.0],
        sigmas=[0.1, 0.1],
    )
    (folder / 'toy_openpose.py').write_text(f'dataset_info = {info!r}')
    monkeypatch.chdir(tmp_path)
    meta = {**META, 'keypoint_name2id': dict(a=0, left_shoulder=1, right_shoulder=2)}
    image = draw(meta=meta, skeleton_style='openpose')
    assert image[30, 50].tolist() == [5, 6, 7]
    assert image[10, 10].tolist() == [1, 1, 1]
    assert image[50, 50].tolist() == [180] * 3


def test_matplotlib_draws_the_same_places():
    image = draw(options=dict(backend='matplotlib', radius=4))
    assert image.shape == (60, 80, 3)
    np.testing.assert_allclose(image[10, 10], RED, atol=2)
    np.testing.assert_allclose(image[50, 50], BLUE, atol=2)


def test_no_instances():
    empty = InstanceData(keypoints=np.empty((0, 3, 2)), bboxes=np.empty((0, 4)))
    image = draw(PoseDataSample(pred_instances=empty), draw_bbox=True)
    np.testing.assert_array_equal(image, GREY)


def test_coco_colours():
    visualizer = PoseLocalVisualizer()
    visualizer.set_dataset_meta(
        parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
    )
    assert visualizer.kpt_color[0] == (51, 153, 255)
    assert len(visualizer.skeleton) == len(visualizer.link_color) == 19
