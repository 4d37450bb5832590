"""Options of ``mmpose train``: precision, learning rate, sharding, logs elsewhere."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmpose.cli import train as command
from mmpose.cli.errors import ConfigError
from mmpose.cli.launch import load_config
from mmpose.cli.log_backends import require_log_backends
from mmpose.cli.main import main

on_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')


def merged(*argv):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    args = parser.parse_args(['tiny.py', *argv])
    return command.merge_args(load_config(args), args)


def in_config(**wrapper):
    """The tiny project's config, which says more of its optimizer wrapper."""
    Path('tiny.py').write_text(f'{Path("tiny.py").read_text()}\noptim_wrapper = {wrapper!r}\n')


def test_amp_of_a_type(tiny_project):
    assert merged().optim_wrapper.get('type', 'OptimWrapper') == 'OptimWrapper'
    assert 'dtype' not in merged('--amp').optim_wrapper
    assert merged('--amp=bf16').optim_wrapper.dtype == 'bfloat16'
    assert merged('--amp', 'bf16').optim_wrapper.dtype == 'bfloat16'
    in_config(type='AmpOptimWrapper', dtype='bfloat16')
    assert merged('--amp').optim_wrapper.dtype == 'bfloat16'
    assert merged().optim_wrapper.type == 'AmpOptimWrapper'


@on_cpu
def test_a_cpu_has_no_fp16(tiny_project):
    message = r"dtype is 'float16', which needs a GPU.*--amp bf16"
    with pytest.raises(ConfigError, match=message):
        merged('--amp', 'fp16')
    in_config(type='AmpOptimWrapper', dtype='float16')
    for argv in ([], ['--amp']):
        with pytest.raises(ConfigError, match=message):
            merged(*argv)
    assert merged('--amp', 'bf16').optim_wrapper.dtype == 'bfloat16'


def test_a_gpu_has_fp16(tiny_project, monkeypatch):
    monkeypatch.setattr('mmengine.device.get_device', lambda: 'cuda')
    assert merged('--amp', 'fp16').optim_wrapper.dtype == 'float16'


def test_amp_of_what_cannot(tiny_project, capsys):
    cfg = load_config(argparse.Namespace(
        config='tiny.py', cfg_options=None, launcher='none', work_dir=None
    ))  # fmt: skip
    for wrapper, message in [
        (dict(type='ApexOptimWrapper', optimizer={}), "not 'ApexOptimWrapper'"),
        (dict(type=dict, optimizer={}), "not 'dict'"),
        (dict(constructor='Mine', a=dict(type='OptimWrapper')), 'works with one optimizer'),
    ]:
        cfg.optim_wrapper = wrapper
        with pytest.raises(ConfigError, match=message):
            command._enable_amp(cfg, True)
    cfg.optim_wrapper = dict(type='mmengine.optim.OptimWrapper', optimizer={})
    command._enable_amp(cfg, 'fp16')
    assert (cfg.optim_wrapper.type, cfg.optim_wrapper.dtype) == ('AmpOptimWrapper', 'float16')
    with pytest.raises(SystemExit):
        main(['train', '--amp', 'tiny.py'])
    expected = "'tiny.py' is neither bf16 nor fp16; a config goes before --amp"
    assert expected in capsys.readouterr().err


def test_too_few_samples(tiny_project, capsys):
    options = ['train_dataloader.batch_size=11', 'train_dataloader.drop_last=True']
    assert main(['train', 'tiny.py', '--cfg-options', *options]) == 1
    assert 'set train_dataloader.batch_size to at most 10, or' in capsys.readouterr().err


@pytest.mark.parametrize('argv', [['--auto-scale-lr'], []])
def test_the_batch_is_accounted_for(tiny_project, argv, capfd):
    options = ['auto_scale_lr.base_batch_size=16', 'train_cfg.max_epochs=1']
    assert main(['train', 'tiny.py', '--no-validate', *argv, '--cfg-options', *options]) == 0
    told = ''.join(capfd.readouterr())
    assert ('learning rate: 0.008 -> 0.002 (parameter groups: 1)' in told) == bool(argv)
    assert ('4 times fewer than the 16' in told) == (not argv)


def with_backend(name, **settings):
    backends = [dict(type='LocalVisBackend'), dict(type=name, **settings)]
    own = Path.cwd().name  # visualizers live on under their name
    Path('logged.py').write_text(
        f"_base_ = 'tiny.py'\nvisualizer = dict(name={own!r}, vis_backends={backends!r})\n"
        'default_hooks = dict(\n'
        '    logger=dict(interval=1),\n'
        '    visualization=dict(enable=True, interval=1),\n'
        ')\n'
    )
    return main(['train', 'logged.py'])


