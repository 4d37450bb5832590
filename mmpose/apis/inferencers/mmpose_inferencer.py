"""One entry point for all kinds of pose inference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np
from mmengine.config import Config

from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample

from .base_mmpose_inferencer import BaseMMPoseInferencer, PreparedPicture
from .pose2d_inferencer import Detector, Pose2DInferencer
from .utils.pictures import Inputs


@INFERENCERS.register_module()
class MMPoseInferencer(BaseMMPoseInferencer):
    """Finds poses in pictures, folders, videos and arrays.

    Args:
        pose2d: The 2D model: its name or alias, a config, or the path of one.
        pose2d_weights: Its checkpoint; ``None`` takes that of the model index.
        pose3d: 3D models are not supported.
        pose3d_weights: As ``pose3d``.
        device: Where the model runs; ``None`` takes an accelerator if there is one.
        scope: The default scope of the registries.
        det_model: See :class:`Pose2DInferencer`.
        det_weights: See :class:`Pose2DInferencer`.
        det_cat_ids: See :class:`Pose2DInferencer`.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether checkpoints may run code when they are read.

    Raises:
        ValueError: There is no model.
        NotImplementedError: A 3D model is asked for.

    Examples:
        >>> inferencer = MMPoseInferencer('my_config.py', 'my_weights.pth')
        >>> for result in inferencer('pictures/', batch_size=16, out_dir='results'):
        ...     print(len(result['predictions'][0]), 'people')
    """

    preprocess_kwargs = {
        'bbox_thr',
        'nms_thr',
        'bboxes',
        'use_oks_tracking',
        'tracking_thr',
        'disable_norm_pose_2d',
    }
    forward_kwargs = {'merge_results', 'disable_rebase_keypoint', 'pose_based_nms'}
    visualize_kwargs = Pose2DInferencer.visualize_kwargs | {'num_instances'}
    postprocess_kwargs = {'pred_out_dir', 'return_datasample'}

    def __init__(
        self,
        pose2d: str | PathLike | Config | dict | None = None,
        pose2d_weights: str | None = None,
        pose3d: str | None = None,
        pose3d_weights: str | None = None,
        device: str | None = None,
        scope: str = 'mmpose',
        det_model: Detector | str | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | None = None,
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        if pose3d is not None:
            raise NotImplementedError('3D models (`pose3d`) are not supported; give `pose2d`.')
        if pose2d is None:
            raise ValueError('No model is given; give `pose2d`, such as the path of a config.')
        # not the base's constructor: the models are those of the inferencer within
        self.show_progress = show_progress
        self.inferencer = Pose2DInferencer(
            pose2d,
            pose2d_weights,
            device,
            scope,
            det_model,
            det_weights,
            det_cat_ids,
            show_progress,
            trust_checkpoint,
        )

    def __call__(
        self,
        inputs: Inputs,
        return_datasamples: bool = False,
        batch_size: int = 1,
        out_dir: str | None = None,
        **kwargs: Any,
    ) -> Iterator[dict[str, list]]:
        """The results of each picture in turn; see :meth:`BaseMMPoseInferencer.__call__`.

        Args:
            inputs: What to predict on.
            return_datasamples: Whether predictions are :class:`PoseDataSample`.
            batch_size: Pictures per forward pass.
            out_dir: Folder for drawings and predictions.
            **kwargs: Options; those of 3D models are passed over.
        """
        self._dispatch_kwargs(**kwargs)
        only_3d = self.options() - self.inferencer.options()
        kwargs = {key: value for key, value in kwargs.items() if key not in only_3d}
        return self.inferencer(inputs, return_datasamples, batch_size, out_dir, **kwargs)

    def preprocess(
        self, inputs: Inputs, batch_size: int = 1, **kwargs: Any
    ) -> Iterator[tuple[Any, list[PreparedPicture]]]:
        """Batches of model inputs; see :meth:`BaseMMPoseInferencer.preprocess`."""
        return self.inferencer.preprocess(inputs, batch_size, **kwargs)

    def forward(self, inputs: dict, **forward_kwargs: Any) -> list[PoseDataSample]:
        """Predictions for model inputs; see :meth:`Pose2DInferencer.forward`."""
        return self.inferencer.forward(inputs, **forward_kwargs)

    def visualize(
        self, inputs: Sequence[np.ndarray], preds: list[PoseDataSample], **kwargs: Any
    ) -> list[np.ndarray]:
        """Drawings of predictions; see :meth:`BaseMMPoseInferencer.visualize`."""
        return self.inferencer.visualize(inputs, preds, **kwargs)
