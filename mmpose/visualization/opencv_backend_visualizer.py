"""Drawing of basic shapes, by OpenCV or by matplotlib."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from mmengine.dist import master_only
from mmengine.visualization import Visualizer
from mmengine.visualization.utils import color_str2rgb

BACKENDS = ('opencv', 'matplotlib')
_FRACTION_BITS = 4  # OpenCV places shapes to 1/16 pixel
_FAR = 1 << 20  # pixels; farther points would overflow OpenCV's integers

Color = str | tuple[int, int, int]


def require_display() -> None:
    """Check that a window can be opened.

    Raises:
        RuntimeError: This is Linux without a display, where OpenCV would end the process.
    """
    has_display = os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')
    if sys.platform.startswith('linux') and not has_display:
        raise RuntimeError(
            'show=True opens a window, but this machine has no display (DISPLAY is not set). '
            'Leave `show` off and write the pictures to files instead '
            '(`out_file`, `out_dir` or `vis_out_dir`).'
        )


class OpencvBackendVisualizer(Visualizer):
    """A visualizer that draws anti-aliased, to fractions of a pixel, with OpenCV.

    MMEngine's own drawing makes a matplotlib figure per picture; OpenCV paints the same shapes
    on the array in a fraction of the time. A point with whole coordinates is the centre of a
    pixel, with both backends; what lies outside the picture is cut off.

    Args:
        name: The name of the instance.
        backend: ``'opencv'`` or ``'matplotlib'``.
        *args: For :class:`mmengine.visualization.Visualizer`.
        **kwargs: For :class:`mmengine.visualization.Visualizer`.

    Raises:
        ValueError: The backend is unknown.
    """

    def __init__(
        self, name: str = 'visualizer', backend: str = 'opencv', *args: Any, **kwargs: Any
    ) -> None:
        if backend not in BACKENDS:
            raise ValueError(f'backend is {backend!r}; it has to be one of {BACKENDS}.')
        self.backend = backend
        super().__init__(name, *args, **kwargs)

    def _initialize_fig(self, fig_cfg: dict) -> tuple:
        if self.backend == 'matplotlib':
            return super()._initialize_fig(fig_cfg)
        return None, SimpleNamespace(get_dpi=lambda: 100.0), None

    def _is_posion_valid(self, position: np.ndarray) -> bool:  # the base class spells it so
        return True  # a person at the border is no reason to warn

    @master_only
    def set_image(self, image: np.ndarray) -> None:
        """Start a drawing on a copy of ``image``.

        Args:
            image: (H, W, 3) RGB, 0 to 255.

        Raises:
            ValueError: The array has another shape.
        """
        if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3:
            shape = getattr(image, 'shape', type(image).__name__)
            raise ValueError(f'The picture is {shape}; an (H, W, 3) RGB array was expected.')
        if self.backend == 'matplotlib':
            super().set_image(image)
            self.ax_save.set(xlim=(0, self.width), ylim=(self.height, 0), autoscale_on=False)
            return
        self._image = image.astype(np.uint8, order='C', copy=True)
        self.height, self.width = image.shape[:2]
        self._default_font_size = max(np.sqrt(self.height * self.width) // 90, 10)

    @master_only
    def get_image(self) -> np.ndarray:
        """The drawing so far: (H, W, 3) uint8 RGB."""
        return super().get_image() if self.backend == 'matplotlib' else self._image

    @master_only
    def draw_circles(
        self,
        center: np.ndarray,
        radius: np.ndarray | float,
        face_colors: Color | list[Color] = 'g',
        alpha: float | np.ndarray = 1.0,
        **kwargs: Any,
    ) -> OpencvBackendVisualizer:
        """Draw filled circles.

        Args:
            center: (2,) or (N, 2) pixels, (x, y).
            radius: Pixels, for all or for each.
            face_colors: RGB or a colour's name, for all or for each.
            alpha: 0 (invisible) to 1 (opaque), for all or for each.
            **kwargs: For matplotlib's backend only.
        """
        center = np.atleast_2d(center).astype(np.float64)
        N = len(center)
        radius = np.broadcast_to(np.asarray(radius, dtype=np.float64), N)
        colors = _rgb(face_colors, N)
        if self.backend == 'matplotlib':
            kwargs = {'edge_colors': 'none', **kwargs}
            colors = [tuple(color) for color in colors]
            super().draw_circles(center + 0.5, radius, face_colors=colors, alpha=alpha, **kwargs)
            return self
        places, sizes = _fixed_point(center).tolist(), _fixed_point(radius).tolist()
        for i, opacity in enumerate(np.broadcast_to(alpha, N)):
            with self._painting(center[i : i + 1], radius[i], opacity) as image:
                cv2.circle(image, places[i], sizes[i], colors[i], -1, cv2.LINE_AA, _FRACTION_BITS)
        return self

    @master_only
    def draw_lines(
        self,
        x_datas: np.ndarray,
        y_datas: np.ndarray,
        colors: Color | list[Color] = 'g',
        line_widths: float | Sequence[float] = 1,
        alpha: float | np.ndarray = 1.0,
        **kwargs: Any,
    ) -> OpencvBackendVisualizer:
        """Draw line segments.

        Args:
            x_datas: (2,) or (N, 2) x coordinates of the two ends, in pixels.
            y_datas: (2,) or (N, 2) y coordinates of the two ends, in pixels.
            colors: RGB or a colour's name, for all or for each.
            line_widths: Pixels, for all or for each.
            alpha: 0 (invisible) to 1 (opaque), for all or for each.
            **kwargs: For matplotlib's backend only.
        """
        ends = np.stack([np.atleast_2d(x_datas), np.atleast_2d(y_datas)], -1).astype(np.float64)
        N = len(ends)
        colors, alphas = _rgb(colors, N), np.broadcast_to(alpha, N)
        widths = np.broadcast_to(np.asarray(line_widths, dtype=np.float64), N).tolist()
        if self.backend == 'matplotlib':
            self._draw_matplotlib_lines(ends + 0.5, colors, alphas, widths)
            return self
        places = _fixed_point(ends).tolist()
        for i, opacity in enumerate(alphas):
            with self._painting(ends[i], widths[i], opacity) as image:
                width = max(1, round(widths[i]))
                cv2.line(image, *places[i], colors[i], width, cv2.LINE_AA, _FRACTION_BITS)
        return self

    def _draw_matplotlib_lines(
        self, ends: np.ndarray, colors: list[list[int]], alphas: np.ndarray, widths: list[float]
    ) -> None:
        from matplotlib.collections import LineCollection

        points_per_pixel = 72 / self.dpi
        self.ax_save.add_collection(
            LineCollection(
                ends,
                colors=np.column_stack([np.reshape(colors, (-1, 3)) / 255, alphas]),
                linewidths=np.multiply(widths, points_per_pixel),
                zorder=1,  # as for the other shapes, so that later ones lie on top
            )
        )

    @master_only
    def draw_polygons(
        self,
        polygons: np.ndarray | list[np.ndarray],
        edge_colors: Color | list[Color] = 'g',
        alpha: float | np.ndarray = 1.0,
        **kwargs: Any,
    ) -> OpencvBackendVisualizer:
        """Draw filled convex polygons.

        Args:
            polygons: Each (M, 2) pixels, (x, y).
            edge_colors: RGB or a colour's name, for all or for each; it also fills.
            alpha: 0 (invisible) to 1 (opaque), for all or for each.
            **kwargs: For matplotlib's backend only.
        """
        polygons = [polygons] if isinstance(polygons, np.ndarray) else polygons
        N = len(polygons)
        colors = _rgb(edge_colors, N)
        if self.backend == 'matplotlib':
            colors = [tuple(color) for color in colors]
            kwargs = {'face_colors': colors, **kwargs}
            shifted = [polygon + 0.5 for polygon in polygons]
            super().draw_polygons(shifted, edge_colors=colors, alpha=alpha, **kwargs)
            return self
        for polygon, color, opacity in zip(
            polygons, colors, np.broadcast_to(alpha, N), strict=True
        ):
            with self._painting(polygon, 1, opacity) as image:
                corners = _fixed_point(polygon)
                cv2.fillConvexPoly(image, corners, color, cv2.LINE_AA, _FRACTION_BITS)
        return self

    @master_only
    def draw_bboxes(
        self,
        bboxes: np.ndarray,
        edge_colors: Color | list[Color] = 'g',
        line_widths: float = 1,
        alpha: float = 1.0,
        **kwargs: Any,
    ) -> OpencvBackendVisualizer:
        """Draw the outlines of boxes.

        Args:
            bboxes: (4,) or (N, 4) xyxy pixels.
            edge_colors: RGB or a colour's name, for all or for each.
            line_widths: Pixels.
            alpha: 0 (invisible) to 1 (opaque).
            **kwargs: For matplotlib's backend only.
        """
        bboxes = np.atleast_2d(bboxes)[:, :4]
        if self.backend == 'matplotlib':
            for box, color in zip(bboxes, _rgb(edge_colors, len(bboxes)), strict=True):
                Visualizer.draw_polygons(
                    self,
                    box[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2) + 0.5,
                    edge_colors=tuple(color),
                    line_widths=line_widths,
                    alpha=alpha,
                    **kwargs,
                )
            return self
        for box, color in zip(bboxes, _rgb(edge_colors, len(bboxes)), strict=True):
            corners = np.clip(np.round(box), -_FAR, _FAR).astype(int).reshape(2, 2)
            with self._painting(corners, line_widths, alpha) as image:
                first, second = corners.tolist()
                cv2.rectangle(image, first, second, color, max(1, round(line_widths)))
        return self

    @master_only
    def draw_texts(
        self,
        texts: str | list[str],
        positions: np.ndarray,
        font_sizes: float | None = None,
        colors: Color | list[Color] = 'g',
        vertical_alignments: str = 'top',
        horizontal_alignments: str = 'left',
        **kwargs: Any,
    ) -> OpencvBackendVisualizer:
        """Write texts, with OpenCV over a dark outline so that they show on any picture.

        Args:
            texts: One or N.
            positions: (2,) or (N, 2) pixels, (x, y).
            font_sizes: Height of a digit in pixels; ``None`` follows the picture's size.
            colors: RGB or a colour's name, for all or for each.
            vertical_alignments: Which part of the text is at the position: ``'top'``,
                ``'center'`` or ``'bottom'``.
            horizontal_alignments: ``'left'``, ``'center'`` or ``'right'``.
            **kwargs: For matplotlib's backend only.
        """
        texts = [texts] if isinstance(texts, str) else texts
        positions = np.atleast_2d(positions)
        size = font_sizes or self._default_font_size
        if self.backend == 'matplotlib':
            super().draw_texts(
                texts,
                positions + 0.5,
                font_sizes=size,
                colors=colors,
                vertical_alignments=vertical_alignments,
                horizontal_alignments=horizontal_alignments,
                **kwargs,
            )
            return self
        font = cv2.FONT_HERSHEY_SIMPLEX
        scale = size / cv2.getTextSize('0', font, 1, 1)[0][1]
        left = {'left': 0.0, 'center': 0.5, 'right': 1.0}[horizontal_alignments]
        down = {'top': 1.0, 'center': 0.5, 'bottom': 0.0}[vertical_alignments]
        thickness = max(1, round(size / 12))
        for text, position, color in zip(texts, positions, _rgb(colors, len(texts)), strict=True):
            (width, height), _ = cv2.getTextSize(text, font, scale, thickness)
            corner = np.clip(position + np.array([-left * width, down * height]), -_FAR, _FAR)
            start = corner.round().astype(int).tolist()
            outline = (0, 0, 0) if sum(color) > 127 * 3 else (255, 255, 255)
            for paint, stroke in ((outline, thickness + 2), (color, thickness)):
                cv2.putText(self._image, text, start, font, scale, paint, stroke, cv2.LINE_AA)
        return self

    @master_only
    def show(
        self,
        drawn_img: np.ndarray | None = None,
        win_name: str = 'image',
        wait_time: float = 0.0,
        continue_key: str = ' ',
        **kwargs: Any,
    ) -> None:
        """Show a picture in a window.

        Args:
            drawn_img: (H, W, 3) RGB; ``None`` shows the drawing so far.
            win_name: The window's title.
            wait_time: Seconds to wait; 0 waits for a key.
            continue_key: The key that goes on, with matplotlib's backend.
            **kwargs: For matplotlib's backend only.

        Raises:
            RuntimeError: There is no display.
        """
        require_display()
        if self.backend == 'matplotlib':
            super().show(drawn_img, win_name, wait_time, continue_key, **kwargs)
            return
        image = self._image if drawn_img is None else drawn_img
        cv2.namedWindow(win_name, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        cv2.imshow(win_name, image[..., ::-1])
        cv2.waitKey(int(np.ceil(wait_time * 1000)))

    @contextmanager
    def _painting(self, points: np.ndarray, margin: float, alpha: float) -> Iterator[np.ndarray]:
        """The picture to paint on; what is painted near ``points`` is then made transparent."""
        if alpha >= 1:
            yield self._image
            return
        low = np.clip(np.floor(points.min(0) - margin - 2), 0, (self.width, self.height))
        high = np.clip(np.ceil(points.max(0) + margin + 3), 0, (self.width, self.height))
        (left, top), (right, bottom) = low.astype(int), high.astype(int)
        region = self._image[top:bottom, left:right]
        before = region.copy()
        yield self._image
        if region.size:
            region[:] = cv2.addWeighted(region, alpha, before, 1 - alpha, 0)


def _fixed_point(pixels: np.ndarray | float) -> np.ndarray:
    scaled = np.clip(pixels, -_FAR, _FAR) * (1 << _FRACTION_BITS)
    return np.round(scaled).astype(np.int32)


def _rgb(colors: Color | Sequence[Color] | np.ndarray, count: int) -> list[list[int]]:
    """``count`` colours as lists of three integers, from one for all or one for each."""
    if isinstance(colors, str | tuple):
        colors = [colors] * count
    return [color_str2rgb(c) if isinstance(c, str) else [int(v) for v in c] for c in colors]
