"""A toy training run that takes milliseconds."""

from itertools import count

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import CheckpointLoader
from torch import nn
from torch.utils.data import DataLoader

from mmpose.engine import PoseRunner

_numbers = count()


class ToyModel(BaseModel):
    """Learns y = x; a sample's factor can spoil the loss."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, inputs, factor, mode='loss', **_):
        error = self.linear(inputs.float()) - inputs
        return dict(loss_kpt=(factor * error**2).mean(), acc_pose=error.mean() * 0 + 1)


@pytest.fixture
def toy_runner(tmp_path, monkeypatch):
    """Builds a runner over the batches with the given loss factors; keywords reach the runner."""
    monkeypatch.setattr(CheckpointLoader, '_schemes', dict(CheckpointLoader._schemes))

    def build(factors=(1.0, 1.0, 1.0), max_epochs=2, model=None, **kwargs):
        data = [dict(inputs=torch.ones(1), factor=torch.tensor([f])) for f in factors]
        settings = dict(
            model=ToyModel() if model is None else model,
            work_dir=str(tmp_path),
            train_dataloader=DataLoader(data, batch_size=1),
            train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
            optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.1)),
            param_scheduler=dict(type='ExponentialLR', gamma=0.5),
            default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval=1)),
            experiment_name=f'toy{next(_numbers)}',
            randomness=dict(seed=0),
            default_scope='mmpose',
            log_level='WARNING',
        )
        return PoseRunner(**{**settings, **kwargs})

    return build
