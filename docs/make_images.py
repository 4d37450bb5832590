"""Makes the pictures of the documentation: ``mmpose quickstart && python docs/make_images.py``."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mmpose.apis import visualize
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


def main() -> None:
    """Make all of them."""
    IMAGES.mkdir(exist_ok=True)
    save('synthetic.jpg', synthetic())
    predictions = sorted((QUICKSTART / 'predictions').glob('*.jpg'))
    save('quickstart.jpg', sheet([cv2.imread(str(path)) for path in predictions], 4))
    shutil.copy(QUICKSTART / 'training.png', IMAGES / 'quickstart_training.png')


if __name__ == '__main__':
    main()
