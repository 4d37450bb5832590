"""What the published formats share: pictures, MATLAB files, and the scripts of their names."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from mmpose.datasets.converters import ConversionError
from mmpose.datasets.converters.conversion import prefix_of
from mmpose.datasets.converters.pictures import frame_rate, save_frames, save_picture
from mmpose.datasets.converters.text_rows import numbers_of, points_of

SCRIPTS = Path(__file__).parents[3] / 'tools/dataset_converters'


def run_script(monkeypatch, name, *words):
    """The exit status of a script, ``None`` where it ends without."""
    monkeypatch.setattr(sys, 'argv', [name, *map(str, words)])
    monkeypatch.syspath_prepend(SCRIPTS)
    try:
        runpy.run_path(str(SCRIPTS / f'{name}.py'), run_name='__main__')
    except SystemExit as end:
        return end.code
    return None


# --------------------------------------------------------------------- pictures


def test_save_picture_leaves_what_is_there(tmp_path):
    path = tmp_path / 'new/a.png'
    save_picture(path, np.full((4, 6, 3), 7, dtype=np.uint8))
    assert (cv2.imread(str(path)) == 7).all()
    save_picture(path, np.zeros((4, 6, 3), dtype=np.uint8))
    assert (cv2.imread(str(path)) == 7).all()
    assert [p.name for p in path.parent.iterdir()] == ['a.png']


def test_save_frames(tmp_path, video):
    film = video(tmp_path / 'a.mp4', num_frames=5)
    assert frame_rate(film) == 10
    places = {tmp_path / 'a.png': 3, tmp_path / 'b.png': 3, tmp_path / 'late.png': 9}
    assert save_frames(film, places) == [tmp_path / 'late.png']
    grey = [cv2.imread(str(tmp_path / name)).mean() for name in ('a.png', 'b.png')]
    np.testing.assert_allclose(grey, 60, atol=4)
    film.unlink()
    assert save_frames(film, {tmp_path / 'a.png': 3}) == []  # the video is not needed any more


def test_prefix_of(tmp_path):
    assert prefix_of(tmp_path, tmp_path) == ''
    assert prefix_of(tmp_path / 'a/b', tmp_path) == 'a/b'
    assert prefix_of(tmp_path / 'a', tmp_path / 'out') == '../a'


# ------------------------------------------------------------------------- text

finite = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=5))
def test_points_are_read_as_written(points):
    lines = [text for x, y in points for text in (f' {x!r}\t{y!r} ', '')]
    np.testing.assert_array_equal(points_of(lines, Path('a'), 1, len(points)), points)


@pytest.mark.parametrize('word', ['nan', 'inf', '1,5', ''])
def test_numbers_are_finite(word):
    with pytest.raises(ConversionError, match=rf'^here: {word!r} is no number\.$'):
        numbers_of(['1', word], 'here')


# ---------------------------------------------------------------------- scripts


def test_every_script_shows_its_arguments(monkeypatch, capsys):
    names = sorted(
        path.stem for path in SCRIPTS.glob('[!_]*.py') if path.stem != 'labelstudio2coco'
    )
    assert len(names) >= 11
    for name in names:
        assert run_script(monkeypatch, name, '--help') == 0
    out = capsys.readouterr().out
    for words in ('--metadata', '--data-root', 'pred_mat_file', 'data/cofw', 'out_dir'):
        assert words in out


def test_script_in_place(monkeypatch, tmp_path, picture, text, capsys):
    picture(tmp_path / 'test/images/a.jpg', (200, 150))
    text(tmp_path / 'test/landmarks/a.txt', '106\n' + '10 20\n' * 105 + '30 40\n')
    assert run_script(monkeypatch, 'lapa2coco', tmp_path) == 0
    content = json.loads((tmp_path / 'annotations/lapa_test.json').read_text())
    assert content['annotations'][0]['bbox'] == [10, 20, 20, 20]
    assert run_script(monkeypatch, 'lapa2coco', tmp_path / 'absent') == 1
    assert 'error: There is nothing at' in capsys.readouterr().err


def test_mat2json_script(monkeypatch, tmp_path, text, capsys):
    savemat(tmp_path / 'pred.mat', dict(preds=np.ones((1, 16, 2))))
    gt = text(tmp_path / 'gt.json', [dict(image='a.jpg', center=[1, 2], scale=3)])
    out = tmp_path / 'pred.json'
    assert run_script(monkeypatch, 'mat2json', tmp_path / 'pred.mat', gt, out) is None
    assert json.loads(out.read_text())[0]['joints'][0] == [0, 0]
    words = (tmp_path / 'none.mat', gt, out)
    assert run_script(monkeypatch, 'mat2json', *words).startswith('error: There is no file')


def test_deepposekit_script_needs_an_animal(monkeypatch, tmp_path):
    message = run_script(monkeypatch, 'parse_deepposekit_dataset', tmp_path)
    assert message.endswith('has no folder fly, locust, zebra.')
