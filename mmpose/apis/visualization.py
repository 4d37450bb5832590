"""One call to draw keypoints."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import mmcv
import numpy as np
from mmengine.structures import InstanceData

from mmpose.structures import PoseDataSample
from mmpose.structures.metainfo import parse_pose_metainfo

if TYPE_CHECKING:
    from mmpose.visualization import PoseLocalVisualizer


def visualize(
    img: np.ndarray | str | PathLike,
    keypoints: np.ndarray,
    keypoint_score: np.ndarray | None = None,
    metainfo: str | dict | None = None,
    visualizer: PoseLocalVisualizer | None = None,
    show_kpt_idx: bool = False,
    skeleton_style: str = 'mmpose',
    show: bool = False,
    kpt_thr: float = 0.3,
) -> np.ndarray:
    """(H, W, 3) uint8 RGB, the picture with its keypoints.

    Args:
        img: A path, or an (H, W, 3) BGR array.
        keypoints: (N, K, 2) pixels, (x, y).
        keypoint_score: (N, K); ``None`` is 1.
        metainfo: The skeleton: the path of its definition, or the definition, parsed or not.
            ``None`` keeps that of ``visualizer``.
        visualizer: What draws; ``None`` makes one.
        show_kpt_idx: Whether to write the index of each keypoint beside it.
        skeleton_style: ``'mmpose'`` or ``'openpose'``.
        show: Whether to show the picture in a window.
        kpt_thr: Keypoints with a lower score are left out.
    """
    from mmpose.visualization import PoseLocalVisualizer

    keypoints = np.asarray(keypoints)
    if keypoint_score is None:
        keypoint_score = np.ones(keypoints.shape[:2])
    visualizer = visualizer or PoseLocalVisualizer()
    if metainfo is not None:
        metainfo = dict(from_file=metainfo) if isinstance(metainfo, str) else metainfo
        visualizer.set_dataset_meta(parse_pose_metainfo(metainfo), skeleton_style)
    if isinstance(img, np.ndarray):
        rgb = mmcv.bgr2rgb(img)
    else:
        rgb = mmcv.imread(img, channel_order='rgb')
    instances = InstanceData(keypoints=keypoints, keypoint_scores=np.asarray(keypoint_score))
    sample = PoseDataSample(pred_instances=instances)
    return visualizer.add_datasample(
        'visualization',
        rgb,
        sample,
        show_kpt_idx=show_kpt_idx,
        skeleton_style=skeleton_style,
        show=show,
        kpt_thr=kpt_thr,
    )
