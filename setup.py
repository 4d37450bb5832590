"""Ships ``configs``, ``tools`` and ``demo`` inside the package, where MMEngine looks for them.

``mmpose::NAME`` in a config is looked up in ``mmpose/.mim/configs``. A wheel gets copies; an
editable install gets links, so that edits of the working tree are seen at once. Everything else
is declared in ``pyproject.toml``.
"""

import os
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = [
    name for name in ('configs', 'tools', 'demo', 'model-index.yml') if (ROOT / name).exists()
]


class BuildWithResources(build_py):
    """Adds the shipped folders to what is built."""

    def run(self):
        """Copy (wheel) or link (editable) the shipped folders, then build as usual."""
        super().run()
        target = (
            ROOT / 'mmpose' / '.mim'
            if self.editable_mode
            else (Path(self.build_lib) / 'mmpose' / '.mim')
        )
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in SHIPPED:
            self._place(ROOT / name, target / name)

    def _place(self, source, target):
        if self.editable_mode:
            try:
                target.symlink_to(os.path.relpath(source, target.parent), source.is_dir())
                return
            except OSError:  # a Windows account that may not make links gets copies
                pass
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy2(source, target)


setup(cmdclass={'build_py': BuildWithResources})
