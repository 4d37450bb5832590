"""The two commands: their arguments, and whole runs on a tiny data set."""

import argparse
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from mmpose.cli import test as test_command
from mmpose.cli import train as train_command
from mmpose.cli.errors import ConfigError
from mmpose.cli.launch import load_config
from mmpose.cli.main import main
from mmpose.evaluation.analysis import PoseRecords


def merged(command, *argv):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    args = parser.parse_args(['tiny.py', *argv])
    return command.merge_args(load_config(args), args)


@pytest.mark.parametrize(
    ('argv', 'expected'),
    [
        ([], (False, None)),
        (['--resume'], (True, None)),
        (['--resume', 'auto'], (True, None)),
        (['--resume', 'a.pth'], (True, 'a.pth')),
    ],
)
def test_resume(tiny_project, argv, expected):
    cfg = merged(train_command, *argv)
    assert (cfg.resume, cfg.load_from) == expected


def test_train_arguments(tiny_project):
    cfg = merged(train_command, '--no-validate', '--show-dir', 'x', '--interval', '3')
    assert (cfg.val_cfg, cfg.val_dataloader, cfg.val_evaluator) == (None, None, None)
    drawing = cfg.default_hooks.visualization
    assert (drawing.enable, drawing.show, drawing.out_dir, drawing.interval) == (
        True,
        False,
        'x',
        3,
    )
    assert 'wait_time' not in drawing
    assert merged(train_command, '--show').default_hooks.visualization.wait_time == 1

    options = ['--auto-scale-lr', '--cfg-options', 'auto_scale_lr.base_batch_size=512']
    assert merged(train_command, *options).auto_scale_lr == dict(base_batch_size=512, enable=True)
    with pytest.raises(ConfigError, match='base_batch_size'):
        merged(train_command, '--auto-scale-lr')


def test_amp(tiny_project):
    cfg = merged(train_command, '--amp')
    assert (cfg.optim_wrapper.type, cfg.optim_wrapper.loss_scale) == ('AmpOptimWrapper', 'dynamic')
    with pytest.raises(ConfigError, match="not 'Other'"):
        merged(train_command, '--amp', '--cfg-options', 'optim_wrapper.type=Other')


def test_test_arguments(tiny_project):
    cfg = merged(test_command, 'a.pth', '--dump', 'p.pkl', '--show', '--badcase')
    assert (cfg.load_from, cfg.resume) == ('a.pth', False)
    assert cfg.test_evaluator[1] == dict(type='DumpResults', out_file_path='p.pkl')
    hooks = cfg.default_hooks
    assert (hooks.badcase.enable, hooks.badcase.show) == (True, True)
    assert hooks.badcase.metric == cfg.model.head.loss
    assert hooks.visualization.enable is False

    options = ['--cfg-options', 'default_hooks.badcase.metric_type=accuracy']
    cfg = merged(test_command, 'a.pth', '--badcase', *options)
    assert cfg.default_hooks.badcase.metric == cfg.test_evaluator
    options[1] = 'default_hooks.badcase.metric_type=size'
    with pytest.raises(ConfigError, match="'loss' or 'accuracy'"):
        merged(test_command, 'a.pth', '--badcase', *options)
    with pytest.raises(ConfigError, match='lacks test_evaluator'):
        merged(test_command, 'a.pth', '--cfg-options', 'test_evaluator=None')


@pytest.mark.parametrize('argv', [['--dump', 'a.json'], ['--out', 'a.txt'], ['--report', 'a.pdf']])
def test_file_names_are_checked_at_once(tiny_project, argv, capsys):
    with pytest.raises(SystemExit):
        main(['test', 'tiny.py', 'a.pth', *argv])
    assert 'should end in one of .' in capsys.readouterr().err


