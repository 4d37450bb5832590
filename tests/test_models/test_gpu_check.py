"""benchmarks/gpu_check.py, as far as it goes without a GPU."""

import sys
import warnings
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch

reason = 'benchmarks/ is not part of this installation'
gpu_check = pytest.importorskip('gpu_check', reason=reason)
gpu_families = pytest.importorskip('gpu_families', reason=reason)

WAIT = 'called a synchronizing CUDA operation'


def test_without_a_gpu_nothing_is_checked(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(sys, 'argv', ['gpu_check.py'])
    gpu_check.main()  # does not exit with a failure
    assert capsys.readouterr().out == 'There is no GPU here: nothing was checked.\n'


@pytest.mark.parametrize('name', ['RLE', 'ED-Pose'])
def test_rows_of_families(name, capsys):
    assert gpu_check.print_families('cpu', [name]) is False
    row = capsys.readouterr().out.splitlines()[-1]
    finite = 'finite' if name == 'RLE' else ''
    assert row == f'| {name} | 0.0e+00 | 0.0e+00 | 0.0e+00 |  |  | {finite} | ok |'


def test_rows_that_are_off(monkeypatch, capsys):
    off = dict(outputs=0.0, losses=float('nan'), predictions=0.0)
    monkeypatch.setattr(gpu_check, 'differences', lambda name, device: off)
    assert gpu_check.print_families('cpu', ['RLE']) is True
    assert capsys.readouterr().out.splitlines()[-1].endswith('| OFF |')


def test_differences():
    ours = [torch.tensor([1.0, -4.0]), torch.zeros(0)]
    theirs = [torch.tensor([1.0, -3.0]), torch.zeros(0)]
    assert gpu_families._relative_difference(ours, theirs) == 0.25
    assert gpu_families._relative_difference(ours, theirs[:1]) == float('inf')
    assert gpu_families._relative_difference([], []) == 0


def test_missing_poses():
    one = np.zeros((1, 4, 2))
    moved = one.copy()
    moved[0, 0, 0] = 3
    assert gpu_families._missing_share([one], [moved]) == 0.25  # of the keypoints
    several = np.concatenate([one, one + 9])
    assert gpu_families._missing_share([several], [several[::-1].copy()]) == 0
    assert gpu_families._missing_share([several], [several[:1]]) == pytest.approx(1 / 3)
    assert gpu_families._missing_share([several], [several[:0]]) == 1
    assert gpu_families._missing_share([several[:0]], [several[:0]]) == 0


def test_waits(monkeypatch):
    def function():
        for text in (WAIT, 'something else', WAIT):
            warnings.warn(text, stacklevel=1)

    monkeypatch.setattr(gpu_families, 'sync_debug_mode', lambda mode: nullcontext())
    assert gpu_families.waits(function) == 2
    assert gpu_families.waits_of_a_step('RLE', 'cpu') == 0


def test_decoding(monkeypatch):
    @contextmanager
    def failing(mode):
        yield
        raise RuntimeError(WAIT)

    monkeypatch.setattr(gpu_families, 'sync_debug_mode', lambda mode: nullcontext())
    decoders = {name: gpu_families.decodes_without_waiting(name, 'cpu') for name in (
        'heatmap, MSRA', 'visibility', 'distillation, first stage', 'DEKR', 'ED-Pose')
    }  # fmt: skip
    assert list(decoders.values()) == [True, True, True, None, None]
    monkeypatch.setattr(gpu_families, 'sync_debug_mode', failing)
    assert gpu_families.decodes_without_waiting('heatmap, MSRA', 'cpu') is False
