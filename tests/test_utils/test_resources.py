from pathlib import Path

import pytest

from mmpose.utils import resources
from mmpose.utils.resources import resource_path


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The working directory, the package's resources and the source tree, all empty."""
    package = tmp_path / 'tree' / 'mmpose'
    cwd = tmp_path / 'cwd'
    for folder in (cwd, package / '.mim'):
        folder.mkdir(parents=True)
    monkeypatch.chdir(cwd)
    monkeypatch.setattr(resources, '_PACKAGE', package)
    return cwd, package / '.mim', package.parent


def test_the_first_place_wins(places):
    for place in reversed(places):
        (place / 'a.py').touch()
        assert resource_path('a.py') == place / 'a.py'


def test_absolute_paths_are_only_checked(places):
    (places[0] / 'a.py').touch()
    assert resource_path(places[0] / 'a.py') == places[0] / 'a.py'
    with pytest.raises(FileNotFoundError, match=r'looked for /b.py\. Give'):
        resource_path('/b.py')


def test_missing_file_lists_the_places(places):
    with pytest.raises(FileNotFoundError) as error:
        resource_path('configs/a.py')
    assert str(error.value) == (
        "'configs/a.py' was not found; looked for "
        + ', '.join(str(place / 'configs/a.py') for place in places)
        + '. Give an absolute path, or one relative to the working directory.'
    )


def test_configs_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(resource_path('configs/_base_/datasets/coco.py')).is_file()
