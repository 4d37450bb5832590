from copy import deepcopy

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import EDPoseHead
from mmpose.models.heads.transformer_heads.edpose_queries import (
    denoising_mask,
    human_to_pose_mask,
)
from mmpose.models.heads.transformer_heads.two_stage import cell_proposals
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

C, K, QUERIES, GROUPS, DENOISING = 8, 2, 6, 3, 4
DEFORMABLE = dict(embed_dims=C, num_heads=2, num_levels=2, num_points=2, dropout=0.0)
FFN_CFG = dict(embed_dims=C, feedforward_channels=16)
CONFIG = dict(
    type='EDPoseHead',
    num_queries=QUERIES,
    num_feature_levels=2,
    num_keypoints=K,
    as_two_stage=True,
    encoder=dict(num_layers=1, layer_cfg=dict(self_attn_cfg=DEFORMABLE, ffn_cfg=FFN_CFG)),
    decoder=dict(
        num_layers=3,
        num_box_decoder_layers=1,
        embed_dims=C,
        num_dn=DENOISING,
        num_group=GROUPS,
        query_dim=4,
        return_intermediate=True,
        num_feature_levels=2,
        layer_cfg=dict(
            self_attn_cfg=dict(embed_dims=C, num_heads=2, batch_first=True),
            cross_attn_cfg=DEFORMABLE,
            ffn_cfg=FFN_CFG,
        ),
    ),
    out_head=dict(num_classes=2),
    positional_encoding=dict(
        num_pos_feats=C // 2, temperatureH=20, temperatureW=20, normalize=True
    ),
    data_decoder=dict(type='EDPoseLabel', num_select=2, num_keypoints=K),
    denosing_cfg=dict(dn_box_noise_scale=0.4, dn_labelbook_size=10),
    refine_queries_num=DENOISING,
)


def make(**kwargs):
    """A head with weights that tell queries apart."""
    torch.manual_seed(0)
    head = MODELS.build(deepcopy(CONFIG) | kwargs)
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            if 'norm' not in name:
                parameter.normal_(std=0.4)
    return head.eval()


def sample(shape_hw, num_instances=None, **metainfo):
    sample = PoseDataSample(metainfo=dict(img_shape=shape_hw, **metainfo))
    if num_instances is not None:
        bboxes = np.full((num_instances, 4), 0.5, dtype=np.float32)
        keypoints = np.full((num_instances, K, 2), 0.5, dtype=np.float32)
        sample.gt_instances = InstanceData(bboxes=bboxes, keypoints=keypoints)
    return sample


