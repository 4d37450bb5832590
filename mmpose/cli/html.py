"""HTML pages that need no other file, in light and dark."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from html import escape

import cv2
import numpy as np

JPEG_QUALITY = 85

_STYLE = """
:root { color-scheme: light dark;
  --line: color-mix(in srgb, CanvasText 18%, Canvas);
  --faint: color-mix(in srgb, CanvasText 6%, Canvas);
  --quiet: color-mix(in srgb, CanvasText 68%, Canvas); }
body { margin: 2rem auto; max-width: var(--width, 90rem); padding: 0 1.5rem;
  font: 14px/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas; }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
header p { margin: .25rem 0 1.5rem; color: var(--quiet); }
.cards { display: grid; gap: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--card, 20rem), 100%), 1fr)); }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
  display: flex; flex-direction: column; }
figure div { flex: 1; display: flex; flex-wrap: wrap; gap: .375rem; align-items: center;
  justify-content: center; background: var(--faint); }
img { display: block; width: auto; height: auto; max-width: 100%; max-height: 32rem; }
figure dl { margin: 0; padding: .75rem 1rem; display: grid; gap: .1rem .75rem;
  grid-template-columns: auto 1fr; font-size: .8125rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { body { margin: 1rem auto; padding: 0 1rem; } }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{title}</h1><p>{subtitle}</p></header>
<main>
{content}
</main>
{script}
</body>
</html>
"""


def page(title: str, subtitle: str, content: str, style: str = '', script: str = '') -> str:
    """The text of a page.

    Args:
        title: Its heading.
        subtitle: A line below it.
        content: HTML of what follows.
        style: CSS beside that of all pages.
        script: JavaScript that runs at the end.
    """
    return _PAGE.format(
        title=escape(title),
        subtitle=escape(subtitle),
        content=content,
        style=_STYLE + style,
        script=f'<script>{script}</script>' if script else '',
    )


def cards(figures: Iterable[str]) -> str:
    """Figures in a grid that fits the width of the page."""
    lines = '\n'.join(figures)
    return f'<div class="cards">\n{lines}\n</div>'


def figure(pictures: Mapping[str, np.ndarray], caption: Mapping[str, str]) -> str:
    """Pictures beside each other, where there is room, and their caption.

    Args:
        pictures: (H, W, 3) uint8 RGB by what they show, for those who do not see it.
        caption: Words by name.
    """
    images = ''.join(_image(picture, alt) for alt, picture in pictures.items())
    rows = ''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in caption.items())
    return f'<figure><div>{images}</div><dl>{rows}</dl></figure>'


def _image(picture: np.ndarray, alt: str) -> str:
    _, data = cv2.imencode('.jpg', picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    height, width = picture.shape[:2]
    return (
        f'<img src="data:image/jpeg;base64,{base64.b64encode(data).decode()}" '
        f'width="{width}" height="{height}" alt="{escape(alt)}">'
    )
