"""The categories that a COCO style file lists, and which of them to use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .coco_file import ENTRY_ERRORS, kind_of, unusable


def chosen_ids(chosen: Sequence[str | int], listed: Any, path: str) -> set[int]:
    """The ids of the chosen categories.

    Args:
        chosen: Names or ids. Of categories with the same name all are meant.
        listed: The file's ``categories``, a list of ``{id, name}``; ``None``: it has none, and
            ids are taken as they are.
        path: The file.

    Raises:
        ValueError: The file does not list one of them, or its list cannot be understood.
    """
    if listed is None and not any(isinstance(choice, str) for choice in chosen):
        return set(chosen)
    names = _names([] if listed is None else listed, path)
    ids = set()
    for choice in chosen:
        found = {i for i, name in names.items() if choice in (i, name)}
        if not found:
            options = ', '.join(f'{name!r} (id {i})' for i, name in names.items()) or 'none'
            raise ValueError(
                f'categories has {choice!r}, but the categories of {path!r} are: {options}. '
                'Choose from them, by name or id.'
            )
        ids |= found
    return ids


def _names(listed: Any, path: str) -> dict[int, str]:
    """The names by ids."""
    if not isinstance(listed, list):
        raise ValueError(
            f'{path!r}: `categories` is {kind_of(listed)}; expected a list of {{"id", "name"}}.'
        )
    names = {}
    for category in listed:
        try:
            names[category['id']] = category['name']
        except ENTRY_ERRORS as error:
            raise unusable('category', category, path, error) from error
    return names
