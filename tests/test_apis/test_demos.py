import json
import runpy
from pathlib import Path

import cv2
import pytest

DEMOS = Path(__file__).parents[2] / 'demo'


def run(name, *args):
    demo = runpy.run_path(str(DEMOS / f'{name}.py'))
    demo['main'](demo['parse_args']([str(arg) for arg in args]))


@pytest.fixture
def config_file(config, tmp_path):
    path = tmp_path / 'config.py'
    config.dump(path)
    return path


def test_image_demo(config_file, checkpoint, folder, tmp_path):
    out = tmp_path / 'drawing.png'
    options = ['--out-file', out, '--device', 'cpu', '--draw-heatmap', '--kpt-thr', '-9']
    run('image_demo', folder / 'a.png', config_file, checkpoint, *options)
    assert cv2.imread(str(out)).shape == (180, 120, 3)


def test_inferencer_demo(config_file, checkpoint, folder, tmp_path):
    options = ['--pose2d', config_file, '--pose2d-weights', checkpoint, '--device', 'cpu']
    boxes = ['--bboxes', '[[5, 5, 50, 50]]', '--batch-size', 2]
    run('inferencer_demo', folder, *options, *boxes, '--out-dir', tmp_path / 'out')
    assert len(list((tmp_path / 'out' / 'predictions').glob('*.json'))) == 3
    assert len(list((tmp_path / 'out' / 'visualizations').glob('*.png'))) == 3


def test_topdown_demo_with_a_coco_file(config_file, checkpoint, folder, tmp_path):
    coco = dict(
        images=[dict(id=1, file_name='folder/a.png'), dict(id=2, file_name='b.png')],
        annotations=[
            dict(image_id=1, bbox=[5, 5, 40, 50]),
            dict(image_id=2, bbox=[1, 2, 30, 40]),
            dict(image_id=1, bbox=[9, 9, 30, 30]),
        ],
    )
    file = tmp_path / 'coco.json'
    file.write_text(json.dumps(coco))
    out = tmp_path / 'out'
    options = ['--input', folder, '--bboxes', file, '--output-root', out, '--save-predictions']
    run('topdown_demo', config_file, checkpoint, *options, '--device', 'cpu')
    boxes = {
        name: [one['bbox'][0] for one in json.loads((out / f'{name}.json').read_text())]
        for name in 'abc'
    }
    assert boxes == dict(a=[[5, 5, 45, 55], [9, 9, 39, 39]], b=[[1, 2, 31, 42]], c=[])
    assert sorted(p.name for p in out.glob('*.png')) == ['a.png', 'b.png', 'c.png']


def test_topdown_demo_with_boxes_and_an_old_command_line(config_file, checkpoint, folder, capsys):
    models = ['det.py', 'det.pth', config_file, checkpoint]
    boxes = ['--bboxes', 5, 5, 50, 50, 10, 10, 60, 60]
    run('topdown_demo', *models, '--input', folder / 'a.png', *boxes, '--device', 'cpu')
    assert capsys.readouterr().out == 'a.png: 2 instances\n'


def test_topdown_demo_without_boxes(capsys):
    for models, message in (
        (['pose.py', 'pose.pth'], 'give --bboxes; detectors are not supported yet'),
        (['det.py', 'det.pth', 'pose.py', 'pose.pth'], 'the detector det.py cannot be used'),
        (['pose.py'], 'give the config and the checkpoint of the pose model'),
    ):
        with pytest.raises(SystemExit):
            run('topdown_demo', *models, '--input', 'a.png')
        assert message in ' '.join(capsys.readouterr().err.split())
