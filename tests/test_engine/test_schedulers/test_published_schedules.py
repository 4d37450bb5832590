"""The learning rates of published configs, epoch by epoch, with epochs of 4 iterations."""

from math import cos, pi

import pytest
import torch
from mmengine.config import Config
from torch import nn, optim

from mmpose.registry import PARAM_SCHEDULERS
from mmpose.utils.resources import resource_path

LENGTH = 4  # iterations of an epoch
PEAK, FLOOR = 4e-3, 2e-4


class Training:
    """The schedulers of a config on an optimizer without weights to speak of."""

    def __init__(self, leaf):
        cfg = Config.fromfile(resource_path(f'configs/body_2d_keypoint/{leaf}'))
        self.max_epochs = cfg.train_cfg.max_epochs
        lr = cfg.optim_wrapper.optimizer.lr
        self.optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
        args = dict(optimizer=self.optimizer, epoch_length=LENGTH)
        self.schedulers = [
            PARAM_SCHEDULERS.build(scheduler, default_args=args)
            for scheduler in cfg.param_scheduler
        ]

    def run(self, begin, end):
        """The learning rate of each iteration from epoch ``begin`` to before ``end``."""
        rates = []
        for iteration in range(begin * LENGTH, end * LENGTH):
            rates.append(self.optimizer.param_groups[0]['lr'])
            self.optimizer.step()
            for scheduler in self.schedulers:
                if not scheduler.by_epoch:
                    scheduler.step()
            if iteration % LENGTH == LENGTH - 1:
                for scheduler in self.schedulers:
                    if scheduler.by_epoch:
                        scheduler.step()
        return rates

    def state(self):
        return [part.state_dict() for part in (self.optimizer, *self.schedulers)]

    def load(self, states):
        for part, state in zip((self.optimizer, *self.schedulers), states, strict=True):
            part.load_state_dict(state)


def cosine(start, iterations, epochs):
    """From ``start``, after so many iterations of a half wave of so many epochs."""
    return FLOOR + (start - FLOOR) * (1 + cos(pi * iterations / (epochs * LENGTH))) / 2


YOLOX_POSE = 'yoloxpose/coco/yoloxpose_s_8xb32-300e_coco-640.py'
RTMO = 'rtmo/coco/rtmo-l_16xb16-600e_coco-640x640.py'


def test_yoloxpose():
    rates = Training(YOLOX_POSE).run(0, 300)
    # five epochs, 20 iterations, of warm-up
    assert rates[:20] == pytest.approx([PEAK * ((n + 1) / 20) ** 2 for n in range(20)])
    # a half wave of 280 epochs, of which 275 are gone through
    assert rates[20] == pytest.approx(PEAK)
    assert rates[20 + 140 * LENGTH] == pytest.approx((PEAK + FLOOR) / 2)
    assert rates[20:1120] == pytest.approx([cosine(PEAK, n, 280) for n in range(1100)])
    # 20 steady epochs
    assert rates[1120:] == pytest.approx([cosine(PEAK, 1099, 280)] * 80)
    assert rates[-1] == pytest.approx(2.033e-4, rel=1e-4)


def test_rtmo():
    rates = Training(RTMO).run(0, 600)
    assert rates[:20] == pytest.approx([PEAK * ((n + 1) / 20) ** 2 for n in range(20)])
    low = cosine(PEAK, 1099, 280)
    assert rates[1119] == pytest.approx(low)
    # epoch 280 multiplies by 2.5, from where another half wave of 300 epochs begins with 281
    assert rates[1120:1125] == pytest.approx([2.5 * low] * 5)
    assert rates[1124:2320] == pytest.approx([cosine(2.5 * low, n, 300) for n in range(1196)])
    assert rates[2320:] == pytest.approx([cosine(2.5 * low, 1195, 300)] * 80)


@pytest.mark.parametrize('epoch', [2, 100, 280, 281, 590])
def test_resuming(epoch):
    first = Training(RTMO)
    first.run(0, epoch)
    state = first.state()
    rest = first.run(epoch, 600)
    resumed = Training(RTMO)
    resumed.load(state)
    assert resumed.run(epoch, 600) == rest
