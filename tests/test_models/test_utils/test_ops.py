import warnings

import numpy as np
import pytest
import torch
from mmcv.cnn import build_norm_layer

from mmpose.models.utils.ops import (
    FrozenBatchNorm2d,
    inverse_sigmoid,
    resize,
    tensor_beside,
    to_float32,
)


def test_resize_interpolates():
    x = torch.tensor([[[[0.0, 2.0]]]])
    assert resize(x, size=(1, 4)).flatten().tolist() == [0, 0, 2, 2]
    assert resize(x, scale_factor=2, mode='bilinear')[0, 0, 0].tolist() == [0, 0.5, 1.5, 2]


def test_resize_warns_of_uneven_steps():
    x = torch.zeros(1, 1, 4, 4)
    with pytest.warns(UserWarning, match=r'resamples \(4, 4\) to \(8, 8\) by an uneven step; a '):
        resize(x, size=(8, 8), mode='bilinear', align_corners=True)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        resize(x, size=(7, 7), mode='bilinear', align_corners=True)
        resize(x, size=(8, 8), mode='bilinear', align_corners=True, warning=False)
        resize(x, size=(8, 8), mode='bilinear')


def test_to_float32_casts_half_only():
    dtypes = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    assert [to_float32(torch.zeros(1, dtype=t)).dtype for t in dtypes] == [
        torch.float32, torch.float32, torch.float32, torch.float64]  # fmt: skip


def test_tensor_beside():
    other = torch.zeros(1, device='meta')
    assert tensor_beside([1, 2], other).device == other.device
    assert tensor_beside(np.float64([1]), torch.ones(1)).dtype == torch.float64
    found = tensor_beside([1, 2], torch.ones(1), dtype=torch.float32)
    torch.testing.assert_close(found, torch.tensor([1.0, 2.0]))


def test_inverse_sigmoid():
    x = torch.tensor([0.5, 0.8, 0.0, 1.0, -1.0, 2.0])
    ends = torch.tensor(0.001).log()  # of the least probability, over one
    expected = torch.stack([torch.tensor(0.0), torch.tensor(4.0).log(), ends, -ends, ends, -ends])
    torch.testing.assert_close(inverse_sigmoid(x), expected)
    torch.testing.assert_close(inverse_sigmoid(x, eps=0.1)[2:4], torch.tensor([0.1, 10.0]).log())
    logits = torch.linspace(-5, 5, 11)
    torch.testing.assert_close(inverse_sigmoid(logits.sigmoid()), logits)


def test_frozen_batch_norm():
    torch.manual_seed(0)
    norm, frozen = torch.nn.BatchNorm2d(3).eval(), FrozenBatchNorm2d(3).train()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    frozen.load_state_dict(norm.state_dict())  # which has a counter more
    x = torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(frozen(x), norm(x))
    assert list(frozen.parameters()) == []
    assert sorted(frozen.state_dict()) == ['bias', 'running_mean', 'running_var', 'weight']


def test_frozen_batch_norm_by_hand():
    norm = FrozenBatchNorm2d(1, eps=0)
    norm.running_mean.fill_(1)
    norm.running_var.fill_(4)
    norm.weight.fill_(6)
    norm.bias.fill_(0.5)
    assert norm(torch.full((1, 1, 1, 1), 3.0)).item() == 6.5  # (3 - 1) / 2 * 6 + 1 / 2


def test_frozen_batch_norm_by_its_name():
    _, norm = build_norm_layer(dict(type='mmpose.FrozenBatchNorm2d', eps=0.1), 3)
    assert isinstance(norm, FrozenBatchNorm2d)
    assert (norm.eps, norm.weight.shape) == (0.1, (3,))
