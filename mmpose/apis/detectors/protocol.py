"""What a detector is, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from torch import Tensor

from ..input_pipeline import check_array

_KINDS = (
    'Detections, an array (N, 4) of boxes xyxy in pixels, (N, 5) with scores or (N, 6) with '
    "classes too, a dict with 'boxes', 'scores' and 'labels', an object with xyxy, confidence and "
    'class_id, or a DetDataSample'
)


class Detections(NamedTuple):
    """The boxes in a picture.

    Attributes:
        boxes: (N, 4) float32, xyxy, pixels.
        scores: (N,) float32.
        labels: (N,) int64, numbers of the classes.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray

    def select(self, cat_ids: Sequence[int] | None) -> Detections:
        """The boxes of some classes.

        Args:
            cat_ids: Numbers of the classes; ``None`` for all.
        """
        if cat_ids is None:
            return self
        keep = np.isin(self.labels, list(cat_ids))
        return Detections(*(values[keep] for values in self))


class Detector(Protocol):
    """Finds boxes in pictures. Any function of this signature is one."""

    def __call__(self, images: Sequence[np.ndarray]) -> Sequence[Any]:
        """For each picture, (H, W, 3) uint8 BGR, what :func:`as_detections` takes."""


class CheckedDetector:
    """A detector whose pictures and results are checked and brought into one form.

    Args:
        detector: Maps pictures to their boxes, in any form that :func:`as_detections` takes.
        cat_ids: Numbers of the classes to keep; ``None`` keeps all.

    Raises:
        TypeError: ``cat_ids`` has something else than whole numbers.
        ValueError: ``cat_ids`` is empty, or the detector does not know a class.
    """

    def __init__(self, detector: Callable, cat_ids: int | Sequence[int] | None = None) -> None:
        self.detector = detector
        self.cat_ids = _as_cat_ids(cat_ids, getattr(detector, 'num_classes', None))

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """The boxes in each picture.

        Args:
            images: (H, W, 3) uint8 BGR each.

        Raises:
            TypeError: A picture is not of type uint8, or a result is of no known kind.
            ValueError: A picture or a result is malformed, or results lack.
        """
        if isinstance(images, np.ndarray) and images.ndim == 3:
            raise ValueError(
                'The detector got a single picture; give a list of pictures, such as [image].'
            )
        for image in images:
            check_array(image)
        if not len(images):
            return []
        results = self.detector(images)
        if isinstance(results, str | Mapping) or not isinstance(results, Iterable):
            raise TypeError(
                f'The detector returned a {type(results).__name__}; return a list with an entry '
                'for each picture.'
            )
        results = [results] if isinstance(results, Detections) else list(results)
        if len(results) != len(images):
            raise ValueError(
                f'The detector returned {len(results)} results for {len(images)} pictures; return '
                'a list with an entry for each picture, empty where there is no box.'
            )
        return [as_detections(result).select(self.cat_ids) for result in results]


def as_detections(result: Any) -> Detections:
    """The detections in what a detector returned for a picture.

    Boxes without scores have 1, those without classes are of class 0, and those without area are
    left out.

    Args:
        result: :class:`Detections`; an array (N, 4) of boxes xyxy in pixels, (N, 5) with scores or
            (N, 6) with classes too; a dict with ``boxes``, and perhaps ``scores`` and ``labels``,
            as torchvision's detectors return it; an object with ``xyxy``, ``confidence`` and
            ``class_id``, as in supervision; or a DetDataSample of MMDetection. Arrays may be
            tensors.

    Raises:
        TypeError: It is something else, or not of numbers.
        ValueError: Shapes are wrong, or values are no boxes, scores or classes.
    """
    boxes, scores, labels = _parts(result)
    boxes = _numbers(boxes, 'boxes', (4,))
    N = len(boxes)
    scores = np.ones(N, np.float32) if scores is None else _numbers(scores, 'scores')
    labels = np.zeros(N, np.int64) if labels is None else _numbers(labels, 'labels')
    if not len(scores) == len(labels) == N:
        raise ValueError(
            f'The detector returned {N} boxes, {len(scores)} scores and {len(labels)} labels; '
            'return one of each for every box.'
        )
    if (labels % 1).any() or (labels < 0).any():
        wrong = labels[(labels % 1 != 0) | (labels < 0)][0]
        raise ValueError(f'The detector returned the label {wrong}; labels are 0, 1, 2 and so on.')
    boxes, scores = boxes.astype(np.float32, copy=False), scores.astype(np.float32, copy=False)
    found = Detections(boxes, scores, labels.astype(np.int64, copy=False))
    return _with_area(found)


