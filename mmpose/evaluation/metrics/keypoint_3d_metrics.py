"""Metrics of distances in space, with and without alignment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np

from mmpose.registry import METRICS
from mmpose.utils.tensor_utils import to_numpy

from ..functional import keypoint_mpjpe
from .base_keypoint_metric import BaseKeypointMetric, KeypointPairs

# Human3.6M: S9_Directions_1.54138969_000001.jpg, where the action's number may be absent
_PICTURE_NAME = re.compile(r'(?P<subject>[^_]+)_(?P<action>[^_.]+)(?P<time>_\d+)?\.')


@METRICS.register_module()
class MPJPE(BaseKeypointMetric):
    """The mean distance per joint, over all samples and over those of each action.

    The unit is that of the labels; metres for Human3.6M. The action stands in the name of the
    sample's picture, as Human3.6M writes it: ``S9_Directions_1.54138969_000001.jpg`` is of
    subject S9 and action Directions. Samples without such a name count in the first number alone.

    Args:
        mode: What each pose is allowed before it is measured: 'mpjpe', nothing; 'n-mpjpe', the
            scale that fits best; 'p-mpjpe', scale, rotation and shift. The number has the same
            name in capitals.
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means none.
        skip_list: Subjects with actions to leave out, such as 'S9_Waiting_1'.

    Raises:
        ValueError: Unknown ``mode``.
    """

    ALIGNMENT: dict[str, str] = {'mpjpe': 'none', 'p-mpjpe': 'procrustes', 'n-mpjpe': 'scale'}

    def __init__(
        self,
        mode: str = 'mpjpe',
        collect_device: str = 'cpu',
        prefix: str | None = None,
        skip_list: Sequence[str] = [],
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if mode not in self.ALIGNMENT:
            raise ValueError(f'mode is {mode!r}; expected one of {list(self.ALIGNMENT)}.')
        self.mode = mode
        self.skip_list = frozenset(skip_list)

    def truth(self, sample: dict) -> tuple[np.ndarray, np.ndarray]:
        """The poses to lift to, (N, K, 3), and which of their keypoints exist."""
        gt = sample['gt_instances']
        points = to_numpy(gt['lifting_target']).astype(np.float64)
        visible = to_numpy(gt['lifting_target_visible']).astype(bool)
        return points, visible.reshape(points.shape[:2])

    def extras(self, sample: dict) -> dict[str, np.ndarray]:
        """The ``action`` of each pose and whether it is ``used``."""
        subject, action, time = self.recording_of(sample)
        N = len(sample['pred_instances']['keypoints'])
        used = f'{subject}_{action}{time}' not in self.skip_list
        return dict(action=np.full(N, action, dtype=object), used=np.full(N, used))

    def recording_of(self, sample: dict) -> tuple[str, str, str]:
        """Subject, action and, as '_1', which recording of it; '' for what is unknown."""
        paths = sample.get('target_img_path') or ''
        path = paths if isinstance(paths, str) else paths[0]
        name = _PICTURE_NAME.match(PurePath(path).name)
        return (name['subject'], name['action'], name['time'] or '') if name else ('', '', '')

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """The mean distance of all poses, and of those of each action.

        Raises:
            ValueError: ``skip_list`` leaves no pose.
        """
        actions, used = pairs.extras['action'], pairs.extras['used']
        if not used.any():
            raise ValueError(
                f'{type(self).__name__}: skip_list {sorted(self.skip_list)} leaves none of '
                f'{len(used)} poses.'
            )
        name = self.mode.upper()
        numbers = {name: self._distance(pairs, used)}
        for action in sorted(set(actions[used]) - {''}):
            numbers[f'{name}_{action}'] = self._distance(pairs, used & (actions == action))
        return numbers

    def _distance(self, pairs: KeypointPairs, chosen: np.ndarray) -> float:
        parts = (pairs.pred[chosen], pairs.gt[chosen], pairs.mask[chosen])
        return keypoint_mpjpe(*parts, self.ALIGNMENT[self.mode])
