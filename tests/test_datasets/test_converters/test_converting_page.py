"""The examples and tables of docs/converting.md."""

import re

import pytest

from mmpose.datasets.converters import FORMATS
from mmpose.datasets.converters.formats import format_module

TOOLS = {'coco2yolo', 'cvat', 'deeplabcut', 'label_studio', 'labelme', 'sleap', 'yolo'}


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('converting.md')


def test_formats_have_their_row_with_all_options(page):
    tables = [table for table in page.tables() if 'format' in table[0]]
    rows = {row['format'].strip('`'): row for table in tables for row in table}
    assert TOOLS <= set(rows) <= set(FORMATS)
    for name, row in rows.items():
        options = re.findall(r'--([\w-]+)', row['options'])
        expected = [option.replace('_', '-') for option in format_module(name).OPTIONS]
        assert sorted(options) == sorted(expected), name


def test_own_format(page, tmp_path, monkeypatch, picture, capsys):
    monkeypatch.chdir(tmp_path)
    picture(tmp_path / 'pictures' / 'day1' / '0.png')
    exec(page.blocks('python')[1], {})
    assert 'out/annotations.json: 1 pictures, 1 instances' in capsys.readouterr().out


def test_conversion_from_python(page, tmp_path, monkeypatch, picture, text, capsys):
    monkeypatch.chdir(tmp_path)
    text(tmp_path / 'openfield' / 'config.yaml', 'bodyparts: [snout]\nscorer: A\n')
    rows = 'scorer,A,A\nbodyparts,snout,snout\ncoords,x,y\n'
    for i in range(20):
        picture(tmp_path / 'openfield' / 'labeled-data' / 'v' / f'{i}.png')
        rows += f'labeled-data/v/{i}.png,1,2\n'
    text(tmp_path / 'openfield' / 'labeled-data' / 'v' / 'CollectedData_A.csv', rows)
    exec(page.blocks('python')[0], {})
    assert "{'train': 19, 'val': 1} data/mouse/val.json" in capsys.readouterr().out
