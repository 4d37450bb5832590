import sys
from types import ModuleType

import pytest
from mmengine.registry import Registry as BaseRegistry

from mmpose import registry as registry_module
from mmpose.registry import HOOKS, MODELS, Registry


@pytest.fixture
def animals():
    parent = BaseRegistry('animal', scope='zoo')
    parent.register_module(name='Zebra', module=dict)
    registry = Registry('animal', parent=parent, scope='farm')
    registry.register_module(name='Horse', module=dict)
    registry.register_module(name='Sheep', module=dict)
    return registry


def test_names_are_its_own_then_its_ancestors(animals):
    assert animals.names() == ['Horse', 'Sheep', 'Zebra']
    assert 'Conv2d' in MODELS.names()


@pytest.mark.parametrize(
    ('name', 'hint'),
    [
        ('horses', "Did you mean 'Horse'?"),
        ('ZEBRAS', "Did you mean 'Zebra'?"),
        ('Xylophone', 'It has: Horse, Sheep.'),
    ],
)
def test_missing_name_gets_a_hint(animals, name, hint):
    assert animals.missing_message(name) == (
        f'{name!r} is not in the farm::animal registry. {hint} A class of your own is found once '
        'its module is imported; list the module in `custom_imports` of the config.'
    )


def test_empty_registry_says_so():
    assert 'It has: nothing yet.' in Registry('thing', scope='farm').missing_message('Cow')


def test_build_of_a_mistyped_name(animals):
    assert animals.build(dict(type='Sheep', wool=1)) == dict(wool=1)
    assert animals.build(dict(type='Zebra')) == {}
    assert animals.build(dict(type=dict, legs=4)) == dict(legs=4)
    with pytest.raises(KeyError, match="'Hors' is not in the farm::animal registry"):
        animals.build(dict(type='Hors'))


def test_build_leaves_other_faults_to_mmengine(animals):
    with pytest.raises(KeyError, match='"type"'):
        animals.build(dict(wool=1))
    with pytest.raises(TypeError):
        animals.build('Sheep')


def test_parts_of_mmengine_are_found():
    assert HOOKS.get('CheckpointHook').__name__ == 'CheckpointHook'


@pytest.fixture
def fresh_imports():
    registry_module._is_absent.cache_clear()
    yield
    registry_module._is_absent.cache_clear()


@pytest.fixture
def without_packages(monkeypatch, fresh_imports):
    """None of the packages whose parts we stand in for, whether installed or not."""

    def absent(name):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name.split('.')[0])

    monkeypatch.setattr(registry_module, 'import_module', absent)


@pytest.mark.parametrize('scope', ['mmdet', 'mmpretrain', 'mmcls'])
def test_our_part_stands_in_for_that_of_an_absent_package(animals, without_packages, scope):
    assert animals.get(f'{scope}.Sheep') is dict
    assert animals.build(dict(type=f'{scope}.Sheep', wool=1)) == dict(wool=1)
    config = dict(type='Sheep', _scope_=scope, wool=1)
    assert animals.build(config) == dict(wool=1)
    assert config == dict(type='Sheep', _scope_=scope, wool=1)
    with pytest.raises(KeyError, match=r"'Horsey' is not in .* Did you mean 'Horse'\?"):
        animals.build(dict(type=f'{scope}.Horsey'))


def test_other_scopes_keep_their_meaning(animals, without_packages):
    assert animals.get('farm.Sheep') is dict
    assert MODELS.get('mmengine.model.BaseModel').__name__ == 'BaseModel'


def test_an_installed_package_has_precedence(monkeypatch, fresh_imports):
    root = BaseRegistry('animal', scope='mmengine')
    ours = Registry('animal', parent=root, scope='farm')
    theirs = BaseRegistry('animal', parent=root, scope='mmdet')
    ours.register_module(name='Sheep', module=dict)
    theirs.register_module(name='Sheep', module=list)
    for name in ('mmdet', 'mmdet.registry'):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert ours.get('mmdet.Sheep') is list
    assert ours.get('Sheep') is dict


def test_a_package_that_fails_to_import_is_replaced_and_named(animals, monkeypatch, fresh_imports):
    def fail(name):
        raise AssertionError('MMCV==2.2.0 is used but incompatible')

    monkeypatch.setattr(registry_module, 'import_module', fail)
    with pytest.warns(UserWarning, match='mmdet is installed but cannot be imported .MMCV==2.2.0'):
        assert animals.get('mmdet.Sheep') is dict
