"""The package installs what it says, in the same words everywhere."""

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

tomllib = pytest.importorskip('tomllib', reason='Python 3.11 reads pyproject.toml by itself')
ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
DECLARED = {'runtime': PROJECT['dependencies'], **PROJECT['optional-dependencies']}


@pytest.mark.parametrize('name', DECLARED)
def test_requirements_files_mirror_pyproject(name):
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    assert sorted(map(str, map(Requirement, lines))) == sorted(
        map(str, map(Requirement, DECLARED[name]))
    )


def test_import_needs_nothing_slow():
    """``import mmpose.apis`` loads no package that only some of its functions need."""
    code = (
        'import sys, mmpose.apis\n'
        'slow = {"torchvision", "matplotlib.pyplot", "scipy.stats", "pycocotools"}\n'
        'print(sorted((slow | {"mmpose.models"}) & set(sys.modules)))'
    )
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == '[]'
