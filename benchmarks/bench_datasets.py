"""Processor time and memory that a large COCO style file takes, loaded in fresh processes.

The labels are those of synthetic people, repeated under new ids; there are no pictures. Then two
workers of a data loader read items, and what they hold is listed after each epoch.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

NUM_SCENES = 300
NUM_WORKERS = 2
NUM_EPOCHS = 5
ITEMS_PER_EPOCH = 20_000
# name, whether annotations have segmentations and are in the order of their images, data mode
ROWS = (
    ('topdown', False, True, 'topdown'),
    ('topdown, annotations shuffled', False, False, 'topdown'),
    ('topdown, with segmentations', True, True, 'topdown'),
    ('bottomup', False, True, 'bottomup'),
)
MOST_SECONDS, MOST_GIB = 60, 2.5


def write_coco(path: Path, num: int, segmentation: bool, in_order: bool) -> None:
    """Write an annotation file of so many people."""
    people = list(islice(_people(segmentation), num))
    num_images = people[-1][0]
    if not in_order:
        random.Random(0).shuffle(people)
    images = [
        dict(id=i, file_name=f'{i:012d}.jpg', width=640, height=480)
        for i in range(1, num_images + 1)
    ]
    with path.open('w') as file:
        file.write(f'{{"images": {json.dumps(images)}, "annotations": [')
        for i, (image_id, text) in enumerate(people, start=1):
            separator = ', ' if i > 1 else ''
            file.write(f'{separator}{{"id": {i}, "image_id": {image_id}, {text[1:]}')
        file.write('], "categories": [{"id": 1, "name": "person"}]}')


def _people(segmentation: bool) -> Iterator[tuple[int, str]]:
    """Ids of images with the labels of those in them as text, without end."""
    from mmpose.datasets.synthetic import SyntheticPeople

    left_out = () if segmentation else ('segmentation',)
    scenes = [
        [json.dumps({k: v for k, v in ann.items() if k not in left_out}) for ann in annotations]
        for _, annotations in map(SyntheticPeople().draw, range(NUM_SCENES))
    ]
    for image_id in count(1):
        for text in scenes[image_id % NUM_SCENES]:
            yield image_id, text


def load(path: str, mode: str, num_workers: int) -> dict[str, Any]:
    """Load the file, in this process, and run epochs with a data loader if there are workers."""
    import resource

    from mmpose.datasets import CocoDataset

    start = time.process_time()
    dataset = CocoDataset(ann_file=path, data_mode=mode)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return dict(
        seconds=seconds,
        peak=peak / 2**30,
        packed=dataset.data_bytes.nbytes / 2**30,
        workers=_workers(dataset, num_workers) if num_workers else [],
    )


def _workers(dataset: Any, num_workers: int) -> list[dict[str, float]]:
    """MiB of the workers' memory after each epoch, the mean of them."""
    from torch.utils.data import DataLoader, RandomSampler

    loader = DataLoader(
        dataset,
        batch_size=64,
        sampler=RandomSampler(dataset, num_samples=min(len(dataset), ITEMS_PER_EPOCH)),
        num_workers=num_workers,
        persistent_workers=True,
        multiprocessing_context='fork',
        collate_fn=len,
    )
    epochs = []
    for _ in range(NUM_EPOCHS):
        for _ in loader:
            pass
        usages = [_memory(worker.pid) for worker in loader._iterator._workers]
        epochs.append({key: sum(u[key] for u in usages) / num_workers for key in usages[0]})
    return epochs


def _memory(pid: int) -> dict[str, float]:
    """MiB of a process: what is its own, and its share of what others use too (PSS)."""
    lines = Path(f'/proc/{pid}/smaps_rollup').read_text()
    kib = {key: int(value) for key, value in re.findall(r'(\w+): +(\d+) kB', lines)}
    return dict(own=(kib['Private_Clean'] + kib['Private_Dirty']) / 1024, pss=kib['Pss'] / 1024)


def in_fresh_process(path: Path, mode: str, num_workers: int = 0) -> dict[str, Any]:
    """What :func:`load` returns in a process of its own."""
    command = [sys.executable, __file__, '--load', path, mode, str(num_workers)]
    lines = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL)
    return json.loads(lines.splitlines()[-1])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--num', type=int, default=1_000_000, help='number of instances')
    parser.add_argument('--runs', type=int, default=3, help='processes per row')
    parser.add_argument('--load', nargs=3, metavar=('FILE', 'MODE', 'WORKERS'), help='only load')
    args = parser.parse_args()
    if args.load:
        path, mode, num_workers = args.load
        print(json.dumps(load(path, mode, int(num_workers))))
        return
    workers = {}
    print('| measured | file, GB | seconds | target | peak, GiB | target | packed, GiB |')
    print('|---|---:|---:|---:|---:|---:|---:|')
    for name, segmentation, in_order, mode in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'people.json'
            write_coco(path, args.num, segmentation, in_order)
            size = path.stat().st_size / 1e9
            runs = [in_fresh_process(path, mode) for _ in range(args.runs)]
            if name == 'topdown' or mode == 'bottomup':
                workers[name] = in_fresh_process(path, mode, NUM_WORKERS)['workers']
        seconds, peak, packed = (
            median(run[k] for run in runs) for k in ('seconds', 'peak', 'packed')
        )
        # reading two gigabytes of JSON alone takes longer
        target = '' if segmentation else MOST_SECONDS
        print(
            f'| {name} | {size:.2f} | {seconds:.1f} | {target} | {peak:.2f} | {MOST_GIB} '
            f'| {packed:.2f} |'
        )
    print(f'\nMiB per worker, of {NUM_WORKERS}, after epochs of {ITEMS_PER_EPOCH} items\n')
    print(f'| measured | {" | ".join(f"epoch {i + 1}" for i in range(NUM_EPOCHS))} |')
    print(f'|---|{"---:|" * NUM_EPOCHS}')
    for name, epochs in workers.items():
        for key, label in (('own', 'its own'), ('pss', 'with its share (PSS)')):
            print(f'| {name}, {label} | {" | ".join(f"{e[key]:.0f}" for e in epochs)} |')


if __name__ == '__main__':
    main()
