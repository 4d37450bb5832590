"""What lifting models take and give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from torch import nn

from mmpose.apis.input_pipeline import transforms_for_test
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import bbox_xyxy2cs

# of Human3.6M: the mean box of people (x, y and longest side), and the size of its pictures
_TRAINING_BOX = (528.0, 427.0, 400.0)
TRAINING_IMAGE_WH = (1000, 1002)


class LiftingWindow(NamedTuple):
    """The frames that a model sees at once, and those of them whose poses it gives.

    Attributes:
        num_frames: T, how many it sees.
        before: How many of them come before the one that is lifted; T - 1 if no later one is seen.
        step: Distance of two of them, in frames of the video.
        lifts_all: Whether it gives the poses of all T frames; ``before`` then says nothing.
    """

    num_frames: int
    before: int
    step: int = 1
    lifts_all: bool = False

    @classmethod
    def of_model(cls, model: nn.Module) -> LiftingWindow:
        """The window of the test data set in the config of a model."""
        dataset = (model.cfg.get('test_dataloader') or {}).get('dataset') or {}
        if num_frames := dataset.get('multiple_target', 0):
            return cls(num_frames, num_frames - 1, lifts_all=True)
        num_frames = dataset.get('seq_len', 1)
        before = frames_before(num_frames, dataset.get('causal', False))
        return cls(num_frames, before, dataset.get('seq_step', 1))

    @property
    def after(self) -> int:
        """How many frames come after the one that is lifted."""
        return self.num_frames - 1 - self.before

    @property
    def offsets(self) -> np.ndarray:
        """(T,) distances of the frames from the one that is lifted, in frames of the video."""
        return self.step * np.arange(-self.before, self.after + 1)


def lifting_pipeline(model: nn.Module) -> Compose:
    """The test pipeline of a lifting model, from a track to a model input.

    Raises:
        ValueError: The model's config has none.
    """
    return Compose(transforms_for_test(model.cfg))


@torch.no_grad()
def lift_tracks(
    model: nn.Module,
    pipeline: Compose,
    tracks: Sequence[np.ndarray],
    image_size: tuple[int, int] | None = None,
) -> list[PoseDataSample]:
    """The predictions for each track, in one forward pass.

    The arguments are those of :func:`lifting_inputs`.
    """
    if not len(tracks):
        return []
    return model.test_step(pseudo_collate(lifting_inputs(model, pipeline, tracks, image_size)))


def lifting_inputs(
    model: nn.Module,
    pipeline: Compose,
    tracks: Sequence[np.ndarray],
    image_size: tuple[int, int] | None = None,
) -> list[dict]:
    """The model input for each track.

    Args:
        model: A lifting model.
        pipeline: From :func:`lifting_pipeline`.
        tracks: (T, K, 2) pixels each.
        image_size: (w, h) of the picture; ``None`` if it is not known.

    Raises:
        ValueError: The model needs ``image_size``.
    """
    lifts_all = LiftingWindow.of_model(model).lifts_all
    facts = dict(model.dataset_meta or {})
    if image_size is not None:
        facts['camera_param'] = dict(w=image_size[0], h=image_size[1])
    return [pipeline({**facts, **_track_as_sample(track, lifts_all)}) for track in tracks]


def normalized_to_training_boxes(
    keypoints: np.ndarray, boxes: np.ndarray, dataset_meta: dict | None
) -> np.ndarray:
    """(N, K, 2) keypoints as if people had the mean box of the training set.

    Args:
        keypoints: (N, K, 2) pixels.
        boxes: (N, 4) xyxy pixels.
        dataset_meta: Of the model; with ``stats_info``, the centre and longest side of the mean
            box, or those of Human3.6M are taken.
    """
    stats = (dataset_meta or {}).get('stats_info') or {}
    target_center = np.ravel(stats.get('bbox_center', _TRAINING_BOX[:2]))
    target_side = np.ravel(stats.get('bbox_scale', _TRAINING_BOX[2]))
    centers, sizes = bbox_xyxy2cs(np.asarray(boxes, dtype=np.float32).reshape(-1, 4))
    sides = np.maximum(sizes.max(axis=1), 1.0)[:, None, None]  # a box may be a point
    moved = (keypoints[..., :2] - centers[:, None]) / sides * target_side + target_center
    return moved.astype(np.float32)


def to_display_axes(keypoints: np.ndarray, rebase: bool = True) -> np.ndarray:
    """(..., K, 3) poses whose last axis points up, to be drawn.

    The axes of a camera are right, down and away. Here they are left, away and up, as programs
    that read these results expect: a mirror image, which shows people from the camera's side when
    it is looked at from the other one.

    Args:
        keypoints: (..., K, 3) poses in the space of a camera.
        rebase: Whether to put the lowest joint of each pose at height 0.
    """
    x, y, z = np.moveaxis(np.asarray(keypoints), -1, 0)
    turned = np.stack([-x, z, -y], axis=-1)
    if rebase and turned.size:
        turned[..., 2] -= turned[..., 2].min(axis=-1, keepdims=True)
    return turned


def nearest(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """For each wanted frame the index of the nearest known one, the earlier of two.

    Args:
        known: (M,) frames, ascending.
        wanted: (T,) frames.
    """
    return np.abs(wanted[:, None] - known).argmin(axis=1)


def frames_before(num_frames: int, causal: bool) -> int:
    """How many of the frames that a model sees come before the one that is lifted."""
    return num_frames - 1 if causal else num_frames // 2


def _track_as_sample(track: np.ndarray, lifts_all: bool) -> dict[str, Any]:
    """What the pipeline takes, with targets of no meaning, which pipelines are made for."""
    T, K = track.shape[:2]
    num_targets = T if lifts_all else 1
    return dict(
        keypoints=np.asarray(track[..., :2], dtype=np.float32),
        keypoints_visible=np.ones((T, K), dtype=np.float32),
        lifting_target=np.zeros((num_targets, K, 3), dtype=np.float32),
        lifting_target_visible=np.ones((num_targets, K), dtype=np.float32),
        factor=np.zeros(num_targets, dtype=np.float32),
    )
