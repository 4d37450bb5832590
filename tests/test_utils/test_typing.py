from typing import get_args

from torch import Tensor

from mmpose.utils import typing


def test_optional_names_allow_none():
    for name in ('OptConfigType', 'OptMultiConfig', 'OptSampleList'):
        assert type(None) in get_args(getattr(typing, name))


def test_features_cover_plain_and_flip_test_passes():
    assert tuple[Tensor, ...] in get_args(typing.Features)
    assert list[tuple[Tensor, ...]] in get_args(typing.Features)
