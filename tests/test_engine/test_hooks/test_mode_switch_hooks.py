"""One-stage heads and their data change in the course of a training."""

import gzip
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.structures import InstanceData
from torch import nn
from torch.utils.data import DataLoader

from mmpose.engine.hooks import RTMOModeSwitchHook, YOLOXPoseModeSwitchHook
from mmpose.engine.model_wrappers import unwrapped
from mmpose.models.heads import RTMOHead
from mmpose.structures import PoseDataSample

CONFIGS = Path(__file__).parents[2] / 'data' / 'config_expansions.json.gz'
# what published configs change in an RTMO head, from what a new head has
CHANGES = {
    'proxy_target_cc': True,
    'overlaps_power': 0.5,
    'loss_cls.loss_weight': 2.0,
    'loss_mle.loss_weight': 5.0,
    'loss_oks.loss_weight': 10.0,
}


def auxiliary(model):
    return [use_aux_loss for use_aux_loss, _, _ in model.settings]


class TestYOLOXPose:
    def test_the_last_epochs_and_one_more(self, hooked):
        # as published: the switch comes with epoch number 5 - 2, counted from 1
        cfg = dict(type='YOLOXPoseModeSwitchHook', num_last_epochs=2)
        model = hooked.train(cfg, max_epochs=5)
        assert auxiliary(model) == [False, False, True, True, True]
        assert model.values == [[10, 11]] * 5

    def test_pipeline(self, hooked):
        hook = YOLOXPoseModeSwitchHook(1, new_train_pipeline=[hooked.Add(20)])
        model = hooked.train(hook, train_dataloader=hooked.loader(num_workers=1))
        assert model.values == [[10, 11], [20, 21], [20, 21]]
        first, second, third = model.processes
        assert len(first | second) == 2
        assert second == third

    def test_data_set(self, hooked):
        dataset = hooked.loader(length=3)['dataset']
        loader = hooked.loader(num_workers=1)
        model = hooked.train(YOLOXPoseModeSwitchHook(1, dataset), train_dataloader=loader)
        assert model.values == [[10, 11], [10, 11, 12], [10, 11, 12]]
        assert [len(processes) for processes in model.processes] == [1, 1, 1]
        assert model.processes[0] != model.processes[1] == model.processes[2]

    def test_data_set_and_pipeline(self, hooked):
        repeated = dict(type='RepeatDataset', times=2, dataset=hooked.loader(length=1)['dataset'])
        hook = YOLOXPoseModeSwitchHook(1, repeated, [hooked.Add(20)])
        assert hooked.train(hook).values == [[10, 11], [20, 20], [20, 20]]
        assert 'pipeline' not in repeated
        assert repeated['dataset']['pipeline'][0].number == 10

    def test_the_new_sampler_knows_its_epoch(self, hooked):
        # the same order as without a switch, not that of the first epochs once more
        loader = hooked.loader(shuffle=True, length=30)
        hook = YOLOXPoseModeSwitchHook(1, loader['dataset'])
        switched, plain = (hooked.train(*hooks, train_dataloader=loader) for hooks in ([hook], []))
        assert switched.values == plain.values

    def test_resuming_after_it(self, hooked):
        dataset = hooked.loader(length=3)['dataset']
        hooked.train(YOLOXPoseModeSwitchHook(3, dataset), max_epochs=2)
        hook = YOLOXPoseModeSwitchHook(3, dataset, [hooked.Add(20)])
        model = hooked.train(hook, max_epochs=4, resume=True)
        assert model.values == [[20, 21, 22]] * 2
        assert auxiliary(model) == [True, True]

    def test_resuming_before_it(self, hooked):
        hooked.train(max_epochs=1)
        model = hooked.train(YOLOXPoseModeSwitchHook(1), max_epochs=4, resume=True)
        assert auxiliary(model) == [False, True, True]

    def test_errors_come_before_the_first_epoch(self, hooked):
        with pytest.raises(ValueError, match='num_last_epochs is -1; expected 0 or more'):
            YOLOXPoseModeSwitchHook(-1)
        with pytest.raises(KeyError, match="'RandomFlop' is not in the"):
            hooked.train(YOLOXPoseModeSwitchHook(1, new_train_pipeline=[dict(type='RandomFlop')]))
        with pytest.raises(TypeError, match='YOLOXPoseModeSwitchHook counts epochs'):
            hooked.train(YOLOXPoseModeSwitchHook(1), train_cfg=dict(by_epoch=False, max_iters=2))
        loader = DataLoader(hooked.Numbers(pipeline=[hooked.Add(10)]), batch_size=2)
        with pytest.raises(TypeError, match='train_dataloader is a DataLoader; for another data'):
            hooked.train(YOLOXPoseModeSwitchHook(1, dict(type='Numbers')), train_dataloader=loader)


