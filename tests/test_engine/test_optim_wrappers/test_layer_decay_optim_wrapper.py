import pytest
from mmengine.optim import build_optim_wrapper
from torch import nn

from mmpose.engine.optim_wrappers import LayerDecayOptimWrapperConstructor
from mmpose.models import build_backbone


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        arch = dict(embed_dims=8, num_layers=2, num_heads=2, feedforward_channels=16)
        cfg = dict(type='VisionTransformer', arch=arch, img_size=32, patch_size=16)
        self.backbone = build_backbone(dict(cfg, out_type='featmap', with_cls_token=False))
        self.head = nn.Conv2d(8, 3, 1)
        self.head.bias.requires_grad = False


def config(**paramwise):
    return dict(
        constructor='LayerDecayOptimWrapperConstructor',
        optimizer=dict(type='AdamW', lr=0.8, weight_decay=0.1),
        paramwise_cfg=paramwise,
    )


def groups(model, **paramwise):
    optimizer = build_optim_wrapper(model, config(**paramwise)).optimizer
    return {group['group_name']: group for group in optimizer.param_groups}


def test_rates_halve_from_the_head_to_the_embeddings():
    rates = {
        name: group['lr']
        for name, group in groups(Model(), num_layers=2, layer_decay_rate=0.5).items()
    }
    assert rates == {
        'layer_0_decay': pytest.approx(0.1),
        'layer_0_no_decay': pytest.approx(0.1),
        'layer_1_decay': pytest.approx(0.2),
        'layer_1_no_decay': pytest.approx(0.2),
        'layer_2_decay': pytest.approx(0.4),
        'layer_2_no_decay': pytest.approx(0.4),
        'layer_3_decay': pytest.approx(0.8),
        'layer_3_no_decay': pytest.approx(0.8),  # the norm after the last block
    }


def test_every_parameter_that_learns_is_in_one_group():
    model = Model()
    found = groups(model, num_layers=2, layer_decay_rate=0.5)
    names = [name for group in found.values() for name in group['param_names']]
    assert sorted(names) == sorted(n for n, p in model.named_parameters() if p.requires_grad)
    assert found['layer_3_decay']['param_names'] == ['head.weight']
    assert 'backbone.pos_embed' in found['layer_0_no_decay']['param_names']


def test_no_weight_decay_for_biases_norms_and_positions():
    for name, group in groups(Model(), num_layers=2).items():
        assert group['weight_decay'] == (0.0 if name.endswith('no_decay') else 0.1)


@pytest.mark.parametrize(
    ('paramwise', 'message'),
    [
        ({}, 'has no num_layers'),
        (dict(num_layers=2, layer_decay_rate=0), 'layer_decay_rate is 0'),
    ],
)
def test_rules_that_cannot_be(paramwise, message):
    with pytest.raises(ValueError, match=message):
        LayerDecayOptimWrapperConstructor(config(), paramwise)


def test_more_blocks_than_said():
    with pytest.raises(ValueError, match=r"num_layers=1, but the backbone has 'backbone.layers.1"):
        groups(Model(), num_layers=1)