def test_tensorboard(tiny_project):
    pytest.importorskip('tensorboard')
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert with_backend('TensorboardVisBackend') == 0
    (events,) = Path('work_dirs/logged').rglob('events.out.tfevents*')
    written = EventAccumulator(str(events), size_guidance=dict(images=0)).Reload()
    assert {'loss', 'lr', 'acc_pose', 'coco/AP'} <= set(written.Tags()['scalars'])
    assert [event.step for event in written.Scalars('loss')] == [1, 2, 3]
    pictures = written.Tags()['images']
    assert pictures
    assert written.Images(pictures[0])[0].width > 0


FAKE = """
calls = set()

class Anything:
    def __init__(self, name=''):
        self.name = name
    def __getattr__(self, name):
        return Anything(name)
    def __call__(self, *args, **kwargs):
        calls.add(self.name)
        return Anything(self.name)

def __getattr__(name):
    return Anything(name)
"""


@pytest.mark.parametrize(
    ('kind', 'package', 'scalar', 'picture'),
    [
        ('WandbVisBackend', 'wandb', 'log', 'Image'),
        ('MLflowVisBackend', 'mlflow', 'log_metrics', 'log_image'),
        ('ClearMLVisBackend', 'clearml', 'report_scalar', 'report_image'),
    ],
)
def test_services(tiny_project, monkeypatch, kind, package, scalar, picture):
    """Of the services themselves only the names that MMEngine calls are known here."""
    Path('fakes', package).mkdir(parents=True)
    Path('fakes', package, '__init__.py').write_text(FAKE)
    monkeypatch.syspath_prepend('fakes')
    monkeypatch.delitem(sys.modules, package, raising=False)
    assert with_backend(kind) == 0
    assert {scalar, picture} <= sys.modules.pop(package).calls


@pytest.mark.parametrize(
    ('kind', 'package'),
    [('mmengine.WandbVisBackend', 'wandb'), ('TensorboardVisBackend', 'tensorboard')],
)
def test_missing_packages(monkeypatch, kind, package):
    cfg = dict(visualizer=dict(vis_backends=[dict(type='LocalVisBackend'), dict(type=kind)]))
    monkeypatch.setattr('mmpose.cli.log_backends.find_spec', lambda name: None)
    with pytest.raises(ConfigError, match=rf'{package} cannot be .* `pip install {package}`, or'):
        require_log_backends(cfg)
    for nothing in (None, {}, dict(vis_backends=[])):
        require_log_backends(dict(visualizer=nothing))


LAUNCH = """
import sys
import torch.distributed
from mmpose.cli.main import main
torch.distributed.init_process_group('gloo')
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
@on_cpu
def test_fsdp(tiny_project, docs_page):
    """The snippet of the documentation, on two processes: trained, resumed, tested."""
    (snippet,) = [b for b in docs_page('training.md').blocks('python') if 'FSDPStrategy' in b]
    small = snippet.replace('min_num_params=1_000_000', 'min_num_params=5_000')
    assert small != snippet
    Path('sharded.py').write_text(f"_base_ = 'tiny.py'\n{small}")
    Path('launch.py').write_text(LAUNCH)

    def run(*argv):
        done = subprocess.run(
            [
                *(sys.executable, '-m', 'torch.distributed.run', '--standalone'),
                *('--nproc_per_node=2', 'launch.py', 'train', 'sharded.py', '--launcher'),
                *('pytorch', '--amp', *argv),
            ],
            capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, 'OMP_NUM_THREADS': '1'},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return torch.load(Path('work_dirs/sharded', run.saves), weights_only=False)

    run.saves = 'epoch_1.pth'
    first = run()
    run.saves = 'epoch_2.pth'
    second = run('--resume', '--cfg-options', 'train_cfg.max_epochs=2')
    for checkpoint, updates in ((first, 2), (second, 4)):
        assert 'backbone.conv1.weight' in checkpoint['state_dict']
        assert checkpoint['state_dict']['backbone.conv1.weight'].ndim == 4
        steps = {int(state['step']) for state in checkpoint['optimizer']['state'].values()}
        assert steps == {updates}
    assert main(['test', 'tiny.py', 'work_dirs/sharded/epoch_2.pth']) == 0


def test_the_flexible_runner_counts_right(tiny_project):
    """The first validation is the best so far, so the checkpoint of its epoch is saved again."""
    Path('flexible.py').write_text("_base_ = 'tiny.py'\nrunner_type = 'FlexibleRunner'\n")
    assert main(['train', 'flexible.py']) == 0
    for name in ('epoch_1', 'best_coco_AP_epoch_1'):
        meta = torch.load(f'work_dirs/flexible/{name}.pth', weights_only=False)['meta']
        assert (meta['epoch'], meta['iter']) == (1, 3)


def test_fsdp_alone(tiny_project):
    strategy = 'mmpose.engine.fsdp_strategy.FSDPStrategy'
    Path('alone.py').write_text(
        f"_base_ = 'tiny.py'\nrunner_type = 'FlexibleRunner'\nstrategy = dict(type={strategy!r})\n"
    )
    with pytest.raises(RuntimeError, match='this one is alone; start them with torchrun'):
        main(['train', 'alone.py'])
