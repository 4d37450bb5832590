"""Which arguments parts take, and what is told of others."""

from functools import partial

import pytest
from torch import nn

from mmpose.models import SEResNet
from mmpose.signatures import argument_faults, near_names, parameters_of


class Base:
    def __init__(self, size, colour='red'):
        pass


class Child(Base):
    def __init__(self, weight, *, height=1):
        pass


class Open(Base):
    def __init__(self, weight, **others):
        pass


class Silent(Base):
    pass


def function(a, b=1):
    pass


@pytest.mark.parametrize(
    ('part', 'names'),
    [
        (Base, ['size', 'colour']),
        (Silent, ['size', 'colour']),
        (Child, ['weight', 'height']),
        (function, ['a', 'b']),
        (Open, None),  # a class from elsewhere may do anything with the others
        (nn.Module, None),
        (partial(function, 1), ['b']),
        (dict, None),
    ],
)
def test_parameters(part, names):
    parameters = parameters_of(part)
    assert (None if parameters is None else list(parameters)) == names


def test_our_own_classes_pass_the_others_to_their_bases():
    parameters = parameters_of(SEResNet)
    assert list(parameters)[:2] == ['depth', 'se_ratio']
    assert 'norm_eval' in parameters


def test_an_unknown_argument():
    assert list(argument_faults(Base, ['size', 'color'])) == [
        "Base does not take 'color'. Did you mean 'colour'?"
    ]
    assert list(argument_faults(Base, ['size', 'xyz'])) == [
        "Base does not take 'xyz'. It takes size, colour."
    ]
    assert list(argument_faults(Base, ['size', 'colour', 'colours'])) == [
        "Base does not take 'colours'. Did you mean 'colour'?"
    ]


def test_a_missing_argument():
    assert list(argument_faults(Child, [])) == [
        "Child needs 'weight', which the config does not set."
    ]
    assert list(argument_faults(Child, [], supplied=['weight'])) == []
    assert list(argument_faults(Open, ['any'])) == []


def test_a_misspelt_argument_is_one_fault():
    assert list(argument_faults(Child, ['wieght'])) == [
        "Child does not take 'wieght'. Did you mean 'weight'?"
    ]


def test_what_is_read_before_the_part_is_built():
    assert list(argument_faults(Base, ['size', 'priority'], besides=['priority'])) == []


def test_near_names_ignore_case():
    assert near_names('resnett', ['ResNet', 'HRNet', 'VGG']) == ['ResNet']
    assert near_names('resnet', ['ResNet', 'ResNeXt', 'VGG'], 3) == ['ResNet', 'ResNeXt']
    assert near_names('zzz', ['ResNet']) == []
