"""The base of the data sets of 3D poses in videos."""

from __future__ import annotations

import logging
import os.path as osp
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, ClassVar

import cv2
import numpy as np
from mmengine.logging import print_log

from mmpose.registry import DATASETS

from .array_file import load_cameras, load_npz
from .base_pose_dataset import BasePoseDataset
from .frame_windows import FrameWindows, cut_windows, number_videos
from .lazy_items import LazyItems

# fields of an item and its targets, and the labels they are rows of
_INPUT_LABELS = ('keypoints', 'keypoints_visible', 'keypoints_3d')
_TARGET_LABELS = {
    'lifting_target': 'keypoints_3d',
    'lifting_target_visible': 'keypoints_3d_visible',
}


@DATASETS.register_module()
class BaseMocapDataset(BasePoseDataset):
    """Items made from videos whose keypoints are labelled in the images and in space.

    An item is a sequence of T frames of one video: ``keypoints`` (T, K, 2) in pixels,
    ``keypoints_visible`` (T, K), ``keypoints_3d`` (T, K, 3) in metres in the space of the camera,
    ``keypoints_3d_visible`` (T, K), ``img_paths`` and ``img_ids``. Its targets are the poses of T'
    of the frames: ``lifting_target`` (T', K, 3), ``lifting_target_visible`` (T', K) and
    ``target_img_path`` (T',). What there is once, as ``center``, ``scale`` and ``camera_param``,
    is that of the last target's frame.

    The labels of all frames stay arrays, which forked workers share, and an item is cut out of
    them when it is asked for.

    This class reads npz files with ``imgname`` (N,), ``part`` (N, K, 3; x, y, visibility), ``S``
    (N, K, 4; x, y, z, visibility) and, if the file has them, ``center`` (N, 2) and ``scale`` (N,).
    Images of a video, in the order of its frames, have the same name up to a number at its end,
    and their camera has the file's name up to there. A subclass whose names are others overrides
    :meth:`video_key` and :meth:`camera_key`, one whose file is another :meth:`load_labels`.

    Args:
        ann_file: The file of the labels, relative to ``data_root``.
        seq_len: T, the frames of an item.
        multiple_target: ``0``: an item has one target, see ``causal``. Otherwise T of an item all
            of whose frames are targets; leave ``seq_len`` at 1. Frames left at the end of a video
            are in no item.
        causal: Whether the target is the last frame instead of the middle one, which is the later
            of two if T is even.
        subset_frac: The share of the items to use, more than 0 and at most 1. They are
            successive, and begin at random.
        camera_param_file: A pickled dict of the cameras' parameters, relative to ``data_root``;
            ``None``: no more than the size of the images is known, if that.
        data_mode: ``'topdown'``, or ``'bottomup'`` for the same items in the form that images with
            several instances have: single values stand in lists, and there are ``invalid_segs``.
        metainfo: See :class:`BaseCocoStyleDataset`, as for the other arguments.
        data_root: See there.
        data_prefix: See there.
        filter_cfg: Not used.
        indices: See there.
        serialize_data: Not used: the labels are packed in any case.
        pipeline: See there.
        test_mode: See there.
        lazy_init: See there.
        max_refetch: See there.
        seq_step: Distance of an item's frames: 2 takes every other frame.
        multiple_target_step: Distance of the first frames of items all of whose frames are
            targets; ``0``: ``multiple_target``, so that no frame is in two.
        pad_video_seq: Whether to repeat the first and the last frame of a video where an item
            would go beyond them, so that every frame is a target. It makes no difference with
            ``multiple_target``.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: The arguments contradict each other, a file cannot be understood, or the videos
            are too short.
    """

    # what is known of a camera without `camera_param_file`
    DEFAULT_CAMERA: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        ann_file: str = '',
        seq_len: int = 1,
        multiple_target: int = 0,
        causal: bool = True,
        subset_frac: float = 1.0,
        camera_param_file: str | None = None,
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
        seq_step: int = 1,
        multiple_target_step: int = 0,
        pad_video_seq: bool = False,
    ):
        if data_mode not in ('topdown', 'bottomup'):
            raise ValueError(f"data_mode is {data_mode!r}; expected 'topdown' or 'bottomup'.")
        _check_least(1, seq_len=seq_len, seq_step=seq_step)
        _check_least(0, multiple_target=multiple_target, multiple_target_step=multiple_target_step)
        if multiple_target and seq_len not in (1, multiple_target):
            raise ValueError(
                f'seq_len is {seq_len} and multiple_target {multiple_target}, but with '
                'multiple_target that is how many frames an item has; leave seq_len at 1.'
            )
        if not 0 < subset_frac <= 1:
            raise ValueError(
                f'subset_frac is {subset_frac}; expected more than 0 and at most 1, which is all.'
            )
        self.seq_len = seq_len
        self.seq_step = seq_step
        self.multiple_target = multiple_target
        self.multiple_target_step = multiple_target_step or multiple_target
        self.pad_video_seq = pad_video_seq
        self.causal = causal
        self.subset_frac = subset_frac
        self.camera_param_file = camera_param_file
        self.data_mode = data_mode
        super().__init__(
            ann_file=ann_file,
            metainfo=metainfo,
            data_root=data_root,
            data_prefix=data_prefix,
            filter_cfg=filter_cfg,
            indices=indices,
            serialize_data=False,
            pipeline=pipeline,
            test_mode=test_mode,
            lazy_init=lazy_init,
            max_refetch=max_refetch,
        )

    # --------------------------------------------------------------- reading

    @cached_property
    def labels(self) -> dict[str, np.ndarray]:
        """The labels of all frames; see :meth:`load_labels`."""
        return self.load_labels()

    @cached_property
    def cameras(self) -> dict[Any, dict]:
        """The cameras' parameters by their keys; none without ``camera_param_file``."""
        if not self.camera_param_file:
            return {}
        return load_cameras(self._in_root(self.camera_param_file), self.data_root)

    def load_labels(self) -> dict[str, np.ndarray]:
        """The labels of N frames by name, a row for each frame.

        They are ``keypoints`` (N, K, 2), ``keypoints_visible`` (N, K), ``keypoints_3d`` (N, K, 3),
        ``keypoints_3d_visible`` (N, K), ``center`` (N, 1, 2), ``scale`` (N, ...), ``imgname``
        (N,), names in UTF-8, which takes a quarter of NumPy's strings, and ``video`` (N,), the
        number of the video. A subclass may have more.
        """
        arrays = load_npz(
            self.ann_file, self.data_root, ('imgname', 'part', 'S'), optional=('center', 'scale')
        )
        self._check_shapes(arrays)
        names = arrays['imgname'].astype(str)
        part, poses = (arrays[key].astype(np.float32, copy=False) for key in ('part', 'S'))
        return dict(
            imgname=np.char.encode(names, 'utf-8'),
            video=self._number_videos(names.tolist()),
            keypoints=part[..., :2],
            keypoints_visible=part[..., 2],
            keypoints_3d=poses[..., :3],
            keypoints_3d_visible=poses[..., 3],
            center=_optional(arrays, 'center', (len(names), 2))[:, None],
            scale=_optional(arrays, 'scale', (len(names),)),
        )

    def _check_shapes(self, arrays: dict[str, np.ndarray]) -> None:
        N, part = arrays['imgname'].size, arrays['part']
        K = self._metainfo.get('num_keypoints', part.shape[1] if part.ndim == 3 else 'K')
        expected = dict(imgname=(N,), part=(N, K, 3), S=(N, K, 4), center=(N, 2), scale=(N,))
        shapes = {key: arrays[key].shape for key in expected if key in arrays}
        if wrong := [key for key, shape in shapes.items() if shape != expected[key]]:
            raise ValueError(
                f'{self.ann_file!r} has arrays of the wrong shape: '
                + ', '.join(f'{key} {shapes[key]} instead of {expected[key]}' for key in wrong)
                + f'; {N} images are named, and the skeleton has {K} keypoints. Set `ann_file` to '
                'the labels of this data set, or `metainfo` to the skeleton that the file was '
                'labelled with.'
            )

    def _number_videos(self, imgnames: list[str]) -> np.ndarray:
        """The number of each image's video, (N,)."""
        stems = [_without_number(name) for name in imgnames]
        # of names that differ in the number only, one is looked at closely
        examples = dict(zip(stems, imgnames, strict=True))
        keys = {stem: self.video_key(name) for stem, name in examples.items()}
        return number_videos([keys[stem] for stem in stems])

    def video_key(self, imgname: str) -> Hashable:
        """What the images of one video share; videos are sorted by it."""
        return _without_number(imgname)

    def camera_key(self, imgname: str) -> Hashable:
        """Under which key :attr:`cameras` has the camera of an image."""
        return _without_number(osp.basename(imgname)).rstrip('_-.')

    def get_camera_param(self, imgname: str) -> dict:
        """The parameters of the camera that took an image, a copy.

        Raises:
            ValueError: The file of the cameras does not have it.
        """
        if not self.cameras:
            return dict(self.DEFAULT_CAMERA)
        key = self.camera_key(imgname)
        if key not in self.cameras:
            some = ', '.join(map(repr, list(self.cameras)[:4]))
            raise ValueError(
                f'{self.camera_param_file or self.ann_file!r} has no camera {key!r}, which took '
                f'{imgname!r}; it has {len(self.cameras)}: {some}, ... Set `camera_param_file` to '
                'the cameras of this data set.'
            )
        return dict(self.cameras[key])

    # ----------------------------------------------------------------- items

    def get_sequence_indices(self) -> Sequence[Sequence[int]]:
        """The frames of each item, as rows of :attr:`labels`.

        Raises:
            ValueError: No video is long enough, or ``subset_frac`` leaves nothing.
        """
        videos = self.labels['video']
        if self.multiple_target:
            windows = cut_windows(
                videos, self.multiple_target, self.seq_step, stride=self.multiple_target_step
            )
        else:
            before = self._target_places[0] % self.seq_len if self.pad_video_seq else None
            windows = cut_windows(videos, self.seq_len, self.seq_step, before=before)
        if not len(windows):
            span = (len(windows.offsets) - 1) * self.seq_step + 1
            raise ValueError(
                f'No video of {self.ann_file!r} is long enough: sequences of '
                f'{len(windows.offsets)} frames with seq_step={self.seq_step} span {span}, but the '
                f'longest of {videos.max(initial=-1) + 1} videos has '
                f'{np.bincount(videos).max(initial=0)}. Use shorter sequences, or '
                'pad_video_seq=True (without multiple_target).'
            )
        return self._subset(windows)

    def _subset(self, windows: FrameWindows) -> FrameWindows:
        """The share ``subset_frac`` of the windows."""
        num_items = int(len(windows) * self.subset_frac)
        if num_items == len(windows):
            return windows
        if num_items == 0:
            raise ValueError(
                f'subset_frac={self.subset_frac} leaves none of the {len(windows)} sequences of '
                f'{self.ann_file!r}; use at least 1 / {len(windows)}.'
            )
        start = np.random.randint(0, len(windows) - num_items + 1)
        return windows[start : start + num_items]

    def load_data_list(self) -> Sequence[dict]:
        """All items, each made when it is asked for."""
        self.sequence_indices = self.get_sequence_indices()
        videos = self.labels['video']
        # a camera that is missing is told now instead of in the midst of training
        for frame in np.unique(videos, return_index=True)[1]:
            self.camera_of(frame)
        print_log(
            f'{type(self).__name__}: {len(self.sequence_indices)} sequences with '
            f'{self.multiple_target or self.seq_len} of the {len(videos)} frames in '
            f'{videos.max() + 1} videos of {self.ann_file}.',
            logger='current',
            level=logging.INFO,
        )
        return LazyItems(self._make_item, range(len(self.sequence_indices)))

    @property
    def _target_places(self) -> list[int]:
        """Places of the targets among the frames of an item."""
        if self.multiple_target:
            return list(range(self.multiple_target))
        return [-1 if self.causal else self.seq_len // 2]

    def _make_item(self, number: int) -> dict:
        frames = np.asarray(self.sequence_indices[number])
        targets = frames[self._target_places]
        labels, last = self.labels, targets[-1]
        item = dict(
            num_keypoints=labels['keypoints'].shape[1],
            **{name: labels[name][frames] for name in _INPUT_LABELS},
            **{name: labels[label][targets] for name, label in _TARGET_LABELS.items()},
            center=labels['center'][last],
            scale=labels['scale'][last],
            id=number,
            category_id=1,
            iscrowd=0,
            img_paths=self._img_paths(frames),
            img_ids=frames.tolist(),
            camera_param=self.camera_of(last),
        )
        item.update(self.extra_fields(frames, targets))
        if self.data_mode == 'bottomup':
            item = {key: _in_list(value) for key, value in item.items()}
            item['invalid_segs'] = []
        return item

    def camera_of(self, frame: int) -> dict:
        """The parameters of the camera that took a frame."""
        return self.get_camera_param(self.labels['imgname'][frame].decode())

    def extra_fields(self, frames: np.ndarray, targets: np.ndarray) -> dict:
        """Fields of an item that only some of the data sets have.

        Args:
            frames: (T,) the item's frames, as rows of :attr:`labels`.
            targets: (T',) those among them that are targets.
        """
        return dict(
            keypoints_3d_visible=self.labels['keypoints_3d_visible'][frames],
            target_img_path=np.array(self._img_paths(targets)),
        )

    def get_img_info(self, img_idx: int, img_name: str) -> dict | None:
        """The entry that an image would have in a COCO file; ``None`` if it cannot be read."""
        path = self._img_path(img_name)
        img = cv2.imread(path) if osp.isfile(path) else None
        if img is None:
            return None
        height, width = img.shape[:2]
        ids = dict(id=img_idx, img_id=img_idx)
        return dict(file_name=img_name, img_path=path, height=height, width=width, **ids)

    def _img_paths(self, frames: np.ndarray) -> list[str]:
        return [self._img_path(name.decode()) for name in self.labels['imgname'][frames]]

    def _img_path(self, imgname: str) -> str:
        return osp.join(self.data_prefix.get('img', ''), imgname)

    def _in_root(self, path: str) -> str:
        return osp.join(self.data_root or '', path)

    def _copy_without_annotation(self, memo: dict | None = None) -> BaseMocapDataset:
        """See the base class; the labels are not copied, for nobody writes into them."""
        memo = {} if memo is None else memo
        memo.update((id(x), x) for x in (self.labels, self.cameras, self.sequence_indices))
        return super()._copy_without_annotation(memo)


def _check_least(least: int, **settings: int) -> None:
    for name, value in settings.items():
        if value < least:
            raise ValueError(f'{name} is {value}; expected {least} or more.')


def _without_number(imgname: str) -> str:
    """The name up to the number of the frame at its end."""
    return osp.splitext(imgname)[0].rstrip('0123456789')


def _optional(arrays: dict[str, np.ndarray], key: str, shape: tuple[int, ...]) -> np.ndarray:
    """An array in float32, zeros where the file lacks it."""
    return arrays[key].astype(np.float32) if key in arrays else np.zeros(shape, np.float32)


def _in_list(value: Any) -> Any:
    """A single value in a list; arrays, lists and dicts as they are."""
    return value if isinstance(value, (np.ndarray, list, dict)) else [value]
