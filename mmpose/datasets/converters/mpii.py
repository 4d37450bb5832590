"""Reading MPII: all people in one tree of MATLAB structs."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .conversion import load, prefix_of
from .errors import ConversionError
from .matlab import read_mat
from .published import config_lines, picture_folder
from .sources import find_files, read_json, track
from .text_rows import read_lines

OPTIONS = dict(
    images=dict(metavar='FOLDER', help='where the pictures are (default: `images` in SOURCE)'),
    val_list=dict(
        metavar='FILE', help='the names of the pictures to validate on, one in each line'
    ),
    val_fraction=dict(
        type=float,
        metavar='SHARE',
        help='how many of the people are to validate on, without a list; the pictures of a video '
        'stay together',
    ),
)
NUM_KEYPOINTS = 16
NOT_LABELLED = [-1.0, -1.0]


class Person(NamedTuple):
    """A person of the training set.

    Attributes:
        video: Number of the video that the picture is from.
        entry: What the annotation file has.
    """

    video: int
    entry: dict[str, Any]


def write(
    source: Path,
    out: Path,
    images: str | None = None,
    val_list: str | None = None,
    val_fraction: float = 2958 / 25204,
) -> str:
    """Convert the people of the training set who have keypoints, a center and a scale.

    The data set states no part to validate on. Numbers stay as they are.

    Args:
        source: ``mpii_human_pose_v1_u12_1.mat`` or the folder that has it.
        out: Gets ``annotations/mpii_{train,val,trainval}.json``.
        images: The folder of the pictures; ``None``: ``images`` beside the file.
        val_list: File with the names of the pictures to validate on; ``None``: some videos are
            drawn.
        val_fraction: The share of the people to draw.

    Raises:
        FileNotFoundError: A file or the folder of the pictures is not there.
        ConversionError: The file is malformed, or a part would be empty.
    """
    path = find_files(source, '**/mpii_human_pose_v1_u12_1.mat', 'MPII with its annotations')[0]
    root = picture_folder(path.parent if source.is_file() else source, images, 'images')
    people = list(read_people(path))
    if val_list:
        names = {name.strip() for name in read_lines(Path(val_list))}
        val = [person.entry for person in people if person.entry['image'] in names]
    else:
        videos = _drawn_videos(people, val_fraction)
        val = [person.entry for person in people if person.video in videos]
    chosen = {entry['image'] for entry in val}
    train = [person.entry for person in people if person.entry['image'] not in chosen]
    if not val or not train:
        raise ConversionError(
            f'{len(people)} people would be {len(train)} to train and {len(val)} to validate on; '
            'choose another share, or give the list of the pictures to validate on (--val-list).'
        )
    prefix, names, lines = prefix_of(root, out), [], []
    for part, entries in dict(train=train, val=val, trainval=[*train, *val]).items():
        names.append(f'annotations/mpii_{part}.json')
        (out / names[-1]).parent.mkdir(parents=True, exist_ok=True)
        (out / names[-1]).write_text(json.dumps(entries), encoding='utf-8')
        num_usable = load(out, 'MpiiDataset', names[-1], prefix)
        lines.append(f'{out / names[-1]}: {len(entries)} people, {num_usable} of use')
    if missing := sorted(n for n in {p.entry['image'] for p in people} if not (root / n).is_file()):
        lines.append(f'not in {root}: {len(missing)} pictures, such as {missing[0]}')
    return '\n'.join([*lines, '', config_lines(out, 'MpiiDataset', names, prefix)])


def read_people(path: Path) -> Iterator[Person]:
    """The people of the training set who have keypoints, a center and a scale.

    Raises:
        ConversionError: The file is not of that structure; the message has the picture.
    """
    (release,) = read_mat(path, 'RELEASE')
    try:
        pictures = _structs(release.annolist)
        in_training = np.atleast_1d(release.img_train)
    except AttributeError as error:
        raise ConversionError(f'{str(path)!r}: RELEASE has no {error.name}.') from error
    if len(pictures) != len(in_training):
        raise ConversionError(
            f'{str(path)!r}: annolist has {len(pictures)} pictures, img_train {len(in_training)}; '
            'expected the same number.'
        )
    for picture, is_used in zip(track(pictures), in_training, strict=True):
        if not is_used:
            continue
        for number, rect in enumerate(_structs(picture.annorect), start=1):
            try:
                if entry := _entry(rect, str(picture.image.name)):
                    yield Person(int(picture.vididx), entry)
            except (AttributeError, TypeError, ValueError, LookupError) as error:
                raise ConversionError(
                    f'{str(path)!r}: person {number} of {picture.image.name} cannot be used: '
                    f'{error}.'
                ) from error


def _structs(value: Any) -> list:
    """MATLAB structs that may be one, several or none."""
    return [item for item in np.atleast_1d(value).tolist() if hasattr(item, '_fieldnames')]


def _entry(rect: Any, image: str) -> dict[str, Any] | None:
    """The entry of the annotation file, or ``None`` if something is not labelled."""
    points, centers = (_structs(getattr(rect, key, [])) for key in ('annopoints', 'objpos'))
    if not points or not centers or not np.size(rect.scale):
        return None
    joints, labelled = [NOT_LABELLED] * NUM_KEYPOINTS, [0] * NUM_KEYPOINTS
    for point in _structs(points[0].point):
        joints[int(point.id)] = [float(point.x), float(point.y)]
        labelled[int(point.id)] = 1  # also where it is occluded
    center = [float(centers[0].x), float(centers[0].y)]
    scale = float(rect.scale)
    return dict(joints_vis=labelled, joints=joints, image=image, scale=scale, center=center)


def _drawn_videos(people: list[Person], share: float) -> set[int]:
    """Videos drawn until their people are the share."""
    sizes = Counter(person.video for person in people)
    videos = sorted(sizes)
    random.Random(0).shuffle(videos)
    totals = np.cumsum([sizes[video] for video in videos])
    return set(videos[: 1 + int(np.searchsorted(totals, share * len(people)))])


def predictions_to_json(pred_file: Path, gt_file: Path, out_file: Path) -> int:
    """Write predicted keypoints as entries of MPII's annotation files; returns how many.

    Args:
        pred_file: MATLAB file with ``preds`` (N, 16, 2), pixels, counted from 1.
        gt_file: The annotation file (JSON) of the same N people.
        out_file: Gets the entries with the predicted ``joints``, counted from 0.

    Raises:
        FileNotFoundError: A file is not there.
        ConversionError: One is malformed, or they are of different people.
    """
    (preds,) = read_mat(pred_file, 'preds')
    people = read_json(gt_file)
    expected = (len(people), NUM_KEYPOINTS, 2)
    if np.size(preds) != np.prod(expected):
        raise ConversionError(
            f'{str(pred_file)!r} has preds of the shape {np.shape(preds)}; expected {expected}, '
            f'for the people of {str(gt_file)!r}.'
        )
    joints = (np.reshape(preds, expected) - 1).tolist()
    keys = ('image', 'center', 'scale')
    entries = [
        {**{key: person[key] for key in keys}, 'joints': rows}
        for person, rows in zip(people, joints, strict=True)
    ]
    out_file.parent.mkdir(parents=True, exist_ok=True)
    out_file.write_text(json.dumps(entries), encoding='utf-8')
    return len(entries)
