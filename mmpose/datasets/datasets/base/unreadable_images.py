"""Images that cannot be read: a few of them do not end a training."""

from __future__ import annotations

import logging

from mmengine.logging import print_log

from mmpose.datasets.transforms.loading import UnreadableImageError


class UnreadableImages:
    """Skips a number of images that cannot be read, with a warning for each.

    Args:
        limit: How many different ones; those of one process, so each worker has its own.

    Raises:
        ValueError: The limit is negative.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise ValueError(f'max_unreadable is {limit}; expected 0 or more images.')
        self.limit = limit
        self._told: list[str] = []

    def skip(self, error: UnreadableImageError) -> None:
        """Take note of what could not be read.

        Raises:
            UnreadableImageError: These are too many; the message has all of them.
        """
        told = str(error)
        if told in self._told:
            return
        self._told.append(told)
        if len(self._told) > self.limit:
            raise UnreadableImageError(
                f'More than max_unreadable={self.limit} images cannot be read:\n'
                + '\n'.join(f'- {line}' for line in self._told)
            ) from error
        print_log(
            f'{told} Another item takes its place; this is number {len(self._told)} of '
            f'max_unreadable={self.limit}.',
            logger='current',
            level=logging.WARNING,
        )
