import numpy as np
import pytest
import torch

from mmpose.models import RTMDetSepBNHead, YOLOXHead
from mmpose.models.detectors import dense_box_head
from mmpose.models.detectors.dense_box_head import Boxes, suppress_by_class


def rtmdet_head(num_classes=1, strides=(8,), **kwargs):
    options = dict(stacked_convs=1, feat_channels=4, with_objectness=False)
    options['test_cfg'] = dict(score_thr=0.01)
    options.update(kwargs)
    points = dict(type='MlvlPointGenerator', offset=0, strides=list(strides))
    return RTMDetSepBNHead(num_classes, 4, anchor_generator=points, **options).eval()


def with_maps(head, *maps):
    """The head, with fixed maps for each level in place of its layers."""
    head.forward = lambda feats: tuple([torch.as_tensor(x) for x in of_all] for of_all in maps)
    return head


def logit(score):
    return np.log(score / (1 - score)).astype(np.float32)


def one_cell(scores, side, at):
    """Logits (1, C, side, side), low but for one cell (row, column)."""
    maps = np.full((1, len(scores), side, side), -20, np.float32)
    maps[0, :, at[0], at[1]] = logit(np.array(scores))
    return maps


def predict(head, sides, input_size=(32, 32), scale=(1, 1)):
    feats = [torch.zeros(1, 4, side, side) for side in sides]
    (found,) = head.predict(feats, input_size, torch.tensor([scale], dtype=torch.float32))
    return found


def test_rtmdet_box_of_a_cell():
    distances = np.zeros((1, 4, 4, 4), np.float32)
    distances[0, :, 1, 2] = [1, 0.5, 1.5, 2]  # left, top, right, bottom, in strides
    head = with_maps(rtmdet_head(), [one_cell([0.8], 4, (1, 2))], [distances])
    found = predict(head, [4])
    # the cell's point is (2, 1) * 8
    torch.testing.assert_close(found.boxes, torch.tensor([[8.0, 4.0, 28.0, 24.0]]))
    torch.testing.assert_close(found.scores, torch.tensor([0.8]))
    assert found.labels.tolist() == [0]


def test_rtmdet_distances_from_logarithms():
    distances = np.full((1, 4, 4, 4), np.log(0.5), np.float32)
    head = with_maps(rtmdet_head(exp_on_reg=True), [one_cell([0.8], 4, (1, 2))], [distances])
    torch.testing.assert_close(predict(head, [4]).boxes, torch.tensor([[12.0, 4.0, 20.0, 12.0]]))


def test_rtmdet_objectness_is_averaged_geometrically():
    head = rtmdet_head(with_objectness=True)
    distances = np.ones((1, 4, 4, 4), np.float32)
    maps = [one_cell([0.9], 4, (1, 2))], [distances], [one_cell([0.4], 4, (1, 2))]
    assert predict(with_maps(head, *maps), [4]).scores.tolist() == pytest.approx([0.6])
    assert len(rtmdet_head(with_objectness=True)([torch.rand(1, 4, 4, 4)])) == 3


def test_boxes_end_with_the_input_and_are_scaled_to_the_picture():
    distances = np.full((1, 4, 4, 4), 1.5, np.float32)
    head = with_maps(rtmdet_head(), [one_cell([0.8], 4, (0, 3))], [distances])
    found = predict(head, [4], scale=(0.5, 2))
    # (24, 0) -+ 12 is (12, -12, 36, 12), within 32 pixels (12, 0, 32, 12)
    torch.testing.assert_close(found.boxes, torch.tensor([[24.0, 0.0, 64.0, 6.0]]))


def test_a_cell_of_rtmdet_may_have_two_classes():
    distances = np.ones((1, 4, 4, 4), np.float32)
    maps = [one_cell([0.3, 0.7], 4, (1, 1))], [distances]
    found = predict(with_maps(rtmdet_head(2, test_cfg=dict(score_thr=0.2)), *maps), [4])
    assert found.labels.tolist() == [1, 0]
    assert found.scores.tolist() == pytest.approx([0.7, 0.3])
    torch.testing.assert_close(found.boxes[0], found.boxes[1])


def test_choice_of_boxes():
    scores = np.full((1, 1, 4, 4), -20, np.float32)
    scores[0, 0, 1, 1:3] = logit(np.array([0.5, 0.9]))  # boxes that share a third of their union
    scores[0, 0, 3, 0] = logit(np.array(0.3))
    distances = np.ones((1, 4, 4, 4), np.float32)
    maps = [scores], [distances]

    def chosen(**test_cfg):
        head = rtmdet_head(test_cfg=dict(dict(score_thr=0.01), **test_cfg))
        return predict(with_maps(head, *maps), [4]).scores.tolist()

    def suppressed(overlap):
        return dict(nms=dict(type='nms', iou_threshold=overlap))

    assert chosen() == pytest.approx([0.9, 0.5, 0.3])
    assert chosen(**suppressed(0.34)) == pytest.approx([0.9, 0.5, 0.3])
    assert chosen(**suppressed(0.33)) == pytest.approx([0.9, 0.3])
    assert chosen(score_thr=0.4) == pytest.approx([0.9, 0.5])
    assert chosen(max_per_img=1) == pytest.approx([0.9])
    assert chosen(nms_pre=2) == pytest.approx([0.9, 0.5])
    # the box of the last cell, (0, 24) -+ 8, ends at 0: it is 8 x 16, the others 16 x 16
    assert chosen(min_bbox_size=8) == pytest.approx([0.9, 0.5])
    assert chosen(min_bbox_size=7.9) == pytest.approx([0.9, 0.5, 0.3])


