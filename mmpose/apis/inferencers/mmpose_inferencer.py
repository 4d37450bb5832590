"""One entry point for all kinds of pose inference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

from mmpose.registry import INFERENCERS
from mmpose.results import PoseResult
from mmpose.structures import PoseDataSample
from mmpose.utils.config_reading import read_config

from .base_mmpose_inferencer import BaseMMPoseInferencer, Prediction, PreparedPicture
from .hand3d_inferencer import Hand3DInferencer
from .pose2d_inferencer import Detector, Pose2DInferencer
from .pose3d_inferencer import Pose3DInferencer
from .utils.get_model_alias import find_model
from .utils.pictures import Inputs

_HANDS = 'InternetHead'


@INFERENCERS.register_module()
class MMPoseInferencer(BaseMMPoseInferencer):
    """Finds poses in pictures, folders, videos, camera frames and arrays.

    Args:
        pose2d: The 2D model: its name or alias, a config, or the path of one.
        pose2d_weights: Its checkpoint; ``None`` takes that of the model index.
        pose3d: A model that lifts 2D poses into space, or one of hands in space, likewise.
        pose3d_weights: Its checkpoint, likewise.
        device: Where the models run; ``None`` takes an accelerator if there is one.
        scope: The default scope of the registries.
        det_model: See :class:`Pose2DInferencer`.
        det_weights: See :class:`Pose2DInferencer`.
        det_cat_ids: See :class:`Pose2DInferencer`.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether checkpoints may run code when they are read.

    Attributes:
        inferencer: A :class:`Pose2DInferencer`, :class:`Pose3DInferencer` or
            :class:`Hand3DInferencer`, which does the work.

    Raises:
        ValueError: There is no model.

    Examples:
        >>> inferencer = MMPoseInferencer('human')
        >>> for result in inferencer('pictures/', batch_size=16, out_dir='results'):
        ...     print(len(result['predictions'][0]), 'people')
        >>> inferencer.predict('walk.mp4', track=True).to_csv('walk.csv')
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
        pose3d: str | PathLike | Config | dict | None = None,
        pose3d_weights: str | None = None,
        device: str | None = None,
        scope: str = 'mmpose',
        det_model: Detector | str | PathLike | Config | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | str | None = None,
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        # not the base's constructor: the models are those of the inferencer within
        self.show_progress = show_progress
        detector = (det_model, det_weights, det_cat_ids, show_progress, trust_checkpoint)
        if pose3d is not None and _is_of_hands(pose3d):
            models = (pose3d, pose3d_weights)
            self.inferencer = Hand3DInferencer(*models, device, scope, *detector)
        elif pose3d is not None:
            models = (pose3d, pose3d_weights, pose2d, pose2d_weights)
            self.inferencer = Pose3DInferencer(*models, device, scope, *detector)
        elif pose2d is not None:
            models = (pose2d, pose2d_weights)
            self.inferencer = Pose2DInferencer(*models, device, scope, *detector)
        else:
            raise ValueError(
                "No model is given; give `pose2d` or `pose3d`, such as pose2d='human' or the path "
                'of a config.'
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
            **kwargs: Options; those that the model has no use for are passed over.
        """
        kwargs = self._options_of_it(kwargs)
        return self.inferencer(inputs, return_datasamples, batch_size, out_dir, **kwargs)

    def stream(
        self, inputs: Inputs, batch_size: int = 1, out_dir: str | None = None, **kwargs: Any
    ) -> Iterator[PoseResult]:
        """The results of each picture in turn; see :meth:`BaseMMPoseInferencer.stream`.

        Args:
            inputs: What to predict on.
            batch_size: Pictures per forward pass.
            out_dir: Folder for drawings and predictions.
            **kwargs: Options; those that the model has no use for are passed over.
        """
        return self.inferencer.stream(inputs, batch_size, out_dir, **self._options_of_it(kwargs))

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

    def _start(
        self, inputs: Inputs, batch_size: int, out_dir: str | None, kwargs: dict
    ) -> Iterator[Prediction]:
        return self.inferencer._start(inputs, batch_size, out_dir, self._options_of_it(kwargs))

    def _options_of_it(self, kwargs: dict) -> dict:
        """The options for the inferencer within."""
        self._check_options(kwargs)
        others = self.options() - self.inferencer.options()
        return {key: value for key, value in kwargs.items() if key not in others}


def _is_of_hands(model: str | PathLike | Config | dict) -> bool:
    """Whether a model finds hands in space, without 2D poses to lift."""
    if isinstance(model, str | PathLike):
        path = Path(model) if Path(model).is_file() else find_model(str(model))[0]
        model = read_config(path)
    cfg = model.get('model') or {}
    return (cfg.get('head') or {}).get('type', '').endswith(_HANDS)
