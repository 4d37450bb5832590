import numpy as np
import pytest
import torch

from mmpose.apis.detectors.published import find_published
from mmpose.registry import MODELS


def untrained(name, num_classes):
    """A network whose boxes have an extent although it is not trained."""
    torch.manual_seed(0)
    model = MODELS.build(find_published(name).config(num_classes)['model']).eval()
    head = model.bbox_head
    with torch.no_grad():
        if name.startswith('rtmdet'):
            for layer in head.rtm_reg:
                layer.bias.fill_(2)
        else:  # it sees large numbers, from 0 to 255
            for layers in ('cls', 'reg', 'obj'):
                for layer in getattr(head, f'multi_level_conv_{layers}'):
                    layer.weight.mul_(0.01)
    return model


@pytest.fixture(scope='session')
def networks():
    return {
        'rtmdet-nano': untrained('rtmdet-nano', 2),
        'yolox-tiny': untrained('yolox-tiny', 2),
    }


@pytest.fixture(scope='session')
def weights(tmp_path_factory, networks):
    """Paths of checkpoints of untrained networks with two classes, by name."""
    folder = tmp_path_factory.mktemp('detectors')
    paths = {}
    for name, network in networks.items():
        paths[name] = str(folder / f'{name}.pth')
        torch.save(dict(meta={}, state_dict=network.state_dict()), paths[name])
    return paths


@pytest.fixture(scope='session')
def pictures():
    rng = np.random.default_rng(0)
    shapes = ((90, 120, 3), (100, 60, 3), (320, 320, 3))
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
