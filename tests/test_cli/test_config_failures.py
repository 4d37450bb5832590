"""A config that cannot be read says where, why and what to change."""

import os
from pathlib import Path

import pytest

from mmpose.utils.config_reading import ConfigError, read_config

LEAF = 'mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py'
RUNTIME = "_base_ = 'mmpose::_base_/default_runtime.py'\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def message_of(text, name='mine.py'):
    Path(name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(name)
    return str(caught.value).replace(f'{os.getcwd()}/', '')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            "model = dict(\n    type='X'\n    backbone=1)\n",
            "mine.py, line 2, is not Python:\n    type='X'\n         ^^^\nSyntaxError: invalid",
        ),
        (
            'codec = dict()\nmodel = dict(\n    decoder=codc)\n',
            "mine.py, line 3: NameError: name 'codc' is not defined. Did you mean 'codec'?\n"
            '    decoder=codc)',
        ),
        (
            f"_base_ = '{LEAF}'\nmodel = dict(head=dict(decoder=_base_.codc))\n",
            "mine.py, line 2: AttributeError: 'ConfigDict' object has no attribute 'codc'. The "
            'bases have codec.\n    model = dict(head=dict(decoder=_base_.codc))',
        ),
        (
            f"_base_ = '{LEAF}'\nx = _base_['cdec']\n",
            "mine.py, line 2: KeyError: cdec. The bases have codec.\n    x = _base_['cdec']",
        ),
        (
            RUNTIME + 'custom_hooks = dict(a=1)\n',
            "mine.py: TypeError: custom_hooks={'a': 1} in child config cannot inherit from base",
        ),
        (
            "_base_ = ['mmpose::_base_/default_runtime.py', 'mmpose::_base_/runtime.py']\n",
            "Its bases are 'mmpose::_base_/default_runtime.py' and 'mmpose::_base_/runtime.py';",
        ),
        ("x = '{{$NOWHERE_SET:}}'\n", 'mine.py: KeyError: `NOWHERE_SET` cannot be found'),
        ("custom_imports = ['a']\n", 'write custom_imports = dict(imports=['),
    ],
)
def test_what_fails_and_where(text, message):
    assert message in message_of(text)


@pytest.mark.parametrize(
    ('base', 'hint'),
    [
        ('../../_base_/datasets/coco.py', "Did you mean 'mmpose::_base_/datasets/coco.py'?"),
        ('configs/_base_/datasets/coco.py', "Did you mean 'mmpose::_base_/datasets/coco.py'?"),
        ('./mines.py', "Did you mean './mine.py'?"),
        (LEAF.replace('x192', 'x19'), LEAF),
        ('mmpose::default_runtime.py', "Did you mean 'mmpose::_base_/default_runtime.py'?"),
        ('nothing_like_it.py', 'nothing_like_it.py.'),
    ],
)
def test_missing_bases(base, hint):
    Path('other_mine.py').write_text('')
    text = message_of(f"x = 1\n_base_ = [\n    'other_mine.py',\n    {base!r},\n]\n")
    assert text.startswith(f'mine.py, line 4: the base {base!r} does not exist; it was looked for')
    assert text.split('looked for at ')[1].count('.py') >= 1
    assert hint in text


def test_the_file_at_fault_may_be_a_base():
    Path('base.py').write_text("_base_ = 'absent.py'\n")
    assert message_of("_base_ = 'base.py'\n").startswith("base.py, line 1: the base 'absent.py'")
    Path('base.py').write_text('x = 1\ny = 1 / 0\n')
    assert message_of("_base_ = 'base.py'\n") == (
        'base.py, line 2: ZeroDivisionError: division by zero\n    y = 1 / 0'
    )


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('a.json', '{"model": }', 'a.json: JSONDecodeError: Expecting value: line 1 column 11'),
        ('a.yaml', 'model: [a\nx: 1\n', 'a.yaml: ParserError: while parsing a flow sequence'),
        (
            'a.json',
            '{\n"_base_": "mmpose::_base_/default_runtme.py"}',
            "a.json, line 2: the base 'mmpose::_base_/default_runtme.py' does not exist",
        ),
    ],
)
def test_data_formats(name, text, message):
    assert message in message_of(text, name)


def test_bytes_of_another_encoding():
    Path('mine.py').write_bytes('# größer\n'.encode('latin-1'))
    with pytest.raises(ConfigError, match=r'mine\.py is not UTF-8 text: .* Save it as UTF-8'):
        read_config('mine.py')


def test_bases_that_are_imported():
    text = (
        'from mmengine.config import read_base\n\nwith read_base():\n'
        '    from mmpose.configs._base_.default_runtme import *\n'
    )
    assert message_of(text).startswith(
        "mine.py, line 4: the base 'mmpose.configs._base_.default_runtme' does not exist"
    )
    assert message_of(text).endswith("Did you mean 'mmpose.configs._base_.default_runtime'?")


@pytest.mark.parametrize(
    ('module', 'text', 'message'),
    [
        ('absent_one.heads', None, 'there is no module absent_one. Modules are looked for in the'),
        (
            'own_a',
            'import os\nfrom mmpose.models.heads import HeatmapHed\n',
            "ImportError: cannot import name 'HeatmapHed' from 'mmpose.models.heads'",
        ),
        ('own_b', 'x = 1\ny = z\n', "NameError: name 'z' is not defined (own_b.py, line 2)"),
        ('own_c', 'x = (\n', "own_c.py, line 1: SyntaxError: '(' was never closed"),
    ],
)
def test_modules_of_ones_own(module, text, message):
    if text is not None:
        Path(f'{module}.py').write_text(text)
    told = message_of(f"custom_imports = dict(imports=['{module}'])\n")
    assert told.startswith(f'mine.py: custom_imports: {module} cannot be imported: ')
    assert message in told


def test_an_absent_package_with_parts_that_we_lack():
    told = message_of(
        "custom_imports = dict(imports=['mmdet.models'], allow_failed_imports=False)\n"
        "model = dict(backbone=dict(type='mmdet.CSPNeXt'), neck=dict(type='DINO', _scope_='mmdet'))"
    )
    if 'No module named' not in told:
        pytest.skip('MMDetection is installed')
    assert told.endswith(
        "No module named 'mmdet'; the config takes mmdet.DINO of mmdet, which mmpose does not "
        'have. `pip install onedl-mmdetection` may provide it.'
    )
    Path('mine.py').write_text(Path('mine.py').read_text().replace('False', 'True'))
    assert read_config('mine.py').model.neck.type == 'DINO'
