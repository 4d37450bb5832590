"""Inference of poses in space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from os import PathLike
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose
from mmengine.structures import InstanceData
from torch import nn

from mmpose.apis.lifting import (
    TRAINING_IMAGE_WH,
    LiftingWindow,
    lift_tracks,
    lifting_inputs,
    lifting_pipeline,
    normalized_to_training_boxes,
    to_display_axes,
)
from mmpose.registry import INFERENCERS
from mmpose.structures import PoseDataSample, merge_data_samples
from mmpose.structures.keypoint.conversion import convert_keypoint_definition
from mmpose.visualization import Pose3dLocalVisualizer

from .base_mmpose_inferencer import BaseMMPoseInferencer, PreparedPicture
from .pose2d_inferencer import Detector, Pose2DInferencer
from .utils.drawing_3d import PICTURE_AZIMUTH, draw_in_space, unmirrored, with_3d_visualizer
from .utils.lift_frames import FrameTracker, PoseFrame, lift_frames
from .utils.pictures import Pictures
from .utils.stream_options import DEFAULT_OPTIONS, StreamOptions

Predictions = Iterable[tuple[PreparedPicture, list[PoseDataSample]]]


@INFERENCERS.register_module(name='pose-estimation-3d')
@INFERENCERS.register_module()
class Pose3DInferencer(BaseMMPoseInferencer):
    """Finds poses in space: 2D poses, which a second model lifts.

    The 2D poses may be of any skeleton whose joints can be told by their names, see
    :func:`~mmpose.apis.inference_3d.convert_keypoint_definition`. In a video people are tracked,
    and each frame is lifted from the window of frames that the model was made for: results come
    when the last frame of the window is read. Pictures are lifted one by one.

    Instances have ``keypoints`` (N, K, 3) in axes to be drawn (see
    :func:`~mmpose.apis.lifting.to_display_axes`), ``track_ids``, and their 2D poses in
    ``keypoints_2d`` and ``keypoint_scores_2d``.

    Args:
        model: The lifting model: its name or alias, a config, or the path of one.
        weights: Its checkpoint, a path or URL; ``None`` takes that of the model index.
        pose2d_model: The 2D model; ``None`` takes that with the alias ``'human'``.
        pose2d_weights: Its checkpoint; ``None`` takes that of the model index.
        device: Where the models run; ``None`` takes an accelerator if there is one.
        scope: The default scope of the registries.
        det_model: See :class:`Pose2DInferencer`.
        det_weights: See there.
        det_cat_ids: See there.
        show_progress: Whether to show a progress bar.
        trust_checkpoint: Whether checkpoints may run code when they are read.

    Attributes:
        online: Whether results come frame by frame, for which the model sees the newest frame in
            place of later ones; set it for live pictures.
        drawing_options: Further options of
            :meth:`~mmpose.visualization.Pose3dLocalVisualizer.add_datasample`, such as
            ``dict(axis_azimuth=-110)``; 0 looks from the right of the picture, -90 as the camera.

    Raises:
        TypeError: ``model`` does not lift poses.
        ValueError: A model's skeleton is not known, or the joints of the lifting model cannot be
            made of those of the 2D model.

    Examples:
        >>> inferencer = Pose3DInferencer('lifter.py', 'lifter.pth', 'pose2d.py', 'pose2d.pth')
        >>> for result in inferencer('people.mp4', return_vis=True):
        ...     print(result['predictions'][0][0]['keypoints'][0])  # x, y, z of the root
    """

    preprocess_kwargs = {
        'bbox_thr',
        'nms_thr',
        'bboxes',
        'use_oks_tracking',
        'tracking_thr',
        'disable_norm_pose_2d',
    }
    forward_kwargs = {'disable_rebase_keypoint'}
    visualize_kwargs = {
        'return_vis',
        'show',
        'wait_time',
        'draw_bbox',
        'radius',
        'thickness',
        'num_instances',
        'kpt_thr',
        'vis_out_dir',
    }
    postprocess_kwargs = {'pred_out_dir', 'return_datasample'}
    online: bool = False
    drawing_options: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self,
        model: str | PathLike | Config | dict,
        weights: str | None = None,
        pose2d_model: str | PathLike | Config | dict | None = None,
        pose2d_weights: str | None = None,
        device: str | None = None,
        scope: str | None = 'mmpose',
        det_model: Detector | str | None = None,
        det_weights: str | None = None,
        det_cat_ids: int | Sequence[int] | None = None,
        show_progress: bool = False,
        trust_checkpoint: bool = False,
    ) -> None:
        super().__init__(model, weights, device, scope, show_progress, trust_checkpoint)
        self.window = LiftingWindow.of_model(self.model)
        self.pose2d_model = Pose2DInferencer(
            'human' if pose2d_model is None else pose2d_model,
            pose2d_weights,
            device,
            scope,
            det_model,
            det_weights,
            det_cat_ids,
            show_progress,
            trust_checkpoint,
        )
        # what the base reads pictures with
        self.lifting_pipeline, self.pipeline = self.pipeline, self.pose2d_model.pipeline
        meta_2d = _known_skeleton(self.pose2d_model.model, 'pose2d_model')
        _known_skeleton(self.model, 'model')
        self._to_lifted_skeleton(np.zeros((1, meta_2d['num_keypoints'], 3)))  # can it be done?
        self.visualizer.det_kpt_color = meta_2d['keypoint_colors']
        self.visualizer.det_dataset_skeleton = meta_2d['skeleton_links']
        self.visualizer.det_dataset_link_color = meta_2d['skeleton_link_colors']

    def _predict(
        self,
        pictures: Pictures,
        batch_size: int,
        preprocess: dict,
        forward: dict,
        visualize: dict,
        options: StreamOptions = DEFAULT_OPTIONS,
    ) -> Iterator[tuple[PreparedPicture, list[PoseDataSample]]]:
        """Each picture with its predictions."""
        preprocess = dict(preprocess)
        tracking = (preprocess.pop('use_oks_tracking', False), preprocess.pop('tracking_thr', 0.3))
        normalize = not preprocess.pop('disable_norm_pose_2d', False)
        found = self.pose2d_model._predict(pictures, batch_size, preprocess, {}, {}, options)
        for _, video in groupby(found, lambda item: item[0].picture.video or item[0].picture.name):
            yield from self._predict_video(video, batch_size, tracking, normalize, **forward)

    def _predict_video(
        self,
        found: Predictions,
        batch_size: int,
        tracking: tuple[bool, float],
        normalize: bool,
        disable_rebase_keypoint: bool = False,
    ) -> Iterator[tuple[PreparedPicture, list[PoseDataSample]]]:
        """Each frame of a video, or a picture, with its predictions.

        Args:
            found: The frames with their 2D poses.
            batch_size: Frames per forward pass.
            tracking: Whether to compare keypoints, and the threshold.
            normalize: Whether to scale people to the mean box of the training set.
            disable_rebase_keypoint: See :meth:`forward`.
        """
        sigmas = np.asarray(self.pose2d_model.model.dataset_meta.get('sigmas', ()))
        tracker = FrameTracker(*tracking, sigmas if sigmas.size else None)
        found = iter(found)
        first = next(found)
        frames = self._frames(chain([first], found), tracker, normalize)
        lift = partial(self._lift, image_size=_image_size(first[0].img, normalize))
        for frame, poses in lift_frames(frames, self.window, lift, self.online, batch_size):
            prepared, instances = frame.content
            sample = _result(instances, poses, not disable_rebase_keypoint)
            sample.set_metainfo(dict.fromkeys(('ori_shape', 'img_shape'), prepared.img.shape[:2]))
            yield prepared, [sample]

    def _frames(
        self, found: Predictions, tracker: FrameTracker, normalize: bool
    ) -> Iterator[PoseFrame]:
        for index, (prepared, samples) in enumerate(found):
            instances = _instances_2d(samples)
            instances.track_ids = tracker.update(instances)
            instances = instances[np.argsort(instances.track_ids, kind='stable')]
            keypoints = self._lifter_keypoints(instances, normalize)
            yield PoseFrame(index, instances.track_ids, keypoints, (prepared, instances))

    def _lift(self, tracks: list[np.ndarray], image_size: tuple[int, int]) -> list[np.ndarray]:
        """Poses (1, K, 3) or (T, K, 3) for each track."""
        lifted = lift_tracks(self.model, self.lifting_pipeline, tracks, image_size)
        return [_poses_of(sample) for sample in lifted]

    def _lifter_keypoints(self, instances: InstanceData, normalize: bool) -> np.ndarray:
        """(N, K, 2) keypoints as the lifting model takes them."""
        keypoints = self._to_lifted_skeleton(instances.keypoints)
        if normalize:
            meta = self.model.dataset_meta
            return normalized_to_training_boxes(keypoints, instances.bboxes, meta)
        return keypoints[..., :2]

    def _to_lifted_skeleton(self, keypoints: np.ndarray) -> np.ndarray:
        return convert_keypoint_definition(
            keypoints, self.pose2d_model.model.dataset_meta, self.model.dataset_meta
        )

    def preprocess_single(
        self,
        input: dict,
        index: int,
        bbox_thr: float = 0.3,
        nms_thr: float = 0.3,
        bboxes: Sequence | np.ndarray = [],
        use_oks_tracking: bool = False,
        tracking_thr: float = 0.3,
        disable_norm_pose_2d: bool = False,
    ) -> list[dict]:
        """The inputs of the lifting model for one picture on its own, one for each instance.

        Args:
            input: The picture, from :meth:`InputPipeline.load`.
            index: Which picture of the call it is.
            bbox_thr: See :meth:`BaseMMPoseInferencer.preprocess_single`.
            nms_thr: See there.
            bboxes: See there.
            use_oks_tracking: Whether people in a video are told apart by their keypoints instead of
                their boxes. A picture has none to follow.
            tracking_thr: How similar they are at least, likewise.
            disable_norm_pose_2d: Whether to leave people where they are, and as large, instead of
                scaling them to the mean box of the training set.
        """
        inputs_2d = self.pose2d_model.preprocess_single(input, index, bbox_thr, nms_thr, bboxes)
        if not inputs_2d:
            return []
        batch = self.pose2d_model.collate_fn(inputs_2d)
        instances = _instances_2d(self.pose2d_model.forward(batch))
        instances.track_ids = np.arange(len(instances))
        num_frames = 1 if self.window.lifts_all else self.window.num_frames
        keypoints = self._lifter_keypoints(instances, not disable_norm_pose_2d)
        tracks = list(np.repeat(keypoints[:, None], num_frames, axis=1))
        image_size = _image_size(input['img'], not disable_norm_pose_2d)
        inputs = lifting_inputs(self.model, self.lifting_pipeline, tracks, image_size)
        for i, model_input in enumerate(inputs):
            model_input['data_samples'].instances_2d = instances[i : i + 1]
        return inputs

    def forward(self, inputs: dict, disable_rebase_keypoint: bool = False) -> list[PoseDataSample]:
        """The predictions for the model inputs of one picture.

        Args:
            inputs: A batch from :meth:`preprocess`.
            disable_rebase_keypoint: Whether to leave poses where they are, instead of putting the
                lowest joint of each at height 0.
        """
        return self.merge(super().forward(inputs), disable_rebase_keypoint)

    def merge(
        self, samples: list[PoseDataSample], disable_rebase_keypoint: bool = False
    ) -> list[PoseDataSample]:
        """The predictions of one picture, in one sample.

        Args:
            samples: The predictions for its model inputs.
            disable_rebase_keypoint: See :meth:`forward`.
        """
        if not samples or 'instances_2d' not in samples[0]:
            return samples
        poses = np.concatenate([_poses_of(sample)[:1] for sample in samples])
        instances = InstanceData.cat([sample.instances_2d for sample in samples])
        return [_result(instances, poses, not disable_rebase_keypoint)]

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
        window_close_event_handler: Callable[[str], Any] | None = None,
        name: str = '',
        **kwargs: Any,
    ) -> list[np.ndarray]:
        """Drawings of predictions, (H', W', 3) uint8 RGB; none if they are not wanted.

        Args:
            inputs: (H, W, 3) BGR pictures.
            preds: The predictions of each.
            return_vis: Whether the drawings are wanted.
            show: Whether to show them in a window.
            draw_bbox: Whether to draw boxes.
            wait_time: Seconds that the window waits; 0 waits for a key.
            radius: Of keypoints in the picture, in pixels.
            thickness: Of links in the picture, in pixels.
            kpt_thr: Keypoints with a lower score in the picture are left out.
            num_instances: Panels beside the picture; see
                :meth:`~mmpose.visualization.Pose3dLocalVisualizer.add_datasample`.
            vis_out_dir: Passed over; files are written by :meth:`__call__`.
            window_name: The window's title; empty: the picture's name.
            window_close_event_handler: Called with the window's title when the user has closed it.
            name: The picture's name.
            **kwargs: Passed over.
        """
        if not return_vis and not show:
            return []
        title = window_name or name
        drawings = draw_in_space(
            self.visualizer,
            inputs,
            [unmirrored(sample) for sample in preds],
            look=dict(radius=radius, line_width=thickness),
            name=title,
            draw_bbox=draw_bbox,
            show=show,
            wait_time=wait_time,
            kpt_thr=kpt_thr,
            num_instances=num_instances,
            dataset_2d=self.pose2d_model.model.dataset_meta,
            dataset_3d=self.model.dataset_meta,
            **{'axis_azimuth': PICTURE_AZIMUTH, **self.drawing_options},
        )
        if show and window_close_event_handler is not None and _is_closed(title):
            window_close_event_handler(title)
        return drawings

    def _init_pipeline(self, cfg: Config | ConfigDict) -> Compose:
        if not hasattr(self.model, 'causal'):
            raise TypeError(
                f'model is a {type(self.model).__name__}, which does not lift poses; give a model '
                'such as those of configs/body_3d_keypoint/, and the 2D model as pose2d_model.'
            )
        return lifting_pipeline(self.model)

    def _init_visualizer(self, cfg: Config | ConfigDict) -> Pose3dLocalVisualizer:
        return super()._init_visualizer(with_3d_visualizer(cfg))


def _known_skeleton(model: nn.Module, name: str) -> dict:
    if not model.dataset_meta:
        raise ValueError(
            f'The skeleton of {name} is not known, so its joints have no names; give the test data '
            "set in its config `metainfo=dict(from_file='configs/_base_/datasets/<name>.py')`."
        )
    return model.dataset_meta


def _instances_2d(samples: list[PoseDataSample]) -> InstanceData:
    """All instances of a picture, with boxes, as the 2D model found them."""
    sample = samples[0] if len(samples) == 1 else merge_data_samples(samples)
    found = sample.pred_instances
    keys = ('keypoints', 'keypoint_scores', 'bboxes', 'bbox_scores')
    instances = InstanceData(**{key: found.get(key) for key in keys if key in found})
    if 'bboxes' not in instances:
        corners = [found.keypoints[..., :2].min(axis=1), found.keypoints[..., :2].max(axis=1)]
        instances.bboxes = np.concatenate(corners, axis=1)
    return instances


def _result(instances: InstanceData, poses: np.ndarray, rebase: bool) -> PoseDataSample:
    """The predictions of a picture: its 2D instances and their poses (N, K, 3) in space."""
    fields = dict(instances.items())
    fields['keypoints_2d'] = fields.pop('keypoints')
    fields['keypoint_scores_2d'] = fields.pop('keypoint_scores')
    keypoints = to_display_axes(poses, rebase).astype(np.float32)
    result = InstanceData(
        keypoints=keypoints, keypoint_scores=np.ones(keypoints.shape[:2], np.float32), **fields
    )
    return PoseDataSample(pred_instances=result)


def _poses_of(sample: PoseDataSample) -> np.ndarray:
    """(T, K, 3) of what a lifting model predicted."""
    keypoints = sample.pred_instances.keypoints
    return keypoints.reshape(-1, *keypoints.shape[-2:])


def _image_size(img: np.ndarray, normalize: bool) -> tuple[int, int]:
    # People that were scaled to the mean box of the training pictures are in their pixels too.
    return TRAINING_IMAGE_WH if normalize else (img.shape[1], img.shape[0])


def _is_closed(window: str) -> bool:
    return cv2.getWindowProperty(window, cv2.WND_PROP_VISIBLE) < 1
