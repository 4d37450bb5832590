"""From pictures and boxes to what a model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from mmengine.dataset import Compose

from mmpose.registry import TRANSFORMS
from mmpose.structures.bbox import bbox_xywh2xyxy

Image = str | PathLike | np.ndarray


class InputPipeline:
    """The test pipeline of a model, which reads a picture once for all its instances.

    Args:
        transforms: Configs of the pipeline's transforms, the first of which loads the picture.
        dataset_meta: The skeleton of the model's data set; ``None`` if it is not known.
    """

    def __init__(self, transforms: Sequence[dict], dataset_meta: dict | None) -> None:
        first, *others = [TRANSFORMS.build(transform) for transform in transforms]
        self._load = first
        self._prepare = Compose(others)
        self._dataset_meta = dataset_meta or {}

    def load(self, image: Image) -> dict:
        """A sample with the picture, ``img`` (H, W, 3) BGR, but without instances.

        Args:
            image: A path, or an (H, W, 3) uint8 BGR array.

        Raises:
            FileNotFoundError: There is no such file.
            TypeError: The array is not of type uint8, or ``image`` is something else.
            ValueError: The file is no picture, or the array is not (H, W, 3).
        """
        if isinstance(image, np.ndarray):
            check_array(image)
            return self._load(dict(img=image))
        if not isinstance(image, str | PathLike):
            raise TypeError(
                f'A picture is a {type(image).__name__}; give a path or an (H, W, 3) BGR array.'
            )
        return self._load(dict(img_path=str(image)))

    def instances(
        self, picture: dict, bboxes: np.ndarray, scores: np.ndarray | None = None
    ) -> list[dict]:
        """A model input for each box.

        Args:
            picture: From :meth:`load`.
            bboxes: (N, 4) xyxy pixels.
            scores: (N,) how sure the boxes are; ``None`` is 1.
        """
        scores = np.ones(len(bboxes), dtype=np.float32) if scores is None else scores
        return [
            self._prepare(
                {**picture, **self._dataset_meta, 'bbox': box[None], 'bbox_score': score[None]}
            )
            for box, score in zip(bboxes, scores, strict=True)
        ]

    def whole(self, picture: dict) -> dict:
        """A model input of the whole picture, for models that need no boxes."""
        return self._prepare({**picture, **self._dataset_meta})


def transforms_for_test(cfg: Mapping) -> list[dict]:
    """The configs of the transforms that make model inputs for tests.

    Args:
        cfg: Of the model.

    Raises:
        ValueError: It has none.
    """
    dataset = (cfg.get('test_dataloader') or {}).get('dataset') or {}
    if not dataset.get('pipeline'):
        raise ValueError(
            'The config has no `test_dataloader.dataset.pipeline`, which makes model inputs; add '
            'it, as in configs/_base_/pipelines/.'
        )
    return dataset['pipeline']


def check_array(image: np.ndarray) -> None:
    """Check that an array is a picture.

    Raises:
        TypeError: Its type is not uint8.
        ValueError: Its shape is not (H, W, 3).
    """
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            f'A picture is an array of shape {image.shape}; (H, W, 3) in BGR was expected. A grey '
            'one becomes that by cv2.cvtColor(image, cv2.COLOR_GRAY2BGR).'
        )
    if image.dtype != np.uint8:
        raise TypeError(
            f'A picture is an array of {image.dtype}; uint8, 0 to 255, was expected. If it '
            'reaches from 0 to 1, convert it by (image * 255).astype(np.uint8).'
        )


def as_boxes(bboxes: Any, bbox_format: str = 'xyxy') -> np.ndarray:
    """(N, 4) or, if scores are given, (N, 5) float32 boxes in xyxy.

    Args:
        bboxes: (N, 4) or (N, 5) pixels, a score in the fifth column.
        bbox_format: ``'xyxy'`` or ``'xywh'``.

    Raises:
        ValueError: The format is unknown, the shape is another, or a box has no area.
    """
    if bbox_format not in ('xyxy', 'xywh'):
        raise ValueError(f"bbox_format is {bbox_format!r}; it has to be 'xyxy' or 'xywh'.")
    boxes = np.asarray(bboxes, dtype=np.float32)
    if not boxes.size:
        return np.empty((0, 4), dtype=np.float32)
    if boxes.ndim != 2 or boxes.shape[1] not in (4, 5):
        raise ValueError(
            f'The boxes have the shape {boxes.shape}; (N, 4) in pixels was expected, or (N, 5) '
            'with scores.'
        )
    if bbox_format == 'xywh':
        boxes = np.concatenate([bbox_xywh2xyxy(boxes[:, :4]), boxes[:, 4:]], axis=1)
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:4] > boxes[:, :2]).all(axis=1)
    if not sound.all():
        i = int(np.flatnonzero(~sound)[0])
        raise ValueError(
            f'Box {i} has no area: left, top, right, bottom are {boxes[i, :4].tolist()}. If these '
            "are left, top, width, height, set bbox_format='xywh' or convert them."
        )
    return boxes


def whole_picture(shape_hw: tuple[int, int]) -> np.ndarray:
    """(1, 4) the box of a whole picture."""
    height, width = shape_hw[:2]
    return np.array([[0, 0, width, height]], dtype=np.float32)
