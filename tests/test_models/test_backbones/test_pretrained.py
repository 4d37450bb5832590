import pytest
import torch
from mmengine.model import PretrainedInit
from torch import nn

from mmpose.models.backbones.base_backbone import BaseBackbone
from mmpose.registry import MODELS
from mmpose.utils import checkpoint
from mmpose.utils.checkpoint import CheckpointError

OTHERS = dict(type='Constant', val=3.0, bias=4.0, layer='Linear')


class Toy(BaseBackbone):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg=init_cfg)
        self.first, self.second = nn.Linear(1, 1), nn.Linear(1, 1)

    def convert_pretrained(self, weights):
        return {name.replace('eins', 'first'): value for name, value in weights.items()}

    def forward(self, x):
        return (self.second(self.first(x)),)


@pytest.fixture
def save(tmp_path):
    def save(checkpoint):
        path = str(tmp_path / 'weights.pth')
        torch.save(checkpoint, path)
        return path

    return save


def weights(prefix='', name='eins'):
    return {f'{prefix}{name}.weight': torch.ones(1, 1), f'{prefix}{name}.bias': torch.zeros(1)}


def values(toy):
    return [p.item() for p in toy.parameters()]


@pytest.mark.parametrize('prefix', ['', 'module.', 'backbone.', 'module.backbone.'])
@pytest.mark.parametrize('key', [None, 'state_dict', 'model'])
def test_weights_are_found_and_renamed(save, prefix, key):
    state_dict = weights(prefix)
    if 'backbone' in prefix:  # a head's, which is told apart
        state_dict |= {'head.second.weight': torch.full((1, 1), 9.0)}
    path = save(state_dict if key is None else {key: state_dict, 'epoch': 3})
    toy = Toy(init_cfg=[dict(type='Pretrained', checkpoint=path), OTHERS])
    toy.init_weights()
    # what the file lacks is initialised by the other entries
    assert values(toy) == [1, 0, 3, 4]
    assert [cfg['type'] for cfg in toy.init_cfg] == ['Pretrained', 'Constant']


def test_prefix(save):
    path = save(weights('student.encoder.') | weights('teacher.encoder.', 'second'))
    toy = Toy(init_cfg=dict(type='Pretrained', checkpoint=path, prefix='student.encoder.'))
    toy.init_weights()
    assert values(toy)[:2] == [1, 0]
    toy = Toy(init_cfg=dict(type='Pretrained', checkpoint=path, prefix='backbone'))
    with pytest.raises(CheckpointError, match="nothing under 'backbone'; it has student, teacher"):
        toy.init_weights()


def test_a_file_in_place_of_init_cfg(save):
    toy = Toy(init_cfg=OTHERS)
    second = toy.second.weight.item()
    toy.init_weights(save(weights()))
    assert values(toy)[:3] == [1, 0, pytest.approx(second)]
    assert toy.init_cfg == OTHERS


def test_initialises_once(save):
    path = save(weights())
    toy = Toy(init_cfg=dict(type='Pretrained', checkpoint=path))
    toy.init_weights()
    nn.init.constant_(toy.first.weight, 5.0)
    toy.init_weights()
    assert toy.first.weight.item() == 5


def test_a_part_of_a_model_is_initialised_with_it(save):
    class Model(BaseBackbone):
        def __init__(self):
            super().__init__(init_cfg=OTHERS)
            self.backbone = Toy(init_cfg=dict(type='Pretrained', checkpoint=save(weights())))

        def forward(self, x):
            return self.backbone(x)

    model = Model()
    model.init_weights()
    assert values(model) == [1, 0, 3, 4]


def test_weights_of_another_network_are_refused(save):
    toy = Toy(init_cfg=dict(type='Pretrained', checkpoint=save(dict(other=torch.zeros(1)))))
    with pytest.raises(CheckpointError, match='0 of its 4 parameters were found'):
        toy.init_weights()


def small_resnet(**init_cfg):
    return MODELS.build(dict(type='ResNet', depth=18, base_channels=8, init_cfg=init_cfg))


def scales(backbone):
    """The scales that end the first block of each stage."""
    return [getattr(backbone, f'layer{n}')[0].bn2.weight.unique().tolist() for n in range(1, 5)]


@pytest.mark.parametrize(
    'kind', ['Pretrained', PretrainedInit, 'mmengine.model.PretrainedInit'], ids=str
)
def test_blocks_start_as_the_identity_but_where_weights_are_loaded(save, kind):
    backbone = small_resnet(type='Kaiming', layer='Conv2d')
    assert scales(backbone) == [[1]] * 4
    first_layer = {n: v for n, v in backbone.state_dict().items() if n.startswith('layer1.')}
    path = save(dict(state_dict=first_layer))
    backbone.init_weights()
    assert scales(backbone) == [[0]] * 4

    backbone = small_resnet(type=kind, checkpoint=path)
    backbone.init_weights()
    assert scales(backbone) == [[1], [0], [0], [0]]


def test_weights_of_a_whole_model_are_found_without_a_prefix(save):
    weights = small_resnet(type='Kaiming', layer='Conv2d').state_dict()
    whole = {f'backbone.{n}': v for n, v in weights.items()} | {'head.bias': torch.zeros(1)}
    backbone = small_resnet(type='Pretrained', checkpoint=save(dict(state_dict=whole)))
    backbone.init_weights()
    loaded = backbone.state_dict()
    assert all(torch.equal(loaded[n], v) for n, v in weights.items())


def test_weights_by_their_name_in_a_hub(monkeypatch, tmp_path):
    weights = small_resnet(type='Kaiming', layer='Conv2d').state_dict()
    torch.save(weights | {'fc.weight': torch.zeros(2, 2)}, tmp_path / 'resnet18.pth')
    urls = []

    def download(url):
        urls.append(url)
        return str(tmp_path / 'resnet18.pth')

    monkeypatch.setattr(checkpoint, '_download', download)
    backbone = small_resnet(type='Pretrained', checkpoint='torchvision://resnet18')
    backbone.init_weights()
    assert torch.equal(backbone.conv1.weight, weights['conv1.weight'])
    assert ['download.pytorch.org/models/resnet18-' in url for url in urls] == [True]
