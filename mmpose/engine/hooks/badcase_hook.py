"""A collection of the samples that a model gets wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import mmengine
import numpy as np
import torch
from mmengine.dist import all_gather_object, is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from mmpose.registry import HOOKS, METRICS, MODELS
from mmpose.structures import PoseDataSample
from mmpose.utils.tensor_utils import to_numpy

from .visualization_hook import numbered_name, read_rgb, run_folder


@HOOKS.register_module()
class BadCaseAnalysisHook(Hook):
    """Finds the samples of a test that score badly, draws them and lists them.

    The drawings and ``results.json``, with the worst sample first, are written to ``out_dir``.

    Args:
        enable: Whether to do anything.
        show: Whether to show each bad case in a window.
        wait_time: Seconds that the window waits; 0 waits for a key.
        interval: Accepted for old configs; every sample is examined.
        kpt_thr: Keypoints with a lower score are not drawn.
        out_dir: Folder for the results, below the run's folder unless absolute; ``None`` writes
            nothing.
        backend_args: The file backend that reads the pictures; see :func:`mmengine.fileio.get`.
        metric_type: ``'loss'``: a loss between predicted and labelled keypoints in pixels, bad
            from ``badcase_thr`` on; ``'accuracy'``: a metric, bad up to ``badcase_thr``.
        metric: Config of the loss module or of the metric.
        metric_key: Which of the metric's results counts.
        badcase_thr: Where bad begins.

    Raises:
        ValueError: ``metric_type`` is unknown.
    """

    def __init__(
        self,
        enable: bool = False,
        show: bool = False,
        wait_time: float = 0.0,
        interval: int = 50,
        kpt_thr: float = 0.3,
        out_dir: str | None = None,
        backend_args: dict | None = None,
        metric_type: str = 'loss',
        metric: dict = dict(type='KeypointMSELoss'),
        metric_key: str = 'PCK',
        badcase_thr: float = 5,
    ) -> None:
        if metric_type not in ('loss', 'accuracy'):
            raise ValueError(f"metric_type is {metric_type!r}; it has to be 'loss' or 'accuracy'.")
        self.enable = enable
        self.show = show
        self.wait_time = wait_time
        self.interval = interval
        self.kpt_thr = kpt_thr
        self.out_dir = out_dir
        self.backend_args = backend_args
        self.metric_type = metric_type
        self.metric_key = metric_key
        self.metric_name = metric['type'] if metric_type == 'loss' else metric_key
        self.badcase_thr = badcase_thr
        self.results: list[dict] = []
        self._seen: Counter[str] = Counter()
        if enable:
            self.metric = (MODELS if metric_type == 'loss' else METRICS).build(metric)

    def check_badcase(self, data_batch: dict, data_sample: PoseDataSample) -> tuple[bool, float]:
        """Whether a sample is a bad case, and its loss or accuracy.

        Args:
            data_batch: The sample's input, as metrics receive it.
            data_sample: With ``gt_instances`` and ``pred_instances``.

        Raises:
            KeyError: The metric has no result ``metric_key``.
        """
        if self.metric_type == 'loss':
            value = self._loss(data_sample)
            return value >= self.badcase_thr, value
        value = self._accuracy(data_batch, data_sample)
        return value <= self.badcase_thr, value

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict,
        outputs: Sequence[PoseDataSample],
    ) -> None:
        """Note and draw the bad cases of a test batch."""
        if not self.enable:
            return
        runner.visualizer.set_dataset_meta(runner.test_evaluator.dataset_meta)
        if self.metric_type == 'accuracy':
            self.metric.dataset_meta = runner.test_evaluator.dataset_meta
        for sample in outputs:
            is_bad, value = self.check_badcase(data_batch, sample)
            if is_bad:
                self._keep(runner, sample, value)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Write the list of bad cases, the worst first."""
        if not self.enable:
            return
        cases = [case for cases in all_gather_object(self.results) for case in cases]
        self.results.clear()
        self._seen.clear()
        if not is_main_process():
            return
        is_loss = self.metric_type == 'loss'
        cases.sort(key=lambda case: case[self.metric_name], reverse=is_loss)
        side = 'at least' if is_loss else 'at most'
        text = f'{len(cases)} bad cases ({self.metric_name} of {side} {self.badcase_thr})'
        if self.out_dir is not None:
            file = run_folder(runner, self.out_dir) / 'results.json'
            file.parent.mkdir(parents=True, exist_ok=True)
            mmengine.dump(cases, file, indent=2)
            text += f'; {file} lists them'
        print_log(f'{text}.', logger='current')

    def _loss(self, sample: PoseDataSample) -> float:
        gt, pred = sample.gt_instances, sample.pred_instances
        arrays = (pred.keypoints, gt.keypoints, _visible(gt.keypoints_visible))
        with torch.no_grad():
            return float(self.metric(*(torch.as_tensor(a, dtype=torch.float32) for a in arrays)))

    def _accuracy(self, data_batch: dict, sample: PoseDataSample) -> float:
        # not `evaluate`, which would wait for the other processes
        self.metric.process([data_batch], [sample.to_dict()])
        values = self.metric.compute_metrics(self.metric.results)
        self.metric.results.clear()
        if self.metric_key not in values:
            raise KeyError(
                f'{type(self.metric).__name__} has no result {self.metric_key!r}; set '
                f'`metric_key` to one of {sorted(values)}.'
            )
        return float(values[self.metric_key])

    def _keep(self, runner: Runner, sample: PoseDataSample, value: float) -> None:
        path = str(sample.img_path)
        case = dict(img_path=path, drawing=numbered_name(path, self._seen))
        case.update({key: sample.get(key) for key in ('id', 'img_id') if key in sample})
        if 'bboxes' in sample.gt_instances:
            case['bboxes'] = to_numpy(sample.gt_instances.bboxes).tolist()
        self.results.append({**case, self.metric_name: value})
        if not self.show and self.out_dir is None:
            return
        out_file = None
        if self.out_dir is not None:
            out_file = run_folder(runner, self.out_dir) / case['drawing']
        runner.visualizer.add_datasample(
            Path(path).name,
            read_rgb(path, self.backend_args),
            sample,
            draw_bbox=True,
            show=self.show,
            wait_time=self.wait_time,
            out_file=out_file,
            kpt_thr=self.kpt_thr,
            step=len(self.results),
        )


def _visible(keypoints_visible: np.ndarray) -> np.ndarray:
    """(N, K), without the weights that some data sets add."""
    return keypoints_visible[..., 0] if keypoints_visible.ndim == 3 else keypoints_visible
