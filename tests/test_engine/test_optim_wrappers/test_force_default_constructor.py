import pytest
from torch import nn

from mmpose.engine.optim_wrappers import ForceDefaultOptimWrapperConstructor
from mmpose.registry import OPTIM_WRAPPER_CONSTRUCTORS

RULES = dict(
    norm_decay_mult=0.0,
    bias_lr_mult=2.0,
    bias_decay_mult=0.0,
    custom_keys={'neck': dict(lr_mult=0.5), 'neck.encoder': dict(lr_mult=0.1, decay_mult=3.0)},
)


def model():
    def block():
        return nn.ModuleDict(dict(conv=nn.Conv2d(1, 1, 1), norm=nn.BatchNorm2d(1)))

    neck = nn.ModuleDict(dict(encoder=block(), fuse=block()))
    return nn.ModuleDict(dict(backbone=block(), neck=neck))


def groups(network, **paramwise_cfg):
    """(lr, weight decay) of each parameter by name, with 1 and 1 for those of the optimizer."""
    cfg = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=1.0, weight_decay=1.0))
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.get('ForceDefaultOptimWrapperConstructor')
    assert constructor is ForceDefaultOptimWrapperConstructor
    wrapper = constructor(cfg, paramwise_cfg or None)(network)
    names = {parameter: name for name, parameter in network.named_parameters()}
    return {
        names[parameter]: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for parameter in group['params']
    }


def test_general_rules_hold_for_custom_keys():
    found = groups(model(), **RULES, force_default_settings=True)
    assert found == {
        'backbone.conv.weight': (1.0, 1.0),
        'backbone.conv.bias': (2.0, 0.0),
        'backbone.norm.weight': (1.0, 0.0),
        'backbone.norm.bias': (1.0, 0.0),
        'neck.encoder.conv.weight': (0.1, 3.0),  # the longest key counts
        'neck.encoder.conv.bias': (2.0, 0.0),
        'neck.encoder.norm.weight': (0.1, 0.0),
        'neck.encoder.norm.bias': (0.1, 0.0),
        'neck.fuse.conv.weight': (0.5, 1.0),
        'neck.fuse.conv.bias': (2.0, 0.0),
        'neck.fuse.norm.weight': (0.5, 0.0),
        'neck.fuse.norm.bias': (0.5, 0.0),
    }


def test_without_force_custom_keys_come_first():
    found = groups(model(), **RULES)
    assert found['neck.encoder.norm.weight'] == (0.1, 3.0)
    assert found['neck.fuse.conv.bias'] == (0.5, 1.0)
    assert found['backbone.conv.bias'] == (2.0, 0.0)


def test_shared_parameters_are_passed_over():
    network = model()
    network['again'] = network['neck']['encoder']['conv']
    found = groups(network, **RULES, force_default_settings=True, bypass_duplicate=True)
    assert found['neck.encoder.conv.weight'] == (0.1, 3.0)
    assert len(found) == 12


@pytest.mark.parametrize('cfg', [{}, dict(force_default_settings=True, norm_decay_mult=0.0)])
def test_without_custom_keys(cfg):
    found = groups(model(), **cfg)
    assert found['neck.fuse.norm.weight'] == (1.0, 0.0 if cfg else 1.0)
    assert found['backbone.conv.bias'] == (1.0, 1.0)
