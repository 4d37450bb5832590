"""PoseTrack18 with neighbouring frames: 17 keypoints of people in videos."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from mmpose.codecs.utils.checks import check_choice, check_positive
from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset
from ..base.coco_file import ENTRY_ERRORS, unusable


@DATASETS.register_module()
class PoseTrack18VideoDataset(BaseCocoStyleDataset):
    """17 keypoints of people in a frame, with neighbouring frames to help.

    In an item ``img_path`` is a list of F paths, the labelled frame first, and ``frame_weights``
    (F,) says how much each frame counts. Frames beyond the ends of a video are replaced by its
    first or last. Papers: `Andriluka et al., 2018 <https://arxiv.org/abs/1710.10000>`_, with
    neighbours as in `Bertasius et al., 2019 <https://arxiv.org/abs/1906.04016>`_.

    Args:
        ann_file: As in the base, like all that is not listed here. Images need ``nframes``, the
            length of their video.
        bbox_file: As in the base.
        data_mode: As in the base.
        frame_weights: How much each frame counts, the labelled one first and in ``'fix'`` mode
            the others in their order in time; divided by their sum.
        frame_sampler_mode: ``'random'``: draw neighbours anew at each access. ``'fix'``: take
            those at ``frame_indices``.
        frame_range: For ``'random'``, how far neighbours may be: (first, last) counted from the
            labelled frame, or a number for as many on either side.
        num_sampled_frame: For ``'random'``, how many neighbours to draw.
        frame_indices: For ``'fix'``, the frames counted from the labelled one, which is 0 and has
            to be among them.
        ph_fill_len: The number of digits in the names of frames.
        **kwargs: See :class:`BaseCocoStyleDataset`.

    Raises:
        ValueError: The arguments do not fit together, or an image has no ``nframes`` or a name
            that is no number.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/posetrack18.py')

    def __init__(
        self,
        ann_file: str = '',
        bbox_file: str | None = None,
        data_mode: str = 'topdown',
        frame_weights: Sequence[float] = [0.0, 1.0],
        frame_sampler_mode: str = 'random',
        frame_range: int | Sequence[int] | None = None,
        num_sampled_frame: int | None = None,
        frame_indices: Sequence[int] | None = None,
        ph_fill_len: int = 6,
        **kwargs: Any,
    ) -> None:
        check_choice('frame_sampler_mode', frame_sampler_mode, ('fix', 'random'))
        check_positive('ph_fill_len', ph_fill_len, several=False)
        if frame_sampler_mode == 'random':
            self.frame_range = _frame_range(frame_range)
            self.num_sampled_frame = _num_neighbours(num_sampled_frame)
            num_frames, source = 1 + self.num_sampled_frame, '1 + num_sampled_frame'
        else:
            self.frame_indices = _frame_indices(frame_indices)
            num_frames, source = len(self.frame_indices), 'the length of frame_indices'
        if len(frame_weights) != num_frames:
            raise ValueError(
                f'frame_weights has {len(frame_weights)} entries; expected {num_frames}, {source}: '
                'one for each frame, the labelled one first.'
            )
        self.frame_weights = _normalised(frame_weights)
        self.frame_sampler_mode = frame_sampler_mode
        self.ph_fill_len = ph_fill_len
        super().__init__(ann_file, bbox_file, data_mode, **kwargs)

    def get_data_info(self, idx: int) -> dict:
        """Item ``idx`` before the pipeline, with its frames."""
        item = super().get_data_info(idx)
        num_frames = self._num_frames[item['img_id']]
        item['img_path'] = self.frame_paths(item['img_path'], num_frames, self.sample_offsets())
        item['frame_weights'] = self.frame_weights.copy()
        return item

    def sample_offsets(self) -> list[int]:
        """Where the neighbours are, counted from the labelled frame."""
        if self.frame_sampler_mode == 'fix':
            return [offset for offset in self.frame_indices if offset != 0]
        first, last = self.frame_range
        return np.random.randint(first, last + 1, self.num_sampled_frame).tolist()

    def frame_paths(self, path: str, num_frames: int, offsets: Sequence[int]) -> list[str]:
        """The path of a frame followed by those of its neighbours.

        Args:
            path: ``folder/000012.jpg``, named by the place in the video from 0.
            num_frames: The length of the video.
            offsets: Where the neighbours are, counted from the frame.
        """
        frame = Path(path)
        places = np.clip(int(frame.stem) + np.array(offsets, dtype=int), 0, num_frames - 1)
        names = [f'{place:0{self.ph_fill_len}d}{frame.suffix}' for place in places]
        return [path, *(str(frame.with_name(name)) for name in names)]

    def parse_data_info(self, raw_data_info: dict) -> dict | None:
        """One instance as an item of ``topdown`` mode, or ``None`` if it has no keypoints."""
        item = super().parse_data_info(raw_data_info)
        if item:
            del item['iscrowd']  # PoseTrack18 has ignored regions instead of crowds
        return item

    def coco_fields(self, ann: dict, bbox: np.ndarray) -> dict:
        """Nothing, for scores are computed from the annotation file."""
        return {}

    def _index_images(self, images: list[dict]) -> dict[Any, dict]:
        """The entries of the images by id; the lengths of their videos are kept."""
        index = super()._index_images(images)
        self._num_frames: dict[Any, int] = {}
        for image_id, image in index.items():
            try:
                self._num_frames[image_id] = _video_length(image)
            except ENTRY_ERRORS as error:
                raise unusable('image', image, self.ann_file, error) from error
        return index


def _video_length(image: dict) -> int:
    """The number of frames in the video that the image belongs to."""
    num_frames = image['nframes']
    if not 0 <= int(Path(image['file_name']).stem) < num_frames:
        raise ValueError(
            f'its file_name is {image["file_name"]!r} and its nframes {num_frames!r}; expected a '
            'name from 0 to nframes - 1, such as 000012.jpg.'
        )
    return num_frames


def _frame_range(value: int | Sequence[int] | None) -> tuple[int, int]:
    """The first and the last frame to draw from."""
    pair = (-value, value) if isinstance(value, Integral) else value
    if (
        not isinstance(pair, Sequence)
        or len(pair) != 2
        or not all(isinstance(end, Integral) for end in pair)
        or not (pair[0] <= 0 <= pair[1] and pair[0] < pair[1])
    ):
        raise ValueError(
            f"frame_range is {value!r}; frame_sampler_mode='random' needs a number of frames, such "
            'as 2, or the first and the last counted from the labelled frame, such as (-2, 2).'
        )
    return pair[0], pair[1]


def _num_neighbours(value: int | None) -> int:
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(
            f"num_sampled_frame is {value!r}; frame_sampler_mode='random' needs the number of "
            'neighbours to draw, 1 or more.'
        )
    return value


def _frame_indices(value: Sequence[int] | None) -> list[int]:
    """The offsets in their order in time."""
    if value is None or list(value).count(0) != 1:
        raise ValueError(
            f"frame_indices is {value!r}; frame_sampler_mode='fix' needs the frames counted from "
            'the labelled one, which is 0 and belongs to them once: [-2, -1, 0, 1, 2].'
        )
    return sorted(value)


def _normalised(frame_weights: Sequence[float]) -> np.ndarray:
    """The weights, (F,) float32, with sum 1."""
    weights = np.array(frame_weights, dtype=np.float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise ValueError(
            f'frame_weights is {frame_weights!r}; expected numbers of 0 or more, not all 0.'
        )
    return (weights / weights.sum()).astype(np.float32)
