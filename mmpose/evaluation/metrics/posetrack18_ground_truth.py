"""PoseTrack18 annotations as arrays: the frames of videos, and the true poses in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

HEAD_SHARE = 0.6  # of the diagonal of the head's box: the benchmark's size of a head


@dataclass
class PoseTrackGroundTruth:
    """I frames, by video and by time in it, and G true poses, by frame.

    Poses without a labelled keypoint and those in frames that are not labelled are left out.

    Attributes:
        images: I entries of the file.
        videos: (I,) text, the video of each frame.
        labelled: (I,) boolean, the frames to evaluate.
        regions: By number of a frame, the polygons (V, 2) in pixels inside which nothing counts.
        annotations: G entries of the file.
        frames: (G,) number of each pose's frame, rising.
        keypoints: (G, K, 3) x, y in pixels and flag: above 0 if labelled. K is 0 if G is.
        head_sizes: (G,) pixels.
    """

    images: list[dict]
    videos: np.ndarray
    labelled: np.ndarray
    regions: dict[int, list[np.ndarray]]
    annotations: list[dict]
    frames: np.ndarray
    keypoints: np.ndarray
    head_sizes: np.ndarray

    def track_ids(self) -> np.ndarray:
        """The (G,) integers that tell people apart in a video.

        Raises:
            ValueError: An annotation has none.
        """
        hint = 'MOTA needs it, which is computed because predictions carry track ids.'
        return np.array([_value(ann, 'track_id', hint) for ann in self.annotations], int)

    def frames_of(self, image_ids: Iterable[Any]) -> np.ndarray:
        """The numbers of the frames with these ids.

        Raises:
            ValueError: There is no such frame.
        """
        numbers, image_ids = _numbers(self.images), list(image_ids)
        strangers = list(dict.fromkeys(i for i in image_ids if i not in numbers))
        if strangers:
            raise ValueError(
                f'There are predictions for {len(strangers)} images that the annotations do not '
                f'have: ids {strangers[:5]} ..., where {list(numbers)[:5]} ... are known. Give '
                'the `ann_file` of the data set that is tested.'
            )
        return np.array([numbers[i] for i in image_ids], int)


def parse_posetrack(dataset: dict) -> PoseTrackGroundTruth:
    """The arrays of a PoseTrack18 data set.

    Args:
        dataset: ``images`` with ``id`` and ``vid_id`` or a folder in ``file_name``, and where
            there are such ``frame_id`` (their order; else that of ``id``), ``is_labeled``,
            ``ignore_regions_x`` and ``ignore_regions_y``; ``annotations`` with ``image_id``,
            ``keypoints``, ``bbox_head`` (left, top, width, height) and ``track_id``, which may be
            absent if tracking is not evaluated.

    Raises:
        ValueError: A key is absent, a value is not finite, or lengths do not agree.
    """
    if not isinstance(dataset, dict) or not {'images', 'annotations'} <= dataset.keys():
        raise ValueError(
            'Expected a PoseTrack18 annotation file, an object with "images" and "annotations", '
            + (f'but got the keys {list(dataset)}.' if isinstance(dataset, dict) else 'not a list.')
        )
    images = sorted(dataset['images'], key=lambda image: (video_of(image), _time_of(image)))
    labelled = np.array([bool(image.get('is_labeled', True)) for image in images], bool)
    numbers = _numbers(images)

    placed = []
    for ann in dataset['annotations']:
        frame = numbers.get(_value(ann, 'image_id'))
        if frame is None:
            raise ValueError(
                f'The annotation with id {ann.get("id")} is of image {ann["image_id"]!r}, which '
                'is not among the images of the file.'
            )
        if labelled[frame] and any(flag > 0 for flag in _value(ann, 'keypoints')[2::3]):
            placed.append((frame, ann))
    placed.sort(key=lambda pair: pair[0])
    annotations = [ann for _, ann in placed]

    num_keypoints = len(annotations[0]['keypoints']) // 3 if annotations else 0
    keypoints = _table(annotations, 'keypoints', num_keypoints * 3)
    head_boxes = _table(annotations, 'bbox_head', 4)
    return PoseTrackGroundTruth(
        images=images,
        videos=np.array([video_of(image) for image in images], str),
        labelled=labelled,
        regions={i: _regions(images[i]) for i in np.flatnonzero(labelled).tolist()},
        annotations=annotations,
        frames=np.array([frame for frame, _ in placed], int),
        keypoints=keypoints.reshape(len(annotations), num_keypoints, 3),
        head_sizes=HEAD_SHARE * np.hypot(head_boxes[:, 2], head_boxes[:, 3]),
    )


def video_of(image: dict) -> str:
    """The video of a frame: ``vid_id``, or else the folder in ``file_name``."""
    video = image.get('vid_id')
    if video is None:
        video = folder_of(image)
    if video == '':
        raise ValueError(
            f'The image with id {image.get("id")} has neither "vid_id" nor a folder in '
            f'"file_name", {image.get("file_name")!r}; one of them has to name its video.'
        )
    return str(video)


def folder_of(image: dict) -> str:
    """The path of the folder in ``file_name``; empty if there is none."""
    return '/'.join(PurePosixPath(image.get('file_name', '')).parts[:-1])


def _time_of(image: dict) -> Any:
    return image.get('frame_id', _value(image, 'id'))


def _numbers(images: list[dict]) -> dict[Any, int]:
    return {image['id']: i for i, image in enumerate(images)}


def _value(entry: dict, key: str, hint: str = 'The evaluation needs it.') -> Any:
    if key not in entry:
        what = 'annotation' if 'image_id' in entry else 'entry'
        raise ValueError(f'The {what} with id {entry.get("id")} has no "{key}". {hint}')
    return entry[key]


def _table(annotations: list[dict], key: str, width: int) -> np.ndarray:
    """The rows (G, width) of numbers."""
    rows = [_value(ann, key) for ann in annotations]
    for ann, row in zip(annotations, rows, strict=True):
        if len(row) != width:
            raise ValueError(
                f'The annotation with id {ann.get("id")} has {len(row)} numbers in "{key}"; '
                f'expected {width}.'
            )
    table = np.array(rows, float).reshape(len(rows), width)
    broken = np.flatnonzero(~np.isfinite(table).all(1))
    if len(broken):
        raise ValueError(
            f'{len(broken)} annotations have NaN or infinite numbers in "{key}", the first that '
            f'with id {annotations[broken[0]].get("id")}; mark what is not known by the flag 0.'
        )
    return table


def _regions(image: dict) -> list[np.ndarray]:
    """The polygons (V, 2) of an image's ignored regions."""
    xs, ys = image.get('ignore_regions_x') or [], image.get('ignore_regions_y') or []
    if [len(x) for x in xs] != [len(y) for y in ys]:
        raise ValueError(
            f'The image with id {image["id"]} has {[len(x) for x in xs]} numbers in '
            f'"ignore_regions_x" and {[len(y) for y in ys]} in "ignore_regions_y"; expected as '
            'many in both, for the corners of each region.'
        )
    return [np.array([x, y], float).T for x, y in zip(xs, ys, strict=True) if len(x) > 2]
