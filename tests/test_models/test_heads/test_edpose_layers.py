import math

import pytest
import torch

from mmpose.models.heads.transformer_heads.edpose_layers import (
    EDPoseDecoder,
    EDPoseOutHead,
    gather_queries,
)

C, K, GROUPS = 8, 2, 2
SHAPES = [(2, 3)]
LAYER = dict(
    self_attn_cfg=dict(embed_dims=C, num_heads=2),
    cross_attn_cfg=dict(embed_dims=C, num_heads=2, num_levels=1, num_points=2),
    ffn_cfg=dict(embed_dims=C, feedforward_channels=16),
)


def make(num_layers=3, num_box_decoder_layers=1, **kwargs):
    torch.manual_seed(0)
    layers = dict(num_layers=num_layers, num_box_decoder_layers=num_box_decoder_layers)
    decoder = EDPoseDecoder(LAYER, embed_dims=C, num_keypoints=K, num_group=GROUPS, **layers)
    out_head = EDPoseOutHead(2, num_keypoints=K, embed_dims=C, **layers, **kwargs)
    decoder.share_outputs(out_head)
    return decoder.eval(), out_head.eval()


def run(decoder, query, boxes, **kwargs):
    torch.manual_seed(1)
    value = torch.randn(len(query), 6, C)
    return decoder(
        query, value, None, boxes.logit(), SHAPES, torch.ones(len(query), 1, 2), **kwargs
    )


def constant(branch, *values):
    """Let a branch return the same for all queries."""
    with torch.no_grad():
        branch.layers[-1].weight.zero_()
        branch.layers[-1].bias.copy_(torch.tensor(values))


def test_layers_in_a_row():
    decoder, _ = make(num_layers=4, num_box_decoder_layers=2)
    query, boxes = torch.randn(2, 5, C), torch.rand(2, 5, 4)
    states, references = run(decoder, query, boxes)
    assert [tuple(s.shape) for s in states] == [(2, 5, C)] * 2 + [(2, GROUPS * 3, C)] * 2
    assert [tuple(r.shape) for r in references] == [(2, 5, 4)] * 2 + [(2, GROUPS * 3, 4)] * 3
    torch.testing.assert_close(references[0], boxes)
    # what comes out is normalised
    torch.testing.assert_close(states[1].mean(-1), torch.zeros(2, 5), atol=1e-5, rtol=0)


def test_boxes_are_refined_on_the_scale_of_logits():
    decoder, _ = make(num_layers=4, num_box_decoder_layers=2)
    for branch in decoder.bbox_embed:
        constant(branch, 1.0, 0.0, -1.0, 0.0)
    _, references = run(decoder, torch.randn(1, 5, C), torch.full((1, 5, 4), 0.5))
    steps = torch.tensor([1.0, 0.0, -1.0, 0.0])
    torch.testing.assert_close(references[1][0, 4], steps.sigmoid())
    for i in (2, 3, 4):  # the humans of the groups
        torch.testing.assert_close(references[i][0, ::3], (i * steps).sigmoid().expand(2, -1))


def test_keypoints_start_in_the_boxes_of_the_best_humans():
    decoder, _ = make()
    for branch in decoder.bbox_embed:
        constant(branch, 0.0, 0.0, 0.0, 0.0)
    constant(decoder.pose_embed[-1], 1.0, -1.0)
    with torch.no_grad():
        decoder.hw.weight.copy_(torch.tensor([[0.0, 0.0], [math.log(3), -math.log(3)]]))
    query = torch.randn(1, 5, C)
    boxes = torch.rand(1, 5, 4) * 0.8 + 0.1
    seen = []
    decoder.class_embed[0].register_forward_hook(lambda _, args, out: seen.append(out))
    _, references = run(decoder, query, boxes)
    best = seen[0].amax(-1).argsort(descending=True)[0, :GROUPS]
    groups = references[1][0].view(GROUPS, 1 + K, 4)
    torch.testing.assert_close(groups[:, 0], boxes[0, best])
    centers = (boxes[0, best, None, :2].logit() + torch.tensor([1.0, -1.0])).sigmoid()
    torch.testing.assert_close(groups[:, 1:, :2], centers.expand(-1, K, -1))
    shares = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    torch.testing.assert_close(groups[:, 1:, 2:], boxes[0, best, None, 2:] * shares)


