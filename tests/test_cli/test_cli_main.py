"""The command line: finding commands and configs, and telling errors."""

import argparse
import subprocess
import sys

import pytest

from mmpose.cli.errors import ConfigError, run_command
from mmpose.cli.launch import add_common_arguments, find_config, load_config
from mmpose.cli.main import main


def test_help_imports_nothing_heavy():
    code = (
        'import sys; from mmpose.cli.main import main\n'
        'try: main(["--help"])\n'
        'except SystemExit: pass\n'
        'print({"torch", "numpy", "mmengine"} & set(sys.modules))'
    )
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert 'train' in out.stdout
    assert out.stdout.endswith('set()\n')


def test_module_is_the_command():
    command = [sys.executable, '-m', 'mmpose', '--version']
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.stdout.startswith('mmpose ')


def test_unknown_command(capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['trian'])
    assert "'train'" in capsys.readouterr().err


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A working directory with configs beside those of the package."""
    monkeypatch.chdir(tmp_path)
    for name in ('a/one.py', 'a/two.py', 'b/two.py', '_base_/base.py'):
        path = tmp_path / 'configs' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("model = dict(type='TopdownPoseEstimator')\n")
    return tmp_path


@pytest.mark.parametrize(
    'name', ['configs/a/one.py', 'a/one.py', 'a/one', 'mmpose::a/one.py', 'one', 'one.py']
)
def test_names_of_a_config(shipped, name):
    assert find_config(name).resolve() == shipped / 'configs/a/one.py'


def test_unfound_configs_get_near_names(shipped):
    with pytest.raises(ConfigError, match=r'no config two\. Did you mean mmpose::a/two\.py'):
        find_config('two')
    with pytest.raises(ConfigError, match=r'no config a/onne\.py\. .*similar name: one\.'):
        find_config('a/onne.py')
    with pytest.raises(ConfigError, match=r'no config qqqqqq\. Check the path'):
        find_config('qqqqqq')


def parse(*argv):
    parser = argparse.ArgumentParser()
    add_common_arguments(parser)
    return parser.parse_args(argv)


def test_work_dir_of_argument_config_and_default(shipped):
    path = shipped / 'configs/a/one.py'
    assert load_config(parse(str(path))).work_dir == './work_dirs/one'
    path.write_text("model = dict()\nwork_dir = 'mine'\n")
    assert load_config(parse(str(path))).work_dir == 'mine'
    assert load_config(parse(str(path), '--work-dir', 'given')).work_dir == 'given'


def test_options_and_defaults(shipped):
    cfg = load_config(parse('one', '--cfg-options', 'model.head.out_channels=3', 'x=[1,2]'))
    assert cfg.model.head.out_channels == 3
    assert cfg.x == [1, 2]
    assert (cfg.default_scope, cfg.launcher) == ('mmpose', 'none')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('model = dict(', 'one.py, line 1, is not Python'),
        ("_base_ = './absent.py'", "line 1: the base './absent.py' does not exist"),
        ('x = 1', 'defines no `model`; it has x'),
    ],
)
def test_unreadable_configs(shipped, text, message):
    path = shipped / 'configs/a/one.py'
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(parse('one'))
    assert message in str(caught.value)


def ending(error, **kwargs):
    def run(args):
        raise error

    return run_command(run, argparse.Namespace(**{'debug': False, **kwargs}))


def test_foreseeable_errors_are_told_in_a_paragraph(capsys, monkeypatch):
    monkeypatch.delenv('MMPOSE_DEBUG', raising=False)
    assert run_command(lambda args: None, argparse.Namespace(debug=False)) == 0
    assert ending(ConfigError('no such thing')) == 1
    assert capsys.readouterr().err == 'error: no such thing\n(--debug shows the traceback)\n'
    assert ending(FileNotFoundError(2, 'No such file', 'a.json')) == 1
    assert 'error: a.json: No such file\n' in capsys.readouterr().err


def test_tracebacks_of_bugs_and_on_request(monkeypatch):
    monkeypatch.delenv('MMPOSE_DEBUG', raising=False)
    with pytest.raises(ZeroDivisionError):
        ending(ZeroDivisionError())
    with pytest.raises(ConfigError):
        ending(ConfigError(), debug=True)
    monkeypatch.setenv('MMPOSE_DEBUG', '1')
    with pytest.raises(ConfigError):
        ending(ConfigError())
