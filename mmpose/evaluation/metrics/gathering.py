"""The base of metrics whose results are gathered from several processes."""

from __future__ import annotations

import torch
from mmengine.dist import all_reduce
from mmengine.evaluator import BaseMetric


class GatheringMetric(BaseMetric):
    """Gathers all results of all processes, repetitions included.

    :class:`BaseMetric` cuts what it gathers to the length of the data set, which leaves out the
    repetitions that pad the last batch only if a sampler deals its samples out in turn. A subclass
    removes them itself, by the ids of the samples, so that the numbers are the same for any
    sampler and any number of processes.
    """

    def evaluate(self, size: int) -> dict:
        """The numbers for all samples, the same on every process.

        Args:
            size: How many samples the data set has; not used, for all results count.
        """
        total = torch.tensor(len(self.results))
        all_reduce(total)
        return super().evaluate(size=int(total))
