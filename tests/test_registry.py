import pytest
from mmengine.registry import Registry as BaseRegistry

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