def _parts(result: Any) -> tuple[Any, Any, Any]:
    """Boxes, scores and labels; the latter two may be ``None``."""
    if isinstance(result, Detections):
        return tuple(result)
    if isinstance(result, Mapping):
        if 'boxes' not in result:
            raise ValueError(
                f'The detector returned a dict with {", ".join(map(repr, result)) or "nothing"}; '
                "it has to have 'boxes', and may have 'scores' and 'labels'."
            )
        return result['boxes'], result.get('scores'), result.get('labels')
    if hasattr(result, 'xyxy'):
        return result.xyxy, getattr(result, 'confidence', None), getattr(result, 'class_id', None)
    instances = getattr(result, 'pred_instances', result)
    if hasattr(instances, 'bboxes'):
        return (
            instances.bboxes,
            getattr(instances, 'scores', None),
            getattr(instances, 'labels', None),
        )
    return _columns(result)


def _columns(result: Any) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    if not isinstance(result, np.ndarray | Tensor | list | tuple):
        raise TypeError(
            f'The detector returned a {type(result).__name__} for a picture; return {_KINDS}.'
        )
    array = _array(result)
    if not array.size:
        return np.empty((0, 4), np.float32), None, None
    if array.ndim != 2 or array.shape[1] not in (4, 5, 6):
        raise ValueError(
            f'The detector returned an array of shape {array.shape} for a picture; (N, 4) was '
            'expected, (N, 5) with scores, or (N, 6) with classes too.'
        )
    columns = array.shape[1]
    return (
        array[:, :4],
        array[:, 4] if columns > 4 else None,
        array[:, 5] if columns > 5 else None,
    )


def _numbers(values: Any, name: str, row: tuple[int, ...] = ()) -> np.ndarray:
    """An array (N, ``*row``) of finite numbers."""
    array = _array(values)
    if not array.size:
        return np.empty((0, *row), np.float32)
    if array.dtype.kind not in 'iuf':
        raise TypeError(f'The {name} of the detector are of type {array.dtype}; return numbers.')
    if array.ndim != 1 + len(row) or array.shape[1:] != row:
        expected = f'(N, {row[0]})' if row else '(N,)'
        raise ValueError(
            f'The {name} of the detector have the shape {array.shape}; {expected} was expected.'
        )
    if not np.isfinite(array).all():
        raise ValueError(f'The {name} of the detector are not all finite.')
    return array


def _array(values: Any) -> np.ndarray:
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        return values.float().numpy() if values.is_floating_point() else values.numpy()
    try:
        return np.asarray(values)
    except ValueError:  # rows of different lengths
        raise ValueError(
            'The detector returned rows of different lengths for a picture; return an array, all '
            'of whose rows have 4, 5 or 6 numbers.'
        ) from None


def _with_area(found: Detections) -> Detections:
    """Those boxes that have an area.

    Raises:
        ValueError: A box ends before it begins.
    """
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    if (sides < 0).any():
        box = found.boxes[(sides < 0).any(axis=1)][0]
        raise ValueError(
            'The detector returned the box (left, top, right, bottom) '
            f'{box.tolist()}, which ends before it begins; if these are left, top, width and '
            'height, convert them.'
        )
    keep = (sides > 0).all(axis=1)
    return found if keep.all() else Detections(*(values[keep] for values in found))


def _as_cat_ids(
    cat_ids: int | Sequence[int] | None, num_classes: int | None
) -> tuple[int, ...] | None:
    if cat_ids is None:
        return None
    ids = tuple(np.atleast_1d(np.asarray(cat_ids)).tolist())
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in ids):
        raise TypeError(f'cat_ids is {cat_ids!r}; give numbers of classes, such as (0,).')
    if not ids or min(ids) < 0:
        raise ValueError(
            f'cat_ids is {cat_ids!r}; give at least one class from 0 on, or None for all.'
        )
    if num_classes is not None and max(ids) >= num_classes:
        raise ValueError(
            f'cat_ids has {max(ids)}, but the detector knows the classes 0 to {num_classes - 1}.'
        )
    return ids
