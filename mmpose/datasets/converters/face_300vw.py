"""Reading 300VW: videos with 68 points of a face in a file for each frame."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from mmpose.datasets.datasets.base.base_center_scale_dataset import SCALE_UNIT

from .coco_writer import CocoWriter
from .errors import ConversionError
from .pictures import save_frames
from .published import Part, publish
from .sources import find_files, track
from .text_rows import points_of, read_lines

OPTIONS = dict(
    broken_frames=dict(
        metavar='FILE',
        help='`broken_frames.npy`, which says what frames to leave out; it is pickled, and reading '
        'it can run code, so it must come from a source that you trust',
    )
)
NUM_POINTS = 68
# the three categories of videos to test on; the others are to train on
# fmt: off
TEST_VIDEOS: dict[str, tuple[int, ...]] = dict(
    test_1=(114, 124, 125, 126, 150, 158, 401, 402, 505, 506, 507, 508, 509, 510, 511, 514, 515,
            518, 519, 520, 521, 522, 524, 525, 537, 538, 540, 541, 546, 547, 548),
    test_2=(203, 208, 211, 212, 213, 214, 218, 224, 403, 404, 405, 406, 407, 408, 409, 412, 550,
            551, 553),
    test_3=(410, 411, 516, 517, 526, 528, 529, 530, 531, 533, 557, 558, 559, 562),
)
# fmt: on


def write(source: Path, out: Path, broken_frames: str | None = None) -> str:
    """Take the frames out of the videos and convert their points.

    Args:
        source: The folder with ``001/vid.avi``, ``001/annot/000001.pts`` and so on.
        out: Gets ``annotations/*.json`` and ``images/001/imgs/000001.jpg``.
        broken_frames: File with the frames to leave out; ``None``: none.

    Raises:
        FileNotFoundError: The points or a video are not there.
        ConversionError: A file is malformed.
    """
    broken = read_broken_frames(Path(broken_frames)) if broken_frames else {}
    files: dict[Path, list[Path]] = {}
    for path in find_files(source, '**/annot/*.pts', '300VW with its folders 001, 002, ...'):
        files.setdefault(path.parents[1], []).append(path)
    parts: dict[str, Part] = {}
    for folder, paths in files.items():
        part = _part_of(folder.name)
        if part not in parts:
            parts[part] = Part(
                CocoWriter.from_metainfo(
                    'configs/_base_/datasets/300vw.py', category='face', image_root=out / 'images'
                )
            )
        _add_video(parts[part].writer, folder, paths, broken.get(folder.name, ()))
    return publish(out, 'Face300VWDataset', 'annotations/{}.json', parts)


def read_broken_frames(path: Path) -> Mapping[str, Collection[int]]:
    """The frames to leave out, counted from 1, by the name of the video.

    Raises:
        ConversionError: The file holds no such dict.
    """
    try:
        return dict(np.load(path, allow_pickle=True).item())
    except (ValueError, TypeError, EOFError) as error:
        raise ConversionError(
            f'{str(path)!r} holds no dict with the broken frames of each video: {error}.'
        ) from error


def read_points(path: Path) -> np.ndarray:
    """(68, 2) points of a pts file.

    Raises:
        ConversionError: It is malformed; the message has the line.
    """
    lines = [line.strip() for line in read_lines(path)]
    if '{' not in lines or '}' not in lines:
        raise ConversionError(
            f'{str(path)!r} has no braces; expected lines with x and y between {{ and }}.'
        )
    start = lines.index('{') + 1
    return points_of(lines[start : lines.index('}')], path, start + 1, NUM_POINTS)


def _part_of(name: str) -> str:
    number = int(name) if name.isdecimal() else None
    return next((part for part, videos in TEST_VIDEOS.items() if number in videos), 'train')


def _add_video(
    writer: CocoWriter, folder: Path, paths: list[Path], broken: Collection[int]
) -> None:
    labelled = {int(path.stem): path for path in paths}
    if lost := sorted(set(broken) & set(labelled)):
        writer.drop('broken frame', f'{folder.name}/{lost[0]:06d}', len(lost))
    names = {
        number: f'{folder.name}/imgs/{number:06d}.jpg' for number in labelled if number not in lost
    }
    frames = {writer.image_root / name: number - 1 for number, name in names.items()}
    save_frames(folder / 'vid.avi', frames)
    for number, name in track(names.items(), len(names)):
        image_id = writer.add_picture(name, group=folder.name, frame_id=number)
        if image_id is not None:
            _add_face(writer, image_id, read_points(labelled[number]))


def _add_face(writer: CocoWriter, image_id: int, points: np.ndarray) -> None:
    """Add a face with the square that the published annotations have."""
    low, high = points.min(axis=0), points.max(axis=0)
    w, h = (high - low).tolist()
    writer.add_instance(
        image_id,
        np.column_stack([points, np.ones(NUM_POINTS)]),
        bbox=[*low.tolist(), w, h],
        area=w * h,
        center=((low + high) / 2).tolist(),
        scale=float(np.ceil(max(w, h)) / SCALE_UNIT),
    )
