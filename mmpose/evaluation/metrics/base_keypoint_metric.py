"""The base of metrics that compare each predicted keypoint with its label."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from mmpose.utils.tensor_utils import to_numpy


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

    key: Hashable
    name: str
    pairs: KeypointPairs


class BaseKeypointMetric(BaseMetric):
    """Collects the pairs of all samples once; a subclass measures them.

    A subclass writes :meth:`measure`; if it needs more than the points it overrides
    :meth:`extras`, if its labels stand elsewhere :meth:`truth`. A sample that comes twice, as the
    padding of distributed runs does, counts once.
    """

    default_prefix: str | None = ''  # the numbers are called PCK, EPE, ... and no more

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
            pairs = KeypointPairs(pred, gt, mask, self.extras(sample))
            self.results.append(_Result(_key_of(sample, len(self.results)), name, pairs))

    def truth(self, sample: dict) -> tuple[np.ndarray, np.ndarray]:
        """Labels (N, K, D) and which of them exist, (N, K) boolean."""
        gt = sample['gt_instances']
        visible = to_numpy(gt['keypoints_visible'])
        labelled = visible[..., 0] if visible.ndim == 3 else visible
        return to_numpy(gt['keypoints']).astype(np.float64), labelled.astype(bool)

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
        unique = list({result.key: result for result in results}.values())
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
        return self.measure(pairs)


def _key_of(sample: dict, index: int) -> Hashable:
    """What only repetitions of the sample share: ids of data sets in a mixture may coincide."""
    if 'id' not in sample:
        return index
    return repr([sample.get(name) for name in ('dataset_name', 'img_path', 'img_id', 'id')])


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
