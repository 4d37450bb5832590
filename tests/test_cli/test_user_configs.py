"""Configs as users of MMPose 1.x wrote them load, pass the checks, build and train."""

import gzip
import importlib.util
import json
import sys
import warnings
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmpose.apis import init_model
from mmpose.cli.main import main
from mmpose.cli.part_checks import find_remarks
from mmpose.cli.preflight import find_faults
from mmpose.registry import HOOKS, MODELS, TRANSFORMS, is_absent
from mmpose.utils import config_reading
from mmpose.utils.config_reading import read_config

pytestmark = pytest.mark.skipif(
    not (is_absent('mmdet') and is_absent('mmpretrain')), reason='has the packages we stand in for'
)
POOL = Path(__file__).parents[1] / 'data' / 'user_configs'
CONFIGS = [
    *('copied/body/coco/leaf.py', 'custom_parts.py', 'experiment.json', 'experiment.yaml'),
    *('flat_leaf.py', 'lazy/leaf.py', 'mmdet_parts.py', 'mmpretrain_backbone.py'),
    *('old_spellings.py', 'placeholders.py', 'zoo_leaf_own_data.py'),
]
HAVE_DATA = [
    *('custom_parts.py', 'experiment.json', 'experiment.yaml', 'flat_leaf.py', 'lazy/leaf.py'),
    *('mmpretrain_backbone.py', 'old_spellings.py'),
]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pool(tiny_project, tiny_data, own_parts, monkeypatch):
    """The folder of the configs; they find data, and modules of their own."""
    monkeypatch.setenv('PEOPLE', f'{tiny_data}/')
    monkeypatch.syspath_prepend(POOL)
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())
    return POOL


@pytest.mark.parametrize('name', CONFIGS)
def test_loads_is_faultless_and_builds(pool, name):
    cfg = read_config(pool / name)
    assert find_faults(cfg, 'train') + find_faults(cfg, 'test') == []
    assert find_remarks(cfg) == []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of spellings that are deprecated
        model = init_model(str(pool / name), device='cpu')
    assert sum(parameter.numel() for parameter in model.parameters()) > 0


@pytest.mark.parametrize('name', HAVE_DATA)
def test_no_command_finds_faults(pool, name, capsys):
    assert main(['check', str(pool / name), '--samples', '1']) == 0
    assert 'No faults were found.' in capsys.readouterr().out


@pytest.mark.parametrize('name', ['custom_parts.py', 'experiment.yaml', 'lazy/leaf.py'])
def test_trains(pool, name, tmp_path):
    arguments = ['--no-validate', '--work-dir', 'out', '--cfg-options', 'train_cfg.max_epochs=1']
    # even batches: with PyTorch 2.15 and two threads, oneDNN crashes on odd ones of so few channels
    options = ['train_dataloader.batch_size=10', f'experiment_name={tmp_path.name}']
    options += ['default_hooks.checkpoint.save_best=None']
    assert main(['train', str(pool / name), *arguments, *options]) == 0
    assert Path('out', Path(name).name).is_file()


def test_dumped_lazy_config_is_the_same(pool):
    cfg = read_config(pool / 'lazy/leaf.py')
    cfg.dump('dumped.py')
    again = read_config('dumped.py')
    assert again.to_dict() == cfg.to_dict()
    assert again.model.head.type == 'mmpose.models.HeatmapHead'
    assert again.unused.type == 'mmpretrain.models.MobileNetV2'
    assert 'ResNet' not in again
    assert find_faults(again, 'train') == []
    model = init_model(again, device='cpu', cfg_options={'model.test_cfg.flip_test': True})
    assert type(model.backbone).__name__ == 'ResNet'


def test_read_base_has_the_runtime_of_the_text_configs():
    def plain(value):
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != '_scope_'}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.rpartition('.')[2] if isinstance(value, str) else value

    Path('lazy.py').write_text(
        'from mmengine.config import read_base\n'
        'with read_base():\n    from mmpose.configs._base_.default_runtime import *\n'
    )
    Path('text.py').write_text("_base_ = ['mmpose::_base_/default_runtime.py']\n")
    lazy, text = (plain(Config.fromfile(f).to_dict()) for f in ('lazy.py', 'text.py'))
    lazy.pop('read_base', None)
    assert lazy == text


def test_placeholders(pool, monkeypatch):
    monkeypatch.setenv('NUM_POINTS', '3')
    cfg = read_config(pool / 'placeholders.py')
    assert cfg.work_dir == './work_dirs/placeholders/placeholders.py'
    assert cfg.model.head.out_channels == 3
    assert cfg.model.head.decoder == cfg.codec
    assert cfg.steps == cfg.train_pipeline
    assert cfg.val_evaluator == dict(type='PCKAccuracy', norm_item=['bbox'])
    assert cfg.train_dataloader.dataset.metainfo.from_file == f'{pool}/three_points.py'


