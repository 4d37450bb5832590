"""Drawings of inferencers for poses in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.config import Config, ConfigDict
from mmengine.structures import InstanceData

from mmpose.structures import PoseDataSample
from mmpose.visualization import Pose3dLocalVisualizer


def with_3d_visualizer(cfg: Config | ConfigDict) -> dict:
    """The config of a visualizer for poses in space, in place of one for pictures alone."""
    options = dict(cfg.get('visualizer') or {})
    if options.get('type') in (None, 'PoseLocalVisualizer'):
        options['type'] = 'Pose3dLocalVisualizer'
    return dict(visualizer=options)


# from the side of the camera, a little to its right
PICTURE_AZIMUTH = -70.0


def unmirrored(sample: PoseDataSample) -> PoseDataSample:
    """A copy whose poses look as in the picture, from :data:`PICTURE_AZIMUTH`.

    The axes of :func:`~mmpose.apis.lifting.to_display_axes` make a mirror image: from the side of
    the camera left and right are exchanged, from the other one near and far.
    """
    found = sample.pred_instances
    fields = dict(found.items())
    fields['keypoints'] = found.keypoints * np.array([-1, 1, 1], dtype=found.keypoints.dtype)
    return PoseDataSample(metainfo=sample.metainfo, pred_instances=InstanceData(**fields))


def draw_in_space(
    visualizer: Pose3dLocalVisualizer,
    inputs: Sequence[np.ndarray],
    preds: list[PoseDataSample],
    look: dict[str, Any],
    **options: Any,
) -> list[np.ndarray]:
    """Drawings of predictions that have their 2D poses beside them, (H', W', 3) RGB.

    Args:
        visualizer: What draws.
        inputs: (H, W, 3) BGR pictures.
        preds: The predictions of each.
        look: Attributes of the visualizer.
        **options: For its ``add_datasample``.
    """
    for attribute, value in look.items():
        setattr(visualizer, attribute, value)
    drawings = []
    for img, sample in zip(inputs, preds, strict=True):
        found = sample.pred_instances
        keys = {'keypoints_2d': 'keypoints', 'keypoint_scores_2d': 'keypoint_scores'}
        fields = {keys[key]: found.get(key) for key in keys if key in found}
        fields['bboxes'] = found.bboxes
        sample_2d = PoseDataSample(pred_instances=InstanceData(**fields))
        rgb = img[..., ::-1].astype(np.uint8)
        options['image'], options['data_sample'] = rgb, sample
        drawings.append(
            visualizer.add_datasample(det_data_sample=sample_2d, draw_gt=False, **options)
        )
    return drawings
