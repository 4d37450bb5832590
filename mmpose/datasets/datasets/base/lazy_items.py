"""Items that are not held but made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload


class LazyItems(Sequence):
    """A sequence whose items are made each time they are asked for; a slice is one as well.

    Args:
        make: From a number to its item.
        numbers: The number of each item.
    """

    def __init__(self, make: Callable[[int], Any], numbers: Sequence[int]) -> None:
        self._make = make
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> LazyItems: ...

    def __getitem__(self, index):
        if isinstance(index, slice):
            return LazyItems(self._make, self._numbers[index])
        return self._make(self._numbers[index])

    def __deepcopy__(self, memo: dict) -> LazyItems:
        # a copy would drag along all that the items are made from, which nobody writes into
        return self
