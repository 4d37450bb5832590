"""What one result and many have in common when they are written."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

from .tables import csv_text, data_frame, table_of
from .writers import CsvWriter, open_writer

if TYPE_CHECKING:
    import pandas as pd

    from .pose_result import PoseResult


class Exports:
    """Tables and files of results."""

    def _frames(self) -> Sequence[PoseResult]:
        raise NotImplementedError

    def save(self, path: str | PathLike) -> None:
        """Write a file that :func:`mmpose.results.read_results` reads.

        Args:
            path: Ends in .jsonl, .json, .csv or .parquet.

        Raises:
            MissingPackageError: The format needs a package that is not installed.
            ValueError: Another suffix, or what this format cannot hold.
        """
        with open_writer(path) as writer:
            for result in self._frames():
                writer.write(result)

    def to_csv(self, path: str | PathLike | None = None) -> str | None:
        """A table with a row for each keypoint, as text or as a file.

        Args:
            path: The file; ``None`` returns the text.

        Raises:
            ValueError: The results have different keypoints.
        """
        if path is None:
            return csv_text(table_of(self._frames()), header=True)
        with CsvWriter(path) as writer:
            for result in self._frames():
                writer.write(result)
        return None

    def to_dataframe(self) -> pd.DataFrame:
        """A table with a row for each keypoint; a picture without poses has one without a keypoint.

        Raises:
            MissingPackageError: ``pandas`` is not installed.
            ValueError: The results have different keypoints.
        """
        return data_frame(table_of(self._frames()))