def features(h, w, batch_size=1, seed=0):
    """Maps of strides 8 and 16 of pictures of h x w pixels."""
    torch.manual_seed(seed)
    return tuple(torch.randn(batch_size, C, -(-h // s), -(-w // s)) for s in (8, 16))


def padded(feats_of_each, h, w):
    """The batch of pictures padded to h x w pixels, with something in the padding."""
    batch = tuple(feats.fill_(9.0) for feats in features(h, w, len(feats_of_each)))
    for i, feats in enumerate(feats_of_each):
        for whole, feat in zip(batch, feats, strict=True):
            whole[i, :, : feat.shape[2], : feat.shape[3]] = feat[0]
    return batch


def predict(head, feats, samples, **test_cfg):
    with torch.no_grad():
        return head.predict(feats, samples, test_cfg)


class TestForward:
    def test_shapes(self):
        with torch.no_grad():
            logits, boxes, keypoints = make()(features(40, 56, 2))
        assert tuple(logits.shape) == (2, GROUPS, 2)
        assert tuple(boxes.shape) == (2, GROUPS, 4)
        assert tuple(keypoints.shape) == (2, GROUPS, 3 * K)
        assert ((boxes > 0) & (boxes < 1)).all()

    def test_without_samples_the_pictures_fill_the_batch(self):
        head, feats = make(), features(40, 56, 2)
        with torch.no_grad():
            torch.testing.assert_close(head(feats), head(feats, [sample((40, 56))] * 2))

    @pytest.mark.parametrize('two_stage', [True, False])
    def test_a_batch_gives_the_same_as_one_by_one(self, two_stage):
        head = make(as_two_stage=two_stage)
        shapes = [(40, 56), (63, 30), (64, 72), (9, 8)]
        alone = [features(*shape, seed=i) for i, shape in enumerate(shapes)]
        batch = padded(alone, 70, 75)
        samples = [sample(shape, batch_input_shape=(70, 75)) for shape in shapes]
        with torch.no_grad():
            together = zip(*head(batch, samples), strict=True)
            for feats, outputs, shape in zip(alone, together, shapes, strict=True):
                expected = head(feats, [sample(shape)])
                for value, of_one in zip(outputs, expected, strict=True):
                    torch.testing.assert_close(value, of_one[0], atol=1e-5, rtol=1e-4)

    def test_padding_is_not_read(self):
        head, samples = make(), [sample((40, 40), batch_input_shape=(64, 64))]
        first = padded([features(40, 40)], 64, 64)
        second = [feat.where(feat != 9, torch.tensor(-5.0)) for feat in first]
        assert any((a != b).any() for a, b in zip(first, second, strict=True))
        with torch.no_grad():
            torch.testing.assert_close(head(first, samples), head(second, samples))

    @pytest.mark.parametrize('mode', ['float', 'autocast', 'bfloat16'])
    def test_precisions(self, mode):
        head, feats = make(), features(40, 56)
        if mode == 'bfloat16':
            head, feats = head.bfloat16(), [feat.bfloat16() for feat in feats]
        autocast = torch.autocast('cpu', torch.bfloat16, enabled=mode == 'autocast')
        with autocast, torch.no_grad():
            logits, boxes, _ = head(feats)
        assert logits.isfinite().all()
        assert boxes.dtype == torch.float32
        preds = predict(head, feats, [sample((40, 56))])
        assert preds[0].keypoints.dtype == np.float32

    def test_export(self):
        head, feats = make(), features(40, 56)
        exported = torch.export.export(head, (feats,)).module()
        with torch.no_grad():
            torch.testing.assert_close(exported(feats), head(feats))

    @pytest.mark.slow
    def test_the_graph_does_not_break(self):
        head, feats, samples = make(), features(40, 56), [sample((40, 50))]
        compiled = torch.compile(head, fullgraph=True, backend='eager')
        with torch.no_grad():
            torch.testing.assert_close(compiled(feats, samples), head(feats, samples))

    def test_number_of_maps(self):
        with pytest.raises(ValueError, match='got 1 feature maps and expects num_feature_levels=2'):
            make()(features(40, 56)[:1])


class TestTwoStages:
    def test_proposals(self):
        mask = torch.zeros(1, 10, dtype=torch.bool)
        mask[:, [2, 3, 6, 7, 9]] = True  # the picture fills the left half of the maps
        logits, blank = cell_proposals(mask, [(2, 4), (1, 2)])
        assert torch.equal(blank, mask)
        boxes = logits.sigmoid()[0]
        torch.testing.assert_close(boxes[0], torch.tensor([0.25, 0.25, 0.05, 0.05]))
        torch.testing.assert_close(boxes[5], torch.tensor([0.75, 0.75, 0.05, 0.05]))
        torch.testing.assert_close(boxes[8], torch.tensor([0.5, 0.5, 0.1, 0.1]))
        torch.testing.assert_close(boxes[9], torch.ones(4))

    def test_cells_at_the_border_are_blank(self):
        # centres lie at 0.5 / 100 and so on
        logits, blank = cell_proposals(torch.zeros(1, 100, dtype=torch.bool), [(1, 100)])
        assert blank[0].nonzero().flatten().tolist() == [0, 99]
        assert logits[0, 0].isinf().all()
        assert logits[0, 1:99].isfinite().all()

    def select(self, scores, mask=None, **kwargs):
        """What three queries start with where each cell tells its scores and its index."""
        head = make(num_queries=3, **kwargs)
        tokens = torch.zeros(1, len(scores), C)
        tokens[0, :, :2] = torch.tensor(scores)
        tokens[0, :, 2] = torch.arange(len(scores))
        with torch.no_grad():
            for linear in (head.enc_out_class_embed, head.enc_out_bbox_embed.layers[-1]):
                linear.weight.zero_()
                linear.bias.zero_()
            head.enc_out_class_embed.weight.copy_(torch.eye(2, C))
        head.gen_encoder_output_proposals = lambda *args: (tokens, torch.zeros(1, len(scores), 4))
        mask = torch.zeros(1, len(scores), dtype=torch.bool) if mask is None else mask
        return head.pre_decoder(tokens, mask, [(1, len(scores))])

    SCORES = ((0.0, 1.0), (5.0, 0.0), (0.0, 7.0), (3.0, 3.0), (9.0, 9.0))

    def test_the_best_cells_are_chosen(self):
        padding = torch.tensor([[False, False, False, False, True]])
        query, references, states, boxes = self.select(self.SCORES, padding)
        assert query[0, :, 2].tolist() == [2, 1, 3]
        assert torch.equal(states, query)
        torch.testing.assert_close(references, torch.zeros(1, 3, 4))
        torch.testing.assert_close(boxes, torch.full((1, 3, 4), 0.5))

    def test_all_cells_may_be_told_of(self):
        query, _, states, boxes = self.select(self.SCORES, two_stage_keep_all_tokens=True)
        assert query[0, :, 2].tolist() == [4, 2, 1]
        assert (states.shape[1], boxes.shape[1]) == (5, 5)

    def test_what_is_chosen_is_not_learned_by_the_second_stage(self):
        query, references, _, boxes = self.select(self.SCORES)
        assert not query.requires_grad
        assert not references.requires_grad
        assert boxes.requires_grad

    def test_pictures_with_fewer_cells_than_queries(self):
        head, feats = make(num_queries=20), features(16, 16)
        preds = predict(head, feats, [sample((16, 16))])
        assert preds[0].keypoints.shape == (2, K, 2)
        tokens, proposals = head.gen_encoder_output_proposals(
            torch.zeros(1, 5, C), torch.zeros(1, 5, dtype=torch.bool), [(2, 2), (1, 1)]
        )
        assert tokens.shape[1] == proposals.shape[1] == 20
        assert proposals[0, 5:].isinf().all()


class TestDenoising:
    def test_masks_and_queries(self):
        head = make().train()
        samples = [sample((40, 56), 2), sample((40, 56), 0)]
        label, bbox, humandet, human2pose, mask_dict = head.prepare_for_denosing(samples, 'cpu')
        assert tuple(label.shape) == (2, DENOISING, C)
        assert tuple(bbox.shape) == (2, DENOISING, 4)
        assert mask_dict['pad_size'] == DENOISING
        torch.testing.assert_close(mask_dict['known_bboxs'][0], torch.full((DENOISING, 4), 0.5))
        # those of both heads of a picture stand behind each other
        among = denoising_mask([2, 2, 0, 0], DENOISING, 'cpu')
        N = DENOISING + QUERIES
        assert tuple(humandet.shape) == (4, N, N)
        assert torch.equal(humandet[:, :DENOISING, :DENOISING], among)
        assert humandet[:, DENOISING:, :DENOISING].all()
        assert not humandet[:, :, DENOISING:].any()
        to_pose = human_to_pose_mask(GROUPS, K, 'cpu')
        assert torch.equal(human2pose[:, :DENOISING, :DENOISING], among)
        assert torch.equal(human2pose[3, DENOISING:, DENOISING:], to_pose)
        assert not human2pose[:, :DENOISING, DENOISING:].any()

    def test_boxes_are_given_as_logits(self):
        cfg = dict(dn_box_noise_scale=0, dn_label_noise_ratio=0)
        head = make(denosing_cfg=cfg).train()
        label, bbox, *_ = head.prepare_for_denosing([sample((40, 56), 1)], 'cpu')
        torch.testing.assert_close(bbox, torch.zeros(1, DENOISING, 4))
        torch.testing.assert_close(label, head.label_enc.weight[1].expand(1, DENOISING, -1))

    def test_there_are_none_in_evaluation(self):
        *nothing, human2pose, mask_dict = make().prepare_for_denosing(None, 'cpu')
        assert nothing == [None] * 3
        assert mask_dict is None
        assert torch.equal(human2pose, human_to_pose_mask(GROUPS, K, 'cpu'))
        without = make(denosing_cfg=None).train()
        assert without.prepare_for_denosing([sample((8, 8), 1)], 'cpu')[0] is None
        assert not any('label_enc' in name for name in without.state_dict())

    def test_they_do_not_change_what_is_predicted(self):
        head, feats = make(), features(40, 56, 2)
        samples = [sample((40, 56), 2), sample((40, 56), 0)]
        with torch.no_grad():
            expected = head(feats, samples)
            outputs = head.train()(feats, samples)
        torch.testing.assert_close(outputs, expected)

    def test_gradients_reach_every_parameter(self):
        head = make().train()
        samples = [sample((40, 56), 2), sample((40, 56), 1)]
        results = head.forward_decoder(**head.forward_encoder(features(40, 56, 2), samples))
        outputs = [head.enc_out_class_embed(results['hidden_states_enc']), results['referens_enc']]
        for i, state in enumerate(results['hidden_states']):
            num_denoising = results['mask_dict']['pad_size']
            references = results['references'][i]
            layer = head.out_head.layer_outputs(i, state, references, num_denoising)
            outputs += [each for each in layer if each is not None]
        sum(each.square().sum() for each in outputs).backward()
        without = {
            name for name, p in head.named_parameters() if p.grad is None or not p.grad.any()
        }
        # References learn nothing, as each layer learns its own step alone. So what makes only
        # references has no part in what comes out.
        assert without == {
            name
            for name, _ in head.named_parameters()
            if name == 'decoder.hw.weight'
            or name.startswith(('decoder.pose_embed.2.', 'decoder.pose_hw_embed.'))
        }


class TestPredict:
    def test_instances_in_pixels(self):
        head, feats = make(), features(40, 56)
        with torch.no_grad():
            logits, boxes, keypoints = head(feats)
        (pred,) = predict(head, feats, [sample((40, 56))])
        best = logits[0].flatten().argmax() // 2
        expected = keypoints[0, best, : 2 * K].view(K, 2) * torch.tensor([56, 40])
        np.testing.assert_allclose(pred.keypoints[0], expected, rtol=1e-5)
        cx, cy, w, h = (boxes[0, best] * torch.tensor([56, 40, 56, 40])).tolist()
        box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]
        np.testing.assert_allclose(pred.bboxes[0], box, rtol=1e-4)
        score = logits[0].max().sigmoid()
        np.testing.assert_allclose(pred.keypoint_scores[0], [score] * K, rtol=1e-6)
        np.testing.assert_allclose(pred.bbox_scores, pred.keypoint_scores[:, 0])

    def test_a_batch_gives_the_same_as_one_by_one(self):
        head = make()
        shapes = [(40, 56), (64, 30)]
        alone = [features(*shape, seed=i) for i, shape in enumerate(shapes)]
        together = predict(head, padded(alone, 64, 56), [sample(shape) for shape in shapes])
        for feats, shape, pred in zip(alone, shapes, together, strict=True):
            (expected,) = predict(head, feats, [sample(shape)])
            for name in ('keypoints', 'keypoint_scores', 'bboxes', 'bbox_scores'):
                np.testing.assert_allclose(pred[name], expected[name], rtol=1e-4, atol=1e-3)

    def test_nothing_to_decode(self):
        empty = torch.zeros(1, 0, 2), torch.zeros(1, 0, 4), torch.zeros(1, 0, 3 * K)
        (pred,) = make().decode([(40, 56)], *empty)
        shapes = {name: value.shape for name, value in pred.items()}
        assert shapes == dict(
            keypoints=(0, K, 2), keypoint_scores=(0, K), bboxes=(0, 4), bbox_scores=(0,)
        )

    def test_mirror_images_show_further_humans(self):
        head, samples = make(), [sample((32, 40), flip_indices=[1, 0])]
        feats, mirrored = features(32, 40), features(32, 40, seed=1)
        cfg = dict(flip_test=True, nms_thr=0.999)
        (pred,) = predict(head, [feats, mirrored], samples, **cfg)
        (plain,), (other,) = (predict(head, x, samples) for x in (feats, mirrored))
        assert len(pred) == len(plain) + len(other)
        assert (np.diff(pred.bbox_scores) <= 0).all()
        (found,) = (pred.bbox_scores == other.bbox_scores[0]).nonzero()[0]
        expected = [39, 0] + [-1, 1] * other.keypoints[0, ::-1]  # the keypoints change places
        np.testing.assert_allclose(pred.keypoints[found], expected, rtol=1e-5)
        expected = [39, 0, 39, 0] + [-1, 1, -1, 1] * other.bboxes[0, [2, 1, 0, 3]]
        np.testing.assert_allclose(pred.bboxes[found], expected, rtol=1e-5)

    def test_views_that_cannot_be_joined(self):
        head, views = make(), [features(8, 8)] * 2
        with pytest.raises(NotImplementedError, match='set `multiscale_test=False` in test_cfg'):
            predict(head, views, [sample((8, 8))], multiscale_test=True)
        padded = [sample((7, 8), batch_input_shape=(8, 8), flip_indices=[1, 0])]
        with pytest.raises(ValueError, match=r'img_shape \[\(7, 8\)\], .* `pad_size_divisor=1`'):
            predict(head, views, padded, flip_test=True, nms_thr=0.5)
        with pytest.raises(ValueError, match=r'nms_thr is 1.0, which keeps all of them'):
            predict(head, views, padded, flip_test=True)

    def test_a_codec_is_needed(self):
        with pytest.raises(RuntimeError, match=r'has no codec .* set `data_decoder`'):
            predict(make(data_decoder=None), features(8, 8), [sample((8, 8))])


def test_within_an_estimator():
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='BottomupPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor', pad_size_divisor=8),
            backbone=dict(
                type='ResNet', depth=18, base_channels=8, stem_channels=8, out_indices=(1, 2)
            ),
            neck=dict(type='ChannelMapper', in_channels=[16, 32], out_channels=C, kernel_size=1),
            head=deepcopy(CONFIG),
        )
    ).eval()
    sizes = [(40, 52), (64, 32)]
    images = [torch.randint(0, 256, (3, *size), dtype=torch.uint8) for size in sizes]

    def run(*indices):
        samples = [
            sample(
                sizes[i],
                input_size=sizes[i][::-1],
                input_center=np.array(sizes[i][::-1]) / 2,
                input_scale=np.array(sizes[i][::-1]),
            )
            for i in indices
        ]
        data = dict(inputs=[images[i] for i in indices], data_samples=samples)
        with torch.no_grad():
            return model(**model.data_preprocessor(data), mode='predict')

    for i, both in enumerate(run(0, 1)):
        (alone,) = run(i)
        assert both.pred_instances.keypoints.shape == (2, K, 2)
        for name, values in alone.pred_instances.items():
            np.testing.assert_allclose(both.pred_instances[name], values, rtol=1e-4, atol=1e-3)


