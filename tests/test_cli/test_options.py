"""``--cfg-options`` change what is there, and say so where nothing is."""

import argparse

import pytest

from mmpose.cli.errors import ConfigError
from mmpose.cli.launch import add_config_arguments, load_config
from mmpose.cli.options import option_faults


def load(*options):
    parser = argparse.ArgumentParser()
    add_config_arguments(parser)
    return load_config(parser.parse_args(['tiny.py', '--cfg-options', *options]))


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('train_cfg.max_epochs=7', 7),
        ('model.test_cfg.flip_test=False', False),
        ('model.test_cfg.anything_new=3', 3),
        ('model.backbone.with_cp=True', True),
        ('model.head.loss.loss_weight=2', 2),
        ('model.init_cfg.type=Pretrained', 'Pretrained'),
        ('visualizer.radius=5', 5),
        ('optim_wrapper.clip_grad.max_norm=35', 35),
        ('optim_wrapper.accumulative_counts=2', 2),
        ('optim_wrapper.paramwise_cfg.norm_decay_mult=0', 0),
        ('optim_wrapper.optimizer.betas=(0.9,0.99)', (0.9, 0.99)),
        ('custom_hooks.0.priority=VERY_LOW', 'VERY_LOW'),
        ('default_hooks.checkpoint.max_keep_ckpts=1', 1),
        ('train_dataloader.num_batch_per_epoch=2', 2),
        ('train_dataloader.prefetch_factor=2', 2),
        ('train_dataloader.dataset.indices=10', 10),
        ('train_dataloader.dataset.data_prefix.depth=x', 'x'),
        ('train_dataloader.dataset.pipeline.0.to_float32=True', True),
        ('val_evaluator.nms_thr=0.5', 0.5),
        ('randomness.deterministic=True', True),
        ('auto_scale_lr.base_batch_size=64', 64),
        ('env_cfg.dist_cfg.backend=gloo', 'gloo'),
        ('load_from=a.pth', 'a.pth'),
        ('find_unused_parameters=True', True),
        ('fresh_idea=1', 1),
    ],
)
def test_what_can_be_set(tiny_project, option, value):
    place = load(option)
    for key in option.partition('=')[0].split('.'):
        place = place[int(key) if key.isdigit() else key]
    assert place == value


def test_arguments_of_a_class_that_is_set_too(tiny_project):
    cfg = load('optim_wrapper.dtype=bfloat16', 'optim_wrapper.type=AmpOptimWrapper')
    assert (cfg.optim_wrapper.type, cfg.optim_wrapper.dtype) == ('AmpOptimWrapper', 'bfloat16')
    with pytest.raises(ConfigError, match="has no 'dtype'"):
        load('optim_wrapper.dtype=bfloat16')


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        (
            'model.bakbone.depth=18',
            "model, a TopdownPoseEstimator, has no 'bakbone'. Did you mean model.backbone.depth?",
        ),
        ('model.backbone.dept=18', "a ResNet, has no 'dept'. Did you mean model.backbone.depth?"),
        ('backbone.depth=18', "the config has no 'backbone'. Did you mean model.backbone.depth?"),
        (
            'trian_dataloader.batch_size=2',
            "the config has no 'trian_dataloader'. Did you mean train_dataloader.batch_size?",
        ),
        (
            'train_dataloader.batchsize=2',
            "a DataLoader, has no 'batchsize'. Did you mean train_dataloader.batch_size?",
        ),
        ('train_cfg.max_epoch=2', "has no 'max_epoch'. Did you mean train_cfg.max_epochs?"),
        (
            'default_hooks.chekpoint.interval=2',
            "has no 'chekpoint'. Did you mean default_hooks.checkpoint.interval?",
        ),
        (
            'train_dataloader.dataset.pipeline.9.x=2',
            'train_dataloader.dataset.pipeline is a list of 5; name an item by its number',
        ),
        ('train_dataloader.dataset.pipeline.x=2', 'is a list of 5; name an item by its number'),
        ('param_scheduler.begin=2', 'param_scheduler is None, which has no keys; set'),
        ('model.backbone.depth.x=2', 'model.backbone.depth is 18, which has no keys; set'),
        ('auto_scale_lr.enabled=True', 'Did you mean auto_scale_lr.enable?'),
    ],
)
def test_what_cannot(tiny_project, option, message):
    with pytest.raises(ConfigError) as caught:
        load('auto_scale_lr.enable=True', option)
    text = str(caught.value)
    assert text.startswith(f'--cfg-options do not fit the config:\n- {option.partition("=")[0]}: ')
    assert message in text


def test_all_faults_are_listed(tiny_project):
    with pytest.raises(ConfigError) as caught:
        load('model.bakbone.depth=18', 'train_cfg.max_epoch=2')
    assert str(caught.value).count('\n- ') == 2


def test_a_hook_of_ones_own_needs_its_type(tiny_project):
    cfg = load('default_hooks.stop.type=EarlyStoppingHook', 'default_hooks.stop.monitor=coco/AP')
    assert cfg.default_hooks.stop == dict(type='EarlyStoppingHook', monitor='coco/AP')


def test_variables_come_too_late(tiny_project, capsys):
    load('data_root=elsewhere/', 'train_cfg.max_epochs=2')
    err = capsys.readouterr().err
    assert err.startswith('warning: --cfg-options data_root: this is a variable of the config')
    assert 'set the places that use it, such as train_dataloader.dataset.data_root.' in err
    assert err.count('\n') == 1


def test_a_word_without_a_value(tiny_project, capsys):
    with pytest.raises(SystemExit):
        load('train_cfg.max_epochs', '3')
    assert "'train_cfg.max_epochs' is not KEY=VALUE" in capsys.readouterr().err


def test_parts_of_other_packages_take_anything(tiny_project):
    cfg = load('model.neck.type=elsewhere.Neck')
    assert option_faults(cfg, {'model.neck.width': 3}) == []
