"""The metric of the 3D pose of two hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from mmengine.logging import MMLogger
from torch import Tensor

from mmpose.codecs.utils import pixel_to_camera
from mmpose.registry import METRICS
from mmpose.utils.tensor_utils import to_numpy

from ..functional import keypoint_epe, multilabel_classification_accuracy
from .base_keypoint_metric import BaseKeypointMetric, KeypointPairs, labelled_keypoints

# the right hand before the left one; the root of a hand, its wrist, is its last keypoint
_PER_HAND = 21
_ROOTS = [20, 41]
# fields of a sample, (2,) each: depths of the right and the left root; of the camera, for x and y
_CAMERA = ('abs_depth', 'focal', 'principal_pt')


@METRICS.register_module()
class InterHandMetric(BaseKeypointMetric):
    """Errors of the 3D pose of two hands, millimetres, and how often the hands are told right.

    Moon et al., 2020, `InterHand2.6M <https://arxiv.org/abs/2008.09309>`_. Predictions, in pixels
    of the picture and in depth from the root of the hand, are measured in the space of the camera,
    for which the depths of the roots are given as ``abs_depth``:

    - 'MPJPE': the mean distance of labelled keypoints, roots included, once the roots of each
      hand coincide: 'MPJPE_all', and where one hand or both are there 'MPJPE_single' and
      'MPJPE_interacting'.
    - 'MRRPE': where both roots are labelled, the distance of the left root once the right ones
      coincide. The left root's depth is the right one's plus the predicted one between them.
    - 'HandednessAcc': the share of samples of which both hands are told right.

    A hand whose root is not labelled does not count. A number that no sample has is 0.

    Args:
        modes: Which of these.
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means none.

    Raises:
        ValueError: ``modes`` is empty or has another name.
    """

    METRICS: list[str] = ['HandednessAcc', 'MPJPE', 'MRRPE']

    def __init__(
        self,
        modes: Sequence[str] = ['MPJPE', 'MRRPE', 'HandednessAcc'],
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if not modes or not set(modes) <= set(self.METRICS):
            raise ValueError(f'modes is {modes!r}; expected one or some of {self.METRICS}.')
        self.modes = modes

    def truth(self, sample: dict) -> tuple[np.ndarray, np.ndarray]:
        """Labelled keypoints (N, 42, 3) in the space of the camera, and which of them count."""
        gt = sample['gt_instances']
        mask = labelled_keypoints(gt)
        mend = 'evaluate on a data set that gives it, such as InterHand3DDataset'
        points = _values(gt, 'keypoints_cam', (len(mask), 2 * _PER_HAND, 3), mend)
        hands = mask.reshape(-1, 2, _PER_HAND)
        return points, (hands & hands[..., -1:]).reshape(mask.shape)

    def extras(self, sample: dict) -> dict[str, np.ndarray]:
        """The camera, the depths of the roots and which hands there are, as far as needed."""
        pred = sample['pred_instances']
        N = len(pred['keypoints'])
        pack = 'add it to `meta_keys` of PackPoseInputs'
        predict = 'the model must predict it, as InternetHead does, or `modes` leave out {}'
        found = {name: _values(sample, name, (N, 2), pack) for name in ('hand_type', *_CAMERA)}
        if 'MRRPE' in self.modes:
            mend = predict.format('MRRPE')
            found['rel_root_depth'] = _values(pred, 'rel_root_depth', (N,), mend)
        if 'HandednessAcc' in self.modes:
            mend = predict.format('HandednessAcc')
            found['predicted_type'] = _values(pred, 'hand_type', (N, 2), mend)
            found['hand_type_valid'] = _values(sample, 'hand_type_valid', (N,), pack)
        return found

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """The numbers of the chosen modes."""
        extras, numbers = pairs.extras, {}
        interacting = extras['hand_type'].all(1)
        if 'MPJPE' in self.modes:
            numbers |= _mpjpe(pairs, interacting)
        if 'MRRPE' in self.modes:
            numbers['MRRPE'] = _mrrpe(pairs, interacting)
        if 'HandednessAcc' in self.modes:
            numbers['HandednessAcc'] = multilabel_classification_accuracy(
                extras['predicted_type'], extras['hand_type'], extras['hand_type_valid']
            )
        return numbers


def _mpjpe(pairs: KeypointPairs, interacting: np.ndarray) -> dict[str, float]:
    depths = np.repeat(pairs.extras['abs_depth'], _PER_HAND, axis=1)
    pred, gt = (
        _from_root(points) for points in (_in_camera_space(pairs.pred, depths, pairs), pairs.gt)
    )
    return {
        f'MPJPE_{name}': _mean_distance(f'MPJPE_{name}', pred, gt, pairs.mask & chosen[:, None])
        for name, chosen in (
            ('all', np.ones_like(interacting)),
            ('single', ~interacting),
            ('interacting', interacting),
        )
    }


def _mrrpe(pairs: KeypointPairs, interacting: np.ndarray) -> float:
    right = pairs.extras['abs_depth'][:, 0]
    depths = np.stack([right, right + pairs.extras['rel_root_depth']], axis=1)
    roots = _in_camera_space(pairs.pred[:, _ROOTS], depths, pairs)
    pred, gt = (np.diff(points, axis=1) for points in (roots, pairs.gt[:, _ROOTS]))
    mask = interacting & pairs.mask[:, _ROOTS].all(1)
    return _mean_distance('MRRPE', pred, gt, mask[:, None])


def _in_camera_space(points: np.ndarray, depths: np.ndarray, pairs: KeypointPairs) -> np.ndarray:
    """Points (N, K, 3), millimetres.

    Args:
        points: (N, K, 3) x and y in pixels, z in millimetres from the depths.
        depths: (N, K) millimetres from the camera.
        pairs: Its extras have the cameras.
    """
    absolute = np.concatenate([points[..., :2], points[..., 2:] + depths[..., None]], axis=-1)
    camera = [
        pairs.extras[name][:, [axis]] for name in ('focal', 'principal_pt') for axis in (0, 1)
    ]
    return pixel_to_camera(absolute, *camera)


def _from_root(points: np.ndarray) -> np.ndarray:
    """Points (N, 42, 3) relative to the root of their hand."""
    return points - np.repeat(points[:, _ROOTS], _PER_HAND, axis=1)


def _mean_distance(name: str, pred: np.ndarray, gt: np.ndarray, mask: np.ndarray) -> float:
    if not mask.any():
        MMLogger.get_current_instance().warning(
            f'InterHandMetric: none of {len(mask)} samples has labels for {name}, so it means '
            'nothing.'
        )
    distance = keypoint_epe(pred, gt, mask)
    if not np.isfinite(distance):
        raise ValueError(
            f'InterHandMetric: {name} is not finite, though the predicted keypoints are; look for '
            f'NaN in {", ".join(_CAMERA)}, rel_root_depth and keypoints_cam.'
        )
    return distance


def _values(source: Mapping, name: str, shape: tuple[int, ...], mend: str) -> np.ndarray:
    """A field as an array of this shape; if it has the values of one instance, they are all's."""
    if name not in source:
        raise ValueError(f'InterHandMetric needs {name!r}, which is absent; {mend}.')
    value = source[name]
    array = np.array(to_numpy(value) if isinstance(value, Tensor) else value, float)
    if array.size not in (np.prod(shape), np.prod(shape[1:])):
        raise ValueError(
            f'InterHandMetric: {name!r} has shape {array.shape}; expected {shape}, first the '
            'instances.'
        )
    return np.broadcast_to(array.reshape(-1, *shape[1:]), shape)
