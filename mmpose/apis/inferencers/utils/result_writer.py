"""Files with the results of an inference call."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import cv2
import mmcv
import mmengine
import numpy as np

from .pictures import Picture


class ResultWriter:
    """Writes drawings and predictions, one file per picture or per video.

    Predictions of a picture are a JSON list of instances, those of a video a list of
    ``{"frame_id", "instances"}``. Use it in a ``with`` statement, which completes the videos.

    Args:
        vis_out_dir: Folder for drawings; empty or ``None`` for none.
        pred_out_dir: Folder for predictions; empty or ``None`` for none.
    """

    def __init__(self, vis_out_dir: str | None, pred_out_dir: str | None) -> None:
        self._vis_dir = Path(vis_out_dir) if vis_out_dir else None
        self._pred_dir = Path(pred_out_dir) if pred_out_dir else None
        self._video: Path | None = None
        self._video_writer: cv2.VideoWriter | None = None
        self._frames: list[dict] = []

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
                self._add_frame(picture, drawing)
        if self._pred_dir is not None:
            if picture.video is None:
                self._dump(instances, picture.name)
            else:
                self._frames.append(dict(frame_id=len(self._frames), instances=instances))

    def _add_frame(self, picture: Picture, drawing: np.ndarray) -> None:
        if self._video_writer is None:
            self._vis_dir.mkdir(parents=True, exist_ok=True)
            file = str(self._vis_dir / f'{picture.video.stem}.mp4')
            code = cv2.VideoWriter.fourcc(*'mp4v')
            size_wh = drawing.shape[1::-1]
            self._video_writer = cv2.VideoWriter(file, code, picture.fps or 25, size_wh)
        self._video_writer.write(np.ascontiguousarray(drawing[..., ::-1]))

    def _close_video(self) -> None:
        if self._video_writer is not None:
            self._video_writer.release()
            self._video_writer = None
        if self._frames:
            self._dump(self._frames, self._video.name)
            self._frames = []

    def _dump(self, content: list, name: str) -> None:
        self._pred_dir.mkdir(parents=True, exist_ok=True)
        mmengine.dump(content, self._pred_dir / f'{Path(name).stem}.json')