def test_keypoints_are_refined_apart_from_humans():
    decoder, _ = make()
    for branch in (*decoder.bbox_embed, decoder.pose_embed[-1], decoder.pose_hw_embed[1]):
        constant(branch, *[0.0] * branch.layers[-1].out_features)
    constant(decoder.pose_embed[0], 1.0, 2.0)
    constant(decoder.pose_embed[1], 0.0, 1.0)
    constant(decoder.pose_hw_embed[0], -1.0, 0.0)
    _, references = run(decoder, torch.randn(1, 5, C), torch.full((1, 5, 4), 0.5))
    before, after, last = (r[0].logit().view(GROUPS, 1 + K, 4) for r in references[1:])
    torch.testing.assert_close(after[:, 0], before[:, 0])
    step = torch.tensor([1.0, 2.0, -1.0, 0.0]).expand(GROUPS, K, -1)
    torch.testing.assert_close(after[:, 1:] - before[:, 1:], step)
    step = torch.tensor([0.0, 1.0, 0.0, 0.0]).expand(GROUPS, K, -1)
    torch.testing.assert_close(last[:, 1:] - after[:, 1:], step)


def test_denoising_queries_stay_in_front():
    decoder, out_head = make()
    constant(decoder.bbox_embed[0], 1.0, 1.0, 0.0, 0.0)
    query, boxes = torch.randn(2, 7, C), torch.rand(2, 7, 4) * 0.8 + 0.1
    states, references = run(decoder, query, boxes, num_denoising=3)
    assert [s.shape[1] for s in states] == [7, 3 + GROUPS * 3, 3 + GROUPS * 3]
    expected = boxes[:, :3].logit() + torch.tensor([1.0, 1.0, 0.0, 0.0])
    torch.testing.assert_close(references[1][:, :3], expected.sigmoid())
    logits, refined, keypoints = out_head.layer_outputs(2, states[2], references[2], 3)
    assert [x.shape[1] for x in (logits, refined, keypoints)] == [3 + GROUPS, 3 + GROUPS, GROUPS]
    outputs = out_head(states, references, num_denoising=3)
    torch.testing.assert_close(outputs, (logits[:, 3:], refined[:, 3:], keypoints))


def test_masks_of_both_phases():
    decoder, _ = make()
    query, boxes = torch.randn(1, 5, C), torch.rand(1, 5, 4)
    # each query by itself
    alone = ~torch.eye(5, dtype=torch.bool)
    states, _ = run(decoder, query, boxes, humandet_attn_mask=alone)
    one, _ = run(decoder, query[:, :3], boxes[:, :3], humandet_attn_mask=alone[:3, :3])
    torch.testing.assert_close(states[0][:, :3], one[0])
    alone = ~torch.eye(6, dtype=torch.bool)
    masked, _ = run(decoder, query, boxes, human2pose_attn_mask=alone)
    unmasked, _ = run(decoder, query, boxes)
    torch.testing.assert_close(masked[0], unmasked[0])
    assert not torch.allclose(masked[1], unmasked[1])


def test_positions_of_boxes():
    out = EDPoseDecoder.get_proposal_pos_embed(
        torch.tensor([[[0.1, 0.2, 0.3, 0.4]]]), temperature=100, num_pos_feats=4
    )
    assert tuple(out.shape) == (1, 1, 16)
    for part, share in zip(out.view(4, 4), (0.2, 0.1, 0.3, 0.4), strict=True):  # y, x, w, h
        angle = 2 * math.pi * share
        expected = [f(a) for a in (angle, angle / 10) for f in (math.sin, math.cos)]
        torch.testing.assert_close(part, torch.tensor(expected))
    points = torch.rand(1, 3, 2)
    assert EDPoseDecoder.get_proposal_pos_embed(points).shape[-1] == 256


