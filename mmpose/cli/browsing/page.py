"""Pictures as one HTML page that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from html import escape

import cv2
import numpy as np

JPEG_QUALITY = 85

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 2rem auto; max-width: {width}; padding: 0 1.5rem;
  font: 14px/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas; }}
h1 {{ font-size: 1.25rem; font-weight: 600; margin: 0; }}
header p {{ margin: .25rem 0 1.5rem; opacity: .7; }}
main {{ display: grid; gap: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(min({card}, 100%), 1fr)); }}
figure {{ margin: 0; border: 1px solid color-mix(in srgb, CanvasText 18%, Canvas);
  border-radius: 8px; overflow: hidden; display: flex; flex-direction: column; }}
figure div {{ flex: 1; display: flex; align-items: center; justify-content: center;
  background: color-mix(in srgb, CanvasText 6%, Canvas); }}
img {{ display: block; max-width: 100%; max-height: {height}; }}
dl {{ margin: 0; padding: .75rem 1rem; display: grid; gap: .1rem .75rem;
  grid-template-columns: auto 1fr; font-size: .8125rem; }}
dt {{ opacity: .6; }}
dd {{ margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<header><h1>{title}</h1><p>{subtitle}</p></header>
<main>
{cards}
</main>
</body>
</html>
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
    return _PAGE.format(
        title=escape(title),
        subtitle=escape(subtitle),
        cards='\n'.join(_card(picture, caption) for picture, caption in cards),
        width='100rem' if wide else '90rem',
        card='100%' if wide else '20rem',
        height='none' if wide else '32rem',
    )


def _card(picture: np.ndarray, caption: Mapping[str, str]) -> str:
    _, data = cv2.imencode('.jpg', picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    source = f'data:image/jpeg;base64,{base64.b64encode(data).decode()}'
    rows = ''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in caption.items())
    alt = escape(caption.get('file', 'item'), quote=True)
    return f'<figure><div><img src="{source}" alt="{alt}"></div><dl>{rows}</dl></figure>'
