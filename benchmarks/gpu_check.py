"""Every check that needs a GPU: its numbers against the CPU's, waits, precisions, then timings.

    python benchmarks/gpu_check.py                    # all of it, on cuda:0
    python benchmarks/gpu_check.py families RTM CID   # one table, of the families of these names
    python benchmarks/gpu_check.py --device cpu       # the script itself, on a machine without one

Prints a Markdown table for each of ``models``, ``families``, ``nms`` and ``timings``. Exit status 1
when a number is off; without a GPU nothing is checked, and it is 0.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from statistics import median

import torch
from gpu_families import (
    ALLOWED_WAITS,
    TOLERANCES,
    decodes_without_waiting,
    differences,
    trains,
    waits_of_a_step,
)
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import autocast
from small_models import ALL_FAMILIES, FAMILIES
from torchvision.ops import nms as torchvision_nms

from mmpose.evaluation import nms_torch
from mmpose.registry import MODELS
from mmpose.testing import get_packed_inputs
from mmpose.utils import register_all_modules
from mmpose.utils.resources import resource_path

ZOO = 'configs/body_2d_keypoint/topdown_heatmap/coco/'
CONFIGS = {
    'ResNet-50, heatmaps': 'td-hm_res50_8xb64-210e_coco-256x192.py',
    'HRNet-W32, heatmaps': 'td-hm_hrnet-w32_8xb64-210e_coco-256x192.py',
}
COCO = dict(from_file='configs/_base_/datasets/coco.py')


def allow_tf32(allowed):
    """Whether matrices are multiplied faster and less exactly than in float32."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed


def build(name):
    """The model of a zoo config with seeded random weights, on the CPU."""
    config = Config.fromfile(resource_path(ZOO + name)).model
    config.backbone.init_cfg = None
    torch.manual_seed(0)
    model = MODELS.build(dict(config, metainfo=COCO))
    for parameter in model.parameters():  # default heads start too near to 0 to compare
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    return model.eval()


def outputs(model, batch, device):
    """Losses, gradients and predictions on ``device``, moved to the CPU."""
    model = copy.deepcopy(model).to(device)
    data = model.data_preprocessor(copy.deepcopy(batch))
    losses = model(**data, mode='loss')
    losses['loss_kpt'].backward()
    gradient = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    with torch.no_grad():
        heatmaps = model(data['inputs'], mode='tensor')
        samples = model(**data, mode='predict')
    keypoints = torch.cat([torch.as_tensor(s.pred_instances.keypoints) for s in samples])
    found = dict(
        inputs=data['inputs'], heatmaps=heatmaps, loss=losses['loss_kpt'], gradient=gradient,
        keypoints=keypoints,
    )  # fmt: skip
    return {name: value.detach().cpu().double() for name, value in found.items()}


def compare(device):
    """Rows of (model, what, largest difference over the spread, tolerance, verdict)."""
    allow_tf32(False)
    tolerances = dict(inputs=1e-6, heatmaps=1e-3, loss=1e-4, gradient=1e-2, keypoints=1e-2)
    batch = get_packed_inputs(4)
    for title, name in CONFIGS.items():
        model = build(name)
        ours, theirs = outputs(model, batch, 'cpu'), outputs(model, batch, device)
        for what, tolerance in tolerances.items():
            if what == 'keypoints':  # pixels; a tie between two cells may fall either way
                distance = (ours[what] - theirs[what]).norm(dim=-1)
                difference = float((distance > 0.01).double().mean())
            else:
                spread = float(ours[what].abs().max()) or 1.0
                difference = float((ours[what] - theirs[what]).abs().max()) / spread
            yield title, what, difference, tolerance


def time_per_picture(step, batch_size, device, seconds=2.0):
    """Median milliseconds per picture of a repeated ``step``."""
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        if device != 'cpu':
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return 1000 * median(times[2:]) / batch_size


def timings(device, batch_size):
    """Rows of (model, precision and memory format, ms to predict, ms to train)."""
    allow_tf32(True)
    modes = {'fp32 (TF32)': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}
    if device == 'cpu':
        modes.pop('fp16')
    batch = get_packed_inputs(batch_size)
    for title, name in CONFIGS.items():
        for mode, dtype in modes.items():
            for memory_format in (torch.contiguous_format, torch.channels_last):
                model = build(name).to(device, memory_format=memory_format)
                optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
                data = model.data_preprocessor(copy.deepcopy(batch))

                def amp(dtype=dtype):
                    return autocast(device.split(':')[0], dtype, enabled=dtype is not None)

                @torch.no_grad()
                def predict(model=model, data=data, amp=amp):
                    with amp():
                        model(**data, mode='predict')

                def train(model=model, data=data, amp=amp, optimizer=optimizer):
                    with amp():
                        loss = model(**data, mode='loss')['loss_kpt']
                    loss.backward()
                    optimizer.step()
                    optimizer.zero_grad()

                layout = str(memory_format).rsplit('.')[-1].replace('_format', '')
                yield (
                    title,
                    f'{mode}, {layout}',
                    time_per_picture(predict, batch_size, device),
                    time_per_picture(train, batch_size, device),
                )


