from types import SimpleNamespace

from mmpose.engine.hooks import EarlyStoppingHook
from mmpose.registry import HOOKS


def build():
    return HOOKS.build(
        dict(type='EarlyStoppingHook', monitor='coco/AP', rule='greater', patience=3)
    )


def runner(resume=True):
    told = []
    loop = SimpleNamespace(stop_training=False)
    logger = SimpleNamespace(info=told.append)
    return SimpleNamespace(train_loop=loop, logger=logger, _resume=resume)


def test_patience_goes_on_after_a_resume():
    before, checkpoint = build(), {}
    assert type(before) is EarlyStoppingHook
    for score in (0.5, 0.5, 0.5):
        before.after_val_epoch(runner(), {'coco/AP': score})
    before.before_save_checkpoint(runner(), checkpoint)
    assert checkpoint == {'early_stopping': {'best_score': 0.5, 'wait_count': 2}}

    resumed, running = build(), runner()
    resumed.after_load_checkpoint(running, checkpoint)
    resumed.after_val_epoch(running, {'coco/AP': 0.5})
    assert running.train_loop.stop_training


def test_other_checkpoints_do_not_count():
    hook, running = build(), runner(resume=False)  # weights to start from
    hook.after_load_checkpoint(running, {'early_stopping': {'best_score': 0.9, 'wait_count': 2}})
    hook.after_load_checkpoint(runner(), {})
    hook.after_val_epoch(running, {'coco/AP': 0.5})
    assert (hook.best_score, hook.wait_count) == (0.5, 0)
    assert not running.train_loop.stop_training
