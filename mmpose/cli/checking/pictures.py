"""Whether the pictures of a data set are there, whole, and of the stated sizes."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping

from mmpose.datasets.transforms import LoadImage

from .items import spread
from .report import Report, counted, examples


def check_pictures(
    place: str,
    pictures: Mapping[str, Hashable],
    sizes: Mapping[Hashable, tuple[float, float] | None],
    samples: int,
    report: Report,
) -> set[str]:
    """The paths of pictures that cannot be read, which the report gets too.

    Args:
        place: The data set.
        pictures: All paths, each with its image id.
        sizes: By image id (w, h), as the annotation file states it.
        samples: How many of them to decode, evenly spread.
        report: Gets the faults.
    """
    missing = [path for path in pictures if not os.path.isfile(path)]
    if missing:
        all_missing = ' (all of them)' if len(missing) == len(pictures) else ''
        report.fault(
            place,
            f'{counted(len(missing), "picture")} of {len(pictures)} missing{all_missing}: '
            f'{examples(missing)}; check data_root and data_prefix.',
        )
    present = sorted(pictures.keys() - set(missing))
    broken, resized = [], []
    for index in spread(len(present), samples):
        path = present[index]
        size_wh = _decoded_size(path)
        stated = sizes.get(pictures[path])
        if size_wh is None:
            broken.append(path)
        elif stated is not None and tuple(stated) != size_wh:
            resized.append('{} is {}x{}, stated {}x{}'.format(path, *size_wh, *stated))
    num_read = min(samples, len(present))
    if broken:
        report.fault(
            place,
            f'{counted(len(broken), "picture")} of {num_read} read cannot be decoded or is cut '
            f'short: {examples(broken)}; fetch them again.',
        )
    if resized:
        report.fault(
            place,
            f'{counted(len(resized), "picture")} of {num_read} read has another width and height '
            f'than the annotation file states: {examples(resized)}; the labels may not fit.',
        )
    return {*missing, *broken}


def _decoded_size(path: str) -> tuple[int, int] | None:
    """(w, h) of the picture as pipelines read it; ``None`` if it cannot be read in full."""
    try:
        height, width = LoadImage()(dict(img_path=path))['img_shape']
    except Exception:
        return None
    return None if _is_cut_short(path) else (width, height)


def _is_cut_short(path: str) -> bool:
    # OpenCV fills up what is missing and says nothing
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.load()
    except Exception as error:
        return 'truncated' in str(error)
    return False
