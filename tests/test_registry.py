import sys
from collections import OrderedDict
from types import ModuleType

import pytest
from mmengine import registry as root
from mmengine.registry import DefaultScope
from mmengine.registry import Registry as BaseRegistry

from mmpose import registry as registry_module
from mmpose.registry import HOOKS, KEYPOINT_CODECS, MODELS, TRANSFORMS, Registry

CODEC = dict(type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(16, 16), sigma=1.5)


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
    registry_module.is_absent.cache_clear()
    yield
    registry_module.is_absent.cache_clear()


@pytest.fixture
def without_packages(monkeypatch, fresh_imports):
    """None of the packages whose parts we stand in for, whether installed or not."""

    def absent(name):
        raise ModuleNotFoundError(f'No module named {name!r}', name=name.split('.')[0])

    monkeypatch.setattr(registry_module, 'import_module', absent)


@pytest.mark.parametrize('scope', ['mmdet', 'mmpretrain', 'mmcls', 'mmyolo'])
def test_our_part_stands_in_for_that_of_an_absent_package(animals, without_packages, scope):
    assert animals.get(f'{scope}.Sheep') is dict
    assert animals.get(f'{scope}.models.Sheep') is dict
    assert animals.build(dict(type=f'{scope}.Sheep', wool=1)) == dict(wool=1)
    config = dict(type='Sheep', _scope_=scope, wool=1)
    assert animals.build(config) == dict(wool=1)
    assert config == dict(type='Sheep', _scope_=scope, wool=1)


def test_a_part_that_only_an_absent_package_has(animals, without_packages):
    expected = (
        "'mmcls.Horsey' is not in the farm::animal registry under its plain name, and mmcls is not "
        "installed: `pip install onedl-mmpretrain` may provide it. The closest of ours: 'Horse'."
    )
    for config in (dict(type='mmcls.Horsey'), dict(type='Horsey', _scope_='mmcls')):
        with pytest.raises(KeyError) as caught:
            animals.build(config)
        assert caught.value.args[0] == expected
    assert animals.missing_message('mmdet.Xylophone').endswith('may provide it.')


def test_other_scopes_keep_their_meaning(animals, without_packages):
    assert animals.get('farm.Sheep') is dict
    assert MODELS.get('mmengine.model.BaseModel').__name__ == 'BaseModel'


def test_the_scope_mmcv_means_what_mmcv_registers():
    assert TRANSFORMS.get('mmcv.RandomFlip').__module__.startswith('mmcv.')
    assert TRANSFORMS.get('RandomFlip').__module__.startswith('mmpose.')
    assert TRANSFORMS.get('mmcv.transforms.RandomFlip') is TRANSFORMS.get('mmcv.RandomFlip')
    assert TRANSFORMS.get('mmcv.GenerateTarget') is None


@pytest.fixture
def zoo(monkeypatch, fresh_imports):
    """Our registry of a kind, and that of an installed package with a Sheep and a Goat."""

    def make(kind):
        root = BaseRegistry(kind, scope='mmengine')
        ours = Registry(kind, parent=root, scope='farm')
        theirs = BaseRegistry(kind, parent=root, scope='mmdet')
        ours.register_module(name='Sheep', module=dict)
        theirs.register_module(name='Sheep', module=list)
        theirs.register_module(name='Goat', module=set)
        return ours

    for name in ('mmdet', 'mmdet.registry'):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    return make


@pytest.mark.parametrize(('kind', 'part'), [('model', dict), ('transform', list)])
def test_an_installed_package_gives_what_we_lack(zoo, kind, part):
    ours = zoo(kind)
    assert ours.get('mmdet.Sheep') is part
    assert ours.get('Sheep') is dict
    assert ours.get('mmdet.Goat') is set
    assert ours.build(dict(type='Goat', _scope_='mmdet')) == set()
    assert ours.build(dict(type='Sheep', _scope_='mmdet')) == part()
    with pytest.raises(KeyError, match='mmdet, which is installed, does not have it either'):
        ours.build(dict(type='mmdet.Cow'))


def test_a_package_that_fails_to_import_is_named(animals, monkeypatch, fresh_imports):
    def fail(name):
        raise AssertionError('MMCV==2.2.0 is used but incompatible')

    monkeypatch.setattr(registry_module, 'import_module', fail)
    assert animals.get('mmdet.Sheep') is dict
    with pytest.warns(UserWarning, match='mmdet is installed but cannot be imported .MMCV==2.2.0'):
        assert animals.get('mmdet.Cow') is None


@pytest.fixture
def scope_set(monkeypatch):
    """Sets the scope in which names without one are looked up, for one test."""
    monkeypatch.setattr(DefaultScope, '_instance_dict', OrderedDict())
    return lambda name: DefaultScope.get_instance(name, scope_name=name)


@pytest.mark.parametrize('scope', [None, 'mmpose', 'mmengine', 'mmyolo'])
def test_root_registries_build_our_parts(scope, scope_set, without_packages, caplog):
    if scope is not None:
        scope_set(scope)
    hook = root.HOOKS.build(dict(type='SyncNormHook', _scope_='mmdet'))
    assert type(hook).__module__.startswith('mmpose.')
    transform = root.TRANSFORMS.build(dict(type='GenerateTarget', encoder=CODEC))
    assert type(transform).__module__.startswith('mmpose.')
    assert type(KEYPOINT_CODECS.build(CODEC)).__name__ == 'MSRAHeatmap'
    with pytest.raises(KeyError, match="Did you mean 'GenerateTarget'"):
        root.TRANSFORMS.build(dict(type='GenerateTargets', encoder=CODEC))
    assert 'Failed to' not in caplog.text


def test_a_wrong_argument_gets_a_hint():
    with pytest.raises(TypeError, match=r"^ResNet does not take 'dept'\. Did you mean 'depth'"):
        MODELS.build(dict(type='ResNet', dept=50))
    with pytest.raises(TypeError, match=r"^SEResNet does not take 'stile'\. Did you mean 'style'"):
        MODELS.build(dict(type=MODELS.get('SEResNet'), depth=50, stile='pytorch'))