def test_there_is_no_loss():
    with pytest.raises(NotImplementedError, match='no training loss'):
        make().loss(features(8, 8), [sample((8, 8), 1)])


def published_head():
    """The head of the published ResNet-50 model."""
    attn = dict(embed_dims=256, num_heads=8, batch_first=True)
    ffn = dict(embed_dims=256, feedforward_channels=2048)
    with torch.device('meta'):
        return EDPoseHead(
            num_queries=900,
            as_two_stage=True,
            encoder=dict(
                num_layers=6, layer_cfg=dict(self_attn_cfg=dict(attn, num_levels=4), ffn_cfg=ffn)
            ),
            decoder=dict(
                num_layers=6,
                layer_cfg=dict(
                    self_attn_cfg=attn,
                    cross_attn_cfg=dict(embed_dims=256, batch_first=True),
                    ffn_cfg=ffn,
                ),
            ),
            out_head=dict(num_classes=2),
            positional_encoding=dict(num_pos_feats=128),
            denosing_cfg=dict(dn_labelbook_size=100),
        )


def test_published_names():
    state = published_head().state_dict()
    linear = {
        'encoder.layers.5': ('self_attn.sampling_offsets', 'ffn.layers.0.0', 'norms.1'),
        'decoder.layers.5': ('cross_attn.value_proj', 'self_attn.attn.out_proj', 'norms.2'),
        'decoder': ('norm', 'ref_point_head.layers.0', 'ref_point_head.layers.1'),
    }
    for part in ('decoder', 'out_head'):
        linear[part] = (
            *linear.get(part, ()), 'class_embed.5', 'bbox_embed.5.layers.2',
            'pose_embed.4.layers.2', 'pose_hw_embed.3.layers.2',
        )  # fmt: skip
    names = {f'{part}.{n}.{kind}' for part in linear for n in linear[part]
             for kind in ('weight', 'bias')}  # fmt: skip
    first_stage = ('memory_trans_fc', 'memory_trans_norm', 'enc_out_class_embed')
    names |= {f'{name}.{kind}' for name in first_stage for kind in ('weight', 'bias')}
    names |= {'enc_out_bbox_embed.layers.2.weight', 'level_embed', 'label_enc.weight'}
    names |= {'decoder.hw.weight', 'decoder.keypoint_embed.weight'}
    assert names <= set(state)
    # by the sizes of layers: 6 of the encoder, 6 of the decoder, and what stands around them
    assert len(state) == 6 * 16 + 6 * 22 + (2 + 4 + 2) + 2 * (12 + 36 + 30 + 24) + 2 + 12
    assert tuple(state['label_enc.weight'].shape) == (101, 256)
    assert tuple(state['level_embed'].shape) == (4, 256)
    assert tuple(state['decoder.ref_point_head.layers.0.weight'].shape) == (256, 512)
    assert 'query_embedding.weight' not in state
    learned = set(make(as_two_stage=False).state_dict()) - set(make().state_dict())
    assert learned == {'query_embedding.weight', 'refpoint_embedding.weight'}


