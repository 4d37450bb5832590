"""The tables and examples of docs/results.md."""

import json
import re
from dataclasses import fields

import numpy as np
import pytest

from mmpose.results import PoseResult, PoseResults, Track, keypoint_confidence, writers


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('results.md')


def test_sessions(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sessions = [block for block in page.blocks('python') if block.startswith('>>>')]
    assert len(sessions) >= 6
    page.run_session('\n'.join(sessions))


def test_fields_are_listed(page):
    table = next(table for table in page.tables() if 'field' in table[0])
    listed = {row['field'].strip('`') for row in table}
    assert listed == {field.name for field in fields(PoseResult)} | {'names', 'parts'}
    section = page.text[page.text.index('### Tracks') :]
    section = section[: section.index('\n## ')]
    assert {f.name for f in fields(Track)} - {'track_id'} <= set(re.findall(r'`(\w+)`', section))


def test_exports_are_listed(page):
    table = next(table for table in page.tables() if 'needs' in table[0])
    listed = {name for row in table for name in re.findall(r'`(\w+)\(', row['call'])}
    exports = {name for name in dir(PoseResults) if name.startswith('to_')}
    assert listed == exports | {'save'}
    assert exports <= set(dir(PoseResult))


def test_columns_are_listed(page):
    table = next(table for table in page.tables() if 'column' in table[0])
    listed = [name for row in table for name in re.findall(r'`(\w+)`', row['column'])]
    result = PoseResult(np.ones((1, 1, 3)), [[1]], keypoints_3d=np.ones((1, 1, 3)))
    assert listed == result.to_csv().splitlines()[0].split(',')


def test_writers_are_listed(page):
    table = next(table for table in page.tables() if 'suffix' in table[0])
    listed = {row['suffix'].strip('`'): row['class'].strip('`') for row in table}
    assert listed == {suffix: kind.__name__ for suffix, kind in writers._WRITERS.items()}


def test_confidences_of_the_page(page):
    table = next(table for table in page.tables() if 'confidence' in table[0])
    ranges = [(0, 1), (0.5, 1.5), (0, 255)]
    for row, score_range in zip(table, ranges, strict=True):
        scores, expected = ([*map(float, row[key].split(','))] for key in ('score', 'confidence'))
        assert keypoint_confidence(scores, score_range).tolist() == expected


def test_the_record_of_the_page(page):
    (text,) = page.blocks('json')
    record = json.loads(text)
    names = record['metainfo']['keypoint_names']
    result = PoseResult(
        [[[1.5, 2], [3, 4]]],
        [[0.5, 0.25]],
        names,
        bboxes=[[0, 0, 40, 50]],
        bbox_scores=[0.75],
        track_ids=[7],
        source='clip.mp4',
        frame_index=3,
        timestamp=0.125,
        size=(480, 640),
    )
    ours = json.loads(result.to_json())
    assert ours['instances'] == record['instances']
    assert record['metainfo'].keys() <= ours['metainfo'].keys()
    del ours['metainfo'], record['metainfo']
    assert ours == record
