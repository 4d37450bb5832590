"""What went wrong in a set of predictions: kinds of error, calibration, hard cases."""

from .analyse import analyse
from .from_coco import records_of_coco
from .from_pairs import extras_of, records_of_pairs
from .option import run_analysis
from .records import PoseRecords
from .tables import print_analysis

__all__ = [
    'PoseRecords',
    'analyse',
    'extras_of',
    'print_analysis',
    'records_of_coco',
    'records_of_pairs',
    'run_analysis',
]
