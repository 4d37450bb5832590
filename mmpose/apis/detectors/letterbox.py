"""Pictures of any size as one batch, and boxes back in the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mmpose.utils.checks import check_size


class Letterbox:
    """Puts pictures into a batch, at the left top corner, as large as they fit.

    Args:
        size_wh: (w, h) of the batch, pixels.
        pad_value: Value of the rest, or one for each channel.
        keep_ratio: Whether pictures keep their aspect ratio; else they fill the batch.

    Raises:
        ValueError: ``size_wh`` is not two positive numbers.
    """

    def __init__(
        self,
        size_wh: tuple[int, int],
        pad_value: float | Sequence[float] = 114,
        keep_ratio: bool = True,
    ) -> None:
        check_size('size_wh', size_wh)
        self.size_wh = (int(size_wh[0]), int(size_wh[1]))
        self.pad_value = pad_value
        self.keep_ratio = keep_ratio

    def __call__(self, images: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The batch (B, H, W, 3) uint8, and what the pictures were scaled by, (B, 2) (x, y).

        Args:
            images: (h, w, 3) uint8 each.
        """
        W, H = self.size_wh
        batch = np.empty((len(images), H, W, 3), np.uint8)
        scales = np.empty((len(images), 2), np.float32)
        for canvas, scale, image in zip(batch, scales, images, strict=True):
            h, w = image.shape[:2]
            new_w, new_h = self._fitted(w, h)
            scale[:] = new_w / w, new_h / h
            if (new_w, new_h) == (w, h):
                canvas[:h, :w] = image
            else:  # straight into the batch
                cv2.resize(image, (new_w, new_h), dst=canvas[:new_h, :new_w])
            canvas[new_h:] = canvas[:new_h, new_w:] = self.pad_value
        return batch, scales

    def _fitted(self, w: int, h: int) -> tuple[int, int]:
        """(w, h) of a picture in the batch."""
        if not self.keep_ratio:
            return self.size_wh
        W, H = self.size_wh
        scale = min(W / w, H / h)
        return max(int(w * scale + 0.5), 1), max(int(h * scale + 0.5), 1)


def in_pictures(boxes: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) xyxy in pixels of the picture.

    Args:
        boxes: (N, 4) in pixels of the batch.
        scale: (2,) what the picture was scaled by, (x, y).
    """
    return boxes / np.tile(scale, 2)
