"""A training whose model notes in each epoch what its hooks have changed."""

import os
from multiprocessing import active_children
from types import SimpleNamespace

import pytest
import torch
from mmengine.dataset import BaseDataset
from mmengine.model import BaseModel
from torch import nn


class Numbers(BaseDataset):
    """Items from 0 to ``length - 1``."""

    def __init__(self, length=2, **kwargs):
        self.length = length
        super().__init__(**kwargs)

    def load_data_list(self):
        return [dict(value=value) for value in range(self.length)]


class Add:
    """Adds to an item, and says where it does so."""

    def __init__(self, number):
        self.number = number

    def __call__(self, sample):
        return dict(value=sample['value'] + self.number, process=os.getpid())


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss_cls = nn.L1Loss()
        self.loss_cls.loss_weight = 1.0
        self.loss_aux = None
        self.use_aux_loss = False
        self.overlaps_power = 0.5

    def loss(self):
        pass


class Model(BaseModel):
    """Has by epoch the values it got, the processes they came from, and settings of its head."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.head = Head()
        self.values, self.processes, self.settings = [], [], []

    def train(self, mode=True):
        if mode:
            head = self.head
            self.values.append([])
            self.processes.append(set())
            self.settings.append(
                (head.use_aux_loss, head.overlaps_power, head.loss_cls.loss_weight)
            )
        return super().train(mode)

    def forward(self, value, process, mode='loss'):
        self.values[-1] += [int(v) for v in value]
        self.processes[-1] |= {*map(int, process), *(child.pid for child in active_children())}
        return dict(loss=self.weight.sum())


def loader(num_workers=0, shuffle=False, **dataset):
    """Config of a loader; the keywords are those of the data set."""
    return dict(
        batch_size=2,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
        sampler=dict(type='DefaultSampler', shuffle=shuffle),
        dataset={**dict(type=Numbers, pipeline=[Add(10)]), **dataset},
    )


@pytest.fixture
def hooked(toy_runner):
    """``train`` runs with hooks and returns the model; the others are what it runs with."""

    def train(*hooks, **kwargs):
        model = Model()
        settings = dict(train_dataloader=loader(), param_scheduler=None, max_epochs=3)
        runner = toy_runner(model=model, custom_hooks=list(hooks), **{**settings, **kwargs})
        runner.train()
        runner.train_dataloader._iterator = None  # ends workers, which would be collected later
        return model

    return SimpleNamespace(train=train, Numbers=Numbers, Add=Add, Head=Head, loader=loader)
