"""H3WB, whole bodies in images of Human3.6M."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from mmpose.registry import DATASETS

from ..base.array_file import load_npz
from ..base.coco_file import ENTRY_ERRORS
from ..body3d import Human36mDataset

_MM_PER_METRE = 1000
_PIXELS_PER_UNIT = 1000  # of the intrinsics in the file


@DATASETS.register_module()
class H36MWholeBodyDataset(Human36mDataset):
    """133 keypoints, those of COCO-WholeBody, in images of Human3.6M.

    Paper: `Zhu et al., ICCV 2023 <https://arxiv.org/abs/2211.15692>`_.

    Training reads actors 1, 5 and 6, testing (``test_mode``) 7 and 8. An item also has ``factor``
    (T', 1), ``img_path`` and, where the file has boxes, ``bbox`` (1, 4) xyxy and ``bbox_score``
    (1,), of the last target's frame, but no ``target_img_path``. The images' names are such as
    ``S1/Images/Directions 1.54138969/frame_0001.jpg``. ``camera_param`` has what the file says
    (``K``, ``R``, ``T``, ``Distortion``), and ``f``, ``c``, ``w`` and ``h`` in pixels.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/h3wb.py')
    SUBJECTS: ClassVar[dict[bool, tuple[str, ...]]] = {
        False: ('S1', 'S5', 'S6'),
        True: ('S7', 'S8'),
    }
    # width and height of the images by camera, in the order of the items
    CAMERA_SIZES: ClassVar[dict[str, tuple[int, int]]] = {
        '54138969': (1000, 1002),
        '55011271': (1000, 1000),
        '58860488': (1000, 1000),
        '60457274': (1000, 1002),
    }

    def load_labels(self) -> dict[str, np.ndarray]:
        """See :class:`Human36mDataset`; where the file has boxes there also is ``bbox`` (N, 4)."""
        arrays = load_npz(
            self.ann_file, self.data_root, ('train_data',), optional=('bbox',), has_objects=True
        )
        try:
            actors = arrays['train_data'].item()
            boxes = arrays['bbox'].item() if 'bbox' in arrays else None
            found = [actor for actor in self.SUBJECTS[self.test_mode] if actor in actors]
            views = [view for actor in found for view in self._views(actor, actors[actor], boxes)]
        except ENTRY_ERRORS as error:
            raise self._other_layout(error) from error
        if not views:
            raise ValueError(
                f'{self.ann_file!r} has the actors {sorted(actors)}, but test_mode='
                f'{self.test_mode} reads {self.SUBJECTS[self.test_mode]}. Set `ann_file` or '
                '`test_mode`.'
            )
        labels = {name: np.concatenate([view[name] for view in views]) for name in views[0]}
        N, K = labels['keypoints'].shape[:2]
        labels.update(
            video=np.repeat(np.arange(len(views)), [len(view['imgname']) for view in views]),
            keypoints_visible=np.broadcast_to(np.float32(1), (N, K)),
            keypoints_3d_visible=np.broadcast_to(np.float32(1), (N, K)),
            center=np.broadcast_to(np.float32(0), (N, 1, 2)),
            scale=np.broadcast_to(np.float32(0), (N, 1, 1)),
        )
        return self._with_further_files(labels)

    def _views(
        self, actor: str, actions: dict[str, dict], boxes: dict[tuple, dict] | None
    ) -> Iterator[dict[str, np.ndarray]]:
        """The labels of each action in each camera, of n frames."""
        K = self._metainfo['num_keypoints']
        for action, recording in actions.items():
            frame_ids = np.asarray(recording['frame_id']).tolist()
            n = len(frame_ids)
            for camera in [camera for camera in self.CAMERA_SIZES if camera in recording]:
                folder, view = f'{actor}/Images/{action}.{camera}', recording[camera]
                poses = np.asarray(view['camera_3d'], dtype=np.float32).reshape(n, K, 3)
                labels = dict(
                    imgname=np.array([f'{folder}/frame_{i:04d}.jpg'.encode() for i in frame_ids]),
                    keypoints=np.asarray(view['pose_2d'], dtype=np.float32).reshape(n, K, 2),
                    keypoints_3d=poses / _MM_PER_METRE,
                )
                if boxes is not None:
                    rows = [_corners(boxes[actor, action, camera, i]) for i in frame_ids]
                    labels['bbox'] = np.array(rows, dtype=np.float32).reshape(n, 4)
                yield labels

    @cached_property
    def cameras(self) -> dict[Any, dict]:
        """The cameras of ``camera_param_file``, or else of ``ann_file``, by actor and camera."""
        if self.camera_param_file:
            return super().cameras
        file = load_npz(self.ann_file, self.data_root, ('metadata',), has_objects=True)
        try:
            return {
                (actor, name): _camera(param, *self.CAMERA_SIZES[name])
                for actor, by_name in file['metadata'].item().items()
                for name, param in by_name.items()
                if name in self.CAMERA_SIZES
            }
        except ENTRY_ERRORS as error:
            raise self._other_layout(error) from error

    def _other_layout(self, error: Exception) -> ValueError:
        return ValueError(
            f'{self.ann_file!r} is not laid out as H3WB: {error!r}. `train_data` is a dict of '
            'actors of actions; an action has `frame_id` (N,) and by camera `pose_2d` (N, 133, 2) '
            'and `camera_3d` (N, 133, 3). `bbox` has a box for each actor, action, camera and '
            'frame, `metadata` by actor and camera `K`, `R`, `T` and `Distortion`.'
        )

    def camera_key(self, imgname: str) -> tuple[str, str]:
        """Actor and camera."""
        actor, _, folder, _ = imgname.split('/')
        return actor, folder.rpartition('.')[2]

    def extra_fields(self, frames: np.ndarray, targets: np.ndarray) -> dict:
        """See :class:`BaseMocapDataset`; factor, image and box."""
        fields = dict(
            keypoints_3d_visible=self.labels['keypoints_3d_visible'][frames],
            factor=self.labels['factor'][targets, None],
            img_path=self._img_paths(targets[-1:])[0],
        )
        if 'bbox' in self.labels:
            fields.update(bbox=self.labels['bbox'][targets[-1:]], bbox_score=np.ones(1, np.float32))
        return fields


def _corners(box: dict[str, float]) -> list[float]:
    return [box[side] for side in ('x_min', 'y_min', 'x_max', 'y_max')]


def _camera(param: dict[str, np.ndarray], width: int, height: int) -> dict[str, Any]:
    """A camera's parameters without the axis of length 1 that they begin with."""
    K, pixels = param['K'][0, :2], param['K'][0, :2] * _PIXELS_PER_UNIT
    return dict(
        K=K,
        R=param['R'][0],
        T=param['T'].reshape(3, 1),
        Distortion=param['Distortion'][0],
        f=pixels[[0, 1], [0, 1]],
        c=pixels[:, 2],
        w=width,
        h=height,
    )
