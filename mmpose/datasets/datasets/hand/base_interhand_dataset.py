"""The base of the data sets made from InterHand2.6M."""

from __future__ import annotations

import os.path as osp
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmpose.utils.camera import SimpleCamera

from ..base import BaseCocoStyleDataset
from .interhand_labels import NUM_JOINTS, InterHandLabels, RootNetResult, load_rootnet

HAND_TYPES = dict(right=(1, 0), left=(0, 1), interacting=(1, 1))


class HandsInView(NamedTuple):
    """The joints of two hands before a camera.

    Attributes:
        camera: The camera.
        keypoints_cam: (42, 3) positions in its space, millimetres.
        pixels: (42, 2) positions in its image.
        visible: (42,), 1 for joints that are labelled, else 0.
    """

    camera: SimpleCamera
    keypoints_cam: np.ndarray
    pixels: np.ndarray
    visible: np.ndarray


class BaseInterHandDataset(BaseCocoStyleDataset):
    """42 keypoints of two hands, 21 of the right before 21 of the left, projected into images.

    Paper: `Moon et al., 2020 <https://arxiv.org/abs/2008.09309>`_. The joints of a hand whose root
    is not labelled count as not labelled either. Items have ``hand_type`` (1, 2), 1 where there is
    a right hand and a left one, and ``hand_type_valid`` (1,), whether this is labelled.

    Args:
        ann_file: The file of images and boxes, ``*_data.json``.
        camera_param_file: The file of the cameras, ``*_camera.json``, relative to ``data_root``.
        joint_file: The file of positions in the world, ``*_joint_3d.json``, relative to
            ``data_root``.
        use_gt_root_depth: Take the boxes and the depths of the roots from the annotations instead
            of from ``rootnet_result_file``.
        rootnet_result_file: What RootNet found, relative to ``data_root``; a JSON list of
            ``{annot_id, bbox: [x, y, w, h], abs_depth: [right, left]}``.
        data_mode: ``'topdown'`` or ``'bottomup'``.
        **kwargs: See :class:`BaseCocoStyleDataset`; there is no ``bbox_file``.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: A file is not given, cannot be understood or does not belong to the others.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/interhand3d.py')

    def __init__(
        self,
        ann_file: str = '',
        camera_param_file: str = '',
        joint_file: str = '',
        use_gt_root_depth: bool = True,
        rootnet_result_file: str | None = None,
        data_mode: str = 'topdown',
        **kwargs: Any,
    ) -> None:
        needed = dict(camera_param_file=camera_param_file, joint_file=joint_file)
        if not use_gt_root_depth:
            needed['rootnet_result_file'] = rootnet_result_file
        for name, path in needed.items():
            if not path:
                raise ValueError(
                    f'{type(self).__name__} needs `{name}`, but it is {path!r}; set it to a file '
                    f'of InterHand2.6M (use_gt_root_depth={use_gt_root_depth}).'
                )
        self.use_gt_root_depth = use_gt_root_depth
        # relative to data_root until the base joins the paths
        self.camera_param_file = camera_param_file
        self.joint_file = joint_file
        self.rootnet_result_file = rootnet_result_file
        # None: the boxes are those of the annotations or of RootNet
        super().__init__(ann_file, None, data_mode, **kwargs)

    @staticmethod
    def encode_handtype(hand_type: str) -> np.ndarray:
        """Whether there is a right hand and a left one, (1, 2) float32, 1 or 0.

        Args:
            hand_type: ``'right'``, ``'left'`` or ``'interacting'``.

        Raises:
            ValueError: It is something else.
        """
        if hand_type not in HAND_TYPES:
            raise ValueError(f'hand_type is {hand_type!r}; expected one of {list(HAND_TYPES)}.')
        return np.array([HAND_TYPES[hand_type]], dtype=np.float32)

    def load_items(self) -> Iterator[dict]:
        """The items one at a time; see the base."""
        self._labels = InterHandLabels(self.camera_param_file, self.joint_file, self.data_root)
        self._rootnet = {}
        if not self.use_gt_root_depth:
            self._rootnet = load_rootnet(self.rootnet_result_file, self.data_root)
        try:
            yield from super().load_items()
        finally:
            del self._labels, self._rootnet  # the items have all that is needed of them

    def parse_data_info(self, raw_data_info: dict) -> dict:
        """The hands in an image as an item of ``topdown`` mode.

        Args:
            raw_data_info: As in the base.
        """
        ann, image = raw_data_info['raw_ann_info'], raw_data_info['raw_img_info']
        camera = self._labels.camera(image)
        keypoints_cam = camera.world_to_camera(self._labels.joints(image))
        pixels = camera.camera_to_pixel(keypoints_cam)
        visible = self._visible(ann['joint_valid'])
        return dict(
            img_id=image['img_id'],
            img_path=image['img_path'],
            bbox=self.choose_bbox(ann, image, pixels[visible > 0]),
            bbox_score=np.ones(1, dtype=np.float32),
            # not the labelled ones: without any, an item still tells which hands there are
            num_keypoints=NUM_JOINTS,
            keypoints_visible=visible[None],
            hand_type=self.encode_handtype(ann['hand_type']),
            hand_type_valid=np.array([ann['hand_type_valid']], dtype=np.float32),
            dataset=self._metainfo['dataset_name'],
            iscrowd=ann.get('iscrowd', False),
            id=ann['id'],
            **self.keypoint_fields(ann, HandsInView(camera, keypoints_cam, pixels, visible)),
        )

    def parse_bbox(self, ann: dict, image: dict) -> np.ndarray:
        """The annotated box or that of RootNet, held inside the image, (1, 4) xyxy in pixels."""
        box = ann['bbox'] if self.use_gt_root_depth else self._rootnet_result(ann).bbox
        return super().parse_bbox(dict(bbox=box), image)

    def keypoint_fields(self, ann: dict, view: HandsInView) -> dict:
        """The fields that depend on the positions; here ``keypoints`` (1, 42, 2) in pixels."""
        return dict(keypoints=view.pixels[None])

    @staticmethod
    def _visible(joint_valid: Sequence) -> np.ndarray:
        """(42,) float32, 1 for joints that are labelled together with the root of their hand."""
        valid = np.array(joint_valid, dtype=np.float32)
        if valid.size != NUM_JOINTS:
            raise ValueError(f'its joint_valid has {valid.size} numbers; expected {NUM_JOINTS}.')
        hands = valid.reshape(2, -1)
        return (hands * hands[:, -1:]).ravel()

    def _rootnet_result(self, ann: dict) -> RootNetResult:
        key = str(ann['id'])
        if key not in self._rootnet:
            raise ValueError(
                f'{self.rootnet_result_file!r} has no result with its annot_id; set '
                '`rootnet_result_file` to the file that belongs to the annotations.'
            )
        return self._rootnet[key]

    def _join_prefix(self) -> None:
        super()._join_prefix()
        for name in ('camera_param_file', 'joint_file', 'rootnet_result_file'):
            path = getattr(self, name)
            if path and self.data_root:
                setattr(self, name, osp.join(self.data_root, path))  # keeps absolute paths
