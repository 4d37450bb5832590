"""``mmpose quickstart``: train, test and use a small model on drawn people, from nothing.

Each step is one that a user takes with data of their own: a config, ``mmpose train``,
``mmpose test``, the inferencer. What is printed before a step is how to take it alone.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from pathlib import Path

from mmpose.utils.resources import resource_path

from .errors import ConfigError

CONFIG = 'configs/quickstart/td-hm_res18-slim_synthetic-people-128x96.py'
WORK_DIR = Path('work_dirs/quickstart')  # the config reads its data below it
# Small pictures, quickly read: most of a CPU's time is for the network.
PICTURES = dict(image_size=(400, 300), people=(1, 2), height=(80, 280), seed=0)
NUM_SHOWN = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument('--images', type=int, default=3000, help='pictures to train on')
    parser.add_argument('--epochs', type=int, help="passes over them (default: the config's)")


def run(args: argparse.Namespace) -> None:
    """Draw a data set, train, test, predict, and say where everything is."""
    if args.images < NUM_SHOWN:
        raise ConfigError(f'--images is {args.images}; give {NUM_SHOWN} or more.')
    # MMEngine remarks that a visualizer of this name exists: training's, when testing begins
    warnings.filterwarnings('ignore', message='.*instance named of visualizer has been created')
    started = time.monotonic()
    _say(f'1. Drawing people, with their keypoints in COCO format, into {WORK_DIR / "data"}')
    unseen = draw_data(args.images)

    _say('2. Training', f'$ mmpose train {CONFIG}')
    checkpoint = train(args.epochs)

    _say('3. Testing on pictures that it has not seen', f'$ mmpose test {CONFIG} {checkpoint}')
    metrics = test(checkpoint)

    _say(
        '4. Finding poses in unseen pictures',
        f"python: MMPoseInferencer('{CONFIG}', '{checkpoint}')"
        f"(pictures, bboxes=boxes, vis_out_dir='{WORK_DIR}/predictions')",
    )
    show(checkpoint, unseen)
    plot()

    print(f"""
Average precision (AP) on {len(unseen)} unseen pictures: {metrics['coco/AP']:.3f}
Finished in {time.monotonic() - started:.0f} s. In {WORK_DIR}:
  predictions/        annotated pictures
  training.png        loss and AP over the epochs
  {checkpoint.name}
Your own model begins with a copy of {resource_path(CONFIG)}.""")


def _say(title: str, command: str = '') -> None:
    print(f'\n== {title}' + (f'\n   {command}' if command else ''), flush=True)


def draw_data(num_train: int) -> list[Path]:
    """Write the training, validation and test pictures; returns the last."""
    from mmpose.datasets.synthetic import SyntheticPeople

    people, first = SyntheticPeople(**PICTURES), 0
    num_others = max(num_train // 10, NUM_SHOWN)
    for split, num in dict(train=num_train, val=num_others, test=num_others).items():
        people.write_coco(
            WORK_DIR / 'data',
            num,
            ann_file=f'annotations/{split}.json',
            img_dir=split,
            first_index=first,
            workers=min(os.cpu_count() or 1, 4),
            progress=True,
        )
        first += num
    print()
    names = range(first - num_others, first)
    return [WORK_DIR / 'data' / 'test' / f'{index:08d}.jpg' for index in names]


def train(epochs: int | None) -> Path:
    """Train as ``mmpose train`` does; returns the best checkpoint."""
    from .main import main

    words = ['train', CONFIG, '--work-dir', str(WORK_DIR)]
    if epochs is not None:
        words += [
            '--cfg-options',
            f'train_cfg.max_epochs={epochs}',
            f'param_scheduler.1.end={epochs}',
            'train_cfg.val_interval=1',
        ]
    _require_success(main(words))
    return max(WORK_DIR.glob('best_coco_AP_epoch_*.pth'), key=lambda path: path.stat().st_mtime)


def test(checkpoint: Path) -> dict[str, float]:
    """Test as ``mmpose test`` does; returns the metrics."""
    from .main import main

    out = WORK_DIR / 'metrics.json'
    words = ['test', CONFIG, str(checkpoint), '--work-dir', str(WORK_DIR), '--out', str(out)]
    _require_success(main(words))
    return json.loads(out.read_text())


def _require_success(status: int) -> None:
    if status:
        raise SystemExit(status)


def show(checkpoint: Path, pictures: list[Path]) -> None:
    """Write some pictures with the poses found in the annotated boxes of their people."""
    from mmpose.apis import MMPoseInferencer

    labels = json.loads((WORK_DIR / 'data/annotations/test.json').read_text())
    boxes: dict[int, list] = {image['id']: [] for image in labels['images']}
    for person in labels['annotations']:
        x, y, w, h = person['bbox']
        boxes[person['image_id']].append([x, y, x + w, y + h])
    inferencer = MMPoseInferencer(resource_path(CONFIG), str(checkpoint), show_progress=True)
    shown = pictures[:NUM_SHOWN]
    results = inferencer(
        [str(path) for path in shown],
        bboxes=[boxes[int(path.stem)] for path in shown],
        vis_out_dir=str(WORK_DIR / 'predictions'),
        batch_size=NUM_SHOWN,
        draw_bbox=True,
        thickness=2,
    )
    for _ in results:
        pass


def plot() -> Path:
    """Draw the training loss and the validation AP, from the log of the latest training."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot as plt

    # of the runs in the work directory, whose names are their times, the last that trained
    logs = (path.read_text() for path in sorted(WORK_DIR.glob('*/vis_data/scalars.json')))
    *_, log = (text for text in logs if '"loss"' in text)
    records = [json.loads(line) for line in log.splitlines()]
    loss = [(r['epoch'], r['iter'], r['loss']) for r in records if 'loss' in r]
    precision = [(r['step'], r['coco/AP']) for r in records if 'coco/AP' in r]
    per_epoch = max(i for _, i, _ in loss) / max(e for e, _, _ in loss)

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout='constrained')
    left.plot([i / per_epoch for _, i, _ in loss], [value for _, _, value in loss])
    left.set(title='Training loss', xlabel='epoch', yscale='log')
    right.plot(*zip(*precision, strict=True), marker='o')
    right.set(title='AP on the validation pictures', xlabel='epoch', ylim=(0, 1))
    for axes in (left, right):
        axes.grid(alpha=0.3)
    path = WORK_DIR / 'training.png'
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