def test_trains_then_tests(tiny_project, capsys):
    assert main(['train', 'tiny.py']) == 0
    out = capsys.readouterr().out
    work_dir = Path('work_dirs/tiny').resolve()
    assert f'Checkpoints are in {work_dir}' in out
    assert f'The best checkpoint is {work_dir}/best_coco_AP_epoch_1.pth' in out
    assert 'InvalidLossHook' not in (work_dir / 'tiny.py').read_text()

    files = ['--out', 'out/metrics.json', '--dump', 'predictions.pkl', '--work-dir', 'tested']
    files += ['--report', 'out/report.html']
    assert main(['test', 'tiny.py', f'{work_dir}/epoch_1.pth', *files, '--show-dir', 'vis']) == 0
    out = capsys.readouterr().out
    assert 'The report is in out/report.html.' in out
    assert '<title>Report on epoch_1.pth</title>' in Path('out/report.html').read_text()
    assert len(PoseRecords.load('out/report.npz').dts.scores) == 10
    assert 'Metrics are in out/metrics.json.' in out
    assert 'coco/AP' in json.loads(Path('out/metrics.json').read_text())
    assert len(pickle.loads(Path('predictions.pkl').read_bytes())) == 10
    pictures = Path(re.search(r'Pictures are in (.*)\.\n', out)[1])
    assert list(pictures.rglob('*.*'))


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['train', 'tiny.py', '--resume', 'no.pth'], 'checkpoint no.pth does not exist'),
        (['test', 'tiny.py', 'no.pth'], 'checkpoint no.pth does not exist'),
        (['test', 'tiny.py', 'other.pth'], 'other.pth does not fit the model: 0 of its'),
        (['train', 'tiny.py', '--launcher', 'pytorch'], '--launcher pytorch is for processes'),
        (['train', 'tin.py'], 'there is no config tin.py'),
        (
            [
                *('test', 'tiny.py', 'other.pth', '--report', 'a.html', '--cfg-options'),
                *('test_evaluator._delete_=True', 'test_evaluator.type=MPJPE'),
            ],
            '--report analyses poses in pictures, which none of the metrics in test_evaluator does',
        ),
    ],
)
def test_mistakes_end_with_a_paragraph(tiny_project, capsys, argv, message):
    torch.save(dict(state_dict=dict(x=torch.ones(1))), 'other.pth')
    assert main(argv) == 1
    err = capsys.readouterr().err
    assert f'error: {message}' in err
    assert 'Traceback' not in err


def test_diverging_training_is_stopped(tiny_project, capsys):
    options = ['optim_wrapper.optimizer.lr=1e12', 'train_cfg.max_epochs=3']
    assert main(['train', 'tiny.py', '--cfg-options', *options]) == 1
    err = capsys.readouterr().err
    assert 'error: invalid loss in iteration' in err
    assert re.search(r'train/\d+\.\w+ \(img_id \d+\)', err)


def start(tool, *argv, processes=None):
    path = Path(train_command.__file__).parents[2] / 'tools' / tool
    if not path.exists():
        pytest.skip('the tools folder is not beside the package')
    launch = [sys.executable]
    if processes is not None:
        launch += ['-m', 'torch.distributed.run', '--standalone', f'--nproc_per_node={processes}']
    return subprocess.Popen(
        [*launch, str(path), 'tiny.py', *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )


def finish(process):
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    return out


@pytest.mark.slow
def test_continues_after_a_kill(tiny_project):
    options = ['--no-validate', '--cfg-options', 'default_hooks.checkpoint.save_best=None']
    work_dir = Path('work_dirs/tiny')
    process = start('train.py', *options, 'train_cfg.max_epochs=1000')
    while not (work_dir / 'last_checkpoint').exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    saved = int(re.search(r'epoch_(\d+)', (work_dir / 'last_checkpoint').read_text())[1])

    out = finish(start('train.py', '--resume', *options, f'train_cfg.max_epochs={saved + 1}'))
    assert f'resumed epoch: {saved}, iter: {saved * 3}' in out
    assert 'metainfo from the resumed checkpoint is different' not in out
    assert (work_dir / f'epoch_{saved + 1}.pth').exists()


@pytest.mark.slow
def test_two_processes_on_the_cpu(tiny_project):
    out = finish(start('train.py', '--launcher', 'pytorch', processes=2))
    if not torch.cuda.is_available():
        assert 'processes talk through gloo' in out
    checkpoint = 'work_dirs/tiny/epoch_1.pth'
    # Weights that answer differently to every sample, so that an order mixed up would show.
    content = torch.load(checkpoint, weights_only=False)
    generator = torch.Generator().manual_seed(0)
    final = content['state_dict']['head.final_layer.weight']
    final.copy_(torch.randn(final.shape, generator=generator))
    torch.save(content, checkpoint)

    results = []
    for processes in (1, 2):
        names = [f'{processes}.json', f'{processes}.pkl']
        files = ['--out', names[0], '--dump', names[1], '--launcher', 'pytorch']
        finish(start('test.py', checkpoint, *files, processes=processes))
        predictions = pickle.loads(Path(names[1]).read_bytes())
        keypoints = {p['id']: p['pred_instances']['keypoints'] for p in predictions}
        results.append((json.loads(Path(names[0]).read_text()), keypoints))
    (metrics, keypoints), (metrics_2, keypoints_2) = results
    assert metrics == metrics_2
    assert keypoints.keys() == keypoints_2.keys()
    for key, value in keypoints.items():
        np.testing.assert_array_equal(value, keypoints_2[key])
