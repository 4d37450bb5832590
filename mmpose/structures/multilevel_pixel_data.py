"""Pixel-level data at several resolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.structures import BaseDataElement, PixelData


class MultilevelPixelData(BaseDataElement):
    """Maps of one image at several resolutions, such as the targets of a multi-stage head.

    Each data field is a sequence with one (C, H, W) or (H, W) array or tensor per level. All
    fields have the same number of levels, and within a level the same height and width.

    Example::

        >>> sizes_hw = [(64, 48), (32, 24)]
        >>> data = MultilevelPixelData(heatmaps=[torch.zeros(17, h, w) for h, w in sizes_hw])
        >>> data.nlevel, data.shape, data.heatmaps[1].shape
        (2, ((64, 48), (32, 24)), torch.Size([17, 32, 24]))
    """

    @property
    def nlevel(self) -> int:
        """Number of levels, 0 while no field is set."""
        return len(self.shape or ())

    @property
    def shape(self) -> tuple[tuple[int, int], ...] | None:
        """(H, W) of each level, ``None`` while no field is set."""
        for maps in self.values():
            return tuple(tuple(level.shape[-2:]) for level in maps)
        return None

    def levels(self) -> tuple[PixelData, ...]:
        """One ``PixelData`` per level, with all fields and the metainfo."""
        return tuple(
            PixelData(metainfo=self.metainfo, **{name: maps[i] for name, maps in self.items()})
            for i in range(self.nlevel)
        )

    def __len__(self) -> int:
        return self.nlevel

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, item: int | str | slice) -> Any:
        """A level by its index, the levels of a slice, or a field by its name."""
        if isinstance(item, str):
            return getattr(self, item)
        if isinstance(item, slice):
            fields = {name: maps[item] for name, maps in self.items()}
            return type(self)(metainfo=self.metainfo, **fields)
        return self.levels()[item]

    def set_data(self, data: dict[str, Sequence[np.ndarray | torch.Tensor]]) -> None:
        """Set several fields.

        Args:
            data: The maps of all levels, by field name.

        Raises:
            TypeError: ``data`` is no dict, or as in :meth:`set_field`.
            ValueError: As in :meth:`set_field`.
        """
        if not isinstance(data, dict):
            raise TypeError(f'data must be a dict of field names and maps, not {type(data)}.')
        for name, maps in data.items():
            self.set_field(maps, name)

    def set_field(
        self,
        value: Any,
        name: str,
        dtype: type | tuple[type, ...] | None = None,
        field_type: str = 'data',
    ) -> None:
        """Set a field of data or metainfo.

        Args:
            value: For data one (C, H, W) or (H, W) map per level, the latter kept as (1, H, W).
            name: The field's name.
            dtype: The type that each level's map must have; ``None`` takes arrays and tensors.
            field_type: 'data' or 'metainfo'.

        Raises:
            TypeError: The maps are no sequence of ``dtype``.
            ValueError: The number of levels, or a level's size, is unlike the other fields'.
        """
        if field_type == 'data':
            value = self._checked(value, name, dtype or (np.ndarray, torch.Tensor))
        super().set_field(value, name, field_type=field_type)

    def _checked(self, maps: Any, name: str, types: type | tuple[type, ...]) -> tuple:
        sequence = isinstance(maps, (list, tuple))
        if not sequence or not all(isinstance(m, types) for m in maps):
            kinds = [type(m).__name__ for m in maps] if sequence else type(maps).__name__
            raise TypeError(f'{name!r} must be a list with one {types} per level, not {kinds}.')
        if bad := [m.ndim for m in maps if m.ndim not in (2, 3)]:
            raise ValueError(f'{name!r} has maps of {bad} dimensions; each must be (C, H, W).')
        others = [v for k, v in self.items() if k != name]
        if others:
            shape, wanted = ([tuple(m.shape[-2:]) for m in v] for v in (maps, others[0]))
            if shape != wanted:
                raise ValueError(
                    f'{name!r} has levels of (H, W) {shape}, but the other fields have {wanted}; '
                    "give one map per level, each of its level's size."
                )
        return tuple(m if m.ndim == 3 else m[None] for m in maps)

    def _convert(self, method: str, *args: Any, **kwargs: Any) -> MultilevelPixelData:
        """A copy whose levels are those that ``PixelData.method`` returns."""
        levels = [getattr(level, method)(*args, **kwargs) for level in self.levels()]
        fields = {name: [getattr(level, name) for level in levels] for name in self.keys()}
        return type(self)(metainfo=self.metainfo, **fields)

    def to(self, *args: Any, **kwargs: Any) -> MultilevelPixelData:
        """A copy with ``Tensor.to`` applied to all tensors."""
        return self._convert('to', *args, **kwargs)

    def cpu(self) -> MultilevelPixelData:
        """A copy with all tensors on the CPU."""
        return self._convert('cpu')

    def cuda(self) -> MultilevelPixelData:
        """A copy with all tensors on the GPU."""
        return self._convert('cuda')

    def musa(self) -> MultilevelPixelData:
        """A copy with all tensors on the MUSA device."""
        return self._convert('musa')

    def npu(self) -> MultilevelPixelData:
        """A copy with all tensors on the NPU."""
        return self._convert('npu')

    def mlu(self) -> MultilevelPixelData:
        """A copy with all tensors on the MLU."""
        return self._convert('mlu')

    def detach(self) -> MultilevelPixelData:
        """A copy with all tensors detached from the graph."""
        return self._convert('detach')

    def numpy(self) -> MultilevelPixelData:
        """A copy with all tensors turned into arrays."""
        return self._convert('numpy')

    def to_tensor(self) -> MultilevelPixelData:
        """A copy with all arrays turned into tensors."""
        return self._convert('to_tensor')
