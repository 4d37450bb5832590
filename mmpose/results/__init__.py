"""Predictions as objects, and their files."""

from .confidence import keypoint_confidence, score_range_of
from .optional import MissingPackageError
from .pose import Pose
from .pose_result import PoseResult
from .pose_results import PoseResults, Track
from .readers import iter_results, read_results
from .skeleton import restricted
from .writers import (
    CsvWriter,
    JsonLinesWriter,
    JsonWriter,
    ParquetWriter,
    Writer,
    open_writer,
)

__all__ = [
    'CsvWriter',
    'JsonLinesWriter',
    'JsonWriter',
    'MissingPackageError',
    'ParquetWriter',
    'Pose',
    'PoseResult',
    'PoseResults',
    'Track',
    'Writer',
    'iter_results',
    'keypoint_confidence',
    'open_writer',
    'read_results',
    'restricted',
    'score_range_of',
]
