import pytest

from mmpose.apis.inferencers.utils import default_det_models, get_model_aliases
from mmpose.apis.inferencers.utils.get_model_alias import find_model


@pytest.fixture
def index(tmp_path, monkeypatch):
    (tmp_path / 'model-index.yml').write_text('Import:\n- zoo/coco.yml\n')
    (tmp_path / 'zoo').mkdir()
    (tmp_path / 'zoo/coco.yml').write_text(
        'Models:\n'
        '- {Name: td-hm_res50, Config: configs/td-hm_res50.py, Alias: [human, body],\n'
        '   Weights: https://example.com/res50.pth}\n'
        '- {Name: td-hm_res101, Config: configs/td-hm_res101.py, Alias: large}\n'
        '- {Name: plain, Config: configs/plain.py}\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_aliases(index):
    assert get_model_aliases() == dict(
        human='td-hm_res50', body='td-hm_res50', large='td-hm_res101'
    )
    assert get_model_aliases('mmdet') == {}


@pytest.mark.parametrize('name', ['human', 'td-hm_res50', 'TD-HM_RES50'])
def test_model_by_name_or_alias(index, name):
    assert find_model(name) == (
        index / 'configs/td-hm_res50.py',
        'https://example.com/res50.pth',
    )


def test_model_without_weights(index):
    assert find_model('plain')[1] is None


def test_similar_names_are_listed(index):
    with pytest.raises(ValueError, match=r"'td-hm_res5' is neither.* Did you mean 'td-hm_res50'"):
        find_model('td-hm_res5')


def test_path_that_is_not_there():
    with pytest.raises(FileNotFoundError, match=r'missing_config\.py'):
        find_model('missing_config.py')


def test_detectors():
    assert default_det_models['human']['cat_ids'] == (0,)
    assert default_det_models['animal']['cat_ids'] == tuple(range(15, 24))