class DropsAuxiliary(Hook):
    """Finds a model whose head has no auxiliary losses."""

    priority = 'HIGHEST'

    def before_train(self, runner):
        del runner.model.head.use_aux_loss


def test_a_head_without_auxiliary_losses(hooked):
    with pytest.raises(AttributeError, match="'use_aux_loss' cannot be set in the head, because"):
        hooked.train(DropsAuxiliary(), YOLOXPoseModeSwitchHook(1))


class TestRTMO:
    ATTRIBUTES = {
        2: {'overlaps_power': 1.0, 'loss_cls.loss_weight': 3.0},
        0: {'use_aux_loss': True},
        1: {'loss_cls.loss_weight': 2.0},
    }

    def test_by_epoch(self, hooked):
        cfg = dict(type='RTMOModeSwitchHook', epoch_attributes=self.ATTRIBUTES)
        model = hooked.train(cfg, max_epochs=4)
        last = (True, 1.0, 3.0)
        assert model.settings == [(True, 0.5, 1.0), (True, 0.5, 2.0), last, last]

    def test_resuming_sets_those_of_all_earlier_epochs_in_order(self, hooked):
        hooked.train()
        attributes = {**self.ATTRIBUTES, 4: {'overlaps_power': 2.0}}
        model = hooked.train(RTMOModeSwitchHook(attributes), max_epochs=5, resume=True)
        assert model.settings == [(True, 1.0, 3.0), (True, 2.0, 3.0)]

    def test_what_others_set_between_stays(self, hooked):
        class Sets(Hook):
            def after_train_epoch(self, runner):
                runner.model.head.overlaps_power = 7.0

        model = hooked.train(RTMOModeSwitchHook({0: {'overlaps_power': 1.0}}), Sets())
        assert [power for _, power, _ in model.settings] == [1.0, 7.0, 7.0]

    @pytest.mark.parametrize(
        ('path', 'told'),
        [
            (
                'loss_cls.loss_wieght',
                "'loss_cls.loss_wieght' cannot be set in the head, because L1Loss has no "
                "'loss_wieght'. Did you mean 'loss_weight'? It has: loss_weight, reduction, ",
            ),
            (
                'loss_class.loss_weight',
                "because Head has no 'loss_class'. Did you mean 'loss_cls'? It has: loss_aux, "
                'loss_cls, overlaps_power, training, use_aux_loss.',
            ),
            ('loss_aux.loss_weight', "NoneType has no 'loss_weight'. It has: nothing that can"),
            ('loss', "because Head has no 'loss'. Did you mean 'loss_cls'?"),  # it is a method
        ],
    )
    def test_unknown_attributes_before_the_first_epoch(self, hooked, path, told):
        with pytest.raises(AttributeError) as caught:
            hooked.train(RTMOModeSwitchHook({99: {path: 1.0}}))
        assert told in str(caught.value)

    @pytest.mark.parametrize('epoch', [-1, '280', 1.5])
    def test_bad_epochs(self, epoch):
        with pytest.raises(ValueError, match=f'has the epoch {epoch!r}; expected whole numbers'):
            RTMOModeSwitchHook({epoch: {}})

    def test_needs_epochs(self, hooked):
        with pytest.raises(TypeError, match='RTMOModeSwitchHook counts epochs'):
            hooked.train(RTMOModeSwitchHook({}), train_cfg=dict(by_epoch=False, max_iters=2))


