"""The steps of docs/own_data.md on a project of 20 drawn frames, with one epoch of training."""

import json
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpose.cli.main import main

BODY_PARTS = ('snout', 'leftear', 'rightear', 'tailbase')


@pytest.fixture
def page(docs_page):
    return docs_page('own_data.md')


@pytest.fixture
def openfield(tmp_path, monkeypatch):
    """A DeepLabCut project in the working directory, called as on the page."""
    monkeypatch.chdir(tmp_path)
    frames = Path('openfield/labeled-data/v1')
    frames.mkdir(parents=True)
    Path('openfield/config.yaml').write_text(
        f'scorer: Ann\nbodyparts: [{", ".join(BODY_PARTS)}]\nskeleton: []\n'
    )
    columns = [part for part in BODY_PARTS for _ in 'xy']
    rows = ['scorer' + ',Ann' * 8, ','.join(['bodyparts', *columns]), 'coords' + ',x,y' * 4]
    rng = np.random.default_rng(0)
    for i in range(20):
        points = rng.uniform(10, 50, (4, 2)).round(2)
        frame = np.full((60, 80, 3), 200, np.uint8)
        for point in points.astype(int).tolist():
            cv2.circle(frame, point, 4, (0, 0, 0), -1)
        cv2.imwrite(str(frames / f'img{i:04d}.png'), frame)
        values = ','.join(map(str, points.ravel().tolist()))
        rows.append(f'labeled-data/v1/img{i:04d}.png,{values}')
    table = frames / 'CollectedData_Ann.csv'
    table.write_text('\n'.join(rows) + '\n')


def commands(page):
    """The words after ``mmpose`` of each command on the page, by the first of them."""
    lines = (line for block in page.blocks('console') for line in block.splitlines())
    words = [shlex.split(line[2:])[1:] for line in lines if line.startswith('$ mmpose')]
    return {command[0]: command for command in words}


def test_config_is_short(page):
    assert len(page.blocks('python')[0].splitlines()) <= 40


@pytest.mark.slow
def test_every_step(page, openfield, capsys):
    steps = commands(page)
    assert list(steps) == ['convert', 'check', 'browse', 'train', 'test']
    assert main(steps['convert']) == 0
    config, predict = page.blocks('python')
    Path('mouse.py').write_text(config.replace('max_epochs=300', 'max_epochs=1'))
    assert main(steps['check']) == 0
    assert 'remark' not in capsys.readouterr().out
    assert main([*steps['browse'], '--number', '2']) == 0
    assert Path('browse.html').stat().st_size > 1000
    assert main(steps['train']) == 0
    checkpoint = steps['test'][-1]
    assert main([*steps['test'][:-1], checkpoint.replace('300', '1'), '--out', 'm.json']) == 0
    assert sorted(json.loads(Path('m.json').read_text())) == ['EPE', 'RMSE']
    video = cv2.VideoWriter('mouse.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 10, (80, 60))
    for path in sorted(Path('openfield').rglob('*.png'))[:3]:
        video.write(cv2.imread(str(path)))
    video.release()
    exec(predict.replace('300', '1'), {})
    frames = json.loads(Path('poses/mouse.json').read_text())
    assert [np.shape(frame['instances'][0]['keypoints']) for frame in frames] == [(4, 2)] * 3
    assert Path('drawn/mouse.mp4').is_file()
