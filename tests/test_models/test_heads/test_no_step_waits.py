"""No step of a training makes the host wait for the device, nor does decoding there.

The meta device stands for a GPU. What would have to be read from it, or copied to it from memory
that is not pinned, is counted; a mask as index is an error there.
"""

from collections import Counter
from traceback import extract_stack

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

smoke = pytest.importorskip('train_smoke', reason='benchmarks/ is not part of this installation')

META, CPU = 'meta', 'cpu'
aten = torch.ops.aten
COPIES = (aten._to_copy.default, aten.copy_.default)
# SimOTA gives instances as many cells as predictions ask for: their number has to be known
ASSIGNED = {'YOLOX-Pose': 1, 'RTMO': 1}


def is_on(device, value):
    return isinstance(value, torch.Tensor) and value.device.type == device


class Reads(TorchDispatchMode):
    """Counts values read from the device, and tensors copied to it."""

    def __init__(self, found):
        super().__init__()
        self.found = found

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is aten.nonzero.default and is_on(META, args[0]):
            self.found['nonzero', place()] += 1
            return torch.zeros(3, args[0].ndim, dtype=torch.long, device=META)
        if func is aten._local_scalar_dense.default and is_on(META, args[0]):
            self.found['item', place()] += 1
            return 1
        result = func(*args, **(kwargs or {}))
        waiting = func in COPIES and not (kwargs or {}).get('non_blocking')
        if waiting and is_on(META, result) and any(is_on(CPU, x) for x in args):
            self.found['copy', place()] += 1
        return result


class Lists(TorchFunctionMode):
    """Counts numbers of Python that would be copied to the device, also those in indices."""

    def __init__(self, found):
        super().__init__()
        self.found = found

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func in (torch.tensor, torch.as_tensor, torch.Tensor.new_tensor) and is_on(META, result):
            numbers = args[func is torch.Tensor.new_tensor]
            if not isinstance(numbers, torch.Tensor):
                self.found['tensor', place()] += 1
        if func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__) and is_on(META, args[0]):
            index = args[1] if isinstance(args[1], tuple) else (args[1],)
            if any(isinstance(part, (list, np.ndarray)) or is_on(CPU, part) for part in index):
                self.found['index', place()] += 1
        return result


def place():
    """Where in the package the caller is."""
    frames = [frame for frame in extract_stack() if 'mmpose' in frame.filename.split('/')]
    return f'{frames[-1].filename}:{frames[-1].lineno}' if frames else ''


def waits(model, inputs, samples):
    """What was counted in the second step; the first may copy what stays on the device."""
    for _ in range(2):
        found = Counter()
        with Reads(found), Lists(found):
            losses = model(inputs, samples, mode='loss')
            sum(loss.sum() for name, loss in losses.items() if loss.requires_grad).backward()
    return found


@pytest.mark.parametrize('name', smoke.FAMILIES)
def test_a_step(name):
    family = smoke.FAMILIES[name]
    model = smoke.build(family).train()
    if name == 'CID':
        model.train_cfg['max_train_instances'] = 3  # fewer than there are
    data = model.data_preprocessor(pseudo_collate(smoke.packed(family)), training=True)
    samples = [sample.to(META) for sample in data['data_samples']]
    inputs = data['inputs']
    inputs = (torch.stack(inputs) if isinstance(inputs, list) else inputs).to(META)
    found = waits(model.to(META), inputs, samples)
    assert sum(found.values()) == ASSIGNED.get(name, 0), found


@pytest.mark.parametrize('name', smoke.FAMILIES)
def test_decoding_of_tensors(name):
    """What is predicted is decoded before anybody waits for it."""
    model = smoke.build(smoke.FAMILIES[name]).eval()
    model = getattr(model, 'student', model)  # of a distiller
    head = getattr(model.head, 'pose_head', model.head)  # that of VisPredictHead
    decoder = getattr(head, 'decoder', None)
    if not getattr(decoder, 'support_tensor_decoding', False):
        pytest.skip('its outputs are decoded on the CPU, or without a codec')
    data = model.data_preprocessor(pseudo_collate(smoke.packed(smoke.FAMILIES[name])))
    with torch.no_grad():
        feats = model.extract_feat(data['inputs'])
        outputs = head.decoder_input(head.final_outputs(feats, {}))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    outputs = [output.to(META) for output in outputs]
    decoder.decode_tensors(*outputs)  # what stays on the device is copied there once
    found = Counter()
    with Reads(found), Lists(found):
        decoder.decode_tensors(*outputs)
    assert not found


@pytest.mark.parametrize(
    ('step', 'kind'),
    [
        (lambda x: x * x.sum().item(), 'item'),
        (lambda x: x * bool(x.any()), 'item'),
        (lambda x: x[[0, 1]], 'index'),
        (lambda x: x * x.new_tensor([1.0, 2.0]), 'tensor'),
        (lambda x: x * torch.tensor([1.0, 2.0], device=x.device), 'tensor'),
        (lambda x: x + torch.ones(2).to(x.device), 'copy'),
        (lambda x: x[torch.zeros(2, dtype=torch.long)], 'index'),
        (lambda x: torch.zeros_like(x).copy_(torch.ones(2)) * x, 'copy'),
    ],
)
def test_what_counts(step, kind):
    def model(inputs, samples, mode):
        return dict(loss=step(inputs))

    found = waits(model, torch.ones(2, device=META, requires_grad=True), None)
    assert kind in {kind for kind, _ in found}
