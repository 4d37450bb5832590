"""What is odd about the entries of a COCO style file, though they can be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any

MAX_NAMED = 5


class Oddities:
    """What is probably a mistake in a file, counted to be told once.

    Args:
        categories: The file's list of them; ``None``: it has none.
    """

    def __init__(self, categories: Any = None) -> None:
        self.repeated_images: Counter[Hashable] = Counter()
        self._repeated: Counter[Hashable] = Counter()
        self._unlisted: Counter[Hashable] = Counter()
        self._ids: set[Hashable] = set()
        self._listed = None
        if isinstance(categories, list):
            self._listed = [c.get('id') for c in categories if isinstance(c, dict)]

    def see(self, ann: dict) -> None:
        """Take note of an annotation."""
        ann_id, category = ann.get('id'), ann.get('category_id')
        if ann_id is not None:
            if ann_id in self._ids:
                self._repeated[ann_id] += 1
            self._ids.add(ann_id)
        if self._listed is not None and category is not None and category not in self._listed:
            self._unlisted[category] += 1

    def lines(self) -> Iterator[str]:
        """A sentence for each kind of mistake."""
        if self._repeated:
            yield (
                f'{self._repeated.total()} annotations repeat the id of another '
                f'({_named(self._repeated)}); scores are computed by id, so give each its own.'
            )
        if self.repeated_images:
            yield (
                f'{self.repeated_images.total()} images have several entries that differ '
                f'({_named(self.repeated_images)}); the last one counts.'
            )
        if self._unlisted:
            yield (
                f'{self._unlisted.total()} annotations have a category_id that `categories` does '
                f'not list ({_named(self._unlisted)}).'
            )


def _named(counts: Counter[Hashable]) -> str:
    """The most frequent ones."""
    named = ', '.join(repr(value) for value, _ in counts.most_common(MAX_NAMED))
    return named + ', ...' * (len(counts) > MAX_NAMED)
