"""Pictures of predictions while validating and testing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmengine import fileio
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmpose.registry import HOOKS
from mmpose.structures import PoseDataSample, merge_data_samples


@HOOKS.register_module()
class PoseVisualizationHook(Hook):
    """Draws predictions with the runner's visualizer.

    Validation hands one picture of every ``interval``-th batch to the visualizer's backends.
    Testing draws all pictures of every ``interval``-th batch, each once with all its instances in
    the batch, and writes them to ``out_dir``.

    Args:
        enable: Whether to draw at all.
        interval: In batches.
        kpt_thr: Keypoints with a lower score are left out.
        show: Whether to show the pictures in a window.
        wait_time: Seconds that the window waits; 0 waits for a key.
        out_dir: Folder for the pictures of testing, below the run's folder unless absolute;
            ``None`` hands them to the visualizer's backends.
        backend_args: The file backend that reads the pictures; see :func:`mmengine.fileio.get`.
    """

    def __init__(
        self,
        enable: bool = False,
        interval: int = 50,
        kpt_thr: float = 0.3,
        show: bool = False,
        wait_time: float = 0.0,
        out_dir: str | None = None,
        backend_args: dict | None = None,
    ) -> None:
        if interval < 1:
            raise ValueError(f'interval is {interval}; it counts batches and has to be at least 1.')
        self.enable = enable
        self.interval = interval
        self.kpt_thr = kpt_thr
        self.show = show
        self.wait_time = wait_time
        self.out_dir = out_dir
        self.backend_args = backend_args
        self._seen: Counter[str] = Counter()

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict,
        outputs: Sequence[PoseDataSample],
    ) -> None:
        """Draw the first picture of a validation batch."""
        if not self._is_due(batch_idx):
            return
        runner.visualizer.set_dataset_meta(runner.val_evaluator.dataset_meta)
        for path, samples in list(group_by_picture(outputs).items())[:1]:
            self._draw(runner, 'val_img', path, samples, step=runner.iter + batch_idx)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict,
        outputs: Sequence[PoseDataSample],
    ) -> None:
        """Draw all pictures of a test batch."""
        if not self._is_due(batch_idx):
            return
        runner.visualizer.set_dataset_meta(runner.test_evaluator.dataset_meta)
        for path, samples in group_by_picture(outputs).items():
            out_file = None
            if self.out_dir is not None:
                folder = run_folder(runner, self.out_dir)
                out_file = folder / numbered_name(path, self._seen)
            step = self._seen.total()
            self._draw(runner, 'test_img', path, samples, step=step, out_file=out_file)

    def _is_due(self, batch_idx: int) -> bool:
        return self.enable and batch_idx % self.interval == 0

    def _draw(
        self, runner: Runner, name: str, path: str, samples: list[PoseDataSample], **kwargs: Any
    ) -> None:
        draw = runner.visualizer.add_datasample
        if 'draw_heatmap' in signature(draw).parameters:  # not that of poses in space
            kwargs['draw_heatmap'] = True
        draw(
            Path(path).name if self.show else name,
            read_rgb(path, self.backend_args),
            merge_data_samples(samples),
            draw_gt=False,
            draw_bbox=True,
            show=self.show,
            wait_time=self.wait_time,
            kpt_thr=self.kpt_thr,
            **kwargs,
        )


def group_by_picture(samples: Sequence[PoseDataSample]) -> dict[str, list[PoseDataSample]]:
    """The samples of each picture file, in order; samples without a file are left out."""
    groups: dict[str, list[PoseDataSample]] = defaultdict(list)
    for sample in samples:
        if sample.get('img_path') is not None:
            groups[str(sample.img_path)].append(sample)
    return groups


def read_rgb(path: str, backend_args: dict | None) -> np.ndarray:
    """(H, W, 3) uint8 RGB, a picture file."""
    return mmcv.imfrombytes(fileio.get(path, backend_args=backend_args), channel_order='rgb')


def numbered_name(path: str, seen: Counter[str]) -> str:
    """A file name for a drawing of ``path`` that no earlier drawing has; ``seen`` counts them."""
    stem, suffix = Path(path).stem, Path(path).suffix
    seen[stem] += 1
    return f'{stem}_{seen[stem] - 1}{suffix}'


def run_folder(runner: Runner, out_dir: str) -> Path:
    """``out_dir`` below the folder of this run; an absolute one stays as it is."""
    return Path(runner.work_dir, runner.timestamp, out_dir)
