"""The examples of docs/transforms.md."""

import re

import numpy as np
import pytest

from mmpose.datasets import transforms
from mmpose.registry import TRANSFORMS


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('transforms.md')


def test_session(page):
    (session,) = page.blocks('pycon')
    page.run_session(session)


def test_pipeline_and_own_transform(page):
    pipeline, own = page.blocks('python')
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
        assert re.search(rf'^\| `{name}` \|', page.text, flags=re.MULTILINE), name
