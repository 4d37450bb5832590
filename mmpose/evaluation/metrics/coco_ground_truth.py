"""COCO annotations as arrays, whether they come from a file or from data samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmpose.structures.bbox.transforms import BODY_SHARE_OF_BOX

from ..functional import KeypointGroundTruth, transform_ann


@dataclass
class CocoGroundTruth:
    """The annotated instances of I images.

    Attributes:
        instances: All annotations.
        image_ids: (I,) ids of all images, with and without annotations.
        crowd_index: (I,) crowd index of each image, 0 to 1; ``None`` if it was not asked for.
    """

    instances: KeypointGroundTruth
    image_ids: np.ndarray
    crowd_index: np.ndarray | None


def parse_coco(
    dataset: dict,
    use_area: bool = True,
    crowd: bool = False,
    converter: dict | None = None,
    fields: Sequence[str] = ('keypoints',),
) -> CocoGroundTruth:
    """The arrays of a COCO keypoint data set.

    Instances of a crowd and those without labelled keypoints are marked as ignored.

    Args:
        dataset: ``images`` and ``annotations`` as in a COCO keypoint file.
        use_area: Whether ``area`` is the size of an instance; else it is 0.53 times that of its
            box, the usual share of a person.
        crowd: Whether to read each image's ``crowdIndex``.
        converter: ``num_keypoints`` and ``mapping`` of :func:`transform_ann`; ``None`` keeps the
            keypoints.
        fields: The keys of an annotation that hold its keypoints, one part after the other.

    Raises:
        ValueError: A key is absent, or the annotations do not agree in their keypoints.
    """
    if not isinstance(dataset, dict) or not {'images', 'annotations'} <= dataset.keys():
        raise ValueError(
            'Expected a COCO annotation file, an object with "images" and "annotations", but got '
            + (f'the keys {list(dataset)}.' if isinstance(dataset, dict) else 'a list.')
        )
    images, annotations = dataset['images'], dataset['annotations']
    image_ids = id_array(
        _column(images, 'id', 'image') + _column(annotations, 'image_id', 'annotation'),
        'The annotations',
    )
    crowd_index = None
    if crowd:
        hint = "iou_type='keypoints_crowd' groups images by it; use 'keypoints' without."
        crowd_index = np.array(_column(images, 'crowdIndex', 'image', hint), float)
    annotations = _with_all_keypoints(annotations, fields)
    instances = _instances(annotations, image_ids[len(images) :], use_area, converter)
    return CocoGroundTruth(instances, image_ids[: len(images)], crowd_index)


def _with_all_keypoints(annotations: list[dict], fields: Sequence[str]) -> list[dict]:
    """The annotations with the keypoints of all fields in ``keypoints``."""
    hint = f'The evaluation needs the keypoints in {", ".join(fields)}.'
    columns = [_column(annotations, field, 'annotation', hint) for field in fields]
    if fields == ('keypoints',):
        return annotations
    return [
        dict(ann, keypoints=[value for part in values for value in part])
        for ann, values in zip(annotations, zip(*columns, strict=True), strict=True)
    ]


def _instances(
    annotations: list[dict], image_ids: np.ndarray, use_area: bool, converter: dict | None
) -> KeypointGroundTruth:
    if converter is not None:
        num_keypoints, mapping = converter['num_keypoints'], converter['mapping']
        annotations = [transform_ann(ann, num_keypoints, mapping) for ann in annotations]
    keypoints = _keypoints(annotations)
    bboxes = np.array(_column(annotations, 'bbox', 'annotation'), float).reshape(-1, 4)
    if use_area:
        hint = 'use_area=False takes 0.53 times the area of the box.'
        areas = np.array(_column(annotations, 'area', 'annotation', hint), float)
    else:
        areas = bboxes[:, 2] * bboxes[:, 3] * BODY_SHARE_OF_BOX
    crowd = np.array([bool(ann.get('iscrowd', 0)) for ann in annotations], bool)
    return KeypointGroundTruth(
        image_ids=image_ids,
        category_ids=np.array(_column(annotations, 'category_id', 'annotation'), int),
        keypoints=keypoints,
        bboxes=bboxes,
        areas=areas,
        ignore=crowd | ~(keypoints[..., 2] > 0).any(1),
        crowd=crowd,
    )


def of_keypoints(gts: KeypointGroundTruth, keypoints: slice | np.ndarray) -> KeypointGroundTruth:
    """The instances with some of their keypoints; ignored where none of these is labelled.

    Sizes and boxes stay those of the whole.
    """
    chosen = gts.keypoints[:, keypoints]
    return replace(gts, keypoints=chosen, ignore=gts.crowd | ~(chosen[..., 2] > 0).any(1))


def _keypoints(annotations: list[dict]) -> np.ndarray:
    """The (G, K, 3) keypoints; K is 0 if there are no annotations."""
    lengths = [len(ann['keypoints']) for ann in annotations]
    expected = max(set(lengths), key=lengths.count, default=0)
    for ann, length in zip(annotations, lengths, strict=True):
        if length != expected or length % 3:
            raise ValueError(
                f'Annotation {ann.get("id")} has {length} keypoint numbers; expected three for '
                f'each keypoint, and {expected} as in most annotations.'
            )
    values = np.array([ann['keypoints'] for ann in annotations], float)
    return values.reshape(len(annotations), expected // 3, 3)


def _column(entries: Sequence[dict], key: str, what: str, hint: str = '') -> list[Any]:
    """One value of every entry."""
    for entry in entries:
        if key not in entry:
            raise ValueError(f'The {what} with id {entry.get("id")} has no {key!r}. {hint}'.strip())
    return [entry[key] for entry in entries]


def id_array(ids: Sequence[Any], whose: str) -> np.ndarray:
    """Ids as an array of integers or of text.

    Args:
        ids: Integers or strings.
        whose: Subject of the error message.

    Raises:
        TypeError: The ids are neither all integers nor all text.
    """
    if not ids:
        return np.empty(0, int)
    kinds = {type(i) for i in ids}
    array = np.asarray(ids)
    if array.ndim != 1 or array.dtype.kind not in 'iuU' or (str in kinds and len(kinds) > 1):
        raise TypeError(
            f'{whose} have image ids of type {", ".join(sorted(k.__name__ for k in kinds))}; '
            'expected integers throughout, or text throughout.'
        )
    return array


def truth_of(sample: dict) -> dict:
    """The ground truth that a data sample carries, as :func:`samples_to_coco` takes it.

    Args:
        sample: ``img_id``, ``raw_ann_info`` with its annotation or a list of them, and where
            known ``ori_shape`` (h, w) and ``crowd_index``.

    Raises:
        ValueError: There is no ``raw_ann_info``.
    """
    if 'raw_ann_info' not in sample:
        raise ValueError(
            f'The sample of image {sample["img_id"]} has no `raw_ann_info`; add it to `meta_keys` '
            'of PackPoseInputs, or give the metric an `ann_file`.'
        )
    anns = sample['raw_ann_info'] or []
    height, width = sample.get('ori_shape', (None, None))[:2]
    return dict(
        img_id=sample['img_id'],
        width=width,
        height=height,
        crowd_index=sample.get('crowd_index'),
        raw_ann_info=[anns] if isinstance(anns, dict) else list(anns),
    )


def samples_to_coco(gt_dicts: Sequence[dict]) -> dict:
    """A COCO data set rebuilt from what the data samples carry, without repetitions.

    Args:
        gt_dicts: What :func:`truth_of` returns for each sample.
    """
    images, annotations = {}, {}
    for gt in gt_dicts:
        image = dict(id=gt['img_id'], width=gt['width'], height=gt['height'])
        if gt.get('crowd_index') is not None:
            image['crowdIndex'] = gt['crowd_index']
        images[gt['img_id']] = image
        for ann in gt['raw_ann_info']:
            annotations[ann['id']] = ann
    categories = sorted({ann['category_id'] for ann in annotations.values()})
    return dict(
        images=[images[i] for i in sorted(images)],
        annotations=[annotations[i] for i in sorted(annotations)],
        categories=[dict(id=i, name=str(i)) for i in categories],
    )
