"""The page docs/serving.md says what is so."""

import argparse

import pytest

from mmpose.cli import serve
from mmpose.serve import Limits


@pytest.fixture
def tables(docs_page):
    return list(docs_page('serving.md').tables())


def test_limits(tables):
    rows = next(table for table in tables if 'option' in table[0])
    told = {row['option'].strip('`'): float(row['default']) for row in rows}
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    args = vars(parser.parse_args(['--model', 'human']))
    limits = {name: args[name] for name in Limits().to_dict() if name in args}
    assert told == {f'--{name.replace("_", "-")}': value for name, value in limits.items()}


def test_calls_and_queries(tables, web):
    from serve_models import known_poses

    description = web.client(known_poses()[1]).get('/api/openapi.json').json()
    calls = next(table for table in tables if 'call' in table[0])
    assert {row['call'].strip('`') for row in calls} == {
        f'{method.upper()} {path}'
        for path, methods in description['paths'].items()
        for method in methods
    }
    queries = next(table for table in tables if 'query' in table[0])
    taken = {
        parameter['name']: parameter['schema'].get('default')
        for methods in description['paths'].values()
        for one in methods.values()
        for parameter in one.get('parameters', ())
    }
    assert {row['query'].strip('`') for row in queries} == set(taken)
    for row in queries:
        default = taken[row['query'].strip('`')]
        assert row['default'] == ('' if default is None else f'{default:g}' if default is not True
                                  else 'true')  # fmt: skip


def test_statuses(tables, web):
    from serve_models import known_poses

    description = web.client(known_poses()[1]).get('/api/openapi.json').json()
    told = {row['status'] for row in next(table for table in tables if 'status' in table[0])}
    assert told == set(description['paths']['/api/predict']['post']['responses']) - {'200'}
