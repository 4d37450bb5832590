"""Human3.6M."""

from __future__ import annotations

import os.path as osp
import re
from typing import Any, ClassVar

import numpy as np

from mmpose.registry import DATASETS

from ..base.array_file import load_rows
from ..base.base_mocap_dataset import BaseMocapDataset

_IMGNAME = re.compile(r'([^_]+)_([^.]+)\.([^_]+)_')


@DATASETS.register_module()
class Human36mDataset(BaseMocapDataset):
    """17 keypoints of 11 actors, filmed by four cameras at 50 Hz.

    Paper: `Ionescu et al., TPAMI 2014 <https://ieeexplore.ieee.org/document/6682899>`_.

    An item also has ``factor`` (T',), metres per thousand pixels at each target's root, or 0 where
    that is not known. A video is what one camera shows of one action; the keys of
    ``camera_param_file`` are such as ``('S1', '54138969')``.

    Args:
        ann_file: See :class:`BaseMocapDataset`.
        keypoint_2d_src: Where ``keypoints`` come from: ``'gt'``, the labels; ``'detection'``,
            ``keypoint_2d_det_file``; ``'pipeline'``, the pipeline, which is handed the labels.
        keypoint_2d_det_file: Detected keypoints of all frames, an npy file (N, K, 3) of x, y and
            score, relative to ``data_root``. The score takes the place of the visibility.
        factor_file: An npy file (N,) of the factors of all frames, relative to ``data_root``.
        **kwargs: See there.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: As there, or a file does not go with ``ann_file``.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/h36m.py')
    SUPPORTED_keypoint_2d_src: ClassVar[set[str]] = {'gt', 'detection', 'pipeline'}
    # the larger of the two sizes of image; the four cameras differ by two rows
    DEFAULT_CAMERA: ClassVar[dict[str, Any]] = dict(w=1000, h=1002)

    def __init__(
        self,
        ann_file: str = '',
        *,
        keypoint_2d_src: str = 'gt',
        keypoint_2d_det_file: str | None = None,
        factor_file: str | None = None,
        **kwargs: Any,
    ):
        if keypoint_2d_src not in self.SUPPORTED_keypoint_2d_src:
            raise ValueError(
                f'keypoint_2d_src is {keypoint_2d_src!r}; choose from '
                f'{sorted(self.SUPPORTED_keypoint_2d_src)}.'
            )
        if keypoint_2d_src == 'detection' and not keypoint_2d_det_file:
            raise ValueError(
                "keypoint_2d_src='detection' needs keypoint_2d_det_file; give the npy file of the "
                "detections, or use 'gt'."
            )
        self.keypoint_2d_src = keypoint_2d_src
        self.keypoint_2d_det_file = keypoint_2d_det_file
        self.factor_file = factor_file
        super().__init__(ann_file, **kwargs)

    def load_labels(self) -> dict[str, np.ndarray]:
        """See :class:`BaseMocapDataset`; there also is ``factor`` (N,)."""
        return self._with_further_files(super().load_labels())

    def _with_further_files(self, labels: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The labels with detections in place of keypoints, if wanted, and factors."""
        N, K = labels['keypoints'].shape[:2]
        factor = np.zeros(N, dtype=np.float32)
        if self.factor_file:
            path = self._in_root(self.factor_file)
            factor = load_rows('factor_file', path, self.data_root, (N,), 'one for each frame')
        labels = dict(labels, factor=factor)
        if self.keypoint_2d_src == 'detection':
            path = self._in_root(self.keypoint_2d_det_file)
            axes = 'frames, keypoints, (x, y, score)'
            found = load_rows('keypoint_2d_det_file', path, self.data_root, (N, K, 3), axes)
            labels.update(keypoints=found[..., :2], keypoints_visible=found[..., 2])
        return labels

    def extra_fields(self, frames: np.ndarray, targets: np.ndarray) -> dict:
        """See :class:`BaseMocapDataset`; ``factor``."""
        return dict(super().extra_fields(frames, targets), factor=self.labels['factor'][targets])

    def video_key(self, imgname: str) -> tuple[str, str, str]:
        """Actor, action and camera."""
        return self._parse_h36m_imgname(imgname)

    def camera_key(self, imgname: str) -> tuple[str, str]:
        """Actor and camera, for the cameras were set up anew for each actor."""
        actor, _, camera = self._parse_h36m_imgname(imgname)
        return actor, camera

    @staticmethod
    def _parse_h36m_imgname(imgname: str) -> tuple[str, str, str]:
        """Actor, action (with the number of the take) and camera.

        >>> Human36mDataset._parse_h36m_imgname('S1/S1_Directions_1.54138969_000001.jpg')
        ('S1', 'Directions_1', '54138969')
        """
        match = _IMGNAME.match(osp.basename(imgname))
        if not match:
            raise ValueError(
                f'The image name {imgname!r} does not say actor, action, camera and frame; '
                "expected one such as 'S1_Directions_1.54138969_000001.jpg'."
            )
        return match.groups()
