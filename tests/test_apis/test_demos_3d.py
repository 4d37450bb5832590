import json
import runpy
from pathlib import Path

import pytest
import torch
from lifters import IMAGE, INTERNET, small_config

from mmpose.apis import init_model

DEMOS = Path(__file__).parents[2] / 'demo'
BOX = ('--bboxes', 5, 5, 50, 50)


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
    assert capsys.readouterr().out.splitlines()[-1] == '3: 1 instances'
    (person,) = json.loads((out / 'a.json').read_text())
    assert len(person['keypoints'][16]) == 3
    assert sorted(path.name for path in out.glob('*.png')) == ['a.png', 'b.png', 'c.png']


def test_hand3d_demo(folder, tmp_path, capsys):
    models = files_of(small_config(INTERNET), tmp_path, 'hand')
    out = tmp_path / 'out'
    options = ['--output-root', out, '--device', 'cpu', '--show-kpt-idx']
    run('hand3d_internet_demo', *models, '--input', folder / 'a.png', *BOX, *options)
    assert capsys.readouterr().out.splitlines()[-1] == '1: 1 instances'
    assert (out / 'a.png').is_file()


@pytest.mark.parametrize(
    ('demo', 'models'),
    [('body3d_pose_lifter_demo', 'abcdef'), ('hand3d_internet_demo', 'cdef')],
)
def test_the_detector_comes_first(demo, models, monkeypatch):
    detectors = pytest.importorskip('mmpose.apis.detectors')
    asked = {}

    def build_detector(*args, **kwargs):
        asked['detector'] = (args, kwargs)
        return 'the detector'

    def inferencer(*args, **kwargs):
        asked['models'], asked['det_model'] = args, kwargs['det_model']
        return type('Inferencer', (), {})()

    monkeypatch.setattr(detectors, 'build_detector', build_detector)
    parts = runpy.run_path(str(DEMOS / f'{demo}.py'))
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
