"""The files of results that a report can be made of."""

from __future__ import annotations

from pathlib import Path

from mmpose.cli.errors import ConfigError
from mmpose.evaluation.analysis import PoseRecords

from .coco_files import read_coco_results
from .dumps import read_dump
from .joining import Results


def read_results(path: str, ann_file: str | None, metainfo: str | None) -> Results:
    """The poses in a file of any of the kinds that a report is made of.

    Args:
        path: ``.npz`` pose records, a ``.json`` COCO result file, or the ``.pkl`` predictions of
            ``mmpose test --dump``.
        ann_file: COCO annotation file; ``None`` if the results carry the annotations.
        metainfo: File that defines the keypoints; ``None`` looks for one that fits.

    Raises:
        ConfigError: The files cannot be used, or do not fit each other.
        FileNotFoundError: One is not there.
    """
    readers = {
        '.npz': _read_records,
        '.json': read_coco_results,
        '.pkl': read_dump,
        '.pickle': read_dump,
    }
    suffix = Path(path).suffix.lower()
    if suffix not in readers:
        raise ConfigError(
            f'{path} ends in none of {", ".join(readers)}; give pose records (.npz), a COCO '
            'result file (.json) or the predictions of `mmpose test --dump` (.pkl).'
        )
    return readers[suffix](path, ann_file, metainfo)


def _read_records(path: str, ann_file: str | None, metainfo: str | None) -> Results:
    for option, value in (('--ann-file', ann_file), ('--metainfo', metainfo)):
        if value is not None:
            raise ConfigError(
                f'{option} is given, but pose records ({path}) hold labels and keypoints already; '
                'leave it out.'
            )
    try:
        return Results(PoseRecords.load(path), [])
    except (TypeError, ValueError) as error:
        raise ConfigError(str(error)) from error
