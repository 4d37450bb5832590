"""The model zoo: metafiles, pages and configs agree."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from mmpose.apis.inferencers.utils import get_model_aliases
from mmpose.utils.model_zoo import find_zoo_model, papers_of, zoo_models

ROOT = Path(__file__).parents[2]
MODELS = list(zoo_models(ROOT / 'model-index.yml'))


def test_every_config_has_one_entry():
    configs = {
        str(path.relative_to(ROOT))
        for path in (ROOT / 'configs').rglob('*.py')
        if not {'_base_', 'quickstart'} & set(path.parts)
    }
    entries = Counter(model.config for model in MODELS)
    helper = 'configs/wholebody_2d_keypoint/rtmpose/coco-wholebody/'
    # a base of a distillation, which was never a model of its own
    assert configs - set(entries) == {f'{helper}rtmpose-x_8xb32-270e_coco-wholebody-384x288.py'}
    assert len(MODELS) == 407
    assert set(entries.values()) == {1}
    assert [m.name for m in MODELS if m.name != m.path.stem or not m.path.is_file()] == []


def test_names_and_aliases_are_unambiguous():
    names = Counter(name.lower() for model in MODELS for name in model.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_documented_aliases():
    aliases = get_model_aliases()
    documented = dict(
        human='rtmpose-m_8xb256-420e_body8-256x192',
        body26='rtmpose-m_8xb512-700e_body8-halpe26-256x192',
        face='rtmpose-m_8xb256-120e_face6-256x256',
        hand='rtmpose-m_8xb256-210e_hand5-256x256',
        animal='rtmpose-m_8xb64-210e_ap10k-256x256',
        wholebody='rtmpose-m_8xb64-270e_coco-wholebody-256x192',
        vitpose='td-hm_ViTPose-base-simple_8xb64-210e_coco-256x192',
        rtmo='rtmo-l_16xb16-600e_body7-640x640',
        edpose='edpose_res50_8xb2-50e_coco-800x1333',
        human3d='motionbert_dstformer-ft-243frm_8xb32-120e_h36m',
        hand3d='internet_res50_4xb16-20e_interhand3d-256x256',
    )
    assert {alias: aliases[alias] for alias in documented} == documented
    assert aliases['vitpose-h'] == 'td-hm_ViTPose-huge-simple_8xb64-210e_coco-256x192'


def test_published_facts():
    hrnet = find_zoo_model('td-hm_hrnet-w32_8xb64-210e_coco-256x192', MODELS)
    (result,) = hrnet.results
    assert (result.task, result.dataset) == ('Body 2D Keypoint', 'COCO')
    assert result.metrics['AP'] == 0.746
    assert hrnet.checksum == '81c58e40'
    assert hrnet.training_data == ('COCO',)


@pytest.mark.parametrize('model', MODELS, ids=[m.name for m in MODELS])
def test_facts_are_plausible(model):
    assert set(papers_of(model)) == set(model.architecture) != set()
    assert model.training_data
    for result in model.results:
        assert result.metrics
        assert all(0 < value < 110 for value in result.metrics.values()), result
    assert model.weights is None or model.weights.startswith('https://download.openmmlab.com/')


def test_pages_are_current():
    pages = runpy.run_path(str(ROOT / 'docs/make_zoo.py'))['pages']()
    stale = [str(p.relative_to(ROOT)) for p, text in pages.items() if p.read_text('utf-8') != text]
    assert stale == [], 'run python docs/make_zoo.py'
    assert len(pages) == 28
    for page, text in pages.items():
        links = [part.split(')')[0] for part in text.split('](')[1:]]
        missing = [x for x in links if '://' not in x and not (page.parent / x).exists()]
        assert missing == []


def test_models_by_the_hub_of_mmengine():
    from mmengine.hub import get_config, get_model

    name = 'mmpose::body_2d_keypoint/rtmpose/body8/rtmpose-t_8xb256-420e_body8-256x192.py'
    assert type(get_model(name)).__name__ == 'TopdownPoseEstimator'
    cfg = get_config(name, pretrained=True)
    assert cfg.model_path == find_zoo_model('rtmpose-t', MODELS).weights
