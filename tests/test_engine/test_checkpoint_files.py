"""Checkpoint files: which is tried when, and what is wrong with one."""

import os

import torch

from mmpose.engine.checkpoint_files import (
    candidates,
    fault_of,
    finish_file,
    point_to,
    remove_partial_files,
)

TEMPLATES = ['epoch_{}.pth', 'iter_{}.pth']


def save(path, **changes):
    content = dict(meta=dict(epoch=1, iter=3), message_hub={}, state_dict=dict(w=torch.rand(5000)))
    torch.save({**content, **changes}, path)


def make(folder, *names, named=None):
    """Empty files of one age each, the first the oldest, and the note that names one."""
    for age, name in enumerate(names):
        path = folder / name
        path.write_text(str(folder / named) if name == 'last_checkpoint' else '')
        os.utime(path, ns=(age * 10**9, age * 10**9))


def found(folder):
    return [os.path.basename(path) for path in candidates(folder, TEMPLATES)]


def test_the_named_one_then_those_before(tmp_path):
    make(tmp_path, *(f'epoch_{n}.pth' for n in (2, 4, 10)), 'last_checkpoint', named='epoch_10.pth')
    assert found(tmp_path) == ['epoch_10.pth', 'epoch_4.pth', 'epoch_2.pth']


def test_one_that_was_not_named_in_time(tmp_path):
    make(
        tmp_path, 'iter_8.pth', 'last_checkpoint', 'iter_12.pth', 'epoch_1.pth', named='iter_8.pth'
    )
    assert found(tmp_path) == ['iter_12.pth', 'iter_8.pth']


def test_files_of_an_earlier_training_are_left_out(tmp_path):
    make(tmp_path, 'epoch_210.pth', 'epoch_1.pth', 'last_checkpoint', named='epoch_1.pth')
    assert found(tmp_path) == ['epoch_1.pth']


def test_nothing_is_named(tmp_path):
    assert found(tmp_path) == found(tmp_path / 'absent') == []
    make(tmp_path, 'epoch_3.pth', 'iter_9.pth', 'epoch_4.pth', 'epoch_5.pth.part', 'best_3.pth')
    assert found(tmp_path) == ['epoch_4.pth', 'iter_9.pth', 'epoch_3.pth']


def test_a_folder_that_was_moved(tmp_path):
    make(tmp_path, 'epoch_3.pth')
    point_to('/not/there/epoch_3.pth', tmp_path)
    assert candidates(tmp_path, TEMPLATES) == [str(tmp_path / 'epoch_3.pth')]
    point_to('s3://bucket/epoch_3.pth', tmp_path)
    assert candidates(tmp_path, TEMPLATES) == ['s3://bucket/epoch_3.pth']


def test_faults(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    assert fault_of(path) == f'{path} does not exist.'
    save(path)
    assert fault_of(path) is None
    content = bytearray(path.read_bytes())

    path.write_bytes(content[: len(content) // 2])
    assert fault_of(path).startswith(f'{path} is damaged or cut short (')
    path.write_bytes(b'')
    assert fault_of(path) is not None
    # one bit of a weight, which torch.load does not notice
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    torch.load(path)
    assert 'is damaged: the check sum of epoch_1/data/0 in it is wrong' in fault_of(path)


def test_missing_parts(tmp_path):
    path = tmp_path / 'a.pth'
    save(path, meta=dict(iter=3))
    assert 'has no meta.epoch, so nothing can be resumed' in fault_of(path)
    torch.save(dict(state_dict={}, meta={}), path)
    assert 'has weights but no message_hub' in fault_of(path)


def test_a_name_means_a_complete_file(tmp_path):
    (tmp_path / 'a.pth.part').write_text('new')
    (tmp_path / 'a.pth').write_text('old')
    finish_file(tmp_path / 'a.pth')
    assert os.listdir(tmp_path) == ['a.pth']
    assert (tmp_path / 'a.pth').read_text() == 'new'


def test_only_our_own_remains_are_removed(tmp_path):
    for name in ('a.pth.part', 'last_checkpoint.part', 'video.mp4.part', 'a.pth'):
        (tmp_path / name).touch()
    remove_partial_files(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ['a.pth', 'video.mp4.part']
    remove_partial_files(tmp_path / 'absent')
