"""Reading SLEAP labels, an HDF5 file that ends in ``.slp``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError, require
from .pictures import extract_frames
from .sources import find_files, track

if TYPE_CHECKING:
    import h5py

OPTIONS = dict(
    category=dict(metavar='NAME', help='what is labelled'),
    videos=dict(
        metavar='FOLDER',
        help='where the videos are, if neither where they were labelled nor beside the labels',
    ),
    predicted='take the predicted instances too, not only those that somebody labelled',
)
PREDICTED = 1  # the `instance_type` of what a model has found
BODY, SYMMETRY = 1, 2  # the types of a link
CENTRED_SINCE = 1.1  # earlier files count from the corner of the first pixel, not from its centre


class Skeleton(NamedTuple):
    """The keypoints of a file.

    Attributes:
        names: The K names.
        links: Pairs of names.
        swaps: Mirror images by name.
    """

    names: list[str]
    links: list[tuple[str, str]]
    swaps: dict[str, str]


def read(
    source: Path,
    out: Path,
    category: str = 'animal',
    videos: str | None = None,
    predicted: bool = False,
) -> CocoWriter:
    """The labelled instances of a file, with the frames in ``out/images``.

    Args:
        source: The file, or the folder that holds it alone.
        out: Its ``images`` get a folder for each video. Frames inside the file are copied as they
            are stored, those of a video are taken out of it.
        category: What is labelled.
        videos: A folder to look for videos in; ``None``: where they were, and beside the file.
        predicted: Whether to take instances that a model has predicted.

    Raises:
        FileNotFoundError: There is no such file.
        MissingPackageError: h5py is not installed.
        ConversionError: The file is malformed.
    """
    paths = find_files(source, '*.slp', 'a SLEAP file')
    if len(paths) > 1:
        names = ', '.join(path.name for path in paths)
        raise ConversionError(f'{str(source)!r} holds {names}; give one of these files.')
    h5py = require('h5py', 'h5py', 'reading .slp files')
    try:
        with h5py.File(paths[0]) as file:
            return _Reader(file, paths[0], out / 'images', category, videos, predicted).read()
    except (KeyError, IndexError, OSError, json.JSONDecodeError) as error:
        raise ConversionError(f'{str(paths[0])!r} is no SLEAP file: {error}') from error


class _Reader:
    """One file on its way into a writer."""

    def __init__(
        self,
        file: h5py.File,
        path: Path,
        image_root: Path,
        category: str,
        videos: str | None,
        predicted: bool,
    ):
        self.file, self.path, self.videos, self.predicted = file, path, videos, predicted
        metadata = file['metadata'].attrs
        self.frames, self.instances = file['frames'][()], file['instances'][()]
        self.points, self.pred_points = file['points'][()], file['pred_points'][()]
        self.skeleton = parse_skeleton(json.loads(metadata['json']))
        self.offset = 0.5 if metadata.get('format_id', 1.0) < CENTRED_SINCE else 0.0
        names, links, swaps = self.skeleton
        # a skeleton without symmetries may still tell them by its names
        self.writer = CocoWriter(
            names, links, swaps or None, category=category, image_root=image_root
        )

    def read(self) -> CocoWriter:
        """The writer with all that the file has."""
        by_video = defaultdict(list)
        for frame in self.frames:
            if instances := list(self._instances(frame)):
                by_video[int(frame['video'])].append((int(frame['frame_idx']), instances))
        for number, frames in by_video.items():
            self._add_frames(number, frames)
        return self.writer

    def _instances(self, frame: np.void) -> Iterator[tuple[np.ndarray, int | None]]:
        """The keypoints (K, 3) of each instance of a frame, with the id of its track."""
        first, last = int(frame['instance_id_start']), int(frame['instance_id_end'])
        for instance in self.instances[first:last]:
            is_predicted = instance['instance_type'] == PREDICTED
            if is_predicted and not self.predicted:
                self.writer.drop('predicted instance')
                continue
            points = self.pred_points if is_predicted else self.points
            points = points[int(instance['point_id_start']) : int(instance['point_id_end'])]
            if len(points) != len(self.skeleton.names):
                raise ConversionError(
                    f'{str(self.path)!r}: instance {instance["instance_id"]} has {len(points)} '
                    f'points; expected {len(self.skeleton.names)}.'
                )
            xy = np.column_stack([points['x'], points['y']]).astype(np.float64) - self.offset
            labelled = points['visible'].astype(bool) & np.isfinite(xy).all(axis=1)
            track_id = int(instance['track']) + 1
            yield np.column_stack([xy, 2 * labelled]), track_id if track_id > 0 else None

    def _add_frames(self, number: int, frames: list[tuple[int, list]]) -> None:
        """Add the labelled frames of one video, and write their pictures."""
        indices = [index for index, _ in frames]
        video = json.loads(self.file['videos_json'][number])
        backend = video.get('backend', video)
        pictures = self._pictures(number, backend, indices)
        for index, instances in frames:
            if index not in pictures:
                self.writer.drop('frame missing', f'{index} of {_base_name(backend)}')
                continue
            name = pictures[index].relative_to(self.writer.image_root)
            image_id = self.writer.add_picture(name, group=f'video{number}', frame_id=index)
            if image_id is None:
                continue
            for keypoints, track_id in instances:
                self.writer.add_instance(image_id, keypoints, track_id=track_id)

    def _pictures(self, number: int, backend: dict, indices: list[int]) -> dict[int, Path]:
        """The picture files of the frames, by index."""
        folder = self.writer.image_root / f'video{number}'
        dataset = backend.get('dataset') or ''
        if backend.get('filename') == '.' and dataset in self.file:
            return _embedded(self.file[dataset], indices, folder)
        names = backend.get('filenames') or backend.get('filename') or ''
        if isinstance(names, list):
            return self._copied(names, indices, folder)
        video = self._found(names)
        return extract_frames(video, indices, folder) if video else {}

    def _copied(self, names: list[str], indices: list[int], folder: Path) -> dict[int, Path]:
        """The pictures of a video that is a list of pictures, copied."""
        pictures = {}
        for index in track(indices):
            path = self._found(names[index]) if index < len(names) else None
            if path:
                pictures[index] = folder / f'{index:06d}{path.suffix}'
                _write(pictures[index], path.read_bytes())
        return pictures

    def _found(self, name: str) -> Path | None:
        """Where a video or picture is now: where it was, in the folder of videos or beside."""
        base = PureWindowsPath(name).name
        folders = [Path(self.videos)] if self.videos else []
        beside = self.path.parent
        places = [*(folder / base for folder in folders), Path(name), beside / name, beside / base]
        return next((place for place in places if place.is_file()), None)


def parse_skeleton(metadata: dict) -> Skeleton:
    """The skeleton from the JSON of the metadata.

    Raises:
        ConversionError: There is not exactly one.
    """
    skeletons = metadata['skeletons']
    if len(skeletons) != 1:
        raise ConversionError(
            f'The file has {len(skeletons)} skeletons; expected one. Export each to its own file.'
        )
    all_names = [node['name'] for node in metadata['nodes']]
    names = [all_names[node['id']] for node in skeletons[0]['nodes']]
    links, swaps, seen = [], {}, []
    for link in skeletons[0]['links']:
        pair = all_names[link['source']], all_names[link['target']]
        if _link_type(link.get('type'), seen) == SYMMETRY:
            swaps[pair[0]] = pair[1]
        else:
            links.append(pair)
    return Skeleton(names, links, swaps)


def _link_type(value: Any, seen: list[int]) -> int:
    """The type of a link as jsonpickle writes it: in full once, then by the place in ``seen``."""
    if not isinstance(value, dict):
        return BODY
    if 'py/id' in value:
        place = value['py/id']
        return seen[place - 1] if place <= len(seen) else place
    *_, argument = value['py/reduce']
    seen.append(argument['py/tuple'][0])
    return seen[-1]


def _embedded(dataset: h5py.Dataset, indices: list[int], folder: Path) -> dict[int, Path]:
    """The frames inside the file, written as pictures."""
    numbers = dataset.parent.get('frame_numbers')
    numbers = range(len(dataset)) if numbers is None else numbers[()].tolist()
    places = {int(index): place for place, index in enumerate(numbers)}
    kind = dataset.attrs.get('format', 'png')
    kind = kind.decode() if isinstance(kind, bytes) else kind
    pictures = {}
    for index in track([index for index in indices if index in places]):
        row, suffix = dataset[places[index]], 'png' if kind == 'hdf5' else kind
        pictures[index] = folder / f'{index:06d}.{suffix}'
        _write(pictures[index], _encoded(row) if kind == 'hdf5' else row.tobytes())
    return pictures


def _encoded(pixels: np.ndarray) -> bytes:
    """Pixels (H, W, C) as the bytes of a PNG picture."""
    import cv2

    return cv2.imencode('.png', pixels[..., ::-1] if pixels.shape[-1] == 3 else pixels)[1].tobytes()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _base_name(backend: dict) -> str:
    name = backend.get('filename') or 'its pictures'
    return PureWindowsPath(name if isinstance(name, str) else name[0]).name
