"""Ids and smooth keypoints for the instances of consecutive pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mmengine.structures import InstanceData

from mmpose.structures import PoseDataSample
from mmpose.tracking import Tracker, TrackSmoother

from .pictures import Picture
from .stream_options import StreamOptions

_UNKNOWN = object()


class FrameTracks:
    """The tracks of the video that is being gone through; another video starts anew.

    Args:
        options: Of the call.
        dataset_meta: Of the model; its ``sigmas`` tell how exact each keypoint is.
        bbox_thr: Instances that are in no track and score lower are left out.
    """

    def __init__(
        self, options: StreamOptions, dataset_meta: dict | None, bbox_thr: float = 0.0
    ) -> None:
        sigmas = (dataset_meta or {}).get('sigmas')
        has_sigmas = sigmas is not None and len(sigmas)
        self._tracker = Tracker(sigmas=np.asarray(sigmas) if has_sigmas else None)
        self._smoother = TrackSmoother(options.smooth) if options.smooth else None
        self._det_every = options.det_every
        self._bbox_thr = bbox_thr
        self._video: Path | object | None = _UNKNOWN
        self._frame = -1

    @property
    def low_thr(self) -> float:
        """The score of the least sure boxes that can go on with a track."""
        return self._tracker.low_thr

    def start_frame(self, picture: Picture) -> bool:
        """Whether the detector is to see the next picture, which is this one."""
        if picture.video != self._video:
            self._video = picture.video
            self._frame = -1
            self._tracker.reset()
            if self._smoother:
                self._smoother.reset()
        self._frame += 1
        return self._frame % self._det_every == 0

    def expected_boxes(self) -> np.ndarray:
        """(N, 5) xyxy and score: where the tracks are in this frame."""
        boxes, scores, _ = self._tracker.predicted_boxes(self._frame)
        return np.column_stack([boxes, scores]).astype(np.float32)

    def apply(self, sample: PoseDataSample, picture: Picture, detected: bool = True) -> None:
        """Give the instances of this frame ``track_ids``, and smooth their keypoints.

        Args:
            sample: The predictions of the frame; instances that are neither sure nor in a track
                are left out of it.
            picture: The frame.
            detected: Whether the detector saw it.
        """
        found = sample.pred_instances
        keypoints = np.asarray(found.keypoints)[..., :2]
        scores = np.asarray(found.keypoint_scores)
        boxes, sure = _boxes_and_scores(found, keypoints, scores)
        sigmas = self._tracker.sigmas
        if sigmas is not None and len(sigmas) != keypoints.shape[1]:
            self._tracker.sigmas = None  # of a model that returns some of its keypoints
        ids = self._tracker.update(
            boxes, sure, keypoints, scores, frame_index=self._frame, detected=detected
        )
        if self._smoother:
            seconds = picture.seconds
            seconds = self._frame / 25 if seconds is None else seconds
            found.keypoints = self._smoother(found.keypoints, scores, ids, timestamp=seconds)
        found.track_ids = ids
        keep = (ids >= 0) | (sure > self._bbox_thr) if detected else ids >= 0
        sample.pred_instances = found[keep]


def _boxes_and_scores(
    found: InstanceData, keypoints: np.ndarray, keypoint_scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N, 4) and (N,); those of the keypoints where the model has none, as some bottom-up do."""
    if 'bboxes' in found and len(found.bboxes):
        boxes = np.asarray(found.bboxes, dtype=np.float32)
    else:
        boxes = np.concatenate([keypoints.min(axis=1), keypoints.max(axis=1)], axis=1)
    has_scores = 'bbox_scores' in found and len(found.bbox_scores)
    scores = found.bbox_scores if has_scores else keypoint_scores.mean(axis=1)
    return boxes.reshape(-1, 4), np.asarray(scores, dtype=np.float32).reshape(-1)
