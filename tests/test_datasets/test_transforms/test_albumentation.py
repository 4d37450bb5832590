import sys
from types import ModuleType

import numpy as np
import pytest

from mmpose.datasets.transforms import Albumentation
from mmpose.datasets.transforms.blur_and_dropout import Blur, CoarseDropout, MedianBlur

PICTURE = np.random.RandomState(0).randint(1, 256, (40, 60, 3), dtype=np.uint8)
RTMPOSE = [
    dict(type='Blur', p=0.5),
    dict(type='MedianBlur', p=0.5),
    dict(
        type='CoarseDropout',
        max_holes=1,
        max_height=0.4,
        max_width=0.4,
        min_holes=1,
        min_height=0.2,
        min_width=0.2,
        p=1.0,
    ),
]


@pytest.fixture
def no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, 'albumentations', None)


class StandIn:
    """A transform of the package that adds ``amount`` to the picture."""

    def __init__(self, amount=1, p=1.0):
        self.amount, self.seed = amount, None

    def __call__(self, **data):
        return {name: value + self.amount for name, value in data.items()}


class StandInOneOf:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, **data):
        return self.transforms[-1](**data)


class StandInCompose:
    def __init__(self, transforms):
        (self.transform,) = transforms
        self.seeds = []

    def __call__(self, **data):
        return self.transform(**data)

    def set_random_seed(self, seed):
        self.seeds.append(seed)


@pytest.fixture
def package(monkeypatch):
    """A package whose every transform adds to the picture, so that its use can be seen."""
    module = ModuleType('albumentations')
    module.__version__ = '9.9'
    module.Compose, module.OneOf = StandInCompose, StandInOneOf
    module.Add = module.Blur = StandIn
    monkeypatch.setitem(sys.modules, 'albumentations', module)
    return module


@pytest.mark.usefixtures('no_package')
class TestWithoutThePackage:
    def test_recipe_of_rtmpose(self):
        transform = Albumentation(RTMPOSE)
        assert [type(step) for step in transform._steps] == [Blur, MedianBlur, CoarseDropout]
        np.random.seed(1)
        first = transform(dict(img=PICTURE, id=3))
        np.random.seed(1)
        second = transform(dict(img=PICTURE))
        np.testing.assert_array_equal(first['img'], second['img'])
        assert first.keys() == {'img', 'id'}
        dropped = (first['img'] == 0).all(axis=-1).sum()
        assert 8 * 12 <= dropped <= 16 * 24

    def test_other_key(self):
        blur = dict(type='Blur', blur_limit=3, p=1.0)
        results = Albumentation([blur], keymap=dict(crop='image'))(dict(img=PICTURE, crop=PICTURE))
        assert results['img'] is PICTURE
        np.testing.assert_array_equal(results['crop'], Blur().apply(PICTURE, 3))

    def test_others_need_the_package(self):
        message = 'Rotate needs the package Albumentations, `pip install albumentations`; without '
        with pytest.raises(ImportError, match=message + 'it there are Blur, CoarseDropout, Grid'):
            Albumentation([dict(type='Rotate', limit=30)])
        with pytest.raises(ImportError, match='Blur needs the package'):
            Albumentation([dict(type='Blur')], keymap=dict(img='image', mask='mask'))

    def test_wrong_use(self):
        with pytest.raises(
            ValueError, match=r"Blur does not take \['size'\]; it takes \['blur_limit"
        ):
            Albumentation([dict(type='Blur', size=3)])
        with pytest.raises(KeyError, match='of an Albumentations transform has no `type`'):
            Albumentation([dict(p=1)])
        with pytest.raises(KeyError, match=r"Albumentation needs 'img'.*`keymap` names it"):
            Albumentation(RTMPOSE)(dict(id=1))


class TestWithThePackage:
    def test_it_is_used_where_it_knows_the_arguments(self, package):
        transform = Albumentation([dict(type='Add', amount=2), dict(type='Blur', amount=5)])
        assert Albumentation([dict(type='Blur', blur_limit=3)])._steps[0].sides == [3]
        np.testing.assert_array_equal(transform(dict(img=PICTURE))['img'], PICTURE + 7)

    def test_inner_transforms_and_classes(self, package):
        inner = [dict(type='Add', amount=2), dict(type=StandIn, amount=4)]
        transform = Albumentation([dict(type='OneOf', transforms=inner)])
        assert transform(dict(img=1))['img'] == 5

    def test_keys(self, package):
        transform = Albumentation([dict(type='Blur')], keymap=dict(img='image', seg='mask'))
        assert transform(dict(img=1, seg=2, id=3)) == dict(img=2, seg=3, id=3)

    def test_numpy_seeds_it(self, package):
        transform = Albumentation([dict(type='Add')])
        for _ in range(2):
            np.random.seed(4)
            transform(dict(img=1))
            transform(dict(img=1))
        first, second, *again = transform._steps[0].seeds
        assert again == [first, second]
        assert first != second

    def test_wrong_use(self, package):
        with pytest.raises(ValueError, match=r"albumentations 9\.9 has no transform 'Spin'"):
            Albumentation([dict(type='Spin')])
        with pytest.raises(ValueError, match=r"StandIn does not take \['angle'\]"):
            Albumentation([dict(type='OneOf', transforms=[dict(type='Add', angle=3)])])


def test_real_package():
    pytest.importorskip('albumentations', reason='albumentations is not installed')
    turn = dict(type='Rotate', limit=(30, 30), p=1.0)
    transform = Albumentation([dict(type='OneOf', p=1.0, transforms=[turn]), *RTMPOSE])
    np.random.seed(1)
    first = transform(dict(img=PICTURE))['img']
    np.random.seed(1)
    np.testing.assert_array_equal(transform(dict(img=PICTURE))['img'], first)
    assert first.shape == PICTURE.shape
