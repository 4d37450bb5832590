"""UBody, upper bodies in videos of everyday scenes."""

from __future__ import annotations

import logging
import os.path as osp
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmpose.registry import DATASETS

from ..base.base_mocap_dataset import BaseMocapDataset
from ..base.coco_file import ENTRY_ERRORS, load_coco, unusable
from ..base.frame_windows import number_videos


@DATASETS.register_module()
class UBody3dDataset(BaseMocapDataset):
    """Keypoints of whole bodies, many of which show no more than the upper half.

    Paper: `Lin et al., CVPR 2023 <https://arxiv.org/abs/2303.16160>`_.

    The file is a COCO style JSON file. In an annotation ``keypoints`` are K pairs of x and y,
    ``keypoints_3d`` K triples of x and y in pixels and the depth, ``keypoints_valid`` K flags, and
    ``camera_param`` has ``focal`` and ``princpt`` in pixels; the annotations of one person
    (``person_id``) in the images of one folder are a video. ``bbox`` (1, 4) of an item is x, y, w,
    h, as in the file. Instead of ``target_img_path`` an item has ``target_img_paths``,
    ``target_idx``, the targets' places among its frames, and ``img_path``, ``bbox_scores`` (1,),
    ``bbox_scales`` (1, 2) and ``factor`` (T',), 0 for unknown.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/ubody3d.py')

    def load_labels(self) -> dict[str, np.ndarray]:
        """See :class:`BaseMocapDataset`.

        There also are ``bbox`` (N, 4), the ids ``id`` and ``img_id`` (N,), and of the cameras
        ``f``, ``c`` and ``size`` (N, 2).
        """
        coco = load_coco(self.ann_file, self.data_root)
        images = self._index_images(coco['images'])
        annotations, rows = coco['annotations'], []
        for ann in annotations:
            try:
                K = len(annotations[0]['keypoints'])  # which all others must have as well
                if ann['image_id'] not in images:
                    raise ValueError(f'its image_id is {ann["image_id"]!r}, which no image has.')
                rows.append(_row(ann, images[ann['image_id']], K))
            except ENTRY_ERRORS as error:
                raise unusable('annotation', ann, self.ann_file, error) from error
        if not rows:
            raise ValueError(f'{self.ann_file!r} has no annotations; expected one of each frame.')
        self._warn_of_other_skeleton(K)
        places = {image_id: place for place, image_id in enumerate(images)}
        rows.sort(key=lambda row: places[row['img_id']])
        tracks = [(osp.dirname(row['imgname'].decode()), row.pop('person_id')) for row in rows]
        labels = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        return dict(labels, video=number_videos(tracks))

    def _index_images(self, images: list[dict]) -> dict[Any, dict]:
        """The labels that the images give to their frames, by image id."""
        index = {}
        for image in images:
            try:
                size = (image['width'], image['height'])
                index[image['id']] = dict(imgname=image['file_name'].encode(), size=size)
            except ENTRY_ERRORS as error:
                raise unusable('image', image, self.ann_file, error) from error
        return index

    def _warn_of_other_skeleton(self, K: int) -> None:
        # no error: labels of COCO-WholeBody's 133 keypoints can be lifted as they are, though the
        # data set's own skeleton has the 137 of SMPL-X
        expected = self._metainfo.get('num_keypoints', K)
        if expected != K:
            print_log(
                f'{self.ann_file!r} labels {K} keypoints, but the skeleton '
                f'{self._metainfo["dataset_name"]!r} has {expected}. Set `metainfo` to the '
                'skeleton that the file was labelled with before you flip or draw poses.',
                logger='current',
                level=logging.WARNING,
            )

    def camera_of(self, frame: int) -> dict:
        """Focal lengths, principal point and size of the image, in pixels."""
        width, height = self.labels['size'][frame].tolist()
        return dict(f=self.labels['f'][frame], c=self.labels['c'][frame], w=width, h=height)

    def extra_fields(self, frames: np.ndarray, targets: np.ndarray) -> dict:
        """See :class:`BaseMocapDataset`; ids, boxes and images."""
        labels, target_paths = self.labels, self._img_paths(targets)
        return dict(
            id=labels['id'][targets[-1]].item(),
            img_ids=labels['img_id'][frames].tolist(),
            factor=np.zeros(len(targets), dtype=np.float32),
            bbox=labels['bbox'][targets[-1:]],
            bbox_scores=np.ones(1, dtype=np.float32),
            bbox_scales=np.ones((1, 2), dtype=np.float32),
            img_path=target_paths[-1],
            target_img_paths=target_paths,
            target_idx=self._target_places,
        )


def _row(ann: dict, image: dict, K: int) -> dict[str, Any]:
    """The labels of one frame."""
    visible = np.array(ann.get('keypoints_valid', np.ones(K)), dtype=np.float32).reshape(K)
    camera = ann['camera_param']
    return dict(
        **image,
        keypoints=np.array(ann['keypoints'], dtype=np.float32).reshape(K, 2),
        keypoints_visible=visible,
        keypoints_3d=np.array(ann['keypoints_3d'], dtype=np.float32).reshape(K, 3),
        keypoints_3d_visible=visible,
        center=np.array(ann.get('center', (0, 0)), dtype=np.float32).reshape(1, 2),
        scale=np.array(ann.get('scale', (0, 0)), dtype=np.float32).reshape(1, 2),
        bbox=np.array(ann['bbox'], dtype=np.float32).reshape(4),
        id=ann['id'],
        img_id=ann['image_id'],
        person_id=ann.get('person_id', 0),
        f=np.array(camera['focal'], dtype=np.float32).reshape(2),
        c=np.array(camera['princpt'], dtype=np.float32).reshape(2),
    )
