"""Where a top-down model has its boxes from."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from os import PathLike

import numpy as np
from mmengine.config import Config
from mmengine.logging import print_log
from torch import nn

from mmpose.apis.detectors import Detections, build_detector
from mmpose.apis.input_pipeline import whole_picture
from mmpose.evaluation.functional.nms import nms
from mmpose.registry import DATASETS

from .default_det_models import default_det_models

_WHOLE = ('whole_image', 'whole-image')


class BoxSource:
    """Finds boxes in pictures by a detector, and takes pictures whole where there is none.

    Args:
        det_model: What :func:`~mmpose.apis.detectors.build_detector` takes; ``'whole_image'`` for
            none; ``None`` for the usual detector of the model's subject, which is built when it is
            first needed.
        det_weights: See there.
        det_cat_ids: The classes whose boxes count; ``'all'`` for all of them. As in 1.x, a
            detector named or configured counts none without it, and says so; other detectors
            count all.
        device: Where the detector runs.
    """

    def __init__(
        self,
        det_model: Callable | str | PathLike | Config | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | str | None = None,
        device: str | None = None,
    ) -> None:
        self._device = device
        self._said: set[str] = set()
        self._counts_none = False
        self.detector: Callable | None = None
        self._is_usual = det_model is None
        if det_model is None or (isinstance(det_model, str) and det_model in _WHOLE):
            return
        is_of_1x = not callable(det_model) and not str(det_model).startswith('torchvision:')
        is_of_1x &= not str(det_model).endswith('.onnx')
        self._counts_none = is_of_1x and det_cat_ids is None
        cat_ids = None if isinstance(det_cat_ids, str) else det_cat_ids
        if isinstance(det_cat_ids, str) and det_cat_ids != 'all':
            raise ValueError(f"det_cat_ids is {det_cat_ids!r}; give numbers, or 'all'.")
        self.detector = build_detector(det_model, det_weights, cat_ids, device)

    def use_default(self, model: nn.Module) -> None:
        """Build the usual detector of what a model looks at, unless another one was chosen."""
        if not self._is_usual:
            return
        self._is_usual = False
        subject = subject_of(model.cfg)
        usual = default_det_models.get(subject or '')
        if usual is None:
            return
        try:
            self.detector = build_detector(
                usual['model'], usual['weights'], usual['cat_ids'], self._device
            )
        except (OSError, ValueError) as error:
            self._say(
                f'The usual detector for {subject} ({usual["model"]}) could not be had: {error} '
                'Give `bboxes`, or `det_model` and `det_weights`.',
                logging.WARNING,
            )

    def find(
        self,
        images: Sequence[np.ndarray],
        bbox_thr: float,
        nms_thr: float,
        on_empty: str = 'whole_image',
    ) -> list[np.ndarray]:
        """(N, 5) xyxy and score for each picture.

        Args:
            images: (H, W, 3) BGR.
            bbox_thr: Boxes that do not score higher are left out.
            nms_thr: Of boxes that overlap more, the best is kept.
            on_empty: ``'whole_image'`` or ``'skip'``, for pictures without boxes.
        """
        if self.detector is None:
            self._say(
                'The model looks at one instance at a time, but there are neither boxes nor a '
                'detector: each picture is taken as one instance. Give `bboxes` or `det_model`.',
                logging.WARNING,
            )
            return [_whole(image) for image in images]
        if self._counts_none:
            self._say(
                'det_cat_ids is not given, so that no box of the detector counts, as in MMPose '
                '1.x: each picture is taken as one instance. Give det_cat_ids=0 for people, or '
                "det_cat_ids='all'.",
                logging.WARNING,
            )
            return [_whole(image) for image in images]
        found = [_best(boxes, bbox_thr, nms_thr) for boxes in self.detector(images)]
        if on_empty == 'skip':
            return found
        empty = [not len(boxes) for boxes in found]
        if any(empty):
            self._say(
                'The detector found nothing in a picture, which is then taken as one instance, as '
                "in MMPose 1.x; on_empty='skip' gives no instance instead.",
                logging.INFO,
            )
        return [
            _whole(image) if lacks else boxes
            for image, boxes, lacks in zip(images, found, empty, strict=True)
        ]

    def check_given(self, boxes: np.ndarray, shape_hw: tuple[int, int]) -> None:
        """Tell of boxes of a user that lie outside of their picture.

        Args:
            boxes: (N, 4 or 5) xyxy.
            shape_hw: Of the picture.
        """
        height, width = shape_hw[:2]
        outside = (boxes[:, 2:4] <= 0).any(axis=1) | (boxes[:, :2] >= (width, height)).any(axis=1)
        if not outside.any() or 'outside' in self._said:
            return
        self._said.add('outside')
        i = int(np.flatnonzero(outside)[0])
        warnings.warn(
            f'Box {i}, {boxes[i, :4].tolist()}, lies outside of its picture, which is {width} wide '
            f'and {height} high: the model sees nothing there. Boxes are left, top, right, bottom '
            'in pixels of the picture as it is read; were they made for another size?',
            stacklevel=4,
        )

    def _say(self, text: str, level: int) -> None:
        """Tell something once."""
        if text in self._said:
            return
        self._said.add(text)
        if level == logging.WARNING:
            warnings.warn(text, stacklevel=3)
        else:
            print_log(text, logger='current', level=level)


def subject_of(cfg: Config) -> str | None:
    """What a model looks at, a key of the table of usual detectors; ``None`` if it is not known.

    Args:
        cfg: The model's config, whose test data set tells.
    """
    dataset = (cfg.get('test_dataloader') or {}).get('dataset') or {}
    while dataset.get('dataset') or dataset.get('datasets'):
        dataset = dataset.get('dataset') or dataset['datasets'][0]
    kind = dataset.get('type')
    kind = DATASETS.get(kind) if isinstance(kind, str) else kind
    package = getattr(kind, '__module__', '').split('datasets.')[-1].split('.')[0]
    return package if package in default_det_models else None


def _best(found: Detections, bbox_thr: float, nms_thr: float) -> np.ndarray:
    """The sure boxes without those that overlap better ones; all of them if they lack scores."""
    boxes = np.column_stack([found.boxes, found.scores]).astype(np.float32)
    if (found.scores == 1).all():
        return boxes
    boxes = boxes[boxes[:, 4] > bbox_thr]
    return boxes[nms(boxes, nms_thr)]


def _whole(image: np.ndarray) -> np.ndarray:
    return np.column_stack([whole_picture(image.shape), [1]]).astype(np.float32)
