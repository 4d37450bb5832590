import copy

import pytest
import torch

from mmpose.models.backbones import mobilenet_v2, shufflenet_v1, shufflenet_v2
from mmpose.models.backbones.utils import InvertedResidual, run_block

BLOCKS = dict(
    mobilenet_v2=mobilenet_v2.InvertedResidual(4, 4, stride=1, expand_ratio=2),
    mobilenet_v3=InvertedResidual(4, 4, 8, se_cfg=dict(channels=8, ratio=4)),
    shufflenet_v1=shufflenet_v1.ShuffleUnit(8, 8, groups=2),
    shufflenet_v2=shufflenet_v2.InvertedResidual(8, 8),
)


@pytest.mark.parametrize('name', BLOCKS)
def test_recomputation_changes_neither_outputs_nor_gradients(name):
    torch.manual_seed(0)
    plain = BLOCKS[name]
    saving = copy.deepcopy(plain)
    saving.with_cp = True
    first = torch.randn(2, 8 if 'shuffle' in name else 4, 6, 6, requires_grad=True)
    second = first.detach().clone().requires_grad_()
    outputs = []
    for block, x in ((plain, first), (saving, second)):
        outputs.append(block.train()(x))
        outputs[-1].square().mean().backward()
    assert torch.equal(*outputs)
    assert torch.equal(first.grad, second.grad)
    for (key, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad), key


@pytest.mark.parametrize(
    ('with_cp', 'grad', 'calls'), [(False, True, 1), (True, True, 2), (True, False, 1)]
)
def test_computes_again_only_for_the_backward_pass(with_cp, grad, calls):
    count = 0

    def function(x):
        nonlocal count
        count += 1
        return x.exp()

    x = torch.zeros(1, requires_grad=True)
    with torch.set_grad_enabled(grad):
        y = run_block(function, x, with_cp)
    if grad:
        y.backward()
        assert x.grad.item() == 1.0
    assert count == calls
