import warnings

import pytest
import torch

from mmpose.models.utils.ops import resize, to_float32


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