def test_a_preprocessor_beside_the_model_moves_into_it(pool):
    cfg = read_config(pool / 'old_spellings.py')
    assert cfg.model.data_preprocessor.std == [255.0]
    Path('a.py').write_text(
        "model = dict(type='TopdownPoseEstimator', backbone=dict(type='ResNet', depth=18))\n"
        "preprocess_cfg = dict(type='PoseDataPreprocessor', std=[2.0], mean=[0.0])\n"
    )
    assert init_model('a.py', device='cpu').data_preprocessor.std.item() == 2


def test_scopes_of_absent_packages(pool):
    cfg = read_config(pool / 'mmdet_parts.py')
    model = MODELS.build(cfg.model)
    assert {type(part).__module__.partition('.')[0] for part in model.children()} == {'mmpose'}
    hook, norm_hook = cfg.custom_hooks
    assert HOOKS.get(hook.type).__module__.startswith('mmpose.')
    assert norm_hook['_scope_'] == 'mmdet'
    flip = hook.switch_pipeline[2]
    assert type(TRANSFORMS.build(flip)).__module__.startswith('mmcv.')


def test_runs_with_a_plain_runner_and_no_default_scope(pool):
    """What a script does without this package's commands."""
    cfg = read_config(pool / 'custom_parts.py')
    cfg.update(work_dir='plain', default_scope='mmengine', experiment_name='plain_runner')
    cfg.custom_hooks = [dict(type='SyncNormHook', _scope_='mmdet')]
    cfg.default_hooks.checkpoint.save_best = None
    cfg.update(val_cfg=None, val_dataloader=None, val_evaluator=None)
    cfg.test_cfg = cfg.test_dataloader = cfg.test_evaluator = None
    runner = Runner.from_cfg(cfg)
    runner.train()
    assert runner.iter == 3
    assert type(runner.model.head).__name__ == 'TinyHead'
    names = [type(hook).__module__ for hook in runner.hooks]
    assert 'mmpose.engine.hooks.sync_norm_hook' in names


def test_an_absent_package_is_passed_over_with_one_notice(pool, monkeypatch):
    notices = []
    monkeypatch.setattr(config_reading, 'print_log', lambda text, *_: notices.append(text))
    read_config(pool / 'mmpretrain_backbone.py')
    assert notices == [
        "custom_imports: mmpretrain.models was not imported (No module named 'mmpretrain'); "
        'mmpose has all that the config takes of it.'
    ]


def test_every_base_of_1x_exists():
    wanted = Path(__file__).parents[2].parent / 'shared/conformance/golden/metainfo.json.gz'
    if not wanted.exists():
        pytest.skip('the recorded reference is not part of this installation')
    for name in json.loads(gzip.decompress(wanted.read_bytes())):
        Path('user.py').write_text(f"_base_ = ['mmpose::_base_/datasets/{name}']\n")
        assert 'dataset_info' in Config.fromfile('user.py')


def test_modules_in_the_working_directory_are_found(pool, monkeypatch):
    monkeypatch.setattr(sys, 'path', [p for p in sys.path if p != str(POOL)])
    monkeypatch.delitem(sys.modules, 'own_module', raising=False)
    Path('own_module.py').write_text('LOADED = True\n')
    Path('a.py').write_text(
        "_base_ = '" + str(POOL / 'flat_leaf.py') + "'\n"
        "custom_imports = dict(imports='own_module')\n"
    )
    assert main(['check', 'a.py']) == 0
    assert sys.modules['own_module'].LOADED


def test_transforms_of_albumentations():
    cfg = dict(type='Albumentation', transforms=[dict(type='Blur', p=0.1)])
    assert len(TRANSFORMS.build(cfg).transforms) == 1
    if importlib.util.find_spec('albumentations') is None:
        cfg['transforms'] = [dict(type='CLAHE', p=1.0)]
        with pytest.raises(ImportError, match=r'CLAHE needs .* `pip install albumentations`'):
            TRANSFORMS.build(cfg)


@pytest.mark.parametrize(
    'arguments',
    [
        dict(file_client_args=dict(backend='disk')),
        dict(backend_args=dict(backend='local')),
        dict(backend_args=None),
    ],
)
@pytest.mark.filterwarnings('ignore:"file_client_args" will be deprecated')
def test_file_backends(arguments, tiny_data):
    load = TRANSFORMS.build(dict(type='LoadImage', **arguments))
    picture = next((tiny_data / 'train').iterdir())
    assert load(dict(img_path=str(picture)))['img'].shape == (120, 160, 3)
