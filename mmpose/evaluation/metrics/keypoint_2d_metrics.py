"""Metrics of distances in the picture: PCK, AUC, EPE and NME."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from mmengine.logging import MMLogger

from mmpose.registry import METRICS
from mmpose.utils.tensor_utils import to_numpy

from ..functional import keypoint_auc, keypoint_epe, keypoint_nme, keypoint_pck_accuracy
from .base_keypoint_metric import Keypoint2DMetric, KeypointPairs

# By the size that distances are divided by, the name of the share of right keypoints.
_PCK_NAMES = dict(bbox='PCK', head='PCKh', torso='tPCK')
# The ends of JHMDB's torso: a shoulder and the hip across.
_TORSO_ENDS = (4, 5)


@METRICS.register_module()
class PCKAccuracy(Keypoint2DMetric):
    """Percentage of correct keypoints, between 0 and 1: those nearer to the label than a threshold.

    Yang and Ramanan, 2013, `Articulated Human Detection with Flexible Mixtures of Parts
    <https://doi.org/10.1109/TPAMI.2012.261>`_. It is the mean of the shares of each keypoint.

    Args:
        thr: The threshold, in units of the size.
        norm_item: The size, or several: 'bbox', the longer side of the box ('PCK'); 'head', the
            ``head_size`` of the labels ('PCKh'); 'torso', the distance of keypoints 4 and 5,
            which are left shoulder and right hip of JHMDB ('tPCK').
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means none.
        analysis: Whether to analyse the errors; see :class:`Keypoint2DMetric`.

    Raises:
        ValueError: ``norm_item`` is none of these.
    """

    def __init__(
        self,
        thr: float = 0.05,
        norm_item: str | Sequence[str] = 'bbox',
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device, prefix, analysis=analysis)
        self.norm_item = [norm_item] if isinstance(norm_item, str) else list(norm_item)
        if not self.norm_item or not set(self.norm_item) <= set(_PCK_NAMES):
            raise ValueError(
                f'norm_item is {norm_item!r}; expected one or some of {list(_PCK_NAMES)}.'
            )
        self.thr = thr

    def extras(self, sample: dict) -> dict[str, np.ndarray]:
        """The sizes (N,) in pixels that stand in the labels."""
        return {
            item: _SIZES[item](sample['gt_instances'], 'norm_item')
            for item in self.norm_item
            if item in _SIZES
        }

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """The share of right keypoints for each size."""
        numbers = {}
        for item in self.norm_item:
            size = _torso_size(pairs) if item == 'torso' else pairs.extras[item]
            numbers |= self.shares(pairs, size, _PCK_NAMES[item])
        return numbers

    def shares(self, pairs: KeypointPairs, size: np.ndarray, name: str) -> dict[str, float]:
        """The numbers, called after ``name``, with distances in units of ``size`` (N,)."""
        acc = keypoint_pck_accuracy(pairs.pred, pairs.gt, pairs.mask, self.thr, _both_axes(size))
        return {name: acc[1]}


@METRICS.register_module()
class MpiiPCKAccuracy(PCKAccuracy):
    """The share of right keypoints, in percent, as the MPII benchmark counts it, also by joint.

    Andriluka et al., 2014, `2D Human Pose Estimation: New Benchmark and State of the Art Analysis
    <https://doi.org/10.1109/CVPR.2014.471>`_. 'PCK' and 'PCK@0.1' (of the size, whatever ``thr``)
    weigh every labelled keypoint alike and leave out pelvis and thorax.

    Args:
        thr: As for :class:`PCKAccuracy`.
        norm_item: As for :class:`PCKAccuracy`; 'head' is the benchmark's.
        collect_device: As for :class:`PCKAccuracy`.
        prefix: As for :class:`PCKAccuracy`.
        analysis: As for :class:`PCKAccuracy`.

    Raises:
        ValueError: ``norm_item`` is unknown, or the data set lacks keypoints of MPII.
    """

    JOINTS = dict(
        Head=('head_top',),
        Shoulder=('left_shoulder', 'right_shoulder'),
        Elbow=('left_elbow', 'right_elbow'),
        Wrist=('left_wrist', 'right_wrist'),
        Hip=('left_hip', 'right_hip'),
        Knee=('left_knee', 'right_knee'),
        Ankle=('left_ankle', 'right_ankle'),
    )

    def __init__(
        self,
        thr: float = 0.5,
        norm_item: str | Sequence[str] = 'head',
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(thr, norm_item, collect_device, prefix, analysis)

    def shares(self, pairs: KeypointPairs, size: np.ndarray, name: str) -> dict[str, float]:
        """Percentages of groups of joints, of all, and of all within 0.1 of the size."""
        joints = _joint_ids(self.JOINTS, self.dataset_meta, type(self).__name__)
        name2id = self.dataset_meta['keypoint_name2id']
        counted = pairs.mask.copy()
        counted[:, [name2id[joint] for joint in ('pelvis', 'thorax') if joint in name2id]] = False
        # Published numbers count from 1 in the predictions, as the benchmark's own labels do.
        distances = np.linalg.norm(pairs.pred + 1 - pairs.gt, axis=-1) / size[:, None]

        def percentage(within: np.ndarray) -> float:
            return 100 * float((within & counted).sum() / max(counted.sum(), 1))

        right = (distances <= self.thr) & pairs.mask
        per_joint = 100 * right.sum(0) / pairs.mask.sum(0).clip(min=1)
        return {
            **{f'{group} PCK': float(per_joint[ids].mean()) for group, ids in joints.items()},
            'PCK': percentage(right),
            'PCK@0.1': percentage(distances < 0.1),
        }


@METRICS.register_module()
class JhmdbPCKAccuracy(PCKAccuracy):
    """The share of right keypoints, between 0 and 1, also by the joints of JHMDB.

    Jhuang et al., 2013, `Towards understanding action recognition
    <https://doi.org/10.1109/ICCV.2013.396>`_.

    Args:
        thr: As for :class:`PCKAccuracy`.
        norm_item: As for :class:`PCKAccuracy`.
        collect_device: As for :class:`PCKAccuracy`.
        prefix: As for :class:`PCKAccuracy`.
        analysis: As for :class:`PCKAccuracy`.

    Raises:
        ValueError: ``norm_item`` is unknown, or the data set lacks keypoints of JHMDB.
    """

    JOINTS = dict(
        Head=('head',),
        Sho=('left_shoulder', 'right_shoulder'),
        Elb=('left_elbow', 'right_elbow'),
        Wri=('left_wrist', 'right_wrist'),
        Hip=('left_hip', 'right_hip'),
        Knee=('left_knee', 'right_knee'),
        Ank=('left_ankle', 'right_ankle'),
    )

    def shares(self, pairs: KeypointPairs, size: np.ndarray, name: str) -> dict[str, float]:
        """Shares of groups of joints and the mean over all keypoints."""
        joints = _joint_ids(self.JOINTS, self.dataset_meta, type(self).__name__)
        per_joint, mean, _ = keypoint_pck_accuracy(
            pairs.pred, pairs.gt, pairs.mask, self.thr, _both_axes(size)
        )
        groups = {f'{group} {name}': float(per_joint[ids].mean()) for group, ids in joints.items()}
        return {**groups, name: mean}


@METRICS.register_module()
class AUC(Keypoint2DMetric):
    """The area under the curve of the PCK over thresholds from 0 to ``norm_factor`` pixels.

    Args:
        norm_factor: The largest threshold, in pixels of the picture.
        num_thrs: How many thresholds, evenly spaced, without the largest.
        collect_device: As for :class:`PCKAccuracy`.
        prefix: As for :class:`PCKAccuracy`.
        analysis: As for :class:`PCKAccuracy`.
    """

    def __init__(
        self,
        norm_factor: float = 30,
        num_thrs: int = 20,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device, prefix, analysis=analysis)
        self.norm_factor = norm_factor
        self.num_thrs = num_thrs

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """'AUC', between 0 and 1."""
        args = (pairs.pred, pairs.gt, pairs.mask, self.norm_factor, self.num_thrs)
        return dict(AUC=keypoint_auc(*args))


@METRICS.register_module()
class EPE(Keypoint2DMetric):
    """The end-point error: the mean distance of labelled keypoints, in pixels of the picture.

    Args:
        collect_device: As for :class:`PCKAccuracy`.
        prefix: As for :class:`PCKAccuracy`.
        collect_dir: Folder for gathering results on the CPU; ``None`` takes a temporary one.
        rmse: Whether to give 'RMSE' as well, the root of the mean squared distance.
        analysis: As for :class:`PCKAccuracy`.
    """

    def __init__(
        self,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
        rmse: bool = False,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir, analysis)
        self.rmse = rmse

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """'EPE', and 'RMSE' where it is wanted."""
        numbers = dict(EPE=keypoint_epe(pairs.pred, pairs.gt, pairs.mask))
        if self.rmse:
            squared = ((pairs.pred - pairs.gt) ** 2).sum(-1)[pairs.mask]
            numbers['RMSE'] = float(np.sqrt(squared.mean())) if squared.size else 0.0
        return numbers


@METRICS.register_module()
class NME(Keypoint2DMetric):
    """The normalised mean error: the mean distance of labelled keypoints in units of a size.

    Args:
        norm_mode: 'use_norm_item', a size that stands in the labels, or 'keypoint_distance', the
            distance between two labelled keypoints, such as the eyes.
        norm_item: For 'use_norm_item': 'bbox_size', the longer side of the box, or a field of
            the labels with one number per instance.
        keypoint_indices: For 'keypoint_distance': the two keypoints; ``None`` takes those that
            are usual for the data set (:attr:`DEFAULT_KEYPOINT_INDICES`).
        collect_device: As for :class:`PCKAccuracy`.
        prefix: As for :class:`PCKAccuracy`.
        analysis: As for :class:`PCKAccuracy`.

    Raises:
        ValueError: The arguments contradict each other, or the data set has no usual keypoints.
    """

    DEFAULT_KEYPOINT_INDICES: dict[str, list[int]] = {
        'horse10': [0, 1],  # nose and eye
        '300w': [36, 45],  # outer corners of the eyes
        'coco_wholebody_face': [36, 45],
        'cofw': [8, 9],
        'wflw': [60, 72],
        'lapa': [66, 79],
    }

    def __init__(
        self,
        norm_mode: str,
        norm_item: str | None = None,
        keypoint_indices: Sequence[int] | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device, prefix, analysis=analysis)
        if norm_mode not in ('use_norm_item', 'keypoint_distance'):
            raise ValueError(
                f"norm_mode is {norm_mode!r}; expected 'use_norm_item' or 'keypoint_distance'."
            )
        if norm_mode == 'use_norm_item' and not norm_item:
            raise ValueError(
                "norm_mode='use_norm_item' needs `norm_item`, such as 'bbox_size' or a field of "
                'the labels with the size of each instance.'
            )
        if keypoint_indices is not None and len(keypoint_indices) != 2:
            raise ValueError(f'keypoint_indices is {keypoint_indices}; name two keypoints.')
        self.norm_mode = norm_mode
        self.norm_item = norm_item
        self.keypoint_indices = keypoint_indices

    def extras(self, sample: dict) -> dict[str, np.ndarray]:
        """The sizes (N,) in pixels, if they stand in the labels."""
        if self.norm_mode != 'use_norm_item':
            return {}
        gt = sample['gt_instances']
        if self.norm_item == 'bbox_size':
            return dict(size=_box_size(gt, 'norm_item'))
        return dict(size=_field(gt, self.norm_item, 'norm_item').reshape(len(gt['keypoints'])))

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """'NME', in units of the size."""
        if self.norm_mode == 'use_norm_item':
            size = pairs.extras['size']
        else:
            first, second = self._norm_keypoints(pairs.gt.shape[1])
            size = np.linalg.norm(pairs.gt[:, first] - pairs.gt[:, second], axis=-1)
        return dict(NME=keypoint_nme(pairs.pred, pairs.gt, pairs.mask, _both_axes(size)))

    def _norm_keypoints(self, num_keypoints: int) -> Sequence[int]:
        indices = self.keypoint_indices
        if indices is None:
            dataset = self.dataset_meta['dataset_name']
            indices = self.DEFAULT_KEYPOINT_INDICES.get(dataset)
            if indices is None:
                raise ValueError(
                    f'NME knows no usual keypoints of {dataset!r} to take the distance of (it '
                    f'does of {list(self.DEFAULT_KEYPOINT_INDICES)}); name two by '
                    '`keypoint_indices`.'
                )
        if not all(0 <= index < num_keypoints for index in indices):
            raise ValueError(
                f'keypoint_indices is {list(indices)}, but there are {num_keypoints} keypoints.'
            )
        return indices


def _field(gt: Mapping, name: str, option: str) -> np.ndarray:
    if name not in gt:
        raise ValueError(
            f'{option} needs {name!r} in the labels of the test data, which have {sorted(gt)}; '
            'choose another size, or let the data set give it and PackPoseInputs pack it.'
        )
    return to_numpy(gt[name]).astype(np.float64)


def _box_size(gt: Mapping, option: str) -> np.ndarray:
    boxes = _field(gt, 'bboxes', option)
    return (boxes[:, 2:] - boxes[:, :2]).max(-1)


def _head_size(gt: Mapping, option: str) -> np.ndarray:
    return _field(gt, 'head_size', option).reshape(-1)


_SIZES = dict(bbox=_box_size, head=_head_size)


def _torso_size(pairs: KeypointPairs) -> np.ndarray:
    """(N,) the labelled torso, or where that is shorter than a pixel the predicted one."""
    if pairs.gt.shape[1] <= max(_TORSO_ENDS):
        raise ValueError(
            f"norm_item='torso' measures between the keypoints {_TORSO_ENDS}, but there are "
            f'{pairs.gt.shape[1]}; choose another size.'
        )
    start, end = _TORSO_ENDS
    labelled, predicted = (
        np.linalg.norm(points[:, start] - points[:, end], axis=-1)
        for points in (pairs.gt, pairs.pred)
    )
    if (labelled < 1).any():
        MMLogger.get_current_instance().warning(
            f'{(labelled < 1).sum()} of {len(labelled)} labelled torsos are shorter than a pixel; '
            'the predicted ones are taken for their size.'
        )
    return np.where(labelled < 1, predicted, labelled)


def _both_axes(size: np.ndarray) -> np.ndarray:
    """(N, 2) from (N,)."""
    return np.repeat(size[:, None], 2, axis=1)


def _joint_ids(
    joints: Mapping[str, Sequence[str]], dataset_meta: Mapping | None, metric: str
) -> dict[str, list[int]]:
    """The keypoints of each group of joints."""
    name2id = (dataset_meta or {}).get('keypoint_name2id', {})
    missing = [name for names in joints.values() for name in names if name not in name2id]
    if missing:
        raise ValueError(
            f'{metric} reports by joints, but the data set has no keypoints {missing}; use '
            'PCKAccuracy for other skeletons.'
        )
    return {group: [name2id[name] for name in names] for group, names in joints.items()}
