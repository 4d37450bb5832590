"""Who stands beside whom in a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..functional import KeypointGroundTruth
from ..functional.oks import position_in_run

_CHUNK = 1 << 17  # pairs that are looked at together, which bounds the memory


class Neighbours:
    """The instances that count, by picture.

    Args:
        gts: G annotations.
    """

    def __init__(self, gts: KeypointGroundTruth) -> None:
        image_ids, self.images = np.unique(gts.image_ids, return_inverse=True)
        members = np.flatnonzero(~gts.ignore)
        self._members = members[np.argsort(self.images[members], kind='stable')]
        self._count = np.bincount(self.images[members], minlength=len(image_ids))
        self._start = np.cumsum(self._count) - self._count

    @property
    def per_instance(self) -> np.ndarray:
        """(G,) how many instances that count are in the picture of each annotation."""
        return self._count[self.images]

    def pairs(self, gt: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Instances beside every other one that counts in their picture.

        Args:
            gt: (E,) annotations that count, each as often as one likes.

        Yields:
            Chunks of (P,) rising positions in ``gt`` and (P,) annotations; all those of a
            position are in one chunk.
        """
        count = self.per_instance[gt]
        entries = np.flatnonzero(count > 1)
        chunk = (np.cumsum(count[entries]) - 1) // _CHUNK
        for part in np.split(entries, np.flatnonzero(np.diff(chunk)) + 1):
            entry = np.repeat(part, count[part])
            place = self._start[self.images[gt[entry]]] + position_in_run(entry)
            other = self._members[place]
            apart = other != gt[entry]
            yield entry[apart], other[apart]
