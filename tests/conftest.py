"""What tests of several folders share."""

import doctest
import re
import sys
from pathlib import Path

import pytest
import torch

DOCS = Path(__file__).parents[1] / 'docs'


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch):
    """Nothing is loaded from the network, also where there is one."""
    download = torch.hub.download_url_to_file

    def refuse(url, *args, **kwargs):
        if url.startswith('http'):
            raise OSError('tests load nothing from the network')
        return download(url, *args, **kwargs)

    monkeypatch.setattr('torch.hub.download_url_to_file', refuse)


class Page:
    """A page of the documentation."""

    def __init__(self, name):
        self.path = DOCS / name
        if not self.path.is_file():
            pytest.skip(f'docs/{name} is not part of this installation')
        self.text = self.path.read_text(encoding='utf-8')

    def blocks(self, language):
        """The code blocks of a language."""
        return re.findall(rf'```{language}\n(.*?)```', self.text, flags=re.DOTALL)

    def tables(self):
        """Each table as a list of rows, which are dicts by the names of the columns."""
        for table in re.findall(r'((?:^\|.*\n)+)', self.text, flags=re.MULTILINE):
            names, _, *rows = ([c.strip() for c in r.split('|')[1:-1]] for r in table.splitlines())
            yield [dict(zip(names, row, strict=True)) for row in rows]

    def run_session(self, session, scope=None):
        """Run what follows the prompts of a session and compare what it prints."""
        where = (scope or {}, self.path.name, str(self.path), 0)
        test = doctest.DocTestParser().get_doctest(session, *where)
        report = []
        doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=report.append)
        assert not report, ''.join(report)


@pytest.fixture
def own_parts():
    """Whatever the test registers, and the modules that it imports to do so, are forgotten."""
    from mmpose import registry

    registries = [r for r in vars(registry).values() if isinstance(r, registry.Registry)]
    known = {r: set(r.names()) for r in registries}
    modules = set(sys.modules)
    yield
    for r in registries:
        for name in set(r.module_dict) - known[r]:
            part = r.module_dict.pop(name)
            if part.__module__ not in modules:
                sys.modules.pop(part.__module__, None)


@pytest.fixture(scope='session')
def docs_page():
    """Pages of the documentation by file name; a test is skipped where there are none."""
    return Page
