"""A run with an invalid loss stops with a report and leaves the good checkpoints."""

from types import SimpleNamespace

import pytest
import torch

from mmpose.engine.hooks import invalid_loss_hook
from mmpose.engine.hooks.invalid_loss_hook import InvalidLossError, InvalidLossHook

NAN, INF = float('nan'), float('inf')


def saved_epochs(tmp_path):
    return sorted(path.name for path in tmp_path.glob('*.pth'))


@pytest.mark.parametrize('bad', [NAN, INF], ids=['nan', 'inf'])
def test_stops_at_the_bad_iteration_and_names_the_loss(toy_runner, bad):
    runner = toy_runner([1.0, 1.0, bad], custom_hooks=[InvalidLossHook()])
    with pytest.raises(InvalidLossError) as caught:
        runner.train()
    text = str(caught.value)
    assert f'invalid loss in iteration 3 (epoch 1): loss = {bad}, loss_kpt = {bad}.' in text
    assert 'No checkpoint was saved before.' in text
    assert 'acc_pose' not in text


class TurnsBad(torch.utils.data.Dataset):
    """Good in its first pass, then spoilt."""

    reads = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        type(self).reads += 1
        factor = NAN if self.reads > 2 else 1.0
        return dict(inputs=torch.ones(1), factor=torch.tensor([factor]))


def test_keeps_the_last_good_checkpoint_though_only_one_is_kept(toy_runner, tmp_path):
    TurnsBad.reads = 0
    checkpoint = dict(type='CheckpointHook', interval=1, max_keep_ckpts=1)
    runner = toy_runner(
        train_dataloader=torch.utils.data.DataLoader(TurnsBad()),
        custom_hooks=[InvalidLossHook()],
        default_hooks=dict(checkpoint=checkpoint),
    )
    with pytest.raises(InvalidLossError, match=r'The last good checkpoint is .*epoch_1\.pth'):
        runner.train()
    assert saved_epochs(tmp_path) == ['epoch_1.pth']


def slow_copies(monkeypatch):
    """Make losses arrive as on CUDA: readable only after waiting for the copy."""
    gather, waits = invalid_loss_hook._gather, []

    def late(runner, data_batch, outputs):
        losses = gather(runner, data_batch, outputs)
        copied = SimpleNamespace(synchronize=lambda: waits.append(runner.iter))
        return losses._replace(copied=copied)

    monkeypatch.setattr(invalid_loss_hook, '_gather', late)
    return waits


def test_on_cuda_an_iteration_is_checked_after_the_next(toy_runner, monkeypatch):
    waits = slow_copies(monkeypatch)
    hook = InvalidLossHook()
    runner = toy_runner([1.0, NAN, 1.0, 1.0], custom_hooks=[hook])
    with pytest.raises(InvalidLossError, match=r'invalid loss in iteration 2 '):
        runner.train()
    assert runner.iter == 2  # in the third iteration, which counts from 0
    assert waits == [1, 2]


@pytest.mark.parametrize('by_epoch', [True, False])
def test_on_cuda_nothing_spoilt_is_saved(toy_runner, tmp_path, monkeypatch, by_epoch):
    slow_copies(monkeypatch)
    checkpoint = dict(type='CheckpointHook', interval=2, max_keep_ckpts=1, by_epoch=by_epoch)
    runner = toy_runner(
        [1.0] * 3 + [NAN] if not by_epoch else [1.0, NAN],
        max_epochs=2,
        custom_hooks=[InvalidLossHook()],
        default_hooks=dict(checkpoint=checkpoint),
    )
    with pytest.raises(InvalidLossError):
        runner.train()
    assert saved_epochs(tmp_path) == ([] if by_epoch else ['iter_2.pth'])


def test_weights_are_checked_where_the_loss_was_fine(toy_runner, tmp_path):
    # As when another process of a distributed run met the bad sample.
    runner = toy_runner(custom_hooks=[InvalidLossHook()], max_epochs=1)
    step = runner.model.train_step

    def spoil(*args, **kwargs):
        outputs = step(*args, **kwargs)
        runner.model.linear.bias.data.fill_(INF)
        return {key: torch.zeros(()) for key in outputs}

    runner.model.train_step = spoil
    with pytest.raises(InvalidLossError, match=r'2 of 2 weights .* such as linear\.weight'):
        runner.train()
    assert saved_epochs(tmp_path) == []


def test_a_gradient_scaler_may_skip_a_few(toy_runner):
    hook = InvalidLossHook(max_skipped=1)
    runner = toy_runner(custom_hooks=[hook])
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    runner.optim_wrapper = SimpleNamespace(loss_scaler=torch.amp.GradScaler('cpu'))

    def feed(loss):
        hook.after_train_iter(runner, 0, None, dict(loss=torch.tensor(loss)))

    feed(NAN)
    feed(1.0)
    feed(INF)
    with pytest.raises(InvalidLossError):
        feed(NAN)


def test_names_the_images():
    sample = SimpleNamespace(metainfo=dict(img_path='a/1.jpg', img_id=7))
    assert list(invalid_loss_hook._samples(dict(data_samples=[sample]))) == ['a/1.jpg (img_id 7)']
    assert list(invalid_loss_hook._samples([1])) == []
