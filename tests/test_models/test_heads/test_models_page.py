"""The examples and tables of docs/models.md."""

import copy
import inspect
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmpose import codecs
from mmpose.cli.main import COMMANDS
from mmpose.models import distillers, heads, losses, pose_estimators
from mmpose.models.heads import BaseHead
from mmpose.models.heads.hybrid_heads.base_one_stage_head import BaseOneStageHead
from mmpose.registry import MODELS, TRANSFORMS

reason = 'benchmarks/ is not part of this installation'
families = pytest.importorskip('small_models', reason=reason)
smoke = pytest.importorskip('train_smoke', reason=reason)

HEADS = {
    name
    for name, cls in MODELS.module_dict.items()
    if issubclass(cls, (BaseHead, BaseOneStageHead)) and not inspect.isabstract(cls)
}
CONFIGS = Path(__file__).parents[3] / 'configs'
MODELS_BY_NAME = {
    name: family
    for name, family in families.ALL_FAMILIES.items()
    if family.model['type'] != 'DWPoseDistiller'
}


@pytest.fixture(scope='module')
def page(docs_page):
    return docs_page('models.md')


def rows(page, *columns):
    """The rows of all tables with these columns."""
    return [row for table in page.tables() for row in table if set(columns) <= set(row)]


def code(cell):
    """The words of a cell that are set as code."""
    return re.findall(r'`([^`]+)`', cell)


def heads_of(cfg):
    """The types of the heads in a model's config."""
    names = [cfg[key]['type'] for key in ('head', 'traj_head') if key in cfg]
    return [name.rpartition('.')[2] for name in names]


def loss_types(cfg):
    """The types of all losses in the config of a head."""
    if isinstance(cfg, list):
        return set().union(*map(loss_types, cfg))
    if not isinstance(cfg, dict):
        return set()
    own = {cfg['type']} & set(losses.__all__) if 'type' in cfg else set()
    return own.union(*map(loss_types, cfg.values()))


@cache
def model_of(name):
    return families.enliven(smoke.build(MODELS_BY_NAME[name]))


def data_of(name, training):
    samples = copy.deepcopy(smoke.packed(MODELS_BY_NAME[name]))
    return model_of(name).data_preprocessor(pseudo_collate(samples), training)


def predictions(name, **test_cfg):
    model = model_of(name).eval()
    model.test_cfg = Settings(nms_thr=0.65, nms_dist_thr=0.05, **test_cfg)
    if name == 'heatmap, UDP combined':
        model.test_cfg['flip_mode'] = 'udp_combined'
    with torch.no_grad():
        return model(**data_of(name, training=False), mode='predict'), model.test_cfg.read


def has_maps(name):
    others = ('regression', 'RLE', 'YOLOX-Pose', 'RTMO', 'ED-Pose')
    return name not in others and not name.startswith('lifting')


