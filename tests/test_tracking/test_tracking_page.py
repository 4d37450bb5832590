"""The examples and tables of docs/tracking.md, and the benchmark whose figures it shows."""

import inspect
import re

import bench_tracking
import numpy as np
import pytest

from mmpose.evaluation.functional import MotFrame
from mmpose.tracking import Tracker


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('tracking.md')


def test_code_of_the_page_runs(page, capsys):
    names = {}
    for block in page.blocks('python'):
        exec(block, names)
    # what is printed is what the comments say
    expected = [line.split('# ')[1] for line in page.text.splitlines() if line.startswith('print(')]
    assert capsys.readouterr().out.splitlines() == expected == ['[0 1] (2, 17, 2)', '[0 1]']
    assert names['smooth'].shape == (100, 17, 2)


def test_options_and_defaults_of_the_tracker(page):
    rows = next(table for table in page.tables() if 'default' in table[0])
    listed = {}
    for row in rows:
        names, defaults = re.findall('`(.+?)`', row['option']), row['default'].split(', ')
        listed |= dict(zip(names, defaults, strict=len(names) > 1))
    parameters = inspect.signature(Tracker).parameters
    assert list(listed) == [
        'high_thr',
        'low_thr',
        'match_thr',
        'low_match_thr',
        *list(parameters)[4:],
    ]
    for name, parameter in parameters.items():
        if parameter.default is not None:
            assert float(listed[name]) == parameter.default, name


def test_trackers_of_the_benchmark_are_on_the_page(page):
    rows = next(table for table in page.tables() if 'tracker' in table[0])
    assert {row['tracker'] for row in rows} == set(bench_tracking.TRACKERS)


def frame(objects, hypotheses, near):
    distances = np.where(np.reshape(near, (len(hypotheses), len(objects))), 0.1, np.inf)
    ones = [np.ones((len(ids), 1), bool) for ids in (objects, hypotheses)]
    return MotFrame(np.array(objects, int), np.array(hypotheses, int), *ones, distances[..., None])


def test_identities_by_hand():
    # person 0 has id 0 twice, then id 1 three times; id 1 is the best for it
    frames = [frame([0], [0], [True])] * 2 + [frame([0, 1], [1], [True, False])] * 3
    assert bench_tracking.identity_counts(frames) == (3, 8, 5)


def test_people_of_the_benchmark_keep_their_ids():
    videos = [bench_tracking.Walkers(seed=0, num_people=5, num_frames=60)]
    ours = bench_tracking.score(videos, Tracker)
    before = bench_tracking.score(videos, bench_tracking.TRACKERS['1.x, boxes'])
    assert ours[0] < before[0] / 3
    assert ours[2] > before[2] + 20
