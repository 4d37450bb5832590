"""Writing COCO annotations as YOLO pose labels."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from mmpose.datasets.datasets.base.coco_file import (
    ENTRY_ERRORS,
    labelled_box,
    load_coco,
    unusable,
)
from mmpose.structures.keypoint import mirrors_by_name

from .errors import ConversionError
from .sources import find_files, track
from .yolo import PARTS, label_file

OPTIONS = dict(
    images=dict(
        metavar='FOLDER',
        help='where the pictures are (default: beside the annotations, or in `images` there)',
    ),
    link='link to the pictures instead of copying them',
)
NEEDED = dict(images={'id', 'file_name', 'width', 'height'}, categories={'id', 'name'})


def write(source: Path, out: Path, images: str | None = None, link: bool = False) -> str:
    """Write ``images``, ``labels`` and ``data.yaml``; returns what to tell about it.

    Groups (``iscrowd``), instances without a box in the picture, and pictures that are not there
    are dropped.

    Args:
        source: A COCO file with keypoints, or a folder of them, whose names tell ``train``,
            ``val`` and ``test``.
        out: The folder to write to.
        images: The folder that ``file_name`` starts from; ``None``: that of the annotations, or
            ``images`` in it.
        link: Whether to make symbolic links to the pictures instead of copies.

    Raises:
        FileNotFoundError: There is no such file, or none of its pictures.
        ConversionError: A file is malformed, or categories differ in their keypoints.
    """
    paths = _parts(find_files(source, '*.json', 'a COCO file, or a folder of them'))
    contents = {part: _load(path) for part, path in paths.items()}
    categories = _categories(contents.values())
    told = []
    for part, content in contents.items():
        root = _image_root(paths[part], images, content['images'])
        try:
            counts = _write_part(content, categories, root, out / 'images' / part, link)
        except ValueError as error:
            raise ConversionError(f'{str(paths[part])!r}: {error}') from error
        told.append(f'{part}: ' + ', '.join(f'{count} {what}' for what, count in counts.items()))
    _write_yaml(out / 'data.yaml', list(paths), categories)
    return '\n'.join([*told, f'described by: {out / "data.yaml"}'])


# ----------------------------------------------------------------------- reading


def _parts(paths: list[Path]) -> dict[str, Path]:
    """The files by the part of the data that their names tell; one alone may be of any name."""
    told = {path: next((part for part in PARTS if part in path.stem), None) for path in paths}
    if len(paths) == 1:
        return {told[paths[0]] or 'train': paths[0]}
    if None in told.values() or len(set(told.values())) < len(paths):
        names = ', '.join(path.name for path in paths)
        raise ConversionError(
            f'Of {names} it is not clear which is train, val and test; leave one file with each '
            'of these words in its name, or give a single file.'
        )
    return {part: path for path, part in told.items()}


def _load(path: Path) -> dict:
    """The content of a COCO file whose pictures and categories have what is needed of them."""
    try:
        content = load_coco(str(path))
    except ValueError as error:
        raise ConversionError(str(error)) from error
    for key, fields in NEEDED.items():
        for i, entry in enumerate(content.get(key) or []):
            if not isinstance(entry, dict) or not fields <= set(entry):
                raise ConversionError(
                    f'{str(path)!r}: entry {i} of `{key}` is {entry}; expected an object with '
                    f'{", ".join(sorted(fields))}.'
                )
    return content


def _categories(contents: list[dict]) -> list[dict]:
    """The categories by the class number that they get.

    Raises:
        ConversionError: They have no keypoints, or different ones.
    """
    categories = {c['id']: c for content in contents for c in content.get('categories') or []}
    ordered = [categories[i] for i in sorted(categories)]
    keypoints = {tuple(category.get('keypoints') or ()) for category in ordered}
    if len(keypoints) != 1 or keypoints == {()}:
        counts = {category['name']: len(category.get('keypoints') or ()) for category in ordered}
        raise ConversionError(
            f'The categories have these numbers of keypoints: {counts or "there is none"}; YOLO '
            'needs the same keypoints in all.'
        )
    return ordered


def _image_root(path: Path, images: str | None, entries: list[dict]) -> Path:
    """The folder that the names of the pictures start from."""
    folders = [Path(images)] if images else [path.parent, path.parent / 'images']
    for folder in folders:
        if any((folder / entry['file_name']).is_file() for entry in entries):
            return folder
    raise FileNotFoundError(
        f'None of the {len(entries)} pictures of {str(path)!r} is in '
        f'{" or ".join(repr(str(folder)) for folder in folders)}; say where they are with images '
        '(--images).'
    )


# ----------------------------------------------------------------------- writing


def _write_part(
    content: dict, categories: list[dict], root: Path, folder: Path, link: bool
) -> Counter[str]:
    """Write the pictures and labels of a part; returns how many there are of what."""
    numbers = {category['id']: i for i, category in enumerate(categories)}
    K = len(categories[0]['keypoints'])
    annotations = defaultdict(list)
    for annotation in content['annotations']:
        annotations[annotation.get('image_id')].append(annotation)
    counts = Counter(pictures=0, instances=0)
    for image in track(content['images']):
        picture = root / image['file_name']
        if not picture.is_file():
            counts['missing pictures dropped'] += 1
            continue
        lines = []
        for annotation in annotations[image['id']]:
            try:
                line = label_line(annotation, image, numbers, K)
            except ENTRY_ERRORS as error:
                raise unusable('annotation', annotation, picture.name, error) from error
            lines += [line] if line else []
            counts['instances' if line else 'groups and empty boxes dropped'] += 1
        counts['pictures'] += 1
        target = folder / image['file_name']
        _place(picture, target, link)
        text = label_file(target)
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    return counts


def label_line(annotation: dict, image: dict, numbers: dict[int, int], K: int) -> str | None:
    """The line of an instance; ``None`` if it is a group or has no box in the picture.

    Args:
        annotation: Its COCO entry.
        image: That of its picture.
        numbers: The classes by the id of the category.
        K: The number of keypoints.

    Raises:
        ValueError: It does not have 3 K numbers.
    """
    values = annotation.get('keypoints') or [0] * 3 * K
    if len(values) != 3 * K:
        raise ValueError(f'its keypoints have {len(values)} numbers; expected 3 * {K}.')
    size_wh = np.array([image['width'], image['height']], dtype=np.float64)
    x, y, w, h = annotation.get('bbox') or labelled_box(values)
    low, high = np.clip([[x, y], [x + w, y + h]], 0, size_wh) / size_wh
    if annotation.get('iscrowd') or not (high > low).all():
        return None
    rows = np.reshape(values, (K, 3)).astype(np.float64)
    rows[:, :2] = np.where(rows[:, 2:] > 0, rows[:, :2] / size_wh, 0)
    shares = [*(low + high) / 2, *(high - low), *rows.ravel()]
    return f'{numbers[annotation["category_id"]]} ' + ' '.join(f'{share:.9g}' for share in shares)


def _place(picture: Path, target: Path, link: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if link:
        target.symlink_to(picture.resolve())
    else:
        shutil.copyfile(picture, target)


def _write_yaml(path: Path, parts: list[str], categories: list[dict]) -> None:
    """Write the description; it holds no absolute path, so that the folder can be moved."""
    import yaml

    names = categories[0]['keypoints']
    mirrors = mirrors_by_name(names)
    content = {part: f'images/{part}' for part in parts}
    content.setdefault('train', f'images/{parts[0]}')  # training asks for both of them
    content.setdefault('val', f'images/{parts[-1]}')
    content['kpt_shape'] = [len(names), 3]
    content['flip_idx'] = [names.index(mirrors.get(name, name)) for name in names]
    content['names'] = {i: category['name'] for i, category in enumerate(categories)}
    content['kpt_names'] = {i: list(names) for i in content['names']}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding='utf-8')
