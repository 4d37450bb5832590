import json
import runpy
from pathlib import Path

import pytest
import torch
from lifters import IMAGE, INTERNET, small_config

from mmpose.apis import init_model
from mmpose.results import read_results

DEMOS = Path(__file__).parents[2] / 'demo'
BOX = ('--bboxes', 5, 5, 50, 50)


@pytest.fixture(autouse=True)
def folder_of_the_script(monkeypatch):
    """Where Python looks for modules first when it runs a script."""
    monkeypatch.syspath_prepend(str(DEMOS))


def run(name, *args):
    demo = runpy.run_path(str(DEMOS / f'{name}.py'))
    demo['main'](demo['parse_args']([str(arg) for arg in args]))


def files_of(config, folder, name):
    """A config and a checkpoint of random weights."""
    torch.manual_seed(0)
    weights = folder / f'{name}.pth'
    torch.save(dict(state_dict=init_model(config, device='cpu').state_dict()), weights)
    config.dump(folder / f'{name}.py')
    return folder / f'{name}.py', weights


def test_body3d_demo(config, folder, tmp_path, capsys):
    models = (*files_of(config, tmp_path, 'pose'), *files_of(small_config(IMAGE), tmp_path, 'lift'))
    out = tmp_path / 'out'
    options = ['--output-root', out, '--save-predictions', '--device', 'cpu', '--online']
    run('body3d_pose_lifter_demo', *models, '--input', folder, *BOX, *options)
    assert capsys.readouterr().out.splitlines()[-1] == 'c.png: 1 instances'
    (person,) = json.loads((out / 'a.json').read_text())
    assert len(person['keypoints'][16]) == 3
    assert sorted(path.name for path in out.glob('*.png')) == ['a.png', 'b.png', 'c.png']


def test_inferencer_demo_in_space(config, folder, tmp_path):
    pose, pose_weights = files_of(config, tmp_path, 'pose')
    lifter, lifter_weights = files_of(small_config(IMAGE), tmp_path, 'lift')
    models = ['--pose2d', pose, '--pose2d-weights', pose_weights]
    models += ['--pose3d', lifter, '--pose3d-weights', lifter_weights, '--device', 'cpu']
    out = tmp_path / 'poses.jsonl'
    outputs = ['--out', out, '--vis-out-dir', tmp_path / 'drawings']
    run('inferencer_demo', folder, *models, '--bboxes', '[[5, 5, 50, 50]]', *outputs)
    results = read_results(out)
    assert [result.keypoints.shape for result in results] == [(1, 17, 3)] * 3
    assert len(list((tmp_path / 'drawings').glob('*.png'))) == 3


def test_hand3d_demo(folder, tmp_path, capsys):
    models = files_of(small_config(INTERNET), tmp_path, 'hand')
    out = tmp_path / 'out'
    options = ['--output-root', out, '--device', 'cpu', '--show-kpt-idx']
    run('hand3d_internet_demo', *models, '--input', folder / 'a.png', *BOX, *options)
    assert capsys.readouterr().out.splitlines()[-1] == 'a.png: 1 instances'
    assert (out / 'a.png').is_file()


@pytest.mark.parametrize(
    ('demo', 'models'),
    [('body3d_pose_lifter_demo', 'abcdef'), ('hand3d_internet_demo', 'cdef')],
)
def test_the_detector_comes_first(demo, models, monkeypatch):
    parts = runpy.run_path(str(DEMOS / f'{demo}.py'))
    asked = {}

    def build_detector(*args, **kwargs):
        asked['detector'] = (args, kwargs)
        return 'the detector'

    def inferencer(*args, **kwargs):
        asked['models'], asked['det_model'] = args, kwargs['det_model']
        return type('Inferencer', (), {})()

    monkeypatch.setattr('_options.build_detector', build_detector)
    names = [name for name in ('Pose3DInferencer', 'Hand3DInferencer') if name in parts]
    parts['make_inferencer'].__globals__[names[0]] = inferencer
    args = parts['parse_args']([*models, '--input', 'a.png', '--device', 'cpu'])
    parts['make_inferencer'](args)
    assert asked['detector'] == (tuple(models[:2]), dict(cat_ids=[0], device='cpu'))
    assert asked['det_model'] == 'the detector'
    assert set(asked['models']) == set(models[2:])


@pytest.mark.parametrize(
    ('demo', 'args', 'message'),
    [
        ('body3d_pose_lifter_demo', ['a', 'b'], 'of the 2D model and of the lifting model'),
        ('hand3d_internet_demo', ['a'], 'give the config and the checkpoint of the hand model'),
        ('hand3d_internet_demo', ['a', 'b', '--bboxes', 1, 2], '--bboxes has 2 numbers'),
    ],
)
def test_faulty_command_lines(demo, args, message, capsys):
    with pytest.raises(SystemExit):
        run(demo, *args, '--input', 'a.png')
    assert message in ' '.join(capsys.readouterr().err.split())
