"""Pictures of samples as one HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from mmpose.cli import html

# A strip of stages is a sheet of white, and wider than a phone.
_WIDE = """
:root { --width: 100rem; --card: 100%; }
figure div { background: white; padding: .75rem 1rem; overflow-x: auto;
  justify-content: flex-start; }
img { max-height: none; max-width: max(100%, 60rem); }
"""


def page(
    title: str, subtitle: str, cards: Iterable[tuple[np.ndarray, Mapping[str, str]]], wide: bool
) -> str:
    """The text of the page.

    Args:
        title: Its heading.
        subtitle: A line below it.
        cards: Of each card the picture (H, W, 3), uint8 RGB, and the caption: words by name.
        wide: Whether a card has the whole width.
    """
    figures = (
        html.figure({caption.get('file', 'item'): picture}, caption) for picture, caption in cards
    )
    return html.page(title, subtitle, html.cards(figures), style=_WIDE if wide else '')