def print_models(device):
    """The table of whole models of the zoo; whether a number is off."""
    wrong = False
    print('| model | compared with the CPU | difference | tolerance | |\n|---|---|---|---|---|')
    for title, what, difference, tolerance in compare(device):
        off = not difference <= tolerance
        wrong |= off
        verdict = 'OFF' if off else 'ok'
        print(f'| {title} | {what} | {difference:.1e} | {tolerance:.0e} | {verdict} |', flush=True)
    return wrong


def print_families(device, names):
    """The table of the small models of all families; whether something is wrong with one."""
    allow_tf32(False)
    on_gpu = device != 'cpu'
    dtypes = [torch.bfloat16, torch.float16] if on_gpu else [torch.bfloat16]
    tolerances = ', '.join(f'{what} {tolerance:.0e}' for what, tolerance in TOLERANCES.items())
    print(f'Differences from the CPU ({tolerances}), waits of the host, and training steps.\n')
    columns = ['family', *TOLERANCES, 'decode_tensors', 'waits in a step']
    columns += [str(dtype).removeprefix('torch.') for dtype in dtypes]
    print(f'| {" | ".join(columns)} | |\n|---{"|---" * len(columns)}|')
    wrong = False
    for name in ALL_FAMILIES:
        if names and not any(part in name for part in names):
            continue
        found = differences(name, device)
        without_wait = decodes_without_waiting(name, device) if on_gpu else None
        waits = waits_of_a_step(name, device) if on_gpu and name in FAMILIES else None
        finite = [trains(name, dtype) for dtype in dtypes]
        off = (
            any(not found[what] <= tolerance for what, tolerance in TOLERANCES.items())
            or without_wait is False
            or (waits or 0) > ALLOWED_WAITS.get(name, 0)
            or False in finite
        )
        wrong |= off
        cells = [f'{found[what]:.1e}' for what in TOLERANCES]
        cells += [{True: 'no wait', False: 'WAITS', None: ''}[without_wait]]
        cells += ['' if waits is None else str(waits)]
        cells += [{True: 'finite', False: 'NOT FINITE', None: ''}[each] for each in finite]
        print(f'| {name} | {" | ".join(cells)} | {"OFF" if off else "ok"} |', flush=True)
    return wrong


def print_nms(device):
    """The table of the suppression of boxes beside torchvision's; whether they differ."""
    wrong = False
    print('| boxes | nms_torch, ms | torchvision, ms | |\n|---|---|---|---|')
    for number in (300, 2000, 8400):
        generator = torch.Generator().manual_seed(number)
        corners = torch.rand(number, 2, generator=generator) * 600
        boxes = torch.cat([corners, corners + 80], 1).to(device)
        scores = torch.rand(number, generator=generator).to(device)

        def ours(boxes=boxes, scores=scores):
            return nms_torch(boxes, scores, 0.5)

        def theirs(boxes=boxes, scores=scores):
            return torchvision_nms(boxes, scores, 0.5)

        off = ours().tolist() != theirs().tolist()
        wrong |= off
        times = (time_per_picture(step, 1, device, seconds=0.5) for step in (ours, theirs))
        cells = ' | '.join(f'{milliseconds:.2f}' for milliseconds in times)
        print(f'| {number} | {cells} | {"OFF" if off else "ok"} |', flush=True)
    return wrong


def print_timings(device, batch_size):
    """The table of the times of whole models of the zoo."""
    print('| model | mode | predict with flip test, ms/picture | train, ms/picture |')
    print('|---|---|---|---|')
    for title, mode, predict, train in timings(device, batch_size):
        print(f'| {title} | {mode} | {predict:.3f} | {train:.3f} |', flush=True)


def main():
    """Print what the command line asks for; exit status 1 when a number is off."""
    tables = ('models', 'families', 'nms', 'timings')
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('table', nargs='?', choices=(*tables, 'all'), default='all')
    parser.add_argument('names', nargs='*', help='parts of the names of families; all by default')
    parser.add_argument('--device', default='cuda:0')
    parser.add_argument('--batch-size', type=int, default=64)
    args = parser.parse_args()
    if args.device != 'cpu' and not torch.cuda.is_available():
        print('There is no GPU here: nothing was checked.')
        return
    register_all_modules()
    MMLogger.get_current_instance().setLevel('WARNING')  # how each weight was initialised
    name = torch.cuda.get_device_name(args.device) if args.device != 'cpu' else 'CPU'
    print(f'{name}, PyTorch {torch.__version__}, batches of {args.batch_size}')
    wrong = False
    for table in tables if args.table == 'all' else [args.table]:
        print()
        if table == 'models':
            wrong |= print_models(args.device)
        elif table == 'families':
            wrong |= print_families(args.device, args.names)
        elif table == 'nms':
            wrong |= print_nms(args.device)
        else:
            print_timings(args.device, args.batch_size)
    sys.exit(wrong)


if __name__ == '__main__':
    main()
