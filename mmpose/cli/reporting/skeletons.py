"""Which keypoints results have, where the files do not say."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmpose.cli.errors import ConfigError
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.utils.resources import resource_path

_SHIPPED = 'configs/_base_/datasets'
_FALLBACK = 'coco'


def find_metainfo(
    given: str | None,
    num_keypoints: int,
    keypoint_names: Sequence[str] = (),
    dataset_name: str | None = None,
) -> tuple[dict, str | None]:
    """The definition of the keypoints, parsed, and a notice where it is a guess.

    Args:
        given: A file that defines ``dataset_info``; ``None`` looks among the shipped ones for one
            of that name or, failing that, of those keypoints, and takes COCO's if nothing fits.
        num_keypoints: K of the results.
        keypoint_names: Those of the annotation file, or the first of them.
        dataset_name: That of the data samples.

    Raises:
        ConfigError: The file given is no definition or has another number of keypoints; or there
            is none given and none fits.
    """
    if given is not None:
        return _read(given, num_keypoints), None
    wanted = [_plain(name) for name in keypoint_names]
    for meta in _shipped(dataset_name):
        if meta['num_keypoints'] != num_keypoints:
            continue
        names = [_plain(name) for name in meta['keypoint_id2name'].values()]
        if meta['dataset_name'] == dataset_name or (wanted and names[: len(wanted)] == wanted):
            return meta, None
    fallback = parse_pose_metainfo(dict(from_file=f'{_SHIPPED}/{_FALLBACK}.py'))
    mend = 'give --metainfo FILE, a dataset_info such as configs/_base_/datasets/coco.py.'
    if num_keypoints != fallback['num_keypoints']:
        raise ConfigError(
            f'the results have {num_keypoints} keypoints, and no shipped definition is known to '
            f'fit; {mend}'
        )
    reason = 'have other names than in any shipped definition' if wanted else 'have no names'
    return fallback, (
        f'The {num_keypoints} keypoints {reason} and are taken for those of COCO; if they are '
        f'others, {mend}'
    )


def _read(path: str, num_keypoints: int) -> dict:
    try:
        meta = parse_pose_metainfo(dict(from_file=path))
    except FileNotFoundError as error:
        raise ConfigError(f'--metainfo: there is no file {path}.') from error
    except Exception as error:  # it is a program, and can fail like one
        raise ConfigError(f'--metainfo {path} cannot be used: {error}') from error
    if meta['num_keypoints'] != num_keypoints:
        raise ConfigError(
            f'--metainfo {path} defines {meta["num_keypoints"]} keypoints, the results have '
            f'{num_keypoints}; give the definition that the model was trained with.'
        )
    return meta


def _shipped(dataset_name: str | None) -> Iterator[dict]:
    """The shipped definitions, the likeliest first: to read all takes a second."""
    first = (dataset_name, _FALLBACK)
    paths = sorted(resource_path(_SHIPPED).glob('*.py'), key=lambda p: (p.stem not in first, p))
    for path in paths:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # of faults of definitions that are only looked at
            yield parse_pose_metainfo(dict(from_file=str(Path(path))))


def _plain(name: str) -> str:
    return re.sub('[^a-z0-9]', '', name.lower())