def rtmo_head(**changes):
    """A small head of two keypoints, built with the changes."""
    losses = dict(
        loss_cls=dict(type='VariFocalLoss', reduction='sum', use_target_weight=True),
        loss_mle=dict(type='MLECCLoss', use_target_weight=True),
        loss_oks=dict(type='OKSLoss', reduction='none'),
        loss_bbox=dict(type='IoULoss', mode='square', reduction='sum'),
        loss_vis=dict(type='BCELoss', use_target_weight=True),
    )
    for path in [path for path in changes if '.' in path]:
        loss, name = path.split('.')
        losses[loss][name] = changes.pop(path)
    torch.manual_seed(0)
    return RTMOHead(
        num_keypoints=2,
        head_module_cfg=dict(in_channels=4, pose_vec_channels=6, channels_per_group=1),
        dcc_cfg=dict(in_channels=6, feat_channels=8, num_bins=(5, 5), spe_channels=8,
                     gau_cfg=dict(s=8, pos_enc='add')),
        assigner=dict(
            type='SimOTAAssigner',
            dynamic_k_indicator='oks',
            oks_calculator=dict(type='PoseOKS', metainfo=None),
            use_keypoints_for_center=True,
        ),
        **losses,
        **changes,
    )  # fmt: skip


def losses_of(head):
    """For one person in a picture of 64 x 32 pixels."""
    torch.manual_seed(1)
    feats = torch.randn(1, 8, 2, 4), torch.randn(1, 8, 1, 2)
    points = torch.tensor([[[4.0, 4.0], [12.0, 12.0]]])
    sample = PoseDataSample(metainfo=dict(input_size=(64, 32)))
    sample.gt_instance_labels = InstanceData(
        bboxes=torch.tensor([[0.0, 0.0, 16.0, 16.0]]),
        keypoints=points,
        keypoints_visible=torch.ones(1, 2),
        areas=torch.tensor([256.0]),
        labels=torch.zeros(1, dtype=torch.long),
    )
    losses = head.train().loss(feats, [sample])
    return {name: value.mean().item() for name, value in losses.items() if 'loss' in name}


@pytest.mark.parametrize('path', CHANGES)
def test_each_attribute_of_an_rtmo_head_takes_effect(path):
    change = {path: CHANGES[path]}
    runner = SimpleNamespace(
        model=nn.DataParallel(nn.ModuleDict(dict(head=rtmo_head()))),
        epoch=0,
        logger=SimpleNamespace(info=print),
    )
    head = runner.model.module.head = runner.model.module['head']
    before = losses_of(head)
    RTMOModeSwitchHook({0: change}).before_train_epoch(runner)
    after = losses_of(head)
    assert after == pytest.approx(losses_of(rtmo_head(**change)))
    if '.' in path:
        changed = path.split('.')[0]
        assert after == pytest.approx({**before, changed: before[changed] * CHANGES[path]})
    else:
        assert after['loss_cls'] != pytest.approx(before['loss_cls'])


def test_configs_change_no_other_attributes():
    configs = json.loads(gzip.decompress(CONFIGS.read_bytes())).values()
    hooks = [hook for cfg in configs for hook in cfg.get('custom_hooks') or []]
    changed = [hook['epoch_attributes'] for hook in hooks if hook['type'] == 'RTMOModeSwitchHook']
    assert {path for epochs in changed for epoch in epochs.values() for path in epoch} == set(
        CHANGES
    )


def test_the_model_in_its_wrappers():
    model = nn.Linear(1, 1)
    assert unwrapped(model) is model
    assert unwrapped(nn.DataParallel(model)) is model
    compiled = torch.compile(model, backend='eager')
    assert unwrapped(nn.DataParallel(compiled)) is model
    compiled = torch.compile(nn.DataParallel(model), backend='eager')
    assert unwrapped(compiled) is model
