"""Files with the results of an inference call."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import TextIO

import cv2
import mmcv
import mmengine
import numpy as np

from .pictures import Picture


class ResultWriter:
    """Writes drawings and predictions, one file per picture or per video.

    Predictions of a picture are a JSON list of instances, those of a video a list of
    ``{"frame_id", "instances"}``, written frame by frame. Use it in a ``with`` statement, which
    completes the files also where an error or an interrupt ends the call.

    Args:
        vis_out_dir: Folder for drawings; empty or ``None`` for none.
        pred_out_dir: Folder for predictions; empty or ``None`` for none.

    Raises:
        PermissionError: A folder cannot be made or written to.
    """

    def __init__(self, vis_out_dir: str | None, pred_out_dir: str | None) -> None:
        self._vis_dir = _writable(vis_out_dir)
        self._pred_dir = _writable(pred_out_dir)
        self._video: Path | None = None
        self._video_writer: cv2.VideoWriter | None = None
        self._predictions: TextIO | None = None
        self._num_frames = 0

    @property
    def draws(self) -> bool:
        """Whether drawings are written."""
        return self._vis_dir is not None

    @property
    def writes(self) -> bool:
        """Whether anything is written."""
        return self._vis_dir is not None or self._pred_dir is not None

    def __enter__(self) -> ResultWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close_video()

    def write(
        self, picture: Picture, drawing: np.ndarray | None, instances: list[dict] | None
    ) -> None:
        """Write the results of a picture, or add them to its video's.

        Args:
            picture: What they belong to; the frames of a video come in order.
            drawing: (H, W, 3) uint8 RGB.
            instances: Predictions of plain Python values.
        """
        if picture.video != self._video:
            self._close_video()
            self._video = picture.video
        if self._vis_dir is not None and drawing is not None:
            if picture.video is None:
                mmcv.imwrite(drawing[..., ::-1], str(self._vis_dir / picture.name))
            else:
                self._draw_frame(picture, drawing)
        if self._pred_dir is not None:
            if picture.video is None:
                mmengine.dump(instances, self._pred_dir / f'{Path(picture.name).stem}.json')
            else:
                self._predict_frame(instances)

    def _draw_frame(self, picture: Picture, drawing: np.ndarray) -> None:
        if self._video_writer is None:
            file = str(self._vis_dir / f'{picture.video.stem}.mp4')
            code = cv2.VideoWriter.fourcc(*'mp4v')
            size_wh = drawing.shape[1::-1]
            self._video_writer = cv2.VideoWriter(file, code, picture.fps or 25, size_wh)
        self._video_writer.write(np.ascontiguousarray(drawing[..., ::-1]))

    def _predict_frame(self, instances: list[dict] | None) -> None:
        if self._predictions is None:
            file = self._pred_dir / f'{self._video.stem}.json'
            self._predictions = file.open('w', encoding='utf-8')
            self._num_frames = 0
        frame = dict(frame_id=self._num_frames, instances=instances)
        text = mmengine.dump(frame, file_format='json')
        self._predictions.write(('[' if self._num_frames == 0 else ', ') + text)
        self._num_frames += 1

    def _close_video(self) -> None:
        if self._video_writer is not None:
            self._video_writer.release()
            self._video_writer = None
        if self._predictions is not None:
            self._predictions.write(']')
            self._predictions.close()
            self._predictions = None


def _writable(folder: str | None) -> Path | None:
    """The folder, made if it is not there."""
    if not folder:
        return None
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        reason = '' if os.access(path, os.W_OK | os.X_OK) else 'it may not be written to'
    except OSError as error:
        reason = error.strerror
    if reason:
        raise PermissionError(f'Results cannot go to the folder {folder}: {reason}. Give another.')
    return path
