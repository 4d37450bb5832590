"""The base of metrics that compare each predicted keypoint with its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmengine.dist import get_rank
from mmengine.logging import MMLogger

from mmpose.utils.tensor_utils import to_numpy

from ..analysis import extras_of, records_of_pairs, run_analysis
from .gathering import GatheringMetric
from .mismatch import warn_of_range


@dataclass
class KeypointPairs:
    """Predicted keypoints beside their labels.

    Attributes:
        pred: (N, K, D) predicted points.
        gt: (N, K, D) labelled points.
        mask: (N, K) boolean, which are labelled.
        extras: By name, (N, ...) what a metric needs besides, such as the size of each instance.
    """

    pred: np.ndarray
    gt: np.ndarray
    mask: np.ndarray
    extras: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class _Result:
    """A data sample; no tuple or dictionary, which BaseMetric would search for tensors."""

    key: str
    name: str
    pairs: KeypointPairs


class BaseKeypointMetric(GatheringMetric):
    """Collects the pairs of all samples once; a subclass measures them.

    A subclass writes :meth:`measure`; if it needs more than the points it overrides
    :meth:`extras`, if its labels stand elsewhere :meth:`truth`. A sample that comes twice, as the
    padding of distributed runs does, counts once.
    """

    default_prefix: str | None = ''  # the numbers are called PCK, EPE, ... and no more
    analysis: bool | str = False  # of errors in pictures; see Keypoint2DMetric

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what the metric needs of some samples.

        Args:
            data_batch: Not used.
            data_samples: Each with ``pred_instances`` that has ``keypoints`` (N, K, D), and with
                ``gt_instances``.

        Raises:
            ValueError: Predictions and labels differ in shape.
        """
        for sample in data_samples:
            pred = to_numpy(sample['pred_instances']['keypoints']).astype(np.float64)
            gt, mask = self.truth(sample)
            name = f'{sample.get("id")} (image {sample.get("img_path") or sample.get("img_id")})'
            if pred.shape != gt.shape:
                raise ValueError(
                    f'{type(self).__name__}: sample {name} has predicted keypoints of shape '
                    f'{pred.shape} and labels of shape {gt.shape}, (instances, keypoints, '
                    'coordinates). The model and the test data must have the same keypoints: see '
                    '`out_channels`, `output_keypoint_indices` and the metainfo of the data set.'
                )
            extras = self.extras(sample)
            if self.analysis:
                extras |= extras_of(sample, mask)
            pairs = KeypointPairs(pred, gt, mask, extras)
            self.results.append(_Result(_key_of(sample, len(self.results)), name, pairs))

    def truth(self, sample: dict) -> tuple[np.ndarray, np.ndarray]:
        """Labels (N, K, D) and which of them exist, (N, K) boolean."""
        gt = sample['gt_instances']
        return to_numpy(gt['keypoints']).astype(np.float64), labelled_keypoints(gt)

    def extras(self, sample: dict) -> dict[str, np.ndarray]:
        """What :meth:`measure` needs besides the points, an array (N, ...) for each name."""
        return {}

    def measure(self, pairs: KeypointPairs) -> dict[str, float]:
        """The numbers for all samples."""
        raise NotImplementedError

    def compute_metrics(self, results: list[_Result]) -> dict[str, float]:
        """The numbers for all samples.

        Args:
            results: What :meth:`process` kept, in any order.

        Raises:
            ValueError: There are no samples, samples differ in the number of keypoints, or
                predictions are not finite.
        """
        by_key = {result.key: result for result in results}
        # a sum depends on the order of its terms, if little, and that on the number of processes
        unique = [by_key[key] for key in sorted(by_key)]
        if not unique:
            raise ValueError(f'{type(self).__name__} has no sample to measure.')
        counts = sorted({result.pairs.gt.shape[1:] for result in unique})
        if len(counts) > 1:
            raise ValueError(
                f'{type(self).__name__}: samples have keypoints of different shapes, {counts}. '
                'Bring the data sets to one skeleton, such as by `KeypointConverter`.'
            )
        bad = [r.name for r in unique if not np.isfinite(r.pairs.pred[r.pairs.mask]).all()]
        if bad:
            raise ValueError(
                f'{type(self).__name__}: predictions of {len(bad)} of {len(unique)} samples are '
                f'not finite, the first of sample {bad[0]}. Look for NaN in the weights.'
            )
        pairs = _join([result.pairs for result in unique])
        if not pairs.mask.any():
            MMLogger.get_current_instance().warning(
                f'{type(self).__name__}: none of {pairs.mask.size} keypoints of {len(unique)} '
                'samples is labelled, so its numbers mean nothing.'
            )
        elif pairs.gt.shape[2] == 2 and _median_error(pairs) > 1:
            warn_of_range(pairs.pred[pairs.mask], pairs.gt[pairs.mask])
        numbers = self.measure(pairs)
        if self.analysis:
            parts = (pairs.pred, pairs.gt, pairs.mask, pairs.extras)
            records = records_of_pairs(*parts, self.dataset_meta or {})
            self.report = run_analysis(records, self.analysis)
        return numbers


def labelled_keypoints(gt: Mapping) -> np.ndarray:
    """(N, K) boolean, which keypoints of some instances are labelled.

    Args:
        gt: ``keypoints_visible``, (N, K) or with weights (N, K, 2).
    """
    visible = to_numpy(gt['keypoints_visible'])
    return (visible[..., 0] if visible.ndim == 3 else visible).astype(bool)


class Keypoint2DMetric(BaseKeypointMetric):
    """The base of metrics in the picture, which can explain their numbers.

    Args:
        collect_device: 'cpu' or 'gpu', where results of several processes are gathered.
        prefix: Start of the names of the numbers; ``None`` means none.
        collect_dir: Folder for gathering results on the CPU; ``None`` takes a temporary one.
        analysis: Whether to analyse the errors: tables go to the log, and :attr:`report` has what
            :func:`mmpose.evaluation.analysis.analyse` returns. The path of an ``.npz`` file has
            the poses written there, too, for ``mmpose report``.
    """

    def __init__(
        self,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
        analysis: bool | str = False,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        self.analysis = analysis
        self.report: dict | None = None


def _key_of(sample: dict, index: int) -> str:
    """What only repetitions of the sample share: ids of data sets in a mixture may coincide."""
    if 'id' not in sample:
        return repr([get_rank(), index])
    return repr([sample.get(name) for name in ('dataset_name', 'img_path', 'img_id', 'id')])


def _median_error(pairs: KeypointPairs) -> float:
    """The median distance of labelled keypoints, in units of the extent of their pose."""
    points = np.where(pairs.mask[..., None], pairs.gt, np.nan)
    several = pairs.mask.sum(1) > 1
    low, high = (function(points[several], axis=1) for function in (np.nanmin, np.nanmax))
    extents = np.linalg.norm(high - low, axis=-1)
    distances = np.linalg.norm(pairs.pred - pairs.gt, axis=-1)[several] / extents.clip(1)[:, None]
    return float(np.median(distances[pairs.mask[several]])) if several.any() else 0.0


def _join(parts: list[KeypointPairs]) -> KeypointPairs:
    return KeypointPairs(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ('pred', 'gt', 'mask')
        ),
        extras={
            name: np.concatenate([part.extras[name] for part in parts]) for name in parts[0].extras
        },
    )
