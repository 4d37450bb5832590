"""Faults of a config are found together, and only faults."""

import copy

import pytest
from mmengine.config import Config

from mmpose.cli.errors import ConfigError
from mmpose.cli.preflight import find_faults, require_valid


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
        dict(model__neck=dict(type='mmdet.FPN')),
        dict(model__neck=dict(type='FPN', _scope_='mmdet', norm_cfg=dict(type='X'))),
        dict(model__neck=dict(type=object)),
        dict(model__backbone__stem=dict(type='free form')),
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
        dict(train_dataloader__dataset__backend_args=dict(backend='petrel')),
        dict(
            model__data_preprocessor__batch_augments=[
                dict(type='BatchSyncRandomResize', random_size_range=(64, 64))
            ]
        ),
    ],
    ids=range(14),
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
    dataset.update(data_prefix=dict(img='no/'), pipeline=[dict(type='GenerateTarget')])
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
    combined = dict(model__head__decoder__heatmap_type='combined')
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
