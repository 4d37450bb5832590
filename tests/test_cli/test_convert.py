"""``mmpose convert``."""

import json

import cv2
import numpy as np
import pytest

from mmpose.cli.main import main
from mmpose.datasets.converters import FORMATS


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A DeepLabCut project of twenty frames in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'mice' / 'labeled-data' / 'v'
    folder.mkdir(parents=True)
    (tmp_path / 'mice' / 'config.yaml').write_text('scorer: Ann\nbodyparts: [nose, tail]\n')
    rows = ['scorer,Ann,Ann,Ann,Ann', 'bodyparts,nose,nose,tail,tail', 'coords,x,y,x,y']
    for i in range(20):
        cv2.imwrite(str(folder / f'{i:02d}.png'), np.zeros((48, 64, 3), np.uint8))
        rows.append(f'labeled-data/v/{i:02d}.png,{i},20,30,25')
    (folder / 'CollectedData_Ann.csv').write_text('\n'.join(rows))
    return tmp_path


def test_split_and_copy(project, capsys):
    options = '--val-share 0.1 --copy-images --category mouse --links nose:tail --debug'
    assert main(['convert', 'deeplabcut', 'mice', 'out', *options.split()]) == 0
    content = {
        part: json.loads((project / f'out/{part}.json').read_text()) for part in ('train', 'val')
    }
    assert [len(content[part]['images']) for part in ('train', 'val')] == [18, 2]
    assert content['val']['categories'] == [
        dict(id=1, name='mouse', keypoints=['nose', 'tail'], skeleton=[[1, 2]])
    ]
    assert len(list((project / 'out' / 'images' / 'v').iterdir())) == 20
    out = capsys.readouterr().out
    assert (
        'out/val.json: 2 pictures, 2 instances\nsplit: drawn picture by picture with seed 0' in out
    )
    assert "metainfo=dict(from_file='out/metainfo.py')" in out


def test_there_and_back(project, capsys):
    assert main(['convert', 'deeplabcut', 'mice', 'out', '--copy-images']) == 0
    assert main(['convert', 'coco2yolo', 'out/annotations.json', 'yolo', '--link']) == 0
    assert 'train: 20 pictures, 20 instances' in capsys.readouterr().out
    assert main(['convert', 'yolo', 'yolo', 'back']) == 0
    first, last = (
        [ann['keypoints'] for ann in json.loads((project / path).read_text())['annotations']]
        for path in ('out/annotations.json', 'back/train.json')
    )
    np.testing.assert_allclose(last, first, atol=1e-6)


def test_list(capsys):
    with pytest.raises(SystemExit, match='0'):
        main(['convert', '--list'])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FORMATS)
    assert any(line.startswith('labelme ') and line.endswith('for each picture') for line in lines)


def test_help_of_a_format_shows_its_options(capsys):
    with pytest.raises(SystemExit, match='0'):
        main(['convert', 'cvat', '--help'])
    out = capsys.readouterr().out
    assert '--keyframes' in out
    assert '--val-share' in out
    assert '--scorer' not in out
    with pytest.raises(SystemExit, match='0'):
        main(['convert', 'coco2yolo', '--help'])
    assert '--val-share' not in capsys.readouterr().out


@pytest.mark.parametrize('name', FORMATS)
def test_help_of_every_format(name, capsys):
    with pytest.raises(SystemExit, match='0'):
        main(['convert', name, '--help'])
    assert 'the folder to write to' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (
            'deeplabcut out_of_here out',
            "error: There is nothing at 'out_of_here'; give the path of a",
        ),
        ('deeplabcut mice/labeled-data out', 'looked for config.yaml or config.yml, found v. Give'),
        (
            'deeplabcut mice out --val-share 5',
            'error: val_share is 5.0; expected 0 or more and less',
        ),
        (
            'deeplabcut mice out --links a-b',
            "error: 'a-b' is no pair of keypoints; write two names",
        ),
        (
            'deeplabcut mice out --links nose:ear',
            'links or swaps name ear; expected names from nose',
        ),
        ('coco2yolo mice out', 'looked for *.json, found config.yaml, labeled-data'),
    ],
)
def test_failures_are_told_in_one_paragraph(project, capsys, words, message):
    assert main(['convert', *words.split()]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.endswith('(--debug shows the traceback)\n')
    assert not (project / 'out').exists()


def test_malformed_table(project, capsys):
    table = project / 'mice/labeled-data/v/CollectedData_Ann.csv'
    table.write_text(table.read_text().replace('3,20,', '3,twenty,', 1))
    assert main(['convert', 'deeplabcut', 'mice', 'out']) == 1
    assert "CollectedData_Ann.csv', line 7: 'twenty' is no number" in capsys.readouterr().err


def test_unknown_format(capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['convert', 'dlc', 'a', 'b'])
    assert "invalid choice: 'dlc'" in capsys.readouterr().err