def test_nms_pre_counts_on_each_feature_map():
    fine, coarse = np.full((1, 1, 4, 4), -20, np.float32), np.full((1, 1, 2, 2), -20, np.float32)
    fine[0, 0, 0, :3] = logit(np.array([0.9, 0.8, 0.7]))
    coarse[0, 0, 1, :] = logit(np.array([0.2, 0.1]))
    distances = [np.ones((1, 4, side, side), np.float32) for side in (4, 2)]
    cfg = dict(score_thr=0.01, nms_pre=1, nms=dict(iou_threshold=1))
    head = with_maps(rtmdet_head(strides=(8, 16), test_cfg=cfg), [fine, coarse], distances)
    assert predict(head, [4, 2]).scores.tolist() == pytest.approx([0.9, 0.2])


def test_yolox_box_of_a_cell():
    boxes = np.zeros((1, 4, 4, 4), np.float32)
    boxes[0, :, 1, 2] = [0.5, -0.25, np.log(2), np.log(1.5)]  # centre and log. of size, in strides
    head = YOLOXHead(2, 4, feat_channels=4, strides=[8], test_cfg=dict(score_thr=0.1))
    maps = [one_cell([0.5, 0.8], 4, (1, 2))], [boxes], [one_cell([0.75], 4, (1, 2))]
    found = predict(with_maps(head, *maps), [4])
    # centre (16 + 4, 8 - 2), size 16 x 12; only the better class
    torch.testing.assert_close(found.boxes, torch.tensor([[12.0, 0.0, 28.0, 12.0]]))
    assert found.labels.tolist() == [1]
    assert found.scores.tolist() == pytest.approx([0.6])


def test_boxes_of_yolox_may_reach_beyond_the_input():
    boxes = np.zeros((1, 4, 4, 4), np.float32)
    head = YOLOXHead(1, 4, feat_channels=4, strides=[8], test_cfg=dict(score_thr=0.1))
    maps = [one_cell([0.5], 4, (0, 3))], [boxes], [one_cell([0.5], 4, (0, 3))]
    found = predict(with_maps(head, *maps), [4])
    torch.testing.assert_close(found.boxes, torch.tensor([[20.0, -4.0, 28.0, 4.0]]))


def test_nothing_found():
    found = predict(
        with_maps(rtmdet_head(), *([np.full((1, n, 4, 4), -20.0)] for n in (1, 4))), [4]
    )
    assert [tuple(values.shape) for values in found] == [(0, 4), (0,), (0,)]


@pytest.mark.parametrize('compiled', [True, False])
def test_classes_do_not_suppress_each_other(monkeypatch, compiled):
    if not compiled:
        monkeypatch.setattr(dense_box_head, '_compiled_nms', lambda: None)
    elif dense_box_head._compiled_nms() is None:
        pytest.skip('torchvision does not work here')
    box = [-5.0, -5.0, 10.0, 10.0]
    found = Boxes(
        torch.tensor([box, box, box, [100.0, 0, 300, 300]]),
        torch.tensor([0.5, 0.9, 0.7, 0.8]),
        torch.tensor([0, 1, 1, 0]),
    )
    assert suppress_by_class(found, 0.5).tolist() == [1, 3, 0]
    none = Boxes(*(values[:0] for values in found))
    assert suppress_by_class(none, 0.5).tolist() == []


def test_layers_of_all_levels_share_convolutions_but_not_norms():
    head = rtmdet_head(strides=(8, 16), stacked_convs=2)
    first, second = head.cls_convs
    assert first[1].conv is second[1].conv
    assert first[1].bn is not second[1].bn
    own = rtmdet_head(strides=(8, 16), share_conv=False)
    assert own.reg_convs[0][0].conv is not own.reg_convs[1][0].conv
    assert 'cls_convs.1.0.depthwise_conv.conv.weight' in dict(
        rtmdet_head(strides=(8, 16), use_depthwise=True).state_dict()
    )


def test_unknown_suppression():
    with pytest.raises(ValueError, match=r"test_cfg.nms.type is 'soft_nms'; the detectors know"):
        rtmdet_head(test_cfg=dict(nms=dict(type='soft_nms')))
