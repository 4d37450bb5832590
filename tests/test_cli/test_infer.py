import cv2
import numpy as np
import pytest

from mmpose.cli.main import main
from mmpose.results import read_results

CONFIG = 'configs/quickstart/td-hm_res18-slim_synthetic-people-128x96.py'
MODEL = ['--model', CONFIG, '--device', 'cpu']


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / 'in').mkdir()
    for name in 'ab':
        image = rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f'in/{name}.png'), image)
    return tmp_path / 'in'


@pytest.mark.parametrize('suffix', ['jsonl', 'csv', 'json'])
def test_predictions_and_drawings(capsys, pictures, tmp_path, suffix):
    out = tmp_path / f'new/poses.{suffix}'
    boxes = '[[5, 5, 40, 50], [20, 10, 70, 55]]'
    words = ['--out', str(out), '--draw', str(tmp_path / 'drawn'), '--bboxes', boxes]
    assert main(['infer', str(pictures), *words, *MODEL]) == 0
    results = list(read_results(out))
    assert [len(result) for result in results] == [2, 2]
    assert results[0].names[0] == 'nose'
    assert sorted(p.name for p in (tmp_path / 'drawn').iterdir()) == ['a.png', 'b.png']
    assert '2 pictures, 4 poses' in capsys.readouterr().out


def test_whole_pictures(pictures, tmp_path):
    out = tmp_path / 'poses.jsonl'
    with pytest.warns(UserWarning, match='each picture is taken as one instance'):
        main(['infer', str(pictures), '--out', str(out), '--det-model', 'whole_image', *MODEL])
    np.testing.assert_array_equal(next(iter(read_results(out))).bboxes, [[0, 0, 80, 60]])


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['x.png', *MODEL], 'Nothing would be kept: give --out FILE.jsonl, --draw FOLDER'),
        (['x.png', '--out', '{}/a.jsonl', *MODEL], 'The input x.png does not exist'),
        (['x.png', '--out', '{}/a.jsonl', '--model', 'humen'], "Did you mean 'human'"),
        (['x.png', '--out', '{}/a.txt', *MODEL], '.jsonl'),
        (['x.png', '--out', '{}/a.csv', '--det-cat-ids', 'cat', *MODEL], "numbers, or 'all'"),
        (['webcam:93', '--out', '{}/a.csv', *MODEL], 'The camera 93 could not be opened'),
    ],
)
def test_mistakes(capsys, tmp_path, words, message):
    assert main(['infer', *(word.format(tmp_path) for word in words)]) == 1
    assert message in capsys.readouterr().err


def test_webcam_without_a_display(capsys, monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.setattr('sys.platform', 'linux')
    assert main(['webcam', *MODEL]) == 1
    assert '`mmpose infer webcam:0 --draw FOLDER` writes a video' in capsys.readouterr().err
