"""What is wrong with the labels of one data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.datasets.datasets.base.annotation_file import open_coco
from mmpose.datasets.datasets.base.coco_file import ENTRY_ERRORS
from mmpose.structures.keypoint import mirrors_by_name

from .coco_summary import CocoSummary, summary_of
from .items import ItemSummary
from .report import Report, counted, examples


def coco_summary_of(dataset: Any) -> CocoSummary | None:
    """The summary of a data set's annotation file; ``None`` if it is of another layout.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no COCO file.
    """
    if not isinstance(dataset, BaseCocoStyleDataset) or not dataset.ann_file:
        return None
    if _overrides(dataset, 'load_data_list', 'load_items', 'read_annotations'):
        return None
    return summary_of(dataset.ann_file)


def _overrides(dataset: Any, *methods: str) -> bool:
    """Whether a data set has one of the base's methods its own way."""
    return any(
        getattr(type(dataset), name) is not getattr(BaseCocoStyleDataset, name) for name in methods
    )


def check_file(place: str, dataset: Any, coco: CocoSummary, report: Report) -> None:
    """Report what is wrong with the annotation file of a data set."""
    for what, ids in coco.duplicates.items():
        if ids:
            report.fault(
                place,
                f'{what} of {dataset.ann_file} share ids, {len(ids)} of which occur more than '
                f'once: {examples(ids)}; give each its own id.',
            )
    unlisted = coco.categories - (coco.listed_categories or coco.categories)
    if unlisted:
        report.remark(
            place,
            f'{dataset.ann_file} does not list the categories {examples(sorted(unlisted))}, which '
            'annotations have',
        )
    if coco.not_finite:
        which = counted(len(coco.not_finite), 'annotation')
        report.remark(
            place,
            f'{which} with keypoints at NaN or infinity, which count as not labelled: '
            f'{examples(coco.not_finite)}',
        )
    if dataset.bbox_source != 'annotation' or _overrides(
        dataset, 'parse_bbox', 'choose_bbox', 'split_annotation'
    ):
        return  # the boxes of the file are not those used, or other ones
    for kind, ids in coco.poor_boxes.items():
        boxes = 'box' if len(ids) == 1 else 'boxes'
        report.remark(place, f'{len(ids)} {boxes} {kind}: annotations {examples(ids)}')


def check_items(place: str, dataset: Any, items: ItemSummary, report: Report) -> None:
    """Report what is wrong with the items of a data set."""
    if items.num_read < items.num_items:
        report.remark(place, f'{items.num_read} of {items.num_items} items were counted')
    if items.no_area:
        report.fault(
            place,
            f'{counted(len(items.no_area), "item")} with a box of no area, which cannot be '
            f'cropped: ids {examples(items.no_area)}; remove them.',
        )
    if items.outside:
        which = counted(len(items.outside), 'instance')
        report.remark(
            place,
            f'{which} with labelled keypoints outside the picture: ids {examples(items.outside)}',
        )
    names = dataset.metainfo.get('keypoint_id2name', {})
    if items.labelled is not None:
        never = [names.get(k, k) for k in np.flatnonzero(items.labelled == 0)]
        if never:
            report.remark(
                place, f'{counted(len(never), "keypoint")} never labelled: {examples(never, 20)}'
            )


def check_mirrors(place: str, metainfo: Mapping, report: Report) -> None:
    """Report keypoints whose mirror is not the one that their names say."""
    names = metainfo.get('keypoint_name2id', {})
    flip_indices = metainfo.get('flip_indices', [])
    wrong = [
        f'{name} (mirrors {metainfo["keypoint_id2name"][flip_indices[names[name]]]})'
        for name, other in mirrors_by_name(list(names)).items()
        if flip_indices[names[name]] != names[other]
    ]
    if wrong:
        report.remark(
            place,
            f'flip_indices and names disagree about {counted(len(wrong), "keypoint")}: '
            f'{examples(wrong)}; check `swap` in the keypoint definition.',
        )


def unusable_entries(dataset: Any) -> Iterator[str]:
    """What is wrong with the entries that a data set cannot read, same ones together."""
    coco = open_coco(dataset.ann_file, dataset.data_root)
    images, found = {}, {}
    for image in coco['images']:
        try:
            images[image['id']] = dict(image, img_id=image['id'], img_path=image['file_name'])
        except ENTRY_ERRORS as error:
            _note(found, 'image', image, error)
    for ann in coco['annotations']:
        try:
            image = images.get(ann['image_id'])
            for part in dataset.split_annotation(ann) if image else ():
                dataset.parse_data_info(dict(raw_ann_info=part, raw_img_info=image))
        except ENTRY_ERRORS as error:
            _note(found, 'annotation', ann, error)
    for (what, reason), ids in found.items():
        yield f'{counted(len(ids), what)} cannot be used ({examples(ids)}): {reason}'


def _note(found: dict[tuple[str, str], list], what: str, entry: Any, error: Exception) -> None:
    """Add an entry to those of the same kind that cannot be used for the same reason."""
    if not isinstance(entry, dict):
        reason, name = 'expected an object.', entry
    else:
        reason = f'it has no {error}.' if isinstance(error, KeyError) else str(error)
        name = entry.get('id', 'one without an id')
    found.setdefault((what, reason), []).append(name)
