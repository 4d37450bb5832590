"""MPII: 16 keypoints of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mmpose.registry import DATASETS

from ..base.base_center_scale_dataset import BaseCenterScaleDataset
from ..base.coco_file import ENTRY_ERRORS, kind_of, load_json, unusable

HEAD_SIZE_PER_DIAGONAL = 0.6  # of the head box; the factor of the published PCKh scores


@DATASETS.register_module()
class MpiiDataset(BaseCenterScaleDataset):
    """16 keypoints of people. Paper: `Andriluka et al., 2014 <http://human-pose.mpi-inf.mpg.de>`_.

    The annotation file is a JSON list of ``{image, center, scale, joints, joints_vis}``. An
    item's ``id`` is its place in the list, and its ``img_id`` the number that names the image.

    Args:
        ann_file: As in the base, like all that is not listed here.
        bbox_file: Not supported: the annotation file lacks the sizes of the images.
        headbox_file: MATLAB file with the head boxes of the same people, ``headboxes_src``
            (2, 2, n), whose size PCKh refers to; not relative to ``data_root``. With it items have
            ``head_size`` (1, 1), pixels.
        data_mode: ``'topdown'`` or ``'bottomup'``.
        **kwargs: See :class:`BaseCocoStyleDataset`.

    Raises:
        ValueError: There is a ``bbox_file``, or the head boxes are those of other people.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/mpii.py')

    def __init__(
        self,
        ann_file: str = '',
        bbox_file: str | None = None,
        headbox_file: str | None = None,
        data_mode: str = 'topdown',
        **kwargs: Any,
    ) -> None:
        if bbox_file:
            raise ValueError(
                f'bbox_file is {bbox_file!r}, but items of detected boxes have the size of their '
                'image, which the annotation file of MPII lacks; remove it to use the annotated '
                'boxes.'
            )
        self.headbox_file = headbox_file
        super().__init__(ann_file, bbox_file, data_mode, **kwargs)

    def read_annotations(self) -> dict:
        """The list of people in the COCO layout."""
        people = load_json(self.ann_file, self.data_root)
        if not isinstance(people, list):
            raise ValueError(
                f'{self.ann_file!r} holds {kind_of(people)}; expected a JSON list of '
                '{"image", "center", "scale", "joints", "joints_vis"}.'
            )
        images, annotations = [], []
        for i, person in enumerate(people):
            if isinstance(person, dict):
                person['id'] = i
            try:
                annotations.append(_coco_annotation(person))
                images.append(dict(id=annotations[-1]['image_id'], file_name=person['image']))
            except ENTRY_ERRORS as error:
                raise unusable('annotation', person, self.ann_file, error) from error
        if self.headbox_file:
            sizes = _head_sizes(self.headbox_file, len(people))
            for ann, size in zip(annotations, sizes, strict=True):
                ann['head_size'] = size
        return dict(images=images, annotations=annotations)

    def parse_data_info(self, raw_data_info: dict) -> dict | None:
        """One person as an item of ``topdown`` mode, or ``None`` if it has no keypoints."""
        item = super().parse_data_info(raw_data_info)
        if item:
            del item['iscrowd']  # MPII marks no crowds
        return item

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The square of the person, (1, 4) xyxy in pixels.

        It lies 15 pixels times the scale lower than annotated, where the legs are.
        """
        x, y = ann['center']
        if x != -1:
            y += 15 * ann['scale']
        # the file counts the pixels of centers from 1, those of joints from 0
        return super().parse_bbox(dict(ann, center=(x - 1, y - 1)), image)

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """Center and scale of the square, its estimated area and the category, both (1,)."""
        return dict(
            super().coco_fields(ann, bbox),
            area=self.parse_area(ann, bbox).reshape(1),
            category_id=np.array([ann.get('category_id', 1)]),
        )

    def extra_fields(self, ann: dict, image: dict) -> dict:
        """The size of the head, where it is known."""
        return dict(head_size=ann['head_size']) if 'head_size' in ann else {}


def _coco_annotation(person: dict) -> dict:
    """An entry of the file as an annotation of COCO."""
    ann = dict(person, image_id=int(Path(person['image']).stem))
    if 'joints' in ann:  # the people of the published test file have none
        rows = np.column_stack((ann.pop('joints'), ann.pop('joints_vis')))
        ann['keypoints'] = rows.ravel()
    return ann


def _head_sizes(path: str, num_people: int) -> np.ndarray:
    """The size of each person's head, (n, 1, 1) in pixels.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It does not have the head boxes of that many people.
    """
    from scipy.io import loadmat

    if not Path(path).is_file():
        raise FileNotFoundError(
            f'There is no file {path!r} (resolved to {str(Path(path).absolute())!r}); set '
            '`headbox_file` to the `mpii_gt_val.mat` of the people in `ann_file`.'
        )
    try:
        content = loadmat(path)
    except Exception as error:  # SciPy documents none
        raise ValueError(
            f'{path!r} is no MATLAB file of version 7.2 or before: {error}.'
        ) from error
    corners = content.get('headboxes_src')
    if corners is None or corners.shape != (2, 2, num_people):
        found = 'no `headboxes_src`' if corners is None else f'head boxes of shape {corners.shape}'
        raise ValueError(
            f'{path!r} has {found}; expected (2, 2, {num_people}): two corners (x, y) for each of '
            f'the {num_people} people in `ann_file`. Set `headbox_file` to the file that belongs '
            'to it.'
        )
    diagonals = np.linalg.norm(np.diff(corners.astype(np.float64), axis=0)[0], axis=0)
    return HEAD_SIZE_PER_DIAGONAL * diagonals.reshape(-1, 1, 1)
