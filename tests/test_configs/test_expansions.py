"""Every leaf of ``configs/``, merged with its bases, says what was recorded for it.

``python tests/test_configs/test_expansions.py`` records the expansions anew, for a change of a
setting that is meant; the difference belongs in the commit.
"""

import gzip
import json
from pathlib import Path

import pytest
from mmengine.config import Config

from mmpose.utils.resources import resource_path

RECORD = Path(__file__).parents[1] / 'data' / 'config_expansions.json.gz'
CONFIGS = resource_path('configs')
RECORDED = json.loads(gzip.decompress(RECORD.read_bytes()))
# what the Runner reads; the other top-level names are a config's own variables
RUNNER_KEYS = {
    'auto_scale_lr', 'custom_hooks', 'default_hooks', 'default_scope', 'env_cfg', 'load_from',
    'log_level', 'log_processor', 'model', 'optim_wrapper', 'param_scheduler', 'randomness',
    'resume', 'test_cfg', 'test_dataloader', 'test_evaluator', 'train_cfg', 'train_dataloader',
    'val_cfg', 'val_dataloader', 'val_evaluator', 'vis_backends', 'visualizer',
}  # fmt: skip


def leaves():
    return sorted(
        path.relative_to(CONFIGS).as_posix()
        for path in CONFIGS.rglob('*.py')
        if '_base_' not in path.parts
    )


def expand(name):
    config = Config.fromfile(CONFIGS / name).to_dict()
    settings = {key: value for key, value in config.items() if key in RUNNER_KEYS}
    return json.loads(json.dumps(settings))  # tuples become lists


@pytest.mark.parametrize('name', leaves())
def test_leaf_says_what_was_recorded(name):
    assert expand(name) == RECORDED[name]


def test_no_recorded_leaf_is_gone():
    assert sorted(RECORDED) == leaves()


def test_package_prefix_resolves_from_any_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leaf = 'body_2d_keypoint/topdown_heatmap/coco/td-hm_hrnet-w32_8xb64-210e_coco-256x192.py'
    (tmp_path / 'mine.py').write_text(f"_base_ = 'mmpose::{leaf}'\nmodel = dict(test_cfg=None)\n")
    config = Config.fromfile('mine.py')
    assert config.model.head.in_channels == 32
    assert config.model.test_cfg is None


if __name__ == '__main__':
    text = json.dumps({name: expand(name) for name in leaves()}, sort_keys=True, indent=1)
    RECORD.write_bytes(gzip.compress(text.encode(), mtime=0))
