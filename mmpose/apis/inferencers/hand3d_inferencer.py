"""Inference of hands in space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from mmengine.config import Config, ConfigDict
from mmengine.infer import BaseInferencer
from mmengine.structures import InstanceData

from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample
from mmpose.visualization import Pose3dLocalVisualizer

from .pose2d_inferencer import Pose2DInferencer
from .utils.drawing_3d import draw_in_space, with_3d_visualizer

_LEFT = 21  # the first keypoint of the left hand
_MIN_LIMIT, _LIMIT_STEP = 200, 50


@INFERENCERS.register_module()
class Hand3DInferencer(Pose2DInferencer):
    """Finds one or two hands in space, in each box.

    Boxes come from where :class:`Pose2DInferencer` takes them. Instances have ``keypoints``
    (N, 42, 3), those of the right hand first, in axes to be drawn: x and height in pixels of the
    picture, and between them the depth in millimetres, that of both hands from the root of the
    right one. ``hand_type`` (N, 2) is 1 for a right and a left hand that is there; the
    ``keypoint_scores`` of others are 0. The 2D poses are in ``keypoints_2d`` and
    ``keypoint_scores_2d``.

    The arguments are those of :class:`Pose2DInferencer`.

    Attributes:
        drawing_options: See :class:`Pose3DInferencer`.

    Examples:
        >>> inferencer = Hand3DInferencer('internet.py', 'internet.pth')
        >>> for result in inferencer('hands.jpg', return_vis=True):
        ...     print(result['predictions'][0][0]['keypoints'][20])  # the right wrist
    """

    preprocess_kwargs = {'bbox_thr', 'nms_thr', 'bboxes'}
    forward_kwargs = {'disable_rebase_keypoint'}
    visualize_kwargs = {
        'return_vis',
        'show',
        'wait_time',
        'draw_bbox',
        'radius',
        'thickness',
        'kpt_thr',
        'num_instances',
        'vis_out_dir',
    }
    postprocess_kwargs = {'pred_out_dir', 'return_datasample'}

    drawing_options: Mapping[str, Any] = MappingProxyType({})

    def forward(self, inputs: dict, disable_rebase_keypoint: bool = False) -> list[PoseDataSample]:
        """The predictions for the model inputs of one picture.

        Args:
            inputs: A batch from :meth:`preprocess`.
            disable_rebase_keypoint: Whether to leave hands where they are, instead of putting the
                lowest joint of each instance at height 0.
        """
        return self.merge(BaseInferencer.forward(self, inputs), disable_rebase_keypoint)

    def merge(
        self, samples: list[PoseDataSample], disable_rebase_keypoint: bool = False
    ) -> list[PoseDataSample]:
        """The predictions of one picture, in one sample.

        Args:
            samples: The predictions for its model inputs.
            disable_rebase_keypoint: See :meth:`forward`.

        Raises:
            TypeError: The model does not tell hands apart.
        """
        (sample,) = super().merge(samples)
        sample.pred_instances = _in_space(sample.pred_instances, not disable_rebase_keypoint)
        return [sample]

    def visualize(
        self,
        inputs: Sequence[np.ndarray],
        preds: list[PoseDataSample],
        return_vis: bool = False,
        show: bool = False,
        draw_bbox: bool = False,
        wait_time: float = 0,
        radius: float = 3,
        thickness: float = 1,
        kpt_thr: float = 0.3,
        num_instances: int = 1,
        vis_out_dir: str = '',
        window_name: str = '',
        name: str = '',
        **kwargs: Any,
    ) -> list[np.ndarray]:
        """Drawings of predictions; see :meth:`Pose3DInferencer.visualize`."""
        if not return_vis and not show:
            return []
        boxes = np.concatenate(
            [np.reshape(sample.pred_instances.bboxes, (-1, 4)) for sample in preds]
        )
        longest = (boxes[:, 2:] - boxes[:, :2]).max(initial=_MIN_LIMIT)
        return draw_in_space(
            self.visualizer,
            inputs,
            preds,
            look=dict(radius=radius, line_width=thickness),
            name=window_name or name,
            draw_bbox=draw_bbox,
            show=show,
            wait_time=wait_time,
            kpt_thr=kpt_thr,
            num_instances=num_instances,
            convert_keypoint=False,
            dataset_2d=self.model.dataset_meta,
            **{
                'axis_azimuth': -115,
                'axis_limit': float(np.ceil(longest / _LIMIT_STEP) * _LIMIT_STEP),
                **self.drawing_options,
            },
        )

    def _init_visualizer(self, cfg: Config | ConfigDict) -> Pose3dLocalVisualizer:
        return super()._init_visualizer(with_3d_visualizer(cfg))


def _in_space(found: InstanceData, rebase: bool) -> InstanceData:
    """The instances with keypoints whose last axis points up.

    Args:
        found: Instances as the model predicts them.
        rebase: Whether to put the lowest joint of each at height 0.
    """
    if len(found) and 'hand_type' not in found:
        raise TypeError(
            'The model predicts no `hand_type`; Hand3DInferencer takes models with an '
            'InternetHead, such as those of configs/hand_3d_keypoint/.'
        )
    scores, N = np.array(found.keypoint_scores, dtype=np.float32), len(found)
    keypoints, hand_type = np.zeros((*scores.shape, 3), np.float32), np.zeros((N, 2), np.int64)
    if N:
        keypoints[:], hand_type[:] = found.keypoints, found.hand_type
        keypoints[:, _LEFT:, 2] += np.reshape(found.rel_root_depth, (N, 1))
    scores *= np.repeat(hand_type, _LEFT, axis=1) if N else 1
    x, y, depth = np.moveaxis(keypoints, -1, 0)
    turned = np.stack([x, depth, -y], axis=-1)
    if rebase and N:
        there = (scores > 0) | ~(scores > 0).any(axis=1, keepdims=True)  # all if no hand is there
        turned[..., 2] -= turned[..., 2].min(axis=1, keepdims=True, where=there, initial=np.inf)
    fields = {key: found.get(key) for key in ('bboxes', 'bbox_scores') if key in found}
    return InstanceData(
        keypoints=turned,
        keypoint_scores=scores,
        hand_type=hand_type,
        keypoints_2d=keypoints[..., :2],
        keypoint_scores_2d=scores,
        **fields,
    )