class Settings(dict):
    """A dict that knows which keys were read."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.read = set()

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)


def test_every_head_codec_and_estimator_is_there(page):
    table = rows(page, 'codec', 'outputs')
    assert sorted(code(row['head'])[0] for row in table) == sorted(HEADS)
    named = {name for row in table for name in code(row['codec'])}
    assert named >= set(codecs.__all__) - {'BaseKeypointCodec'}
    estimators = {code(row['estimator'])[0] for row in rows(page, 'estimator')}
    assert estimators == set(pose_estimators.__all__) - {'BasePoseEstimator'}


@pytest.mark.parametrize('family', MODELS_BY_NAME.values(), ids=MODELS_BY_NAME)
def test_codecs_and_losses_of_the_heads(page, family):
    table = {code(row['head'])[0]: row for row in rows(page, 'codec', 'outputs')}
    row = table[family.model['head']['type']]
    encoders = [t['encoder'] for t in family.transforms if t['type'] == 'GenerateTarget']
    for encoder in encoders:
        (kind,) = {each['type'] for each in (encoder if isinstance(encoder, list) else [encoder])}
        assert kind in row['codec'] or 'pose_cfg' in row['codec']
    named = set(code(row['loss']))
    assert named <= {*losses.__all__, *codecs.__all__, 'pose_cfg'}
    if 'pose_cfg' not in named:
        assert loss_types(family.model['head']) <= named


def test_published_configs(page):
    """Those that are here have the head of their row."""
    for row in rows(page, 'published config'):
        for name in code(row['published config']):
            for file in CONFIGS.rglob(f'{name}.py'):
                assert code(row['head'])[0] in heads_of(Config.fromfile(file).model), name


def test_fields_of_predictions(page):
    named = {name for row in rows(page, 'field') for name in code(row['field'])}
    found = set()
    for name, family in MODELS_BY_NAME.items():
        (sample, *_), _ = predictions(name, output_heatmaps=has_maps(name), score_thr=0.0)
        found |= set(sample.pred_instances.keys())
        has_boxes = 'bboxes' in sample.pred_instances
        (row,) = (row for row in rows(page, 'field') if row['field'] == '`bboxes`')
        without = code(row[''].partition(';')[2].partition(';')[2])
        if family.model['type'] != 'PoseLifter':
            assert has_boxes == (family.model['head']['type'] not in without)
    assert found == named


def test_which_head_reads_which_option(page):
    takers = defaultdict(set)
    for name, family in MODELS_BY_NAME.items():
        several = name != 'lifting, image'
        for maps in (False, has_maps(name)):
            _, read = predictions(name, flip_test=several, output_heatmaps=maps)
            for option in read:
                takers[option].add(family.model['head']['type'])
    table, named = rows(page, 'option'), {}
    for row in table:
        listed = set(code(row['read by']))
        if row['read by'] == 'all':
            listed = {family.model['head']['type'] for family in MODELS_BY_NAME.values()}
        if row['read by'].startswith('those of `flip_mode`'):
            listed = listed - {'flip_mode'} | named['flip_mode']
        named |= dict.fromkeys(code(row['option']), listed)
    assert named == takers


def test_logs(page):
    logs = {head: set(code(row['losses and accuracies'])) for row in rows(page, 'heads')
            for head in code(row['heads'])}  # fmt: skip
    for name in families.FAMILIES.keys() & MODELS_BY_NAME.keys():
        model = model_of(name).train()
        found = set(model(**data_of(name, training=True), mode='loss'))
        expected = set().union(*(logs[head] for head in heads_of(MODELS_BY_NAME[name].model)))
        if name == 'lifting, semi-supervised':
            expected |= {'proj_loss', 'bone_loss'}
        if name == 'heatmap, UDP combined':
            expected -= {'acc_pose'}
        assert found == expected, name
    assert logs.keys() == HEADS - {'EDPoseHead'}


def test_hooks(page):
    for row in rows(page, 'hook'):
        name, arguments = re.fullmatch(r'`(\w+)\((.*)\)`', row['hook']).groups()
        parameters = list(inspect.signature(getattr(BaseHead, name)).parameters)
        assert parameters == ['self', *arguments.split(', ')]


def test_sessions(page):
    page.run_session('\n'.join(page.blocks('pycon')))


def test_first_model(page):
    scope = {}
    exec(page.blocks('python')[0], scope)
    model = MODELS.build(scope['model'])
    assert model(torch.zeros(1, 3, 256, 192)).shape == (1, 17, 64, 48)


def test_own_head(page, monkeypatch):
    (own,) = (block for block in page.blocks('python') if 'class MarginalHead' in block)
    (config,) = (block for block in page.blocks('python') if "type='MarginalHead'" in block)
    scope = {}
    exec(own.replace('@MODELS.register_module()\n', ''), scope)
    monkeypatch.setitem(MODELS._module_dict, 'MarginalHead', scope['MarginalHead'])
    exec(config, scope)
    model = MODELS.build(scope['model'])
    model.init_weights()

    size = scope['codec']['input_size']
    transforms = [
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=size),
        dict(type='GenerateTarget', encoder=scope['codec']),
        dict(type='PackPoseInputs'),
    ]
    pipeline = Compose([TRANSFORMS.build(cfg) for cfg in transforms])
    packed = [pipeline(sample) for sample in MODELS_BY_NAME['heatmap, MSRA'].samples()]
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    first = None
    for _ in range(8):
        data = model.data_preprocessor(pseudo_collate(copy.deepcopy(packed)), True)
        found = model(**data, mode='loss')
        assert set(found) == {'loss_kpt', 'acc_pose'}
        first = found['loss_kpt'].item() if first is None else first
        optimizer.zero_grad()
        found['loss_kpt'].backward()
        optimizer.step()
    assert found['loss_kpt'].item() < first

    model.eval().test_cfg.update(output_keypoint_indices=[0, 5])
    together = model.test_step(pseudo_collate(copy.deepcopy(packed)))
    assert together[0].pred_instances.keypoints.shape == (1, 2, 2)
    for sample, one in zip(together, packed, strict=True):
        (alone,) = model.test_step(pseudo_collate([copy.deepcopy(one)]))
        assert (sample.pred_instances.keypoints == alone.pred_instances.keypoints).all()


def test_distillation(page):
    (block,) = (block for block in page.blocks('python') if 'DWPoseDistiller' in block)
    scope = {}
    exec(block, scope)
    parameters = inspect.signature(distillers.DWPoseDistiller.__init__).parameters
    for name in ('first', 'second'):
        cfg = scope[name]
        assert set(cfg) - {'type'} <= set(parameters)
        for method in (method for part in cfg['distill_cfg'] for method in part['methods']):
            MODELS.build(method)
    assert 'pth_transfer' in COMMANDS


def test_bases_of_families(page):
    section = page.text.partition('## A head of your own')[2]
    for name in re.findall(r'`(Base\w+Head)`', section):
        assert hasattr(heads, name)
