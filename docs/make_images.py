"""Makes the pictures of the documentation: ``mmpose quickstart && python docs/make_images.py``."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mmpose.apis import visualize
from mmpose.cli.quickstart import CONFIG
from mmpose.datasets.synthetic import SyntheticPeople

IMAGES = Path(__file__).parent / 'images'
QUICKSTART = Path('work_dirs/quickstart')


def sheet(pictures: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Pictures of one size (H, W, 3) in rows of ``columns``."""
    rows = [np.hstack(pictures[i : i + columns]) for i in range(0, len(pictures), columns)]
    return np.vstack(rows)


def save(name: str, picture: np.ndarray) -> None:
    """Write a BGR picture, small enough for a repository."""
    cv2.imwrite(str(IMAGES / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 80])


def synthetic() -> np.ndarray:
    """Four drawn pictures with their labels."""
    people, drawn = SyntheticPeople(image_size=(480, 360)), []
    for index in range(4):
        image, annotations = people.draw(index)
        labels = np.array([ann['keypoints'] for ann in annotations]).reshape(-1, 17, 3)
        rgb = visualize(
            image, labels[..., :2], labels[..., 2], metainfo='configs/_base_/datasets/coco.py'
        )
        drawn.append(rgb[..., ::-1])
    return sheet(drawn, 4)


def browsing() -> np.ndarray:
    """What the pipeline of the quickstart does to one of its people."""
    from mmpose.cli.main import main as command

    turned = ['--cfg-options', 'train_dataloader.dataset.pipeline.3.rotate_prob=1']
    out = QUICKSTART / 'stages'
    words = ['browse', CONFIG, '--mode', 'pipeline', '--number', '1', '--out', str(out), *turned]
    if command(words):
        raise SystemExit('The pictures of the quickstart are missing; run `mmpose quickstart`.')
    picture = cv2.imread(str(next(out.glob('*.jpg'))))
    scale = 1200 / picture.shape[1]
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def main() -> None:
    """Make all of them."""
    IMAGES.mkdir(exist_ok=True)
    save('synthetic.jpg', synthetic())
    save('browse.jpg', browsing())
    predictions = sorted((QUICKSTART / 'predictions').glob('*.jpg'))
    save('quickstart.jpg', sheet([cv2.imread(str(path)) for path in predictions], 4))
    shutil.copy(QUICKSTART / 'training.png', IMAGES / 'quickstart_training.png')


if __name__ == '__main__':
    main()
