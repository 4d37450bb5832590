import re

import pytest

from mmpose.apis.detectors.published import ALIASES, PUBLISHED
from mmpose.utils.resources import resource_path


@pytest.fixture
def rows():
    try:
        text = resource_path('docs/detectors.md').read_text(encoding='utf-8')
    except FileNotFoundError:
        pytest.skip('the pages are not installed')
    return re.findall(r'^\| `(\S+)` \| `(\S+)` \| .* \| (\d+) \| (yes)? *\|$', text, re.MULTILINE)


def test_names_on_the_page(rows):
    assert [name for name, *_ in rows] == list(PUBLISHED)
    for name, short, side, published in rows:
        entry = PUBLISHED[name]
        assert ALIASES[short] == name
        assert entry.input_side == int(side)
        assert bool(entry.url) is bool(published)
