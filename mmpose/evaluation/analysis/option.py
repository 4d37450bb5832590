"""The option ``analysis`` of metrics."""

from __future__ import annotations

from io import StringIO

from mmengine.logging import print_log

from .analyse import analyse
from .records import PoseRecords
from .tables import print_analysis

_LOG_WIDTH = 100


def run_analysis(records: PoseRecords, option: bool | str) -> dict:
    """Log the tables of an analysis, and write its records if wanted.

    Args:
        records: What to analyse.
        option: ``True``, or the path of a file for ``mmpose report``, which ends in ``.npz``
            whether this says so or not.

    Returns:
        What :func:`analyse` returns.
    """
    from rich.console import Console

    report = analyse(records)
    text = StringIO()
    print_analysis(report, Console(file=text, width=_LOG_WIDTH))
    print_log(f'Analysis of {records.dataset_name or "the results"}\n{text.getvalue()}', 'current')
    if isinstance(option, str):
        path = option if option.endswith('.npz') else f'{option}.npz'
        records.save(path)
        print_log(f'Pictures of the worst cases: mmpose report {path}', 'current')
    return report