def test_checkpoint_round_trip():
    head, other, feats = make(), make(), features(40, 56)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
        other.load_state_dict(head.state_dict())
        torch.testing.assert_close(other(feats), head(feats))


def test_branches_are_shared_where_they_should():
    head = make()
    assert head.decoder.bbox_embed[0] is head.out_head.bbox_embed[0]
    assert head.enc_out_bbox_embed is not head.out_head.bbox_embed[0]
    head = make(dec_pred_class_embed_share=True, dec_pred_bbox_embed_share=True)
    assert head.enc_out_bbox_embed is head.out_head.bbox_embed[2]
    assert head.enc_out_class_embed is head.out_head.class_embed[2]


def test_initial_weights():
    head = make()
    head.init_weights()
    score = torch.full((C,), 0.01)[:2]
    torch.testing.assert_close(head.enc_out_class_embed.bias.sigmoid(), score)
    torch.testing.assert_close(head.out_head.class_embed[1].bias.sigmoid(), score)
    for branch in (head.enc_out_bbox_embed, head.decoder.pose_embed[0]):
        assert not branch.layers[-1].weight.any()
    # places lie in different directions from the reference
    offsets = head.encoder.layers[0].self_attn.sampling_offsets
    assert not offsets.weight.any()
    assert offsets.bias.any()
    assert head.default_init_cfg == []


@pytest.mark.parametrize(
    ('kwargs', 'error'),
    [
        (dict(encoder=None, out_head=None), 'needs encoder and out_head; give the arguments'),
        (dict(positional_encoding=dict(num_pos_feats=8)), "'positional_encoding': 16"),
        (dict(num_feature_levels=3), "'num_feature_levels': 3, 'num_levels of the encoder': 2"),
        (dict(num_queries=2), 'num_group of the decoder is 3, more than num_queries=2'),
        (dict(refine_queries_num=9), 'num_dn of the decoder is 4 and refine_queries_num is 9'),
        (dict(denosing_cfg=dict(dn_attn_mask_type_list=[])), "must hold 'group2group'"),
    ],
    ids=['missing', 'channels', 'maps', 'groups', 'denoising', 'masks'],
)
def test_errors(kwargs, error):
    with pytest.raises(ValueError, match=error):
        make(**kwargs)
