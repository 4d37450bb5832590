"""Gradient checkpointing, accumulation, clipping and mixed precision, alone and together."""

import copy

import pytest
import torch
from mmengine.runner.activation_checkpointing import turn_on_activation_checkpointing

from mmpose.engine import AmpOptimWrapper
from mmpose.registry import MODELS
from mmpose.utils import register_all_modules

HRNET = {
    f'stage{branches}': dict(
        num_modules=1,
        num_branches=branches,
        block='BASIC' if branches > 1 else 'BOTTLENECK',
        num_blocks=(2,) * branches,
        num_channels=(8,) * branches,
    )
    for branches in (1, 2, 3, 4)
}
BACKBONES = dict(
    resnet=dict(type='ResNet', depth=50, stem_channels=8, base_channels=8),
    hrnet=dict(type='HRNet', extra=HRNET),
    swin=dict(
        type='SwinTransformer', embed_dims=8, depths=(2, 2), num_heads=(2, 2), window_size=4,
        strides=(4, 2), out_indices=(0, 1), drop_path_rate=0.0,
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def registered():
    register_all_modules()


def gradients(model, x):
    """The gradients of a model, and how many bytes it keeps for the backward pass."""
    kept = []

    def pack(tensor):
        kept.append(tensor.numel() * tensor.element_size())
        return tensor

    torch.manual_seed(0)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = model(x)
    sum(out.square().mean() for out in outputs).backward()
    found = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    return found, sum(kept)


@pytest.mark.parametrize('config', BACKBONES.values(), ids=BACKBONES)
def test_with_cp_keeps_less_and_changes_nothing(config):
    plain, saving = (
        MODELS.build(dict(copy.deepcopy(config), with_cp=with_cp)) for with_cp in (False, True)
    )
    plain.init_weights()
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    (expected, much), (found, little) = (gradients(m.train(), x) for m in (plain, saving))
    assert expected.keys() == found.keys()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert little < 0.8 * much


def test_any_part_can_be_computed_again():
    """``activation_checkpointing`` in a config is for backbones without ``with_cp``."""
    vit = MODELS.build(
        dict(
            type='VisionTransformer', img_size=32, patch_size=8, out_type='featmap',
            with_cls_token=False, arch=dict(
                embed_dims=16, num_layers=3, num_heads=2, feedforward_channels=32
            ),
        )
    )  # fmt: skip
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    expected, much = gradients(vit.train(), x)
    vit.zero_grad()
    turn_on_activation_checkpointing(vit, ['layers.0', 'layers.1', 'layers.2'])
    found, little = gradients(vit, x)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert little < 0.8 * much


@pytest.mark.skipif(torch.cuda.is_available(), reason='figures are those of a CPU')
@pytest.mark.parametrize('with_cp', [False, True])
def test_all_together(with_cp):
    """Two halves of a batch, accumulated, move the weights as the whole batch does."""
    smoke = pytest.importorskip('train_smoke', reason='benchmarks/ are not part of this')
    family = next(iter(smoke.FAMILIES.values()))
    x = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    start = smoke.build(family).backbone.eval()  # batch norm would tell halves from the whole
    for block in start.modules():
        if hasattr(block, 'with_cp'):
            block.with_cp = with_cp

    def moved(parts, counts, wrapper=AmpOptimWrapper, max_norm=0.01):
        model = copy.deepcopy(start)
        optim_wrapper = wrapper(
            optimizer=torch.optim.SGD(model.parameters(), lr=1.0),
            accumulative_counts=counts,
            clip_grad=dict(max_norm=max_norm),
        )
        before = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        for part in x.chunk(parts):
            with optim_wrapper.optim_context(model):
                loss = sum(out.float().square().mean() for out in model(part))
            optim_wrapper.update_params(loss)
        return torch.nn.utils.parameters_to_vector(model.parameters()).detach() - before

    whole, halves = moved(1, 1), moved(2, 2)
    assert whole.norm() == pytest.approx(0.01, rel=1e-3)  # clipped after both halves
    assert halves.norm() == pytest.approx(0.01, rel=1e-3)
    torch.testing.assert_close(halves, whole, rtol=0, atol=3e-4)
    assert torch.cosine_similarity(halves, whole, dim=0) > 0.999
