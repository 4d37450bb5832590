"""What gpu_check.py checks of the small models of all families of heads."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np
import torch
import train_smoke
from mmengine.dataset import pseudo_collate
from small_models import ALL_FAMILIES, FAMILIES, enliven
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

TOLERANCES = dict(outputs=1e-3, losses=1e-3, predictions=0.02)
PIXELS = 0.1  # how far keypoints may lie apart and still be the same
# SimOTA gives instances as many cells as predictions ask for, which the host has to know
ALLOWED_WAITS = {'YOLOX-Pose': 1, 'RTMO': 1}
NO_DECODER = ('YOLOX-Pose', 'RTMO', 'ED-Pose')
TEST_CFG = {
    'heatmap, UDP combined': dict(flip_mode='udp_combined'),
    'lifting, image': dict(flip_test=False),  # its keypoints are normalised one by one
    'DEKR': dict(nms_dist_thr=0.05),
    **{name: dict(nms_thr=0.65) for name in NO_DECODER},
}


def build(name: str, device: str) -> nn.Module:
    """A family's model, the same at each call."""
    model = train_smoke.build(ALL_FAMILIES[name])
    if hasattr(model, 'head'):  # unlike distillers, which predict with their students
        model.test_cfg = dict(flip_test=True) | TEST_CFG.get(name, {})
        enliven(model)
    return model.to(device)


def batch(name: str, model: nn.Module, training: bool = True) -> dict:
    """A family's samples as the model gets them, on its device."""
    samples = copy.deepcopy(train_smoke.packed(ALL_FAMILIES[name]))
    data = model.data_preprocessor(pseudo_collate(samples), training)
    if isinstance(data['inputs'], list):  # tracks
        data['inputs'] = torch.stack(data['inputs'])
    return data


def differences(name: str, device: str) -> dict[str, float]:
    """How far a device is from the CPU, by the keys of :data:`TOLERANCES`."""
    ours, theirs = (_results(name, where) for where in ('cpu', device))
    compare = dict(predictions=_missing_share).get
    return {
        what: compare(what, _relative_difference)(ours[what], theirs[what]) for what in TOLERANCES
    }


@torch.no_grad()
def _results(name: str, device: str) -> dict[str, list]:
    model = build(name, device).eval()
    data = batch(name, model, training=False)
    outputs = model(data['inputs'], data['data_samples'])
    samples = model(**data, mode='predict')
    losses = {}
    if name in FAMILIES:
        model = build(name, device).train()
        losses = model(**batch(name, model), mode='loss')
    return dict(
        outputs=_on_cpu(outputs),
        losses=_on_cpu(losses),
        predictions=[np.asarray(sample.pred_instances.keypoints) for sample in samples],
    )


def _on_cpu(values: object) -> list[Tensor]:
    tensors = (x for x in tree_leaves(values) if isinstance(x, Tensor))
    return [x.detach().cpu().double() for x in tensors]


def _relative_difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The greatest difference, in units of the greatest value of its tensor."""
    if [x.shape for x in ours] != [x.shape for x in theirs]:
        return float('inf')
    pairs = [(x, y) for x, y in zip(ours, theirs, strict=True) if x.numel()]
    return max(
        (float((x - y).abs().max() / x.abs().max().clamp(min=1e-12)) for x, y in pairs), default=0.0
    )


def _missing_share(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    """The share of keypoints of single poses, or of poses of many, that have no counterpart."""
    missing = total = 0
    for first, second in zip(ours, theirs, strict=True):
        if len(first) == len(second) == 1:  # two cells that are alike may fall either way
            far = np.linalg.norm(first - second, axis=-1) > PIXELS
            missing, total = missing + far.sum(), total + far.size
            continue
        rows, columns = (torch.as_tensor(x).double().flatten(1) for x in (first, second))
        close = torch.cdist(rows, columns, p=torch.inf) <= PIXELS
        missing += int((~close.any(1)).sum() + (~close.any(0)).sum())
        total += len(rows) + len(columns)
    return float(missing / max(total, 1))


@contextmanager
def sync_debug_mode(mode: str):
    """Let operations that make the host wait for the GPU warn, or fail."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode(mode)
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode('default')


def waits(function: Callable[[], object]) -> int:
    """How often a function makes the host wait for the GPU."""
    with warnings.catch_warnings(record=True) as caught, sync_debug_mode('warn'):
        warnings.simplefilter('always')
        function()
    return sum('synchroniz' in str(warning.message) for warning in caught)


def waits_of_a_step(name: str, device: str) -> int:
    """Those of a forward and a backward pass, for data that are on the GPU."""
    model = build(name, device).train()
    data = batch(name, model)

    def step() -> None:
        losses = model(**data, mode='loss')
        sum(loss.sum() for loss in losses.values() if loss.requires_grad).backward()

    step()  # what stays on the device is copied there in the first step
    return waits(step)


def decodes_without_waiting(name: str, device: str) -> bool | None:
    """Whether ``decode_tensors`` of the head's codec does; ``None`` where there is none."""
    model = build(name, device).eval()
    model = getattr(model, 'student', model)
    head = getattr(model.head, 'pose_head', model.head)  # that of VisPredictHead
    if name in NO_DECODER or not head.decoder.support_tensor_decoding:
        return None
    with torch.no_grad():
        feats = model.extract_feat(batch(name, model, training=False)['inputs'])
        outputs = head.decoder_input(head.final_outputs(feats, {}))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        head.decoder.decode_tensors(*outputs)
        try:
            with sync_debug_mode('error'):
                head.decoder.decode_tensors(*outputs)
        except RuntimeError as error:
            if 'synchroniz' not in str(error):
                raise
            return False
    return True


def trains(name: str, dtype: torch.dtype, steps: int = 3) -> bool | None:
    """Whether the losses of some steps are finite; ``None`` for heads without a loss."""
    if name not in FAMILIES:
        return None
    return train_smoke.train(FAMILIES[name], steps, dtype).finite
