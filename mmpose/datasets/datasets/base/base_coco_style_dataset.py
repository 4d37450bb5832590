"""The base of the data sets whose labels stand in one COCO style JSON file."""

from __future__ import annotations

import logging
import os.path as osp
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset, force_full_init
from mmengine.logging import print_log

from mmpose.registry import DATASETS
from mmpose.structures.bbox.transforms import BODY_SHARE_OF_BOX
from mmpose.structures.metainfo import parse_pose_metainfo

from .coco_file import ENTRY_ERRORS, clipped_box, labelled_box, load_coco, unusable
from .detections import load_detections
from .stacking import stack_instances

# what the pipelines and the models need to know of the skeleton, with every item
ITEM_METAINFO = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'dataset_keypoint_weights',
    'flip_indices',
    'skeleton_links',
)


@DATASETS.register_module()
class BaseCocoStyleDataset(BaseDataset):
    """Items made from a COCO style annotation file.

    In ``topdown`` mode an item is one instance with its image: ``bbox`` (1, 4), ``keypoints``
    (1, K, 2), ``keypoints_visible`` (1, K). In ``bottomup`` mode an item is one image, and its N
    instances are stacked: ``bbox`` (N, 4), and so on; segmentations of instances that cannot be
    learnt from (crowds, people without a labelled keypoint) stand in ``invalid_segs``.

    A subclass names its keypoints in ``METAINFO``. If its boxes, keypoints or fields are unusual
    it overrides :meth:`parse_bbox`, :meth:`parse_keypoints` or :meth:`extra_fields`.

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

    Raises:
        FileNotFoundError: ``ann_file`` or ``bbox_file`` does not exist.
        ValueError: The arguments contradict each other, a file cannot be understood, or nothing
            usable is left.
    """

    METAINFO: dict = dict()

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
        self.data_mode = data_mode
        self.bbox_file = bbox_file
        self.sample_interval = sample_interval
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
        )

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        """The parsed skeleton: ``metainfo``, or where it is ``None`` the class's ``METAINFO``."""
        metainfo = cls.METAINFO if metainfo is None else metainfo
        if not isinstance(metainfo, dict):
            raise TypeError(
                f'metainfo is {metainfo!r}; expected a dict such as '
                "dict(from_file='configs/_base_/datasets/coco.py')."
            )
        return dict(parse_pose_metainfo(metainfo)) if metainfo else {}

    # ----------------------------------------------------------------- items

    def prepare_data(self, idx: int) -> Any:
        """What the pipeline makes of item ``idx``.

        The pipeline finds this data set under ``dataset``, to draw images to mix from.
        """
        data_info = self.get_data_info(idx)
        data_info['dataset'] = self
        return self.pipeline(data_info)

    @force_full_init
    def get_data_info(self, idx: int) -> dict:
        """Item ``idx`` before the pipeline.

        The parts that describe the skeleton belong to the data set and are not copied: a
        transform may replace them but must not write into them.
        """
        data_info = super().get_data_info(idx + len(self) if idx < 0 else idx)
        metainfo = self._metainfo
        data_info.update({key: metainfo[key] for key in ITEM_METAINFO if key in metainfo})
        return data_info

    # --------------------------------------------------------------- reading

    def load_data_list(self) -> list[dict]:
        """All items before ``filter_cfg``: annotated instances, images or detections.

        Raises:
            FileNotFoundError: A file does not exist.
            ValueError: A file cannot be understood, or has nothing to use.
        """
        coco = load_coco(self.ann_file, self.data_root)
        if 'categories' in coco:
            self._metainfo['CLASSES'] = coco['categories']
        images = self._index_images(coco.pop('images'))
        self._dropped: Counter[str] = Counter()
        if self.bbox_file:
            K = self._metainfo['num_keypoints']
            data_list = load_detections(self.bbox_file, images, K, self._dropped)
        elif self.data_mode == 'topdown':
            data_list = list(self._valid(self._instances(coco.pop('annotations'), images)))
        else:
            data_list = self._group_by_image(coco.pop('annotations'), images)
        self._report(data_list, len(images))
        return data_list

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
        bbox = self.parse_bbox(ann, image)
        keypoints, visible = self.parse_keypoints(ann, image)
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
            area=self.parse_area(ann, bbox),
            iscrowd=ann.get('iscrowd', False),
            segmentation=ann.get('segmentation'),
            id=ann['id'],
            category_id=np.array(ann.get('category_id', 1)),
            raw_ann_info=ann,
            **self.extra_fields(ann, image),
        )

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The instance's box held inside the image, (1, 4) xyxy in pixels.

        Where the annotation has no box, the box around its labelled keypoints.
        """
        box = ann.get('bbox') or labelled_box(ann['keypoints'])
        if len(box) != 4:
            raise ValueError(f'its bbox has {len(box)} numbers; expected 4 (x, y, w, h).')
        return clipped_box(*box, image)

    def parse_keypoints(self, ann: dict, image: dict) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, K, 2) in pixels, and whether labelled (1, K): 1 where v > 0, else 0."""
        return self.split_keypoints(ann['keypoints'])

    def parse_area(self, ann: dict, bbox: np.ndarray) -> np.ndarray:
        """The instance's area in square pixels, (), at least 1 where it is an estimate."""
        area = ann.get('area')
        if area is None:
            x1, y1, x2, y2 = bbox[0]
            area = max((x2 - x1) * (y2 - y1) * BODY_SHARE_OF_BOX, 1.0)
        return np.array(area, dtype=np.float32)

    def extra_fields(self, ann: dict, image: dict) -> dict:
        """More fields for the item; here ``crowd_index``, where the image states it."""
        return dict(crowd_index=image['crowdIndex']) if 'crowdIndex' in image else {}

    def split_keypoints(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (1, K, 2) and visibility (1, K) from a flat list x, y, v, x, y, v, ...

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
        return rows[..., :2].copy(), np.minimum(rows[..., 2], 1)

    def drop_reason(self, instance: dict) -> str | None:
        """Why the instance cannot be used, in a few words; ``None``: it can."""
        if instance.get('iscrowd'):
            return 'is a crowd'
        if instance.get('num_keypoints') == 0 or not instance['keypoints'].max(initial=0) > 0:
            return 'no keypoint labelled'
        x1, y1, x2, y2 = instance['bbox'][0]
        if not (x2 > x1 and y2 > y1):
            return 'box without area in the image'
        return None

    # ----------------------------------------------------------------- steps

    def _index_images(self, images: list[dict]) -> dict[Any, dict]:
        """The entries of the images by id, with ``img_id`` and ``img_path``."""
        folder, index = self.data_prefix.get('img', ''), {}
        for image in images:
            try:
                path = osp.join(folder, image['file_name'])
                index[image['id']] = dict(image, img_id=image['id'], img_path=path)
            except ENTRY_ERRORS as error:
                raise unusable('image', image, self.ann_file, error) from error
        return index

    def _sampled(self, images: dict[Any, dict]) -> dict[Any, dict]:
        """The images that ``sample_interval`` leaves."""
        if self.sample_interval == 1:
            return images
        if other := [image_id for image_id in images if not isinstance(image_id, int)]:
            raise ValueError(
                f'sample_interval={self.sample_interval} picks images by number, but '
                f'{self.ann_file!r} has the image id {other[0]!r}; leave it at 1.'
            )
        return {i: image for i, image in images.items() if i % self.sample_interval == 0}

    def _instances(self, annotations: list[dict], images: dict[Any, dict]) -> Iterator[dict]:
        """The parsed instances of the images in use, image by image."""
        by_image: dict[Any, list[dict]] = {}
        for ann in annotations:
            try:
                by_image.setdefault(ann['image_id'], []).append(ann)
            except ENTRY_ERRORS as error:
                raise unusable('annotation', ann, self.ann_file, error) from error
        annotations.clear()  # so that each is freed once it has been parsed
        self._dropped['unknown image_id'] += sum(
            len(anns) for image_id, anns in by_image.items() if image_id not in images
        )
        for image_id, image in self._sampled(images).items():
            for ann in by_image.pop(image_id, ()):
                try:
                    instance = self.parse_data_info(dict(raw_ann_info=ann, raw_img_info=image))
                except ENTRY_ERRORS as error:
                    raise unusable('annotation', ann, self.ann_file, error) from error
                if instance:
                    yield instance
                else:
                    self._dropped['no keypoints'] += 1

    def _valid(self, instances: Iterator[dict]) -> Iterator[dict]:
        for instance in instances:
            reason = self.drop_reason(instance)
            if reason is None:
                yield instance
            else:
                self._dropped[reason] += 1

    def _group_by_image(self, annotations: list[dict], images: dict[Any, dict]) -> list[dict]:
        """The items of ``bottomup`` mode: in training, images without annotations are left out."""
        groups: dict[Any, list[dict]] = {}
        for instance in self._instances(annotations, images):
            groups.setdefault(instance['img_id'], []).append(instance)
        data_list = [stack_instances(group, self.drop_reason) for group in groups.values()]
        if self.test_mode:
            data_list += [
                dict(img_id=image_id, img_path=image['img_path'], id=[], raw_ann_info=None)
                for image_id, image in self._sampled(images).items()
                if image_id not in groups
            ]
        return data_list

    def _report(self, data_list: list[dict], num_images: int) -> None:
        """Log how many items there are and what was dropped; raise if nothing is left."""
        file = self.bbox_file or self.ann_file
        dropped = ', '.join(f'{n} ({reason})' for reason, n in self._dropped.items() if n)
        if not data_list:
            raise ValueError(
                f'{file!r} has nothing to use for {type(self).__name__} in '
                f'{self.data_mode!r} mode: {num_images} images; dropped {dropped or "nothing"}. '
                'Check that the file belongs to this data set and labels keypoints.'
            )
        what = 'instances' if self.data_mode == 'topdown' else 'images with their instances'
        print_log(
            f'{type(self).__name__}: {len(data_list)} {what} from {num_images} images of {file}; '
            f'dropped {dropped or "none"}.',
            logger='current',
            level=logging.INFO,
        )

    def _serialize_data(self) -> tuple[np.ndarray, np.ndarray]:
        """The packed items and where each ends; each item is freed as soon as it is packed."""
        packed, ends = bytearray(), np.empty(len(self.data_list), dtype=np.int64)
        for i, item in enumerate(self.data_list):
            packed += pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)
            self.data_list[i] = None
            ends[i] = len(packed)
        self.data_list.clear()
        return np.frombuffer(packed, dtype=np.uint8), ends
