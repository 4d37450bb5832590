"""Inference of 2D poses."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from mmengine.config import Config

from mmpose.apis.input_pipeline import as_boxes, whole_picture
from mmpose.evaluation.functional.nms import nearby_joints_nms, nms
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample, merge_data_samples

from .base_mmpose_inferencer import BaseMMPoseInferencer

Detector = Callable[[list[np.ndarray]], Sequence[np.ndarray]]


@INFERENCERS.register_module(name='pose-estimation')
@INFERENCERS.register_module()
class Pose2DInferencer(BaseMMPoseInferencer):
    """Finds 2D poses in pictures.

    A top-down model looks at boxes: those given to the call, else those of the detector, else the
    whole picture. A bottom-up model finds all instances itself.

    Args:
        model: A model's name or alias, a config, or the path of one.
        weights: A checkpoint, a path or URL; ``None`` takes that of the model index.
        device: Where the model runs; ``None`` takes an accelerator if there is one.
        scope: The default scope of the registries.
        det_model: A callable that takes a list of (H, W, 3) BGR pictures and returns boxes for
            each, (N, 4) xyxy or (N, 5) with scores; ``None`` or ``'whole_image'`` for none.
        det_weights: For detectors named by a config, which are not supported.
        det_cat_ids: As ``det_weights``.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether the checkpoint may run code when it is read.

    Raises:
        NotImplementedError: ``det_model`` is the name or the config of a detector.

    Examples:
        >>> inferencer = Pose2DInferencer('my_config.py', 'my_weights.pth')
        >>> results = inferencer('people.jpg', bboxes=[[50, 20, 200, 400]], return_vis=True)
        >>> next(results)['predictions'][0][0]['keypoints'][0]  # x, y of the first person's nose
        [121.5, 60.25]
    """

    preprocess_kwargs = {'bbox_thr', 'nms_thr', 'bboxes'}
    forward_kwargs = {'merge_results', 'pose_based_nms'}
    visualize_kwargs = {
        'return_vis',
        'show',
        'wait_time',
        'draw_bbox',
        'radius',
        'thickness',
        'kpt_thr',
        'vis_out_dir',
        'skeleton_style',
        'draw_heatmap',
        'black_background',
    }
    postprocess_kwargs = {'pred_out_dir', 'return_datasample'}

    def __init__(
        self,
        model: str | PathLike | Config | dict,
        weights: str | None = None,
        device: str | None = None,
        scope: str | None = 'mmpose',
        det_model: Detector | str | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | None = None,
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        self.detector = _detector(det_model)
        super().__init__(model, weights, device, scope, show_progress, trust_checkpoint)

    def update_model_visualizer_settings(
        self, draw_heatmap: bool = False, skeleton_style: str = 'mmpose', **kwargs: Any
    ) -> None:
        """Prepare the model and the visualizer for the drawings that are wanted.

        Args:
            draw_heatmap: Whether the model has to return heatmaps.
            skeleton_style: ``'mmpose'`` or ``'openpose'``.
            **kwargs: Passed over.

        Raises:
            ValueError: The style is unknown.
        """
        self.model.test_cfg['output_heatmaps'] = draw_heatmap
        self.visualizer.set_dataset_meta(self.model.dataset_meta, skeleton_style)

    def preprocess_single(
        self,
        input: dict,
        index: int,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        bboxes: Sequence | np.ndarray = [],
    ) -> list[dict]:
        """The model inputs of one picture; see :class:`BaseMMPoseInferencer`."""
        if not self._is_topdown:
            return [self.pipeline.whole(input)]
        if isinstance(bboxes, np.ndarray) or len(bboxes):
            boxes = as_boxes(bboxes)
        elif self.detector is not None:
            boxes = _best(as_boxes(self.detector([input['img']])[0]), bbox_thr, nms_thr)
        else:
            warnings.warn(
                'The model looks at one instance at a time, but there are neither boxes nor a '
                'detector: each picture is taken as one instance. Give `bboxes` or `det_model`.',
                stacklevel=2,
            )
            boxes = whole_picture(input['ori_shape'])
        scores = boxes[:, 4] if boxes.shape[1] == 5 else None
        return self.pipeline.instances(input, boxes[:, :4], scores)

    def forward(
        self,
        inputs: dict,
        merge_results: bool = True,
        bbox_thr: float = -1,
        pose_based_nms: bool = False,
    ) -> list[PoseDataSample]:
        """The predictions for the model inputs of one picture.

        Args:
            inputs: A batch from :meth:`preprocess`.
            merge_results: See :meth:`merge`.
            bbox_thr: See :meth:`merge`.
            pose_based_nms: See :meth:`merge`.
        """
        return self.merge(super().forward(inputs), merge_results, bbox_thr, pose_based_nms)

    def merge(
        self,
        samples: list[PoseDataSample],
        merge_results: bool = True,
        bbox_thr: float = -1,
        pose_based_nms: bool = False,
    ) -> list[PoseDataSample]:
        """The predictions of one picture.

        Args:
            samples: The predictions for its model inputs.
            merge_results: Whether to put all instances into one sample.
            bbox_thr: Instances that do not score higher are left out; negative keeps all.
            pose_based_nms: Whether to keep only the best of instances that share more than a
                third of their keypoints.
        """
        if self._is_topdown and merge_results:
            samples = [merge_data_samples(samples)]
        for sample in samples:
            instances = sample.pred_instances
            if bbox_thr > 0 and 'bbox_scores' in instances:
                sample.pred_instances = instances[instances.bbox_scores > bbox_thr]
            if pose_based_nms:
                sample.pred_instances = _without_twins(sample.pred_instances)
        return samples

    @property
    def _is_topdown(self) -> bool:
        return self.cfg.test_dataloader.dataset.get('data_mode', 'topdown') == 'topdown'


def _detector(det_model: Detector | str | None) -> Detector | None:
    if det_model is None or det_model in ('whole_image', 'whole-image'):
        return None
    if callable(det_model):
        return det_model
    raise NotImplementedError(
        f'det_model is {det_model!r}; the detectors of MMDetection are not supported. Give a '
        'callable that takes a list of BGR pictures and returns (N, 4) xyxy boxes or (N, 5) with '
        'scores for each, or pass `bboxes` to the call.'
    )


def _best(boxes: np.ndarray, bbox_thr: float, nms_thr: float) -> np.ndarray:
    """The sure boxes without those that overlap better ones; all of them if they lack scores."""
    if boxes.shape[1] != 5:
        return boxes
    boxes = boxes[boxes[:, 4] > bbox_thr]
    return boxes[nms(boxes, nms_thr)]


def _without_twins(instances: Any) -> Any:
    if not len(instances):
        return instances
    K = instances.keypoints.shape[1]
    # some bottom-up heads, such as DEKR's, have no score of the whole pose
    scores = instances.get('bbox_scores')
    scores = instances.keypoint_scores.mean(axis=1) if scores is None else scores
    poses = [
        dict(keypoints=keypoints, score=score)
        for keypoints, score in zip(instances.keypoints, scores, strict=True)
    ]
    return instances[nearby_joints_nms(poses, num_nearby_joints_thr=K // 3)]
