"""Collecting pictures and labelled instances, and writing them as COCO files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmpose.structures.bbox.transforms import BODY_SHARE_OF_BOX
from mmpose.structures.keypoint import mirrors_by_name

from .coco_entries import box_around_keypoints, checked_box, checked_keypoints
from .errors import ConversionError
from .metainfo_file import both_ways, metainfo_text
from .sources import picture_size

NUM_EXAMPLES = 5  # of each kind of dropped entry, that are kept to be shown


class CocoWriter:
    """The pictures and instances of one data set, to be written as COCO annotation files.

    All categories share the K keypoints. What a source has but cannot be used is told to
    :meth:`drop`, so that it can be shown at the end.

    Args:
        keypoints: The K names.
        links: Pairs of names that the skeleton joins.
        swaps: The mirror image of each keypoint that has one, by name; either direction is
            enough. ``None``: told by ``left`` and ``right``, or a single ``l`` and ``r``, in names.
        category: Name of what is labelled, or the names of several categories.
        dataset_name: Name of the data set in the metainfo file.
        image_root: The folder that the names of the pictures start from.
        sigmas: The OKS sigma of each keypoint (K,); ``None``: 0.05 for all.
        weights: The weight of each keypoint in the loss (K,); ``None``: 1 for all.
        box_margin: How much wider a box made from keypoints is on each side, as a share of the
            longer side of the box around them; at least 8 pixels.

    Attributes:
        images: The COCO entries of the pictures; ids start from 1.
        annotations: The COCO entries of the instances; ids start from 1.
        groups: What each picture belongs to (a sequence, a folder) by image id, where given.
        splits: The part of the data set that the source puts a picture in, by image id.
        dropped: How often something was left out, by reason.
        examples: Some of what was left out, by reason.

    Raises:
        ConversionError: Names repeat, or links, swaps, sigmas or weights do not fit them.

    Examples:
        >>> writer = CocoWriter(['nose', 'left_ear', 'right_ear'], category='mouse')
        >>> image_id = writer.add_image('0.png', width=640, height=480)
        >>> writer.add_instance(image_id, [[100, 200, 2], [140, 220, 2], [0, 0, 0]])
        1
        >>> writer.boxed(writer.annotations[0])['bbox']
        [92.0, 192.0, 56.0, 36.0]
    """

    metainfo: str | None = None  # the shipped metainfo file, where one says what the keypoints are

    def __init__(
        self,
        keypoints: Sequence[str],
        links: Iterable[Sequence[str]] = (),
        swaps: Mapping[str, str] | None = None,
        category: str | Sequence[str] = 'animal',
        dataset_name: str = 'custom',
        image_root: str | Path = '.',
        sigmas: Sequence[float] | None = None,
        weights: Sequence[float] | None = None,
        box_margin: float = 0.2,
    ):
        self.keypoints = [str(name) for name in keypoints]
        if not self.keypoints or len(set(self.keypoints)) < self.num_keypoints:
            raise ConversionError(f'keypoints is {self.keypoints}; expected different names.')
        self.set_skeleton(links, mirrors_by_name(self.keypoints) if swaps is None else swaps)
        self.categories = [category] if isinstance(category, str) else list(category)
        self.dataset_name = dataset_name
        self.image_root = Path(image_root)
        self.sigmas = [0.05] * self.num_keypoints if sigmas is None else list(sigmas)
        self.weights = [1.0] * self.num_keypoints if weights is None else list(weights)
        self.box_margin = box_margin
        self._check_numbers()
        self.images: list[dict] = []
        self.annotations: list[dict] = []
        self.groups: dict[int, str] = {}
        self.splits: dict[int, str] = {}
        self.dropped: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self._image_ids: dict[str, int] = {}

    @classmethod
    def from_metainfo(cls, metainfo: str, **kwargs) -> CocoWriter:
        """A writer for the keypoints of a metainfo file that is there already.

        Args:
            metainfo: Such as 'configs/_base_/datasets/mpii.py'.
            kwargs: Further arguments of the class.
        """
        from mmpose.structures.metainfo import parse_pose_metainfo

        info = parse_pose_metainfo(dict(from_file=metainfo))
        names = list(info['keypoint_id2name'].values())
        writer = cls(
            names,
            links=[(names[i], names[j]) for i, j in info['skeleton_links']],
            swaps={names[i]: names[j] for i, j in info['flip_pairs']},
            sigmas=info['sigmas'].tolist() or None,
            weights=info['dataset_keypoint_weights'].tolist(),
            **{'dataset_name': info['dataset_name'], **kwargs},
        )
        writer.metainfo = metainfo
        return writer

    def set_skeleton(
        self,
        links: Iterable[Sequence[str]] | None = None,
        swaps: Mapping[str, str] | None = None,
    ) -> None:
        """Replace what the skeleton joins, and what mirrors what.

        Args:
            links: As in the class; ``None``: unchanged.
            swaps: As in the class, but ``None``: unchanged.

        Raises:
            ConversionError: They do not fit the names of the keypoints.
        """
        if links is not None:
            self.links = [(str(start), str(end)) for start, end in links]
        if swaps is not None:
            self.swaps = both_ways(swaps)
        used = {name for link in self.links for name in link} | set(self.swaps)
        if unknown := sorted(used - set(self.keypoints)):
            raise ConversionError(
                f'links or swaps name {", ".join(unknown)}; expected names from '
                f'{", ".join(self.keypoints)}.'
            )

    @property
    def num_keypoints(self) -> int:
        """K."""
        return len(self.keypoints)

    # ------------------------------------------------------------- collecting

    def add_image(
        self,
        file_name: str,
        width: int,
        height: int,
        group: str | None = None,
        split: str | None = None,
        **extra: Any,
    ) -> int:
        """Add a picture unless it is there already; returns its id.

        Args:
            file_name: Its path from ``image_root``.
            width: In pixels.
            height: In pixels.
            group: The sequence or folder that it must not be parted from when the data is split.
            split: The part the source puts it in, such as ``'train'``; ``None``: none.
            extra: Further fields of its entry, such as ``frame_id``.

        Raises:
            ConversionError: The size is not positive, or the picture was added with another size.
        """
        if not (width > 0 and height > 0):
            raise ConversionError(f'{file_name!r} is {width} x {height}; expected a positive size.')
        if image_id := self._image_ids.get(file_name):
            known = self.images[image_id - 1]
            if (known['width'], known['height']) != (width, height):
                raise ConversionError(
                    f'{file_name!r} is {width} x {height}, but was added as {known["width"]} x '
                    f'{known["height"]}; give each picture a name of its own.'
                )
            return image_id
        image_id = self._image_ids[file_name] = len(self.images) + 1
        size = dict(width=int(width), height=int(height))
        self.images.append(dict(id=image_id, file_name=file_name, **size, **extra))
        if group is not None:
            self.groups[image_id] = str(group)
        if split is not None:
            self.splits[image_id] = str(split)
        return image_id

    def add_picture(self, file_name: str | Path, **kwargs: Any) -> int | None:
        """Add the picture file ``file_name`` of ``image_root`` with its size; returns its id.

        A file that is not there or is no picture is dropped, and the result is ``None``.

        Args:
            file_name: Its path from ``image_root``.
            kwargs: The further arguments of :meth:`add_image`.
        """
        name = Path(file_name).as_posix()
        if image_id := self._image_ids.get(name):
            return image_id
        try:
            width, height = picture_size(self.image_root / name)
        except FileNotFoundError:
            return self.drop('picture missing', name)
        except OSError as error:
            return self.drop('picture unreadable', f'{name} ({error})')
        return self.add_image(name, width, height, **kwargs)

    def add_instance(
        self,
        image_id: int,
        keypoints: np.ndarray | Sequence,
        bbox: Sequence[float] | None = None,
        area: float | None = None,
        iscrowd: int = 0,
        track_id: int | None = None,
        category: str | None = None,
        **extra: Any,
    ) -> int | None:
        """Add an instance; returns its id.

        One without a labelled keypoint and without a box is dropped, and the result is ``None``.

        Args:
            image_id: Its picture.
            keypoints: (K, 3) x and y in pixels and v: 0 not labelled, 1 labelled but hidden,
                2 labelled and seen. x and y are not read where v is 0, and v counts as 0 where
                they are not finite.
            bbox: x, y, w, h in pixels; ``None``: around the labelled keypoints, with a margin.
            area: In square pixels; ``None``: the share of the box that people cover by the
                published convention, 0.53.
            iscrowd: 1 for a group labelled as one, which is not learnt from.
            track_id: Of the same individual in other pictures.
            category: Its name; ``None``: the first one.
            extra: Further fields of its entry.

        Raises:
            ConversionError: An argument is not as described.
        """
        if not 1 <= image_id <= len(self.images):
            raise ConversionError(f'There is no picture {image_id!r}; add_image returns the ids.')
        rows = checked_keypoints(keypoints, self.keypoints)
        labelled = rows[:, 2] > 0
        if bbox is not None:
            bbox = checked_box(bbox)
        elif not labelled.any():
            name = self.images[image_id - 1]['file_name']
            return self.drop('instance without a labelled keypoint', name)
        flat = [value for x, y, v in rows.tolist() for value in (x, y, int(v))]
        annotation = dict(
            id=len(self.annotations) + 1,
            image_id=image_id,
            category_id=self._category_id(category),
            keypoints=flat,
            num_keypoints=int(labelled.sum()),
            bbox=bbox,
            area=area,
            iscrowd=int(iscrowd),
            **extra,
        )
        if track_id is not None:
            annotation['track_id'] = track_id
        self.annotations.append(annotation)
        return annotation['id']

    def rows_by_name(self, points: Iterable[tuple[str, Sequence[float]]], where: str) -> np.ndarray:
        """The keypoints (K, 3) of an instance whose points are labelled by name.

        What is labelled twice, or is no keypoint, is dropped.

        Args:
            points: Names with x, y and v.
            where: The picture, to name it.
        """
        rows, seen = np.zeros((self.num_keypoints, 3)), set()
        for name, row in points:
            if name not in self.keypoints:
                self.drop('point that is no keypoint', f'{name!r} in {where}')
            elif name in seen:
                self.drop('keypoint labelled twice in one instance', f'{name!r} in {where}')
            else:
                rows[self.keypoints.index(name)] = row
                seen.add(name)
        return rows

    def drop(self, reason: str, example: str = '', count: int = 1) -> None:
        """Count something that cannot be used.

        Args:
            reason: In a few words, such as ``'picture missing'``.
            example: Which one it is.
            count: How many they are.
        """
        self.dropped[reason] += count
        examples = self.examples.setdefault(reason, [])
        if example and len(examples) < NUM_EXAMPLES and example not in examples:
            examples.append(example)

    # ---------------------------------------------------------------- writing

    def write(
        self,
        ann_file: str | Path,
        metainfo_file: str | Path | None = None,
        image_ids: Iterable[int] | None = None,
    ) -> None:
        """Write a COCO annotation file, and the metainfo file that a config refers to.

        Args:
            ann_file: Where; its folder is made if absent.
            metainfo_file: Where, for ``metainfo=dict(from_file=...)``; ``None``: not written.
            image_ids: Which pictures, with their instances; ``None``: all.
        """
        kept = range(1, len(self.images) + 1) if image_ids is None else set(image_ids)
        ids = {name: i for i, name in enumerate(self.keypoints, start=1)}
        skeleton = [[ids[start], ids[end]] for start, end in self.links]
        content = dict(
            info=dict(description=self.dataset_name),
            images=[image for image in self.images if image['id'] in kept],
            annotations=[self.boxed(ann) for ann in self.annotations if ann['image_id'] in kept],
            categories=[
                dict(id=i, name=name, keypoints=self.keypoints, skeleton=skeleton)
                for i, name in enumerate(self.categories, start=1)
            ],
        )
        _write_text(ann_file, json.dumps(content, separators=(',', ':'), ensure_ascii=False))
        if metainfo_file is not None:
            self.write_metainfo(metainfo_file)

    def write_metainfo(self, metainfo_file: str | Path) -> None:
        """Write the metainfo file alone."""
        text = metainfo_text(
            self.dataset_name, self.keypoints, self.links, self.swaps, self.weights, self.sigmas
        )
        _write_text(metainfo_file, text)

    def boxed(self, annotation: dict) -> dict:
        """The annotation with the box and the area that it was added without."""
        box, area = annotation['bbox'], annotation['area']
        if box is None:
            image = self.images[annotation['image_id'] - 1]
            box = box_around_keypoints(annotation['keypoints'], image, self.box_margin)
        if area is None:
            area = round(box[2] * box[3] * BODY_SHARE_OF_BOX, 2)
        return {**annotation, 'bbox': box, 'area': area}

    # --------------------------------------------------------------- checking

    def _category_id(self, category: str | None) -> int:
        if category is None:
            return 1
        if category not in self.categories:
            raise ConversionError(f'category is {category!r}; expected one of {self.categories}.')
        return self.categories.index(category) + 1

    def _check_numbers(self) -> None:
        for what in ('sigmas', 'weights'):
            if len(getattr(self, what)) != self.num_keypoints:
                raise ConversionError(
                    f'{len(getattr(self, what))} {what} for {self.num_keypoints} keypoints; give '
                    'one for each.'
                )


def _write_text(path: str | Path, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding='utf-8')
