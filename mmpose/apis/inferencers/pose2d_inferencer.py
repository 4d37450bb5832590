"""Inference of 2D poses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from mmengine.config import Config

from mmpose.apis.input_pipeline import as_boxes
from mmpose.evaluation.functional.nms import nearby_joints_nms
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample, merge_data_samples

from .base_mmpose_inferencer import BaseMMPoseInferencer, boxes_by_picture
from .utils.box_source import BoxSource

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
        det_model: A detector: its name such as ``'rtmdet-m'``, a config or the path of one, an
            ONNX file, ``'torchvision:NAME'``, or a callable from a list of (H, W, 3) BGR pictures
            to the boxes in each; see :func:`~mmpose.apis.detectors.build_detector`. ``None`` is
            the usual one of the model's subject, loaded when it is first needed;
            ``'whole_image'`` is none.
        det_weights: Its checkpoint; ``None`` takes the published one.
        det_cat_ids: The classes whose boxes count, or ``'all'``. Without it a detector given by
            name or config counts none, as in 1.x.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether the checkpoint may run code when it is read.

    Raises:
        ValueError: There is no such model or detector.

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
        det_model: Detector | str | PathLike | Config | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | str | None = None,
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        self.boxes = BoxSource(det_model, det_weights, det_cat_ids, device)
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

    def preprocess_batch(
        self,
        loaded: Sequence[dict],
        indices: Sequence[int],
        bboxes: Sequence | np.ndarray | None = None,
        on_empty: str = 'whole_image',
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
    ) -> list[list[dict]]:
        """The model inputs of some pictures, which share a pass of the detector."""
        if not self._is_topdown:
            return [[self.pipeline.whole(picture)] for picture in loaded]
        boxes_of = boxes_by_picture(bboxes)
        boxes = [boxes_of(index) for index in indices]
        lacking = [i for i, given in enumerate(boxes) if _is_lacking(given)]
        for i in set(range(len(boxes))) - set(lacking):
            self.boxes.check_given(boxes[i], loaded[i]['ori_shape'])
        if lacking:
            self.boxes.use_default(self.model)
            images = [loaded[i]['img'] for i in lacking]
            found = self.boxes.find(images, bbox_thr, nms_thr, on_empty)
            for i, detected in zip(lacking, found, strict=True):
                boxes[i] = detected
        return [self._crops(p, given) for p, given in zip(loaded, boxes, strict=True)]

    def preprocess_single(
        self,
        input: dict,
        index: int,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        bboxes: Sequence | np.ndarray = [],
    ) -> list[dict]:
        """The model inputs of one picture; see :class:`BaseMMPoseInferencer`."""
        boxes = None if _is_lacking(bboxes) else as_boxes(bboxes)
        options = dict(bboxes=boxes, bbox_thr=bbox_thr, nms_thr=nms_thr)
        return self.preprocess_batch([input], [index], **options)[0]

    def _crops(self, picture: dict, boxes: np.ndarray) -> list[dict]:
        scores = boxes[:, 4] if boxes.shape[1] == 5 else None
        return self.pipeline.instances(picture, boxes[:, :4], scores)

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


def _is_lacking(boxes: Sequence | np.ndarray) -> bool:
    """Whether a detector is to look; an array without rows says that there is nothing."""
    return not isinstance(boxes, np.ndarray) and not len(boxes)


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
