"""Faults of a config are found together, and only faults."""

import copy

import pytest
from mmengine.config import Config

from mmpose.cli.errors import ConfigError
from mmpose.cli.part_checks import find_remarks
from mmpose.cli.preflight import find_faults, require_valid

FPN = dict(in_channels=[64], out_channels=17, num_outs=1)


class OwnNeck:
    def __init__(self, width=1, **others):
        pass


@pytest.fixture
def cfg(tiny_project):
    return Config.fromfile('tiny.py')


def faults_with(cfg, stage='train', **options):
    cfg = copy.deepcopy(cfg)
    cfg.merge_from_dict({key.replace('__', '.'): value for key, value in options.items()})
    return find_faults(cfg, stage)


@pytest.mark.parametrize('stage', ['train', 'test'])
def test_a_good_config_has_none(cfg, stage):
    assert find_faults(cfg, stage) == []
    require_valid(cfg, stage)


@pytest.mark.parametrize(
    ('key', 'value', 'path', 'registry'),
    [
        ('model.backbone.type', 'ResNett', 'model.backbone', 'model'),
        ('model.head.loss.type', 'KeypointMSE', 'model.head.loss', 'model'),
        ('model.head.decoder.type', 'MSRAHeatmaps', 'model.head.decoder', 'keypoint codec'),
        ('model.backbone.norm_cfg', dict(type='BNN'), 'model.backbone.norm_cfg', 'model'),
        ('train_dataloader.dataset.type', 'Coco', 'train_dataloader.dataset', 'dataset'),
        (
            'train_dataloader.dataset.pipeline',
            [dict(type='LoadImages')],
            'train_dataloader.dataset.pipeline[0]',
            'transform',
        ),
        ('train_dataloader.sampler.type', 'Default', 'train_dataloader.sampler', 'data sampler'),
        ('default_hooks.timer.type', 'Timer', 'default_hooks.timer', 'hook'),
        ('optim_wrapper.type', 'Wrapper', 'optim_wrapper', 'optim_wrapper'),
        ('optim_wrapper.optimizer.type', 'Adamm', 'optim_wrapper.optimizer', 'optimizer'),
        ('param_scheduler', [dict(type='Cosine')], 'param_scheduler[0]', 'parameter scheduler'),
        ('val_evaluator.type', 'CocoMetrics', 'val_evaluator', 'metric'),
        ('visualizer.type', 'PoseVisualizer', 'visualizer', 'visualizer'),
        ('train_cfg.type', 'Loop', 'train_cfg', 'loop'),
    ],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_unknown_types(cfg, key, value, path, registry):
    cfg.merge_from_dict({key: value})
    found = [fault for fault in find_faults(cfg, 'train') if 'registry' in fault]
    assert len(found) == 1
    assert found[0].startswith(f'{path}: ')
    assert f'is not in the mmpose::{registry} registry' in found[0]


def test_all_faults_at_once_with_suggestions(cfg):
    cfg.model.backbone.type = 'ResNett'
    cfg.model.head.out_channels = 16
    with pytest.raises(ConfigError) as caught:
        require_valid(cfg, 'train')
    text = str(caught.value)
    assert text.startswith('the config has 3 faults:\n- ')
    assert "Did you mean 'ResNet'" in text
    assert 'predicts 16 keypoints (out_channels), but train_dataloader.dataset has 17' in text


@pytest.mark.parametrize(
    'options',
    [
        dict(model__neck=dict(type='mmdet.FPN', **FPN)),
        dict(model__neck=dict(type='FPN', _scope_='mmdet', **FPN)),
        dict(model__neck=dict(type='elsewhere.Neck', width=3)),
        dict(model__neck=dict(type='Neck', _scope_='elsewhere', norm_cfg=dict(type='X'))),
        dict(model__neck=dict(type=OwnNeck, width=3, inner=dict(type='X'))),
        dict(model__neck=dict(type=OwnNeck, widht=3, head=dict(type='HeatmapHead', y=1))),
        dict(model__init_cfg=dict(type='Normal', layer='Conv2d', std=0.1)),
        dict(model__test_cfg__search=dict(type='grid')),
        dict(
            train_dataloader__dataset__pipeline=[
                dict(type='torchvision.Wrap', transforms=[dict(type='Blur')])
            ]
        ),
        dict(default_hooks__badcase__metric=dict(type='KeypointMSELoss')),
        dict(val_evaluator=None, val_dataloader=None, val_cfg=None),
        dict(some_variable=dict(type='Unused')),
        dict(model__head__decoder__heatmap_size=[16, 16]),
        dict(train_dataloader__dataset__metainfo=dict(classes=('a', 'b'))),
        dict(train_dataloader__dataset__data_root='s3://bucket/'),
        dict(
            model__data_preprocessor__batch_augments=[
                dict(type='BatchSyncRandomResize', random_size_range=(64, 64))
            ]
        ),
    ],
    ids=range(16),
)
def test_what_it_does_not_know_is_passed_over(cfg, options):
    assert faults_with(cfg, **options) == []


def test_wrapped_datasets_are_entered(cfg):
    inner = dict(cfg.train_dataloader.dataset)
    broken = dict(inner, ann_file='absent.json', type='Cocoo')
    cfg.train_dataloader.dataset = dict(
        type='ConcatDataset', datasets=[inner, dict(type='RepeatDataset', dataset=broken, times=2)]
    )
    faults = find_faults(cfg, 'train')
    assert [fault.split(': ')[0] for fault in faults] == [
        'train_dataloader.dataset.datasets[1].dataset',
        'train_dataloader.dataset.datasets[1].dataset',
    ]


def test_missing_files(cfg, tmp_path):
    cfg.train_dataloader.dataset.update(ann_file='absent.json', data_prefix=dict(img='no/'))
    cfg.val_dataloader.dataset.bbox_file = 'boxes.json'
    cfg.val_evaluator.ann_file = 'gone.json'
    root = cfg.data_root
    assert find_faults(cfg, 'train') == [
        f'train_dataloader.dataset: annotation file {root}absent.json does not exist',
        f'train_dataloader.dataset: image folder {root}no/ does not exist',
        'val_dataloader.dataset: file of detected boxes boxes.json does not exist',
        'val_evaluator: annotation file gone.json does not exist; put the data there, or change '
        'where the config looks, such as with '
        '--cfg-options train_dataloader.dataset.data_root=FOLDER',
    ]
    assert find_faults(cfg, 'test') == []


def test_images_that_are_not_read_may_be_absent(cfg):
    dataset = cfg.train_dataloader.dataset
    dataset.update(data_prefix=dict(img='no/'), pipeline=[dict(type='PackPoseInputs')])
    assert find_faults(cfg, 'train') == []


def test_sizes(cfg):
    faults = faults_with(cfg, model__head__decoder__input_size=(96, 128))
    assert faults[0] == (
        'input_size must be the same everywhere, but is (96, 128) in model.head.decoder, '
        '(64, 64) in TopdownAffine in train_dataloader, (64, 64) in the encoder in train_dataloader'
    )
    assert 'TopdownAffine in val_dataloader' in faults[1]
    assert len(faults) == 2

    assert faults_with(cfg, model__head__decoder__heatmap_size=(24, 32)) == [
        'heatmap_size is (16, 16) in the encoder in train_dataloader but (24, 32) in '
        'model.head.decoder; use the same codec in both'
    ]


def test_keypoint_counts(cfg):
    udp = dict(type='UDPHeatmap', input_size=(64, 64), heatmap_size=(16, 16))
    combined = dict(model__head__decoder=dict(udp, _delete_=True, heatmap_type='combined'))
    assert faults_with(cfg, **combined, model__head__out_channels=51) == []
    converter = [dict(type='KeypointConverter', num_keypoints=13, mapping=[])]
    dataset = 'train_dataloader.dataset'
    cfg.merge_from_dict({f'{dataset}.pipeline': converter + cfg.train_pipeline})
    assert any(
        f'17 keypoints (out_channels), but {dataset} has 13' in f for f in find_faults(cfg, 'train')
    )
    # A model of more keypoints is tested on those that the data set has.
    chosen = dict(
        model__head__out_channels=19, model__test_cfg__output_keypoint_indices=[*range(17)]
    )
    assert faults_with(cfg, 'test', **chosen) == []
    chosen['model__test_cfg__output_keypoint_indices'] = [0, 1]
    assert (
        'has 2 entries, but test_dataloader.dataset has 17' in faults_with(cfg, 'test', **chosen)[0]
    )


def test_a_bad_skeleton(cfg):
    metainfo = dict(from_file='configs/_base_/datasets/coco.py', sigmas=[0.1])
    faults = faults_with(cfg, train_dataloader__dataset__metainfo=metainfo)
    assert len(faults) == 1
    assert faults[0].startswith('train_dataloader.dataset: ')
    assert 'sigmas' in faults[0]


@pytest.mark.parametrize(
    ('key', 'value', 'fault'),
    [
        (
            'model.head.out_chanels',
            17,
            "model.head: HeatmapHead does not take 'out_chanels'. Did you mean",
        ),
        ('model.backbone.dept', 18, "model.backbone: ResNet does not take 'dept'. Did you mean"),
        (
            'model.head.loss',
            dict(type='KeypointMSELoss', _delete_=True, use_target_weights=True),
            "model.head.loss: KeypointMSELoss does not take 'use_target_weights'. Did you mean "
            "'use_target_weight'?",
        ),
        ('model.neck', dict(type='FPN'), "model.neck: FPN needs 'in_channels' and 'out_channels'"),
        (
            'train_dataloader.batchsize',
            2,
            "train_dataloader: DataLoader does not take 'batchsize'. Did you mean 'batch_size'?",
        ),
        (
            'train_dataloader.sampler.shufle',
            True,
            "train_dataloader.sampler: DefaultSampler does not take 'shufle'. Did you mean",
        ),
        (
            'train_dataloader.dataset.annfile',
            'a.json',
            "train_dataloader.dataset: CocoDataset does not take 'annfile'. Did you mean",
        ),
        (
            'train_dataloader.dataset.pipeline',
            [dict(type='TopdownAffine', size=(1, 1))],
            "train_dataloader.dataset.pipeline[0]: TopdownAffine does not take 'size'.",
        ),
        (
            'train_cfg.max_epoch',
            2,
            "train_cfg: EpochBasedTrainLoop does not take 'max_epoch'. Did you mean 'max_epochs'",
        ),
        (
            'optim_wrapper.clipgrad',
            dict(max_norm=1),
            "optim_wrapper: OptimWrapper does not take 'clipgrad'. Did you mean 'clip_grad'?",
        ),
        (
            'optim_wrapper.optimizer.learning_rate',
            1,
            "optim_wrapper.optimizer: AdamW does not take 'learning_rate'.",
        ),
        (
            'param_scheduler',
            [dict(type='MultiStepLR', milestone=[1])],
            "param_scheduler[0]: MultiStepLR does not take 'milestone'. Did you mean 'milestones'?",
        ),
        (
            'default_hooks.logger.intervall',
            1,
            "default_hooks.logger: LoggerHook does not take 'intervall'. Did you mean 'interval'?",
        ),
        (
            'val_evaluator.nms_threshold',
            1,
            "val_evaluator: CocoMetric does not take 'nms_threshold'.",
        ),
        ('visualizer.radious', 1, 'visualizer: PoseLocalVisualizer does not take'),
        (
            'model.neck',
            dict(type='mmdet.DINO'),
            "model.neck: 'mmdet.DINO' is not in the mmpose::model registry under its plain name,",
        ),
        (
            'model.neck',
            dict(type='mmpose.models.FPNN'),
            "model.neck: 'mmpose.models.FPNN' is not in the mmpose::model registry. Did you mean",
        ),
        (
            'train_dataloader.dataset.pipeline',
            [dict(type='LoadImage', backend_args=dict(backend='disk'))],
            "the backend 'disk' is none of http, lmdb, local, memcached, petrel; 'disk' is called",
        ),
    ],
)
def test_arguments(cfg, key, value, fault):
    cfg.merge_from_dict({key: value})
    found = [f for f in find_faults(cfg, 'train') if fault in f]
    assert len(found) == 1, find_faults(cfg, 'train')


def test_arguments_that_others_read(cfg):
    cfg.custom_hooks = [dict(type='SyncBuffersHook', priority='LOW')]
    cfg.param_scheduler = [
        dict(type='CosineAnnealingLR', T_max=2, by_epoch=True, convert_to_iter_based=True)
    ]
    cfg.optim_wrapper.update(paramwise_cfg=dict(norm_decay_mult=0), constructor='Own', mine=1)
    cfg.model.head.update(input_transform='select', input_index=-1)
    assert [f for f in find_faults(cfg, 'train') if 'take' in f or 'need' in f] == []


def test_settings_that_work_together(cfg):
    cfg.optim_warpper = cfg.pop('optim_wrapper')
    assert find_faults(cfg, 'train') == [
        'train_cfg and train_dataloader are set but not optim_wrapper; is `optim_warpper` meant to '
        'be that?'
    ]
    cfg.optim_wrapper = cfg.pop('optim_warpper')
    cfg.val_evaluator = None
    assert find_faults(cfg, 'train') == [
        'val_cfg and val_dataloader are set but not val_evaluator.'
    ]


def test_nothing_to_train_with(cfg):
    for key in ('train_cfg', 'train_dataloader', 'optim_wrapper'):
        cfg.pop(key)
    with pytest.raises(ConfigError, match='nothing to train with: it lacks train_cfg, train_data'):
        require_valid(cfg, 'train')
    require_valid(cfg, 'test')


def test_names_that_nothing_reads(tiny_project, capsys):
    text = (tiny_project / 'tiny.py').read_text()
    own = (
        'trian_dataloader = dict(batch_size=2)\nmy_own = 1\ncustom_hook = 1\nother = custom_hook\n'
    )
    (tiny_project / 'own.py').write_text(text + own)
    cfg = Config.fromfile('own.py')
    assert find_remarks(cfg) == [
        'nothing reads `trian_dataloader` at the top level of the config. Did you mean '
        '`train_dataloader`?'
    ]
    require_valid(cfg, 'train')
    assert capsys.readouterr().err.startswith('warning: nothing reads `trian_dataloader`')


def test_parts_that_are_imported_in_vain(tiny_project):
    (tiny_project / 'lazy.py').write_text(
        'from mmpose.models import HeatmapHed, TopdownPoseEstimator\n'
        'from no_package.heads import Head\n'
        'model = dict(type=TopdownPoseEstimator, head=dict(type=HeatmapHed), neck=[Head])\n'
    )
    assert find_faults(Config.fromfile('lazy.py'), 'test') == [
        'model.head: Failed to import HeatmapHed from mmpose.models in lazy.py, line 1. Did you '
        "mean 'HeatmapHead'?",
        'model.neck[0]: Failed to import no_package.heads in lazy.py, line 2 for No module named '
        "'no_package'",
    ]