def test_gather_queries():
    x = torch.arange(6.0).view(1, 3, 2)
    assert gather_queries(x, torch.tensor([[2, 0]])).tolist() == [[[4, 5], [0, 1]]]


class TestOutputs:
    def test_keypoints_move_from_their_references(self):
        _, out_head = make()
        for branch in out_head.bbox_embed:
            constant(branch, 0.0, 0.0, 0.0, 1.0)
        constant(out_head.pose_embed[1], 1.0, -1.0)
        references = torch.full((1, 1 + GROUPS * 3, 4), 0.5)
        states = torch.randn(1, 1 + GROUPS * 3, C)
        logits, boxes, keypoints = out_head.layer_outputs(2, states, references, 1)
        torch.testing.assert_close(logits, out_head.class_embed[2](states[:, [0, 1, 4]]))
        box = torch.tensor([0.0, 0.0, 0.0, 1.0]).sigmoid()
        torch.testing.assert_close(boxes, box.expand(1, 1 + GROUPS, -1))
        # x and y of each keypoint, then what stands for visibility
        expected = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, 1.0]).sigmoid()
        torch.testing.assert_close(keypoints, expected.expand(1, GROUPS, -1))

    def test_layers_for_humans_have_no_keypoints(self):
        _, out_head = make()
        logits, boxes, keypoints = out_head.layer_outputs(
            0, torch.randn(1, 5, C), torch.rand(1, 5, 4)
        )
        assert keypoints is None
        assert (tuple(logits.shape), tuple(boxes.shape)) == ((1, 5, 2), (1, 5, 4))

    def test_branches_may_be_shared(self):
        _, out_head = make(dec_pred_class_embed_share=True)
        assert out_head.class_embed[0] is out_head.class_embed[2]
        assert out_head.bbox_embed[0] is not out_head.bbox_embed[2]
        _, out_head = make(dec_pred_bbox_embed_share=True, dec_pred_pose_embed_share=True)
        assert out_head.bbox_embed[0] is out_head.bbox_embed[2]
        assert out_head.pose_embed[0] is out_head.pose_embed[2]
        assert out_head.pose_hw_embed[0] is not out_head.pose_embed[0]

    def test_start(self):
        _, out_head = make()
        out_head.reset()
        bias = out_head.class_embed[1].bias
        torch.testing.assert_close(bias.sigmoid(), torch.full((2,), 0.01))
        assert not out_head.pose_embed[-1](torch.randn(3, C)).any()
        assert not out_head.bbox_embed[0](torch.randn(3, C)).any()
        _, out_head = make(cls_no_bias=True)
        out_head.reset()
        assert out_head.class_embed[0].bias is None


@pytest.mark.parametrize(
    ('kwargs', 'error'),
    [
        (dict(query_dim=2), r'query_dim is 2 .* needs boxes \(4\)'),
        (dict(return_intermediate=False), 'return_intermediate is False; .* all layers'),
        (dict(num_box_decoder_layers=3), 'num_box_decoder_layers is 3 of num_layers=3'),
        (dict(num_box_decoder_layers=0), 'there must be layers for humans'),
        (dict(embed_dims=16), 'decoder is 16 and that of its layers is 8; give both the same'),
    ],
    ids=['query', 'intermediate', 'no layer for keypoints', 'none for humans', 'channels'],
)
def test_errors(kwargs, error):
    with pytest.raises(ValueError, match=error):
        EDPoseDecoder(LAYER, num_layers=3, **dict(embed_dims=C) | kwargs)
