"""The tutorial notebook runs from its first cell to its last."""

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / 'demo' / 'tutorial.ipynb'


@pytest.mark.slow
def test_all_cells(tmp_path, monkeypatch):
    if not NOTEBOOK.is_file():
        pytest.skip('demo/ is not part of this installation')
    matplotlib = pytest.importorskip('matplotlib')
    matplotlib.use('Agg')
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text(encoding='utf-8'))['cells']
    scope: dict = {}
    for number, cell in enumerate(c for c in cells if c['cell_type'] == 'code'):
        code = ''.join(cell['source'])
        exec(compile(code, f'cell {number}', 'exec'), scope)
        if number == 0:  # a shorter training than the reader's
            scope.update(NUM_PICTURES=80, NUM_EPOCHS=1)
    assert len(scope['walk']) == 20
    assert len(scope['track'].keypoints) == 20
    assert (tmp_path / 'tutorial/poses.csv').stat().st_size > 1000
    assert 0 <= scope['metrics']['coco/AP'] <= 1
