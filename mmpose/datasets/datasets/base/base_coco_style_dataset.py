"""The base of the data sets whose labels stand in one COCO style JSON file."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from mmengine.logging import print_log

from mmpose.registry import DATASETS
from mmpose.structures.bbox.transforms import BODY_SHARE_OF_BOX

from .annotation_file import open_coco
from .base_pose_dataset import BasePoseDataset
from .categories import chosen_ids
from .coco_file import (
    ENTRY_ERRORS,
    box_around,
    clipped_box,
    labelled_box,
    unusable,
    whole_image_box,
)
from .detections import load_detections
from .image_index import image_numbers, index_images, sampled_images
from .oddities import Oddities
from .packing import pack_items
from .stacking import stack_instances

BBOX_SOURCES = ('annotation', 'image', 'keypoints')


@DATASETS.register_module()
class BaseCocoStyleDataset(BasePoseDataset):
    """Items made from a COCO style annotation file.

    In ``topdown`` mode an item is one instance with its image: ``bbox`` (1, 4), ``keypoints``
    (1, K, 2), ``keypoints_visible`` (1, K). In ``bottomup`` mode an item is one image, and its N
    instances are stacked: ``bbox`` (N, 4), and so on; segmentations of instances that cannot be
    learnt from (crowds, people without a labelled keypoint) stand in ``invalid_segs``.

    A subclass names its keypoints in ``METAINFO``. If its boxes, keypoints or fields are unusual
    it overrides :meth:`parse_bbox`, :meth:`parse_keypoints`, :meth:`coco_fields` or
    :meth:`extra_fields`; if its file is no COCO file, :meth:`read_annotations`. What these read
    is not to be written into.

    Args:
        ann_file: The annotation file, relative to ``data_root``.
        bbox_file: Detections to use instead of the annotated boxes, a JSON list of
            ``{image_id, category_id, bbox: [x, y, w, h], score}``; only for testing in
            ``topdown`` mode. ``None``: use the annotated boxes.
        data_mode: ``'topdown'`` or ``'bottomup'``.
        metainfo: The skeleton, ``dict(from_file=...)`` or written out; ``None``: the class's own.
        data_root: The folder that relative paths start from.
        data_prefix: ``img`` is the folder of the images, relative to ``data_root``.
        filter_cfg: ``bbox_score_thr`` drops the detections that score less.
        indices: The first so many items (the last, if negative) or the items at these places;
            ``None``: all.
        serialize_data: Hold the items packed in one array, which forked workers share.
        pipeline: Transforms.
        test_mode: Whether the data is for validation and testing.
        lazy_init: Read the files at the first access instead of at once.
        max_refetch: How often training may draw another item when the pipeline yields ``None``.
        sample_interval: Use only the images whose id is a multiple of it.
        bbox_source: ``'annotation'``: the annotated boxes, and where there is none the box around
            the labelled keypoints. ``'keypoints'``: that box for all. ``'image'``: the whole
            image, for pictures of one object that is to be found without a detector.
        bbox_padding: How much a box made from keypoints is larger than they are, on each side, as
            a share of its longer side; 0.1 and more suits keypoints that lie inside the object.
        categories: Names or ids of the categories to use; ``None``: all, and of detections
            category 1, people.
        max_unreadable: How many images in training may be unreadable, in each worker, before that
            is an error; another item takes the place of each. In testing the first is an error.

    Raises:
        FileNotFoundError: ``ann_file`` or ``bbox_file`` does not exist.
        TypeError: ``categories`` is no list.
        ValueError: The arguments contradict each other, a file cannot be understood, or nothing
            usable is left.
    """

    def __init__(
        self,
        ann_file: str = '',
        bbox_file: str | None = None,
        data_mode: str = 'topdown',
        metainfo: dict | None = None,
        data_root: str | None = None,
        data_prefix: dict = dict(img=''),
        filter_cfg: dict | None = None,
        indices: int | Sequence[int] | None = None,
        serialize_data: bool = True,
        pipeline: list[dict | Callable] = [],
        test_mode: bool = False,
        lazy_init: bool = False,
        max_refetch: int = 1000,
        sample_interval: int = 1,
        bbox_source: str = 'annotation',
        bbox_padding: float = 0.0,
        categories: Sequence[str | int] | None = None,
        max_unreadable: int = 10,
    ):
        if data_mode not in ('topdown', 'bottomup'):
            raise ValueError(f"data_mode is {data_mode!r}; expected 'topdown' or 'bottomup'.")
        if bbox_file and not (data_mode == 'topdown' and test_mode):
            raise ValueError(
                f'bbox_file is for testing from detected boxes: it needs test_mode=True and '
                f"data_mode='topdown', but they are {test_mode} and {data_mode!r}. Remove it to "
                'use the annotated boxes.'
            )
        if sample_interval < 1:
            raise ValueError(f'sample_interval is {sample_interval}; expected 1 or more.')
        if bbox_source not in BBOX_SOURCES:
            raise ValueError(f'bbox_source is {bbox_source!r}; expected one of {BBOX_SOURCES}.')
        if not 0 <= bbox_padding < math.inf:
            raise ValueError(f'bbox_padding is {bbox_padding}; expected a share such as 0.1.')
        if isinstance(categories, (str, int)):
            raise TypeError(f'categories is {categories!r}; expected a list: [{categories!r}].')
        self.data_mode = data_mode
        self.bbox_file = bbox_file
        self.sample_interval = sample_interval
        self.bbox_source = bbox_source
        self.bbox_padding = bbox_padding
        self.categories = categories
        self._dropped: Counter[str] = Counter()
        super().__init__(
            ann_file=ann_file,
            metainfo=metainfo,
            data_root=data_root,
            data_prefix=data_prefix,
            filter_cfg=filter_cfg,
            indices=indices,
            serialize_data=serialize_data,
            pipeline=pipeline,
            test_mode=test_mode,
            lazy_init=lazy_init,
            max_refetch=max_refetch,
            max_unreadable=max_unreadable,
        )

    # --------------------------------------------------------------- reading

    @property
    def dropped(self) -> dict[str, int]:
        """How many annotations, or detections, were not used, by reason."""
        return {reason: count for reason, count in self._dropped.items() if count}

    def full_init(self) -> None:
        """Read the files, if that has not been done yet."""
        # a subclass with a list of its own, and a filter, need all items at once
        methods = ('load_data_list', 'filter_data')
        own_list = any(
            getattr(type(self), name) is not getattr(BaseCocoStyleDataset, name) for name in methods
        )
        if self._fully_initialized or self.filter_cfg or own_list or not self.serialize_data:
            super().full_init()
            return
        try:
            self.data_bytes, self.data_address = pack_items(self.load_items())
        except RecursionError as error:
            raise ValueError(f'{self.ann_file!r} is nested too deeply to be used.') from error
        self._fully_initialized = True
        if self._indices is not None:
            self.get_subset_(self._indices)

    def load_data_list(self) -> list[dict]:
        """All items before ``filter_cfg``: annotated instances, images or detections.

        Raises:
            FileNotFoundError: A file does not exist.
            ValueError: A file cannot be understood, or has nothing to use.
        """
        return list(self.load_items())

    def load_items(self) -> Iterator[dict]:
        """The items of :meth:`load_data_list`, one at a time."""
        coco = self.read_annotations()
        listed = coco.get('categories')
        if listed is not None:
            self._metainfo['CLASSES'] = listed
        self._dropped = Counter()
        self._oddities = Oddities(listed)
        self._category_ids = None
        if self.categories is not None:
            self._category_ids = chosen_ids(self.categories, listed, self.ann_file)
        images = self._index_images(coco.pop('images'))
        num_items = 0
        for item in self._items(coco.pop('annotations'), images):
            yield item
            num_items += 1
        self._report(num_items, len(images))

    def read_annotations(self) -> dict:
        """The annotation file in the COCO layout: the lists ``images`` and ``annotations``."""
        return open_coco(self.ann_file, self.data_root)

    def filter_data(self) -> list[dict]:
        """The items that ``filter_cfg`` keeps.

        Raises:
            ValueError: It keeps none, or asks for box scores in ``bottomup`` mode.
        """
        if not self.filter_cfg or 'bbox_score_thr' not in self.filter_cfg:
            return self.data_list
        if self.data_mode != 'topdown':
            raise ValueError("filter_cfg has 'bbox_score_thr', which needs data_mode='topdown'.")
        threshold = self.filter_cfg['bbox_score_thr']
        kept = [item for item in self.data_list if item['bbox_score'][0] >= threshold]
        if not kept:
            best = max(item['bbox_score'][0] for item in self.data_list)
            raise ValueError(
                f'No box reaches filter_cfg.bbox_score_thr={threshold}; the best of '
                f'{len(self.data_list)} scores {best:.3g}. Lower the threshold.'
            )
        return kept

    def parse_data_info(self, raw_data_info: dict) -> dict | None:
        """One instance as an item of ``topdown`` mode, or ``None`` if it has no keypoints.

        Args:
            raw_data_info: ``raw_ann_info``, the annotation as the file has it, and
                ``raw_img_info``, its image's entry with ``img_id`` and ``img_path`` added.
        """
        ann, image = raw_data_info['raw_ann_info'], raw_data_info['raw_img_info']
        if 'keypoints' not in ann:
            return None
        keypoints, visible = self.parse_keypoints(ann, image)
        bbox = self.choose_bbox(ann, image, keypoints[visible > 0])
        num_keypoints = ann.get('num_keypoints')
        if num_keypoints is None:
            num_keypoints = int(np.count_nonzero(visible > 0))
        return dict(
            img_id=image['img_id'],
            img_path=image['img_path'],
            bbox=bbox,
            bbox_score=np.ones(1, dtype=np.float32),
            num_keypoints=num_keypoints,
            keypoints=keypoints,
            keypoints_visible=visible,
            iscrowd=ann.get('iscrowd', False),
            id=ann['id'],
            **self.coco_fields(ann, bbox),
            **self.extra_fields(ann, image),
        )

    def choose_bbox(self, ann: dict, image: dict, labelled: np.ndarray) -> np.ndarray:
        """The instance's box from its ``bbox_source``, (1, 4) xyxy in pixels.

        Args:
            ann: The annotation.
            image: The entry of its image.
            labelled: (n, 2) its labelled keypoints.
        """
        if self.bbox_source == 'image':
            return whole_image_box(image)
        if self.bbox_source == 'keypoints':
            return clipped_box(*box_around(labelled, self.bbox_padding), image)
        return self.parse_bbox(ann, image)

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The instance's box held inside the image, (1, 4) xyxy in pixels.

        Where the annotation has no box, the box around its labelled keypoints.
        """
        box = ann.get('bbox') or labelled_box(ann['keypoints'], self.bbox_padding)
        if len(box) != 4:
            raise ValueError(f'its bbox has {len(box)} numbers; expected 4 (x, y, w, h).')
        return clipped_box(*box, image)

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, K, 2) in pixels, and whether labelled (1, K): 1 where v > 0, else 0."""
        return self.split_keypoints(ann['keypoints'])

    def parse_area(self, ann: dict, bbox: np.ndarray) -> np.ndarray:
        """The instance's area in square pixels, (), at least 1 where it is an estimate."""
        area = ann.get('area')
        if area is None or not math.isfinite(area):
            x1, y1, x2, y2 = bbox[0]
            area = max((x2 - x1) * (y2 - y1) * BODY_SHARE_OF_BOX, 1.0)
        return np.array(area, dtype=np.float32)

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """What the scoring of COCO needs besides: area, segmentation, category, raw annotation.

        A data set that is scored otherwise leaves out what its items do not need.
        """
        return dict(
            area=self.parse_area(ann, bbox),
            segmentation=ann.get('segmentation'),
            category_id=np.array(ann.get('category_id', 1)),
            raw_ann_info=ann,
        )

    def extra_fields(self, ann: dict, image: dict) -> dict:
        """More fields for the item; here ``crowd_index``, where the image states it."""
        return dict(crowd_index=image['crowdIndex']) if 'crowdIndex' in image else {}

    def split_keypoints(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, K, 2) and visibility (1, K) from a flat list x, y, v, x, y, v, ...

        Keypoints whose numbers are not all finite count as not labelled.

        Raises:
            ValueError: The list does not have three numbers for each keypoint of ``metainfo``.
        """
        num_keypoints = self._metainfo.get('num_keypoints', len(values) // 3)
        if len(values) != 3 * num_keypoints:
            raise ValueError(
                f'its keypoints have {len(values)} numbers; expected 3 * {num_keypoints} = '
                f'{3 * num_keypoints} (x, y, v for each keypoint of '
                f'{self._metainfo.get("dataset_name", "this data set")!r}). Set `metainfo` to '
                'the skeleton that the file was labelled with.'
            )
        rows = np.array(values, dtype=np.float32).reshape(1, num_keypoints, 3)
        if not math.isfinite(rows.sum()):
            rows[~np.isfinite(rows).all(axis=-1)] = 0
        return rows[..., :2].copy(), np.minimum(rows[..., 2], 1)

    def drop_reason(self, instance: dict) -> str | None:
        """Why the instance cannot be used, in a few words; ``None``: it can."""
        if instance.get('iscrowd'):
            return 'is a crowd'
        if instance.get('num_keypoints') == 0 or not instance['keypoints'].max(initial=0) > 0:
            return 'no keypoint labelled'
        x1, y1, x2, y2 = instance['bbox'][0].tolist()
        if not (0 < x2 - x1 < math.inf and 0 < y2 - y1 < math.inf):
            return 'box without area in the image'
        return None

    def split_annotation(self, ann: dict) -> Iterable[dict]:
        """The annotations of the instances that one of the file is about: itself."""
        return (ann,)

    # ----------------------------------------------------------------- steps

    def _index_images(self, images: list[dict]) -> dict[Hashable, dict]:
        """The entries of the images by id, with ``img_id`` and ``img_path``."""
        folder = self.data_prefix.get('img', '')
        return index_images(images, folder, self.ann_file, self._oddities)

    def _sampled(self, images: dict[Hashable, dict]) -> dict[Hashable, dict]:
        """The images that ``sample_interval`` leaves."""
        return sampled_images(images, self.sample_interval, self.ann_file)

    def _items(self, annotations: Sequence[dict], images: dict[Hashable, dict]) -> Iterator[dict]:
        if self.bbox_file:
            K, categories = self._metainfo['num_keypoints'], self._category_ids
            return load_detections(self.bbox_file, images, K, self._dropped, categories)
        if self.data_mode == 'topdown':
            return self._valid(self._instances(annotations, images))
        return self._stacked(annotations, images)

    def _instances(
        self, annotations: Sequence[dict], images: dict[Hashable, dict]
    ) -> Iterator[dict]:
        """The parsed instances of the images in use, image by image."""
        used = self._sampled(images)
        numbers, num_unknown = image_numbers(annotations, images, used, self.ann_file)
        self._dropped['unknown image_id'] += num_unknown
        entries = list(used.values())
        # within an image in the order of the file
        for place in np.argsort(numbers, kind='stable')[np.count_nonzero(numbers < 0) :].tolist():
            ann, image = annotations[place], entries[numbers[place]]
            try:
                self._oddities.see(ann)
                chosen = self._category_ids
                if chosen is not None and ann.get('category_id', 1) not in chosen:
                    self._dropped['category not chosen'] += 1
                    continue
                for part in self.split_annotation(ann):
                    instance = self.parse_data_info(dict(raw_ann_info=part, raw_img_info=image))
                    if instance:
                        yield instance
                    else:
                        self._dropped['no keypoints'] += 1
            except ENTRY_ERRORS as error:
                raise unusable('annotation', ann, self.ann_file, error) from error

    def _valid(self, instances: Iterable[dict]) -> Iterator[dict]:
        for instance in instances:
            reason = self.drop_reason(instance)
            if reason is None:
                yield instance
            else:
                self._dropped[reason] += 1

    def _stacked(self, annotations: Sequence[dict], images: dict[Hashable, dict]) -> Iterator[dict]:
        """The items of ``bottomup`` mode: in training, images without annotations are left out."""
        labelled = set()
        instances = self._instances(annotations, images)
        for image_id, group in groupby(instances, key=lambda instance: instance['img_id']):
            labelled.add(image_id)
            try:
                yield stack_instances(list(group), self.drop_reason)
            except ENTRY_ERRORS as error:
                raise unusable('image', dict(id=image_id), self.ann_file, error) from error
        if self.test_mode:
            for image_id, image in self._sampled(images).items():
                if image_id not in labelled:
                    yield dict(
                        img_id=image_id, img_path=image['img_path'], id=[], raw_ann_info=None
                    )

    def _report(self, num_items: int, num_images: int) -> None:
        """Log how many items there are and what was dropped; raise if nothing is left."""
        file = self.bbox_file or self.ann_file
        dropped = ', '.join(f'{n} ({reason})' for reason, n in self.dropped.items())
        if not num_items:
            raise ValueError(
                f'{file!r} has nothing to use for {type(self).__name__} in '
                f'{self.data_mode!r} mode: {num_images} images; dropped {dropped or "nothing"}. '
                'Check that the file belongs to this data set and labels keypoints.'
            )
        what = 'instances' if self.data_mode == 'topdown' else 'images with their instances'
        print_log(
            f'{type(self).__name__}: {num_items} {what} from {num_images} images of {file}; '
            f'dropped {dropped or "none"}.',
            logger='current',
            level=logging.INFO,
        )
        for line in self._oddities.lines():
            print_log(f'{self.ann_file}: {line}', logger='current', level=logging.WARNING)
        del self._oddities
