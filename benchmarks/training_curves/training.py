"""The training whose losses are recorded."""

from __future__ import annotations

import copy

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import revert_sync_batchnorm
from mmengine.optim import build_optim_wrapper
from small_models import samples
from torch import nn

from mmpose.registry import MODELS
from mmpose.utils import register_all_modules

from .configs import keypoint_definition, small_config
from .steady import draw_weights, seed, steady
from .table import CURVES

STEPS = 30
PICTURES = 2
TRACKS = 8  # of networks with batch norm, which would make signs of two vectors


def train(family: str, steps: int = STEPS) -> dict[str, list[float]]:
    """The losses of a family's config by name, one number per step.

    All is computed in float64 and on one thread. In float32, rounding decides the sign of those
    gradients that are nearly zero, which Adam makes as long as all others: after one step the
    losses of two machines would differ by a percent.

    Args:
        family: A key of :data:`.CURVES`.
        steps: How often to update the weights.
    """
    register_all_modules()
    config = small_config(family, CURVES[family])
    with steady():
        return losses(build(config), packed(config), config.optim_wrapper, steps)


def losses(model: nn.Module, batch: dict, optim_wrapper: dict, steps: int) -> dict:
    """As :func:`train`, of a model that sees the same batch in all steps."""
    wrapper = build_optim_wrapper(model, optim_wrapper)
    curves: dict[str, list[float]] = {}
    for step in range(steps):
        seed(step)
        logs = model.train_step(copy.deepcopy(batch), wrapper)
        for name, value in logs.items():
            if 'loss' in name and name != 'loss':  # their sum
                curves.setdefault(name, []).append(value.item())
    return curves


def build(config: Config) -> nn.Module:
    """The config's model in float64, with weights that depend on their names alone."""
    model = MODELS.build(copy.deepcopy(config.model))
    model.init_weights()
    model = revert_sync_batchnorm(model).train()
    draw_weights(model)
    model.data_preprocessor.register_forward_hook(lambda module, args, data: _in_float64(data))
    return model.double()


def packed(config: Config) -> dict:
    """Samples after the config's transforms, whose pixels are noise, as a batch.

    Noise takes the place of warped pixels because versions of OpenCV round them differently.
    """
    transforms = Compose(copy.deepcopy(config.pipeline))
    batch = []
    for index, sample in enumerate(_samples(config)):
        seed(index)
        item = transforms(sample)
        if item['inputs'].dtype is torch.uint8:
            pixels = np.random.RandomState(index).randint(0, 256, item['inputs'].shape)
            item['inputs'] = torch.from_numpy(pixels.astype(np.uint8))
        batch.append(item)
    return pseudo_collate(batch)


def _in_float64(data: dict) -> dict:
    """A batch from a data preprocessor, with inputs and targets in float64."""
    inputs, samples = data['inputs'], data['data_samples']
    inputs = torch.stack(inputs) if isinstance(inputs, list) else inputs
    for sample in samples:
        for name in ('gt_fields', 'gt_instance_labels'):
            for key, value in sample.get(name, {}).items():
                if value.is_floating_point():
                    setattr(sample.get(name), key, value.double())
    return dict(inputs=inputs.double(), data_samples=samples)


def _samples(config: Config) -> list[dict]:
    """What the config's data set would hand to its transforms."""
    if config.model.type == 'PoseLifter':
        num_targets = config.dataset.get('multiple_target', 0)
        num_frames = num_targets or config.dataset.get('seq_len', 1)
        count = PICTURES if num_targets else TRACKS
        return samples.tracks(num_frames, num_targets or 1, count)
    definition = keypoint_definition(config.dataset)
    if config.dataset.type == 'InterHand3DDataset':
        return samples.hands(definition['num_keypoints'] // 2)[:PICTURES]
    people = 2 if config.model.type == 'BottomupPoseEstimator' else 1
    return samples.noise(definition, people)[:PICTURES]
