"""Reading UBody: whole bodies in videos, with COCO style annotations for each scene."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from mmpose.datasets.datasets.base.coco_file import ENTRY_ERRORS, load_coco

from .conversion import load
from .errors import ConversionError
from .pictures import frame_rate, save_frames
from .published import config_lines
from .sources import find_files, track

OPTIONS = dict(
    scenes=dict(nargs='+', metavar='SCENE', help='what to convert (default: all)'),
    split=dict(
        choices=('intra_scene', 'inter_scene'),
        help='which list of test videos makes val_annotations.json',
    ),
    sample_interval=dict(
        type=int,
        metavar='N',
        help='take the pictures whose id is a multiple of it, as data sets do that use N',
    ),
    jpeg='write .jpg instead of .png pictures, with a quality of 95',
    annotations_only='write no pictures',
)
LABEL_FPS = 30  # the frames that are labelled were taken from the videos at this rate


class Scene(NamedTuple):
    """The annotations of a scene.

    Attributes:
        images: The COCO entries of its pictures, whose names start from ``images``.
        annotations: Those of its people.
        num_invalid: How many people were left out because their labels are marked as wrong.
    """

    images: list[dict]
    annotations: list[dict]
    num_invalid: int


def write(
    source: Path,
    out: Path,
    scenes: list[str] | None = None,
    split: str = 'intra_scene',
    sample_interval: int = 1,
    jpeg: bool = False,
    annotations_only: bool = False,
) -> str:
    """Divide the annotations of each scene, and take the pictures out of the videos.

    Pictures that are there already are not written again.

    Args:
        source: The folder with ``annotations``, ``splits`` and ``videos``.
        out: Gets ``annotations/SCENE/{train,val}_annotations.json`` and ``images``.
        scenes: Which; ``None``: all.
        split: Whether the test videos are of all scenes or of scenes of their own.
        sample_interval: Take the pictures whose id is a multiple of it.
        jpeg: Whether to write .jpg pictures.
        annotations_only: Whether to write no pictures.

    Raises:
        FileNotFoundError: A file is not there.
        ConversionError: A file is malformed.
    """
    if sample_interval < 1:
        raise ConversionError(f'sample_interval is {sample_interval}; expected 1 or more.')
    found = find_files(source, 'annotations/*/keypoint_annotation.json', 'UBody')
    files = {path.parent.name: path for path in found}
    if unknown := sorted(set(scenes or ()) - set(files)):
        raise ConversionError(
            f'There is no scene {", ".join(unknown)}; there are {", ".join(files)}.'
        )
    test_videos = read_test_videos(source / 'splits' / f'{split}_test_list.npy')
    lines, names = [], []
    for name in scenes or files:
        scene = _read_scene(files[name], sample_interval, '.jpg' if jpeg else '.png')
        if not annotations_only:
            lines += _save_pictures(scene, source / 'videos' / name, out / 'images')
        for part, content in _divided(scene, test_videos).items():
            names.append(f'annotations/{name}/{part}_annotations.json')
            (out / names[-1]).parent.mkdir(parents=True, exist_ok=True)
            (out / names[-1]).write_text(json.dumps(content), encoding='utf-8')
            num_usable = load(out, 'UBody2dDataset', names[-1], 'images')
            lines.append(
                f'{out / names[-1]}: {len(content["images"])} pictures, '
                f'{len(content["annotations"])} people, {num_usable} of use'
            )
        if scene.num_invalid:
            lines.append(f'dropped {scene.num_invalid}: person of {name} with wrong labels')
    return '\n'.join([*lines, '', config_lines(out, 'UBody2dDataset', names, 'images')])


def read_test_videos(path: Path) -> set[str]:
    """The names of the videos to test on.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It does not hold names.
    """
    if not path.is_file():
        raise FileNotFoundError(f'There is no file {str(path)!r} with the names of test videos.')
    try:
        return set(np.load(path).astype(str).ravel().tolist())
    except (ValueError, EOFError, AttributeError) as error:
        raise ConversionError(f'{str(path)!r} holds no names of videos: {error}.') from error


def video_of(file_name: str) -> str:
    """The video that a picture is from, by the folder it lies in; trimmed parts count as one.

    Examples:
        >>> video_of('Magic_show/Magic_show_S1_Trim1/Magic_show_S1_Trim1/000016.png')
        'Magic_show_S1'
    """
    return PurePosixPath(file_name).parent.name.split('_Trim')[0]


def _read_scene(path: Path, sample_interval: int, suffix: str) -> Scene:
    try:
        content = load_coco(str(path))
        images = [
            dict(image, file_name=_file_name(path.parent.name, image['file_name'], suffix))
            for image in content['images']
            if image['id'] % sample_interval == 0
        ]
        kept = {image['id'] for image in images}
        people = [ann for ann in content['annotations'] if ann['image_id'] in kept]
    except ENTRY_ERRORS as error:
        raise ConversionError(f'{str(path)!r} cannot be used: {error}') from error
    valid = [ann for ann in people if ann.get('valid_label', 1)]
    return Scene(images, valid, len(people) - len(valid))


def _file_name(scene: str, name: str, suffix: str) -> str:
    return str(PurePosixPath(scene, name.lstrip('/')).with_suffix(suffix))


def _divided(scene: Scene, test_videos: Collection[str]) -> dict[str, dict]:
    """The COCO content of each part that has people."""
    is_test = {image['id']: video_of(image['file_name']) in test_videos for image in scene.images}
    parts = {}
    for part, wanted in dict(train=False, val=True).items():
        people = [ann for ann in scene.annotations if is_test[ann['image_id']] is wanted]
        if people:
            images = [image for image in scene.images if is_test[image['id']] is wanted]
            categories = [dict(id=1, name='person')]
            parts[part] = dict(images=images, annotations=people, categories=categories)
    return parts


def _save_pictures(scene: Scene, videos: Path, folder: Path) -> list[str]:
    """Write the labelled frames of the videos; returns what to tell about them, if anything."""
    by_video: dict[str, dict[Path, int]] = {}
    for image in scene.images:
        path = folder / image['file_name']
        if not path.exists():
            by_video.setdefault(path.parent.name, {})[path] = int(path.stem)
    files = {path.stem: path for path in sorted(videos.glob('**/*')) if path.is_file()}
    lines = []
    for name, numbers in track(by_video.items(), len(by_video)):
        if name not in files:
            raise FileNotFoundError(
                f'{str(videos)!r} has no video {name}, which {len(numbers)} pictures are to be '
                'taken from.'
            )
        pace = frame_rate(files[name]) / LABEL_FPS
        frames = {path: round((number - 1) * pace) for path, number in numbers.items()}
        if missing := save_frames(files[name], frames):
            lines.append(f'{files[name]}: it lacks {len(missing)} labelled frames')
    return lines
