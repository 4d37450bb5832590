import pytest
import torch
from torch import nn

from mmpose.models.backbones.utils import get_state_dict, load_checkpoint


@pytest.mark.parametrize('prefix', ['', 'module.', 'backbone.', 'module.backbone.'])
@pytest.mark.parametrize('nested', [False, True], ids=['bare', 'nested'])
def test_prefixes_are_dropped(tmp_path, prefix, nested):
    weights = {f'{prefix}weight': torch.ones(1, 2), f'{prefix}bias': torch.zeros(1)}
    path = str(tmp_path / 'weights.pth')
    torch.save(dict(state_dict=weights) if nested else weights, path)
    assert sorted(get_state_dict(path)) == ['bias', 'weight']
    model = nn.Linear(2, 1)
    load_checkpoint(model, path)
    assert (model.weight == 1).all()


def test_strict_loading_refuses_a_difference(tmp_path):
    path = str(tmp_path / 'weights.pth')
    torch.save(dict(weight=torch.ones(1, 2)), path)
    load_checkpoint(nn.Linear(2, 1), path)
    with pytest.raises(RuntimeError, match='does not fit the model'):
        load_checkpoint(nn.Linear(2, 1), path, strict=True)
