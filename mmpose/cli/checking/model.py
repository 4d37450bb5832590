"""Whether the model of a config takes its data, tried with two items."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpose.cli.preflight import HEADS_BY_KEYPOINT, is_local
from mmpose.registry import MODELS

from .loading import OpenLoader
from .report import Report, examples

if TYPE_CHECKING:
    from torch import Tensor, nn

    from mmpose.structures import PoseDataSample

PLACE = 'model'


@dataclass
class ModelFacts:
    """What is known of the model.

    Attributes:
        type: Its class, and those of backbone, neck and head.
        parameters: Of the model; ``None`` if it could not be built.
        trainable: Those that training changes.
        outputs: The shapes of what the head returns for one item.
        losses: By name, for an untrained model.
    """

    type: str
    parameters: int | None = None
    trainable: int | None = None
    outputs: list[list[int]] = field(default_factory=list)
    losses: dict[str, float] = field(default_factory=dict)


def build_model(cfg: Mapping, report: Report) -> tuple[nn.Module | None, ModelFacts]:
    """The model with random weights, or ``None``, and what is known of it."""
    facts, model = ModelFacts(_types(cfg.model)), None
    for place, path in _weight_files(cfg.model, PLACE):
        report.fault(place, f'the weights {path} do not exist; put the file there, or remove it.')
    with report.part(PLACE):
        model = MODELS.build(copy.deepcopy(cfg.model))
        parameters = list(model.parameters())
        facts.parameters = sum(p.numel() for p in parameters)
        facts.trainable = sum(p.numel() for p in parameters if p.requires_grad)
    return model, facts


def _types(cfg: Mapping) -> str:
    parts = [cfg, *(cfg.get(key) for key in ('backbone', 'neck', 'head'))]
    kinds = [part['type'] for part in parts if part and 'type' in part]
    return ', '.join(getattr(kind, '__name__', str(kind)) for kind in kinds)


def _weight_files(cfg: Any, place: str) -> Iterator[tuple[str, str]]:
    """Place and path of local weights to begin with that are not there."""
    if isinstance(cfg, Mapping):
        path = cfg.get('checkpoint')
        is_file = cfg.get('type') == 'Pretrained' and isinstance(path, str) and is_local(path)
        if is_file and not Path(path).exists():
            yield place, path
        for key, value in cfg.items():
            yield from _weight_files(value, f'{place}.{key}')
    elif isinstance(cfg, (list, tuple)):
        for i, value in enumerate(cfg):
            yield from _weight_files(value, f'{place}[{i}]')


def try_loss(model: nn.Module, opened: OpenLoader, facts: ModelFacts, report: Report) -> None:
    """Compute the losses of a batch as training does."""
    import torch

    if opened.batch is None:
        return
    with report.part(PLACE), torch.no_grad():
        model.train()
        batch = model.data_preprocessor(copy.deepcopy(opened.batch), True)
        model.eval()
        outputs = model(**batch, mode='tensor')
        facts.outputs = [list(output.shape[1:]) for output in _tensors(outputs)]
        mismatch = _mismatch(model, outputs, batch['data_samples'][0])
        if mismatch:
            report.fault('model.head', mismatch)
    if report.has_fault('model.head'):
        return  # the losses would fail of it
    with report.part(f'{PLACE} (loss)'), torch.no_grad():
        model.train()
        losses = model(**batch, mode='loss')
        facts.losses = {
            name: float(sum(t.mean() for t in _tensors(value))) for name, value in losses.items()
        }
        wrong = {name: value for name, value in facts.losses.items() if not np.isfinite(value)}
        if wrong:
            report.fault(
                f'{PLACE} (loss)',
                f'{wrong} before any training; check the labels and the normalisation.',
            )


def _mismatch(model: nn.Module, outputs: Any, sample: PoseDataSample) -> str | None:
    """How what the head returns differs from what the codec makes; ``None``: it does not."""
    if type(getattr(model, 'head', None)).__name__ not in HEADS_BY_KEYPOINT:
        return None
    fields, labels = sample.get('gt_fields'), sample.get('gt_instance_labels')
    if fields is not None and 'heatmaps' in fields:
        wanted = {'heatmaps': fields.heatmaps}
    elif labels is not None:
        names = ('keypoint_x_labels', 'keypoint_y_labels')
        wanted = {name: labels[name][0] for name in names if name in labels}
    else:
        return None
    returned = _tensors(outputs)[-len(wanted) :]
    for (name, target), output in zip(wanted.items(), returned, strict=False):
        target = target[-1] if isinstance(target, (list, tuple)) else target
        if tuple(target.shape) != tuple(output.shape[1:]):
            return (
                f'it returns {tuple(output.shape[1:])} where the codec makes {name} of '
                f'{tuple(target.shape)}; set out_channels to the number of keypoints, and the '
                'sizes of the codec to those of the network.'
            )
    return None


def try_predict(model: nn.Module, opened: OpenLoader, report: Report) -> Sequence | None:
    """The samples of a batch with predictions, as testing makes them; ``None`` if that fails."""
    import torch

    if opened.batch is None or report.has_fault('model.head'):
        return None
    place, samples = f'{PLACE} (predict, {opened.name})', None
    with report.part(place), torch.no_grad():
        model.eval()
        batch = model.data_preprocessor(copy.deepcopy(opened.batch), False)
        samples = model(**batch, mode='predict')
        expected = opened.dataset.metainfo.get('num_keypoints')
        found = {np.shape(s.pred_instances.keypoints)[-2] for s in samples}
        if expected is not None and found - {expected}:
            report.fault(
                place,
                f'{examples(sorted(found))} keypoints are predicted, but {opened.name}.dataset has '
                f'{expected}; set output_keypoint_indices of test_cfg to those it has.',
            )
    return samples


def _tensors(value: Any) -> list[Tensor]:
    """The tensors in nested sequences and dicts, in order."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in _tensors(part)]
    return [value] if hasattr(value, 'shape') else []
