"""The examples of docs/transforms.md."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

from mmpose.datasets import transforms
from mmpose.registry import TRANSFORMS

PAGE = Path(__file__).parents[3] / 'docs' / 'transforms.md'


@pytest.fixture(scope='module')
def page():
    if not PAGE.is_file():
        pytest.skip('docs/transforms.md is not part of this installation')
    return PAGE.read_text(encoding='utf-8')


def blocks(page, language):
    return re.findall(rf'```{language}\n(.*?)```', page, flags=re.DOTALL)


def test_session(page):
    (session,) = blocks(page, 'pycon')
    test = doctest.DocTestParser().get_doctest(session, {}, 'transforms.md', str(PAGE), 0)
    report = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=report.append)
    assert not report, ''.join(report)


def test_pipeline_and_own_transform(page):
    pipeline, own = blocks(page, 'python')
    scope = {}
    exec(pipeline, scope)
    for cfg in scope['train_pipeline']:
        TRANSFORMS.build(cfg)
    exec(own.replace('@TRANSFORMS.register_module()\n', ''), scope)
    colours = np.random.RandomState(0).randint(0, 256, (4, 5, 3), dtype=np.uint8)
    results = scope['RandomGrey'](prob=1.0)(dict(img=colours))
    assert (np.ptp(results['img'], axis=-1) == 0).all()


def test_every_transform_has_its_row(page):
    bases = {'MixImageTransform'}
    for name in set(transforms.__all__) - bases:
        assert re.search(rf'^\| `{name}` \|', page, flags=re.MULTILINE), name
