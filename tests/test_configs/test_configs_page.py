"""The configs of docs/configs.md load and build, and its errors are those that are given."""

import re
from pathlib import Path

import pytest

from mmpose.apis import init_model
from mmpose.cli.main import main
from mmpose.utils.config_reading import read_config

STARTS = {
    'zoo': "td-hm_res50_8xb64-210e_coco-256x192.py']\n\ndata_root",
    'written_out': "'mmpose::_base_/datasets/coco.py']",
    'imported': 'from mmengine.config import read_base',
    'foreign': "imports=['mmpretrain.models']",
    'own': "imports=['my_parts']",
}


@pytest.fixture
def page(docs_page, own_parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return docs_page('configs.md')


def block(page, mark):
    found = [text for text in page.blocks('python') if mark in text]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize('name', STARTS)
@pytest.mark.filterwarnings('ignore:Neither the checkpoint')
def test_configs_load_and_build(page, name):
    if name == 'own':
        Path('my_parts.py').write_text(block(page, 'class WideHead'))
    Path('mine.py').write_text(block(page, STARTS[name]))
    cfg = read_config('mine.py')
    model = init_model('mine.py', device='cpu')
    assert type(model).__name__ == 'TopdownPoseEstimator'
    if name == 'zoo':
        assert cfg.optim_wrapper.optimizer == dict(type='AdamW', lr=1e-3)
        assert cfg.model.backbone.depth == 101
    if name == 'own':
        assert model.head.deconv_layers[0].out_channels == 512


def test_every_block_is_tested(page):
    assert len(page.blocks('python')) == len(STARTS) + 1


def mistakes():
    """A config for each of the errors shown, in their order."""
    runtime = "_base_ = ['mmpose::_base_/default_runtime.py'"
    leaf = 'body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py'
    yield f"{runtime},\n    '../../../_base_/datasets/coco.py']\n", []
    yield (
        (
            f"{runtime}]\ncodec = dict(type='MSRAHeatmap')\nmodel = dict(\n"
            "    type='TopdownPoseEstimator',\n    head=dict(\n    decoder=codc))\n"
        ),
        [],
    )
    yield (
        (
            f"_base_ = 'mmpose::{leaf}'\nmodel = dict(head=dict(out_chanels=17))\n"
            'optim_warpper = dict()\noptim_wrapper = None\n'
        ),
        [],
    )
    yield f"_base_ = 'mmpose::{leaf}'\n", ['--cfg-options', 'model.bakbone.depth=50']


def test_errors_are_those_shown(page, capsys):
    shown = page.blocks('console')[0].split('$ mmpose train mine.py')[1:]
    assert len(shown) == len(list(mistakes()))
    for text, (config, options) in zip(shown, mistakes(), strict=True):
        Path('mine.py').write_text(config)
        assert main(['train', 'mine.py', *options]) == 1
        told = re.sub(r'looked for at \S*/_base_', 'looked for at /_base_', capsys.readouterr().err)
        told = ' '.join(told.split())
        for line in re.split(r'\n(?=-|    )', text.partition('error: ')[2].strip()):
            if not line.startswith('the config has'):
                assert ' '.join(line.split()) in told
