"""Drawing of poses with nothing but OpenCV, for live pictures."""

from __future__ import annotations

import cv2
import numpy as np
from mmengine.structures import InstanceData

_FRACTION_BITS = 4


class FastVisualizer:
    """Draws poses straight onto an array, faster than a full visualizer.

    Args:
        metainfo: A parsed skeleton definition: ``keypoint_colors`` (K, 3),
            ``skeleton_links`` and ``skeleton_link_colors``.
        radius: Radius of a keypoint, in pixels.
        line_width: Width of a link, in pixels.
        kpt_thr: Keypoints with a lower score are left out, and so are their links.
    """

    def __init__(
        self, metainfo: dict, radius: int = 6, line_width: int = 3, kpt_thr: float = 0.3
    ) -> None:
        self.keypoint_colors = np.asarray(metainfo['keypoint_colors']).tolist()
        self.skeleton_links = [tuple(link) for link in metainfo['skeleton_links']]
        self.skeleton_link_colors = np.asarray(metainfo['skeleton_link_colors']).tolist()
        self.radius = radius
        self.line_width = line_width
        self.kpt_thr = kpt_thr

    def draw_pose(self, img: np.ndarray, instances: InstanceData) -> np.ndarray:
        """Draw links and keypoints onto ``img`` itself.

        Args:
            img: (H, W, 3) uint8 in the channel order of the colours, RGB for those of
                :func:`mmpose.structures.metainfo.parse_pose_metainfo`; changed in place.
            instances: ``keypoints`` (N, K, 2) pixels and ``keypoint_scores`` (N, K).

        Returns:
            ``img``.
        """
        positions, shown = self._positions(instances)
        for points, is_shown in zip(positions, shown, strict=True):
            for (i, j), color in zip(self.skeleton_links, self.skeleton_link_colors, strict=True):
                if is_shown[i] and is_shown[j]:
                    cv2.line(
                        img, points[i].tolist(), points[j].tolist(), color,
                        self.line_width, cv2.LINE_AA, _FRACTION_BITS,
                    )  # fmt: skip
        return self.draw_points(img, instances)

    def draw_points(self, img: np.ndarray, instances: InstanceData) -> np.ndarray:
        """Draw keypoints onto ``img`` itself; arguments and result as in :meth:`draw_pose`."""
        radius = round(self.radius * (1 << _FRACTION_BITS))
        positions, shown = self._positions(instances)
        for points, is_shown in zip(positions, shown, strict=True):
            for k in np.flatnonzero(is_shown):
                cv2.circle(
                    img, points[k].tolist(), radius, self.keypoint_colors[k],
                    -1, cv2.LINE_AA, _FRACTION_BITS,
                )  # fmt: skip
        return img

    def _positions(self, instances: InstanceData) -> tuple[np.ndarray, np.ndarray]:
        keypoints = np.asarray(instances.keypoints)[..., :2]
        shown = np.asarray(instances.keypoint_scores) >= self.kpt_thr
        shown &= np.isfinite(keypoints).all(axis=-1) & (np.abs(keypoints) < 1 << 20).all(axis=-1)
        keypoints = np.where(shown[..., None], keypoints, 0)
        return np.round(keypoints * (1 << _FRACTION_BITS)).astype(np.int32), shown
