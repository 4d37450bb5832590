"""The examples and tables of docs/backbones.md."""

import inspect
import re

import pytest
import torch
from mmengine.config import Config
from test_every_backbone import SMALL

from mmpose.models import backbones, necks
from mmpose.registry import MODELS


def branches(width, number, **settings):
    """A stage of high-resolution networks; settings with an entry per branch are spread."""
    per_branch = ('num_blocks', 'window_sizes', 'mlp_ratios')
    spread = {k: (v,) * number if k in per_branch else v for k, v in settings.items()}
    channels = tuple(width * 2**i for i in range(number))
    return dict(dict(num_modules=1, num_branches=number, num_channels=channels), **spread)


def hrnet(width):
    basic = dict(block='BASIC', num_blocks=4)
    return dict(
        stage1=branches(64, 1, block='BOTTLENECK', num_blocks=4),
        stage2=branches(width, 2, **basic),
        stage3=branches(width, 3, **basic, num_modules=4),
        stage4=branches(width, 4, **basic, num_modules=3),
    )


def hrformer(width, heads):
    block = dict(block='HRFORMERBLOCK', num_blocks=2, window_sizes=7, mlp_ratios=4)
    stages = {
        f'stage{n}': branches(
            width, n, **block, num_heads=[heads * 2**i for i in range(n)], num_modules=modules
        )
        for n, modules in ((2, 1), (3, 4), (4, 2))
    }
    return dict(stages, stage1=branches(64, 1, block='BOTTLENECK', num_blocks=2))


def litehrnet(modules):
    spec = dict(
        num_modules=modules,
        num_branches=[2, 3, 4],
        num_blocks=[2] * 3,
        module_type=['LITE'] * 3,
        with_fuse=[True] * 3,
        reduce_ratios=[8] * 3,
        num_channels=[[40 * 2**i for i in range(n)] for n in (2, 3, 4)],
    )
    stem = dict(stem_channels=32, out_channels=32, expand_ratio=1)
    return dict(stem=stem, num_stages=3, stages_spec=spec, with_head=True)


EXTRAS = dict(
    hrnet_w32=hrnet(32), hrformer_small=hrformer(32, 1), litehrnet_18=litehrnet([2, 4, 2])
)


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('backbones.md')


def rows(page, column):
    """The rows of all tables with this column."""
    return [row for table in page.tables() for row in table if column in row]


def code(cell):
    """The words of a cell that are set as code."""
    return re.findall(r'`([^`]+)`', cell)


def numbers(cell):
    """What a cell such as ``64, 128`` or ``2 x (32, 16)`` lists."""
    times, given, values = cell.rpartition(' x ')
    values = tuple(map(int, values.strip('()').split(', ')))
    return values * int(times) if given else values


def arguments(name):
    """The names of all arguments of a backbone, those of its bases too."""
    names = set()
    for cls in MODELS.get(name).__mro__:
        if '__init__' in cls.__dict__:
            parameters = inspect.signature(cls.__init__).parameters
            names |= set(parameters)
            if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
                break
    return names


def test_every_backbone_and_neck_has_its_row(page):
    assert {code(row['backbone'])[0] for row in rows(page, 'example')} == set(backbones.__all__)
    assert {code(row['neck'])[0] for row in rows(page, 'neck')} == set(necks.__all__)


def test_examples(page):
    for row in rows(page, 'example'):
        cls = MODELS.get(row['backbone'].strip('`'))
        with torch.device('meta'):
            backbone = cls(**eval(f'dict({row["example"].strip("`")})', dict(EXTRAS)))
        assert numbers(row['channels']) == backbone.out_channels, row
        assert numbers(row['strides']) == backbone.out_strides, row
        millions = sum(p.numel() for p in backbone.parameters()) / 1e6
        assert row['parameters (M)'] == f'{millions:.1f}', row


def test_who_takes_which_argument(page):
    for row in rows(page, 'argument'):
        (argument, *_) = code(row['argument'])
        takers = {name for name in SMALL if argument in arguments(name)}
        named = set(code(row['backbones'])) & set(SMALL)
        if row['backbones'].startswith('all but'):
            named = set(SMALL) - named
        assert named == takers, argument


def test_sizes(page):
    needy = {name for row in rows(page, 'sides of the input') for name in code(row['backbone'])}
    for name, settings in SMALL.items():
        backbone = MODELS.build(dict(type=name, **settings))
        assert (backbone.size_divisor > 1 or backbone.least_size > 1) == (name in needy), name


def test_sessions(page):
    page.run_session('\n'.join(page.blocks('pycon')))


def test_configs(page):
    blocks = page.blocks('python')
    own = next(block for block in blocks if 'class StripeNet' in block)
    for block in blocks:
        if block != own:
            cfg = Config.fromstring(block, '.py')
            for part in ('backbone', 'neck', 'head'):
                if part in cfg.model:
                    with torch.device('meta'):
                        MODELS.build(cfg.model[part])


def test_own_backbone(page, monkeypatch):
    (own,) = (block for block in page.blocks('python') if 'class StripeNet' in block)
    scope = dict(__name__='stripe_net')
    exec(own.replace('@MODELS.register_module()\n', ''), scope)
    monkeypatch.setitem(MODELS._module_dict, 'StripeNet', scope['StripeNet'])
    cfg = dict(type='StripeNet', widths=(8, 16), frozen_stages=1, norm_eval=True)
    backbone = MODELS.build(cfg).train()
    backbone.init_weights()

    (output,) = backbone(torch.randn(2, 3, 32, 24))
    assert output.shape == (2, *backbone.out_channels, 8, 6)
    assert backbone.out_strides == (4,)
    assert [p.requires_grad for p in backbone.parameters()] == [False] * 3 + [True] * 3
    with pytest.raises(ValueError, match=r'24x30 .* must be multiples of 4'):
        backbone(torch.randn(1, 3, 30, 24))

    preprocessor = dict(type='PoseDataPreprocessor')
    head = dict(
        type='HeatmapHead',
        in_channels=16,
        out_channels=3,
        decoder=dict(type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(64, 64), sigma=2),
    )
    model = dict(
        type='TopdownPoseEstimator', data_preprocessor=preprocessor, backbone=cfg, head=head
    )
    assert MODELS.build(model)(torch.randn(1, 3, 64, 64), None).shape == (1, 3, 128, 128)
