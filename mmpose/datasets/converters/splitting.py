"""Dividing the pictures of a data set into parts to train and to validate on."""

from __future__ import annotations

import random
from collections import defaultdict

from .coco_writer import CocoWriter
from .errors import ConversionError


def split_images(
    writer: CocoWriter, val_share: float = 0.0, seed: int = 0, split_by: str | None = None
) -> tuple[dict[str, list[int]], str]:
    """The image ids of each part by its name, and how they were chosen, in words.

    The choice depends on the seed and the names of the pictures alone, not on their order.

    Args:
        writer: Holds the pictures.
        val_share: The share of the pictures to validate on, between 0 and 1; 0: the parts that
            the source states, or else one part, ``'annotations'``.
        seed: Of the choice.
        split_by: ``'group'`` keeps the pictures of a sequence or folder together, ``'image'``
            draws each for itself; ``None``: by group where there are several.

    Raises:
        ConversionError: An argument is out of range, or a part would be empty.
    """
    if not 0 <= val_share < 1:
        raise ConversionError(f'val_share is {val_share}; expected 0 or more and less than 1.')
    if split_by not in (None, 'group', 'image'):
        raise ConversionError(f"split_by is {split_by!r}; expected 'group' or 'image'.")
    if not val_share:
        parts = defaultdict(list)
        for image in writer.images:
            parts[writer.splits.get(image['id'], 'annotations')].append(image['id'])
        return dict(parts), 'as the source says' if writer.splits else ''
    units = _units(writer, split_by)
    val = _drawn(list(units.values()), val_share, seed)
    train = sorted(image['id'] for image in writer.images if image['id'] not in val)
    what = 'picture by picture' if len(units) == len(writer.images) else f'of {len(units)} groups'
    return dict(train=train, val=sorted(val)), f'drawn {what} with seed {seed}'


def _units(writer: CocoWriter, split_by: str | None) -> dict[str, list[int]]:
    """The image ids that stay together, by group or by the picture's name, sorted by it."""
    if split_by is None:
        split_by = 'group' if len(set(writer.groups.values())) > 1 else 'image'
    units = defaultdict(list)
    for image in sorted(writer.images, key=lambda image: image['file_name']):
        group = writer.groups.get(image['id']) if split_by == 'group' else None
        units[('group', group) if group is not None else ('image', image['id'])].append(image['id'])
    if len(units) < 2:
        raise ConversionError(
            f'{len(writer.images)} pictures in {len(units)} group cannot be split; use '
            "split_by='image' (--split-by image) or val_share=0."
        )
    return dict(units)


def _drawn(units: list[list[int]], share: float, seed: int) -> set[int]:
    """The image ids of units drawn until the next would lead away from the share."""
    random.Random(seed).shuffle(units)
    wanted = share * sum(map(len, units))
    drawn = set(units[0])
    for unit in units[1:-1]:
        if abs(len(drawn) + len(unit) - wanted) < abs(len(drawn) - wanted):
            drawn.update(unit)
    return drawn
