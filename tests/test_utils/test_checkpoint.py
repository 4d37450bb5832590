"""Checkpoints are read without running them, and misfits are told plainly."""

import argparse
import datetime
import io
import os
import pickle
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path, PurePath

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader
from torch import nn

from mmpose.utils.checkpoint import (
    CheckpointError,
    load_checkpoint_file,
    load_state_dict_checked,
    use_safe_loading,
)


class Bomb:
    """Leaves a mark on the file system when unpickled the ordinary way."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.system, (f'touch {self.mark}',)


@pytest.fixture
def restore_schemes(monkeypatch):
    monkeypatch.setattr('mmpose.utils.checkpoint._trust_by_default', False)
    schemes = CheckpointLoader._schemes
    CheckpointLoader._schemes = OrderedDict(schemes)
    yield
    CheckpointLoader._schemes = schemes


def under_numpy_1_names(path):
    """Rewrite a saved checkpoint to name NumPy's functions as NumPy 1 did."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    renamed = path.with_name('numpy1.pth')
    with zipfile.ZipFile(renamed, 'w', zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            if name.endswith('data.pkl'):
                assert b'cnumpy._core.multiarray' in data
                data = data.replace(b'cnumpy._core.multiarray', b'cnumpy.core.multiarray')
            archive.writestr(name, data)
    return renamed


def published():
    """What a checkpoint saved by MMEngine holds."""
    history = HistoryBuffer([0.5, 0.25], [1, 1])
    return dict(
        state_dict=OrderedDict(weight=torch.arange(6.0).reshape(2, 3)),
        message_hub=dict(log_scalars=OrderedDict({'train/loss': history}), runtime_info=dict()),
        meta=dict(
            dataset_meta=dict(
                sigmas=np.array([0.026, 0.025], dtype=np.float32),
                links=[(0, 1)],
                colors=np.arange(6, dtype=np.uint8).reshape(2, 3, order='F'),
                names=np.array(['nose', 'left_eye']),
                mixed=np.array([1, 'a', None], dtype=object),
                big_endian=np.array([1, 256], dtype='>i4'),
                empty=np.zeros((0, 2)),
            ),
            score=np.float64(0.75),
            flag=np.bool_(True),
            time=datetime.datetime(2024, 5, 6),
            work_dir=Path('work_dirs') / 'a',
            args=argparse.Namespace(lr=0.1, seeds=np.array([1])),
            cfg=ConfigDict(model=dict(type='ResNet', depth=50)),
            counts=defaultdict(list, a=[1]),
            crop=slice(1, 2),
        ),
    )


@pytest.mark.parametrize('numpy_1', [False, True], ids=['numpy2-names', 'numpy1-names'])
def test_reads_what_mmengine_saves(tmp_path, numpy_1):
    path = tmp_path / 'epoch_1.pth'
    torch.save(published(), path)
    checkpoint = load_checkpoint_file(under_numpy_1_names(path) if numpy_1 else path)

    torch.testing.assert_close(
        checkpoint['state_dict']['weight'], torch.arange(6.0).reshape(2, 3), rtol=0, atol=0
    )
    history = checkpoint['message_hub']['log_scalars']['train/loss']
    assert type(history) is HistoryBuffer
    assert history.mean() == 0.375
    history.update(0.0)
    assert history.statistics('min') == 0.0

    meta, expected = checkpoint['meta'], published()['meta']
    for name, array in expected['dataset_meta'].items():
        found = meta['dataset_meta'][name]
        np.testing.assert_array_equal(found, array)
        if isinstance(array, np.ndarray):
            assert type(found) is np.ndarray
            assert found.dtype == array.dtype
    assert meta['score'] == 0.75
    assert isinstance(meta['score'], np.float64)
    assert meta['flag'] == np.bool_(True)
    assert meta['time'] == expected['time']
    assert meta['work_dir'] == PurePath('work_dirs/a')
    assert meta['args'].lr == 0.1
    assert meta['args'].seeds.tolist() == [1]
    assert meta['cfg'] == dict(model=dict(type='ResNet', depth=50))
    assert meta['counts'] == dict(a=[1])
    assert meta['crop'] == slice(1, 2)


def test_arrays_pickle_as_the_originals(tmp_path):
    # MMEngine compares the pickled metainfo when it resumes, which sees shared dtype objects.
    metainfo = dict(a=np.zeros(2, dtype=np.float32), b=np.ones(3, dtype=np.float32))
    torch.save(dict(metainfo=metainfo), tmp_path / 'a.pth')
    loaded = load_checkpoint_file(tmp_path / 'a.pth')['metainfo']
    assert pickle.dumps(loaded) == pickle.dumps(metainfo)


def test_saving_again_loses_nothing(tmp_path):
    torch.save(published(), tmp_path / 'a.pth')
    torch.save(load_checkpoint_file(tmp_path / 'a.pth'), tmp_path / 'b.pth')
    again = load_checkpoint_file(tmp_path / 'b.pth')
    assert again['message_hub']['log_scalars']['train/loss'].current() == 0.25
    np.testing.assert_array_equal(again['meta']['args'].seeds, [1])


def test_refuses_to_run_code_and_names_it(tmp_path):
    mark = tmp_path / 'ran'
    path = tmp_path / 'bad.pth'
    torch.save(dict(state_dict=dict(w=torch.ones(1)), meta=Bomb(mark)), path)
    with pytest.raises(CheckpointError, match=r"'posix\.system'.*trust_checkpoint=True"):
        load_checkpoint_file(path)
    assert not mark.exists()

    load_checkpoint_file(path, trust=True)
    assert mark.exists()  # which shows that the refusal was not luck


class Crafted:
    """Pickles as a call of the function with arguments of our choice."""

    def __init__(self, function, *args, state=None):
        self.call = (function, args) if state is None else (function, args, state)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    'value',
    [
        Crafted(getattr, np.ndarray, 'dumps'),
        Crafted(getattr, HistoryBuffer([1], [1]), 'mean'),
        Crafted(eval, '1'),
        Crafted(np.load, 'x'),
        Crafted(np._core.multiarray._reconstruct, dict, (0,), b'b'),
        Crafted(np.dtype, [('a', 'f8')]),
        Crafted(__import__, 'os'),
    ],
    ids=['getattr', 'getattr-instance', 'eval', 'np.load', 'other-array', 'fields', 'import'],
)
def test_stand_ins_are_narrow(tmp_path, value):
    torch.save(dict(value=value), tmp_path / 'a.pth')
    with pytest.raises(CheckpointError):
        load_checkpoint_file(tmp_path / 'a.pth')


def test_crafted_dtype_flags_are_ignored(tmp_path):
    # NumPy's own dtype would take the flags and treat the numbers as pointers to objects.
    dtype = Crafted(np.dtype, 'f8', False, True, state=(3, '<', None, None, None, -1, -1, 63))
    array = Crafted(
        np._core.multiarray._reconstruct,
        np.ndarray,
        (0,),
        b'b',
        state=(1, (1,), dtype, False, b'A' * 8),
    )
    torch.save(dict(value=array), tmp_path / 'a.pth')
    value = load_checkpoint_file(tmp_path / 'a.pth')['value']
    assert value.dtype == np.float64
    assert not value.dtype.hasobject


def test_loading_leaves_no_global_permission(tmp_path):
    before = set(torch.serialization.get_safe_globals())
    torch.save(published(), tmp_path / 'a.pth')
    load_checkpoint_file(tmp_path / 'a.pth')
    assert set(torch.serialization.get_safe_globals()) == before
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / 'a.pth', weights_only=True)


def test_old_file_format(tmp_path):
    torch.save(published(), tmp_path / 'a.pth', _use_new_zipfile_serialization=False)
    checkpoint = load_checkpoint_file(tmp_path / 'a.pth')
    assert checkpoint['meta']['score'] == 0.75


def truncated():
    buffer = io.BytesIO()
    torch.save(published(), buffer)
    return buffer.getvalue()[:-200]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'is empty (0 bytes)'),
        (b'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'git lfs pull'),
        (b'\n<!DOCTYPE html><html>Sign in</html>', 'is a web page, not a checkpoint'),
        (truncated(), 'is damaged or cut short'),
        (b'hello world', "is not a PyTorch checkpoint; it starts with b'hello world'"),
        (b'\x80\x02}q\x00', 'is damaged or cut short'),
    ],
    ids=['empty', 'lfs', 'html', 'truncated', 'text', 'truncated-pickle'],
)
def test_says_what_a_wrong_file_is(tmp_path, content, message):
    path = tmp_path / 'a.pth'
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint_file(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize('zipped', [True, False])
def test_no_damage_goes_untold(tmp_path, zipped):
    torch.save(published(), tmp_path / 'a.pth', _use_new_zipfile_serialization=zipped)
    content = (tmp_path / 'a.pth').read_bytes()
    for length in range(1, len(content) - 200, 37):
        (tmp_path / 'b.pth').write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            load_checkpoint_file(tmp_path / 'b.pth')


def test_a_lack_of_memory_is_not_damage(tmp_path, monkeypatch):
    def load(*args, **kwargs):
        raise RuntimeError('CUDA out of memory')

    torch.save(published(), tmp_path / 'a.pth')
    monkeypatch.setattr(torch, 'load', load)
    with pytest.raises(RuntimeError, match=r'^CUDA out of memory'):
        load_checkpoint_file(tmp_path / 'a.pth')


def test_absent_file_names_its_neighbours(tmp_path):
    (tmp_path / 'epoch_20.pth').touch()
    with pytest.raises(FileNotFoundError, match=r'does not exist\. Did you mean epoch_20\.pth\?'):
        load_checkpoint_file(tmp_path / 'epoch_21.pth')
    with pytest.raises(FileNotFoundError, match='is a folder'):
        load_checkpoint_file(tmp_path)


def test_not_a_dict(tmp_path):
    torch.save([torch.ones(1)], tmp_path / 'a.pth')
    with pytest.raises(CheckpointError, match='holds a list, not a dict'):
        load_checkpoint_file(tmp_path / 'a.pth')


def test_url_is_downloaded_once_and_read_safely(tmp_path, monkeypatch):
    fetched = []

    def download(url, path, progress):
        fetched.append(url)
        torch.save(dict(state_dict={'backbone.w': torch.ones(1), 'head.w': torch.ones(1)}), path)

    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    url = 'https://example.org/net.pth?x=1'
    for _ in range(2):
        assert 'backbone.w' in load_checkpoint_file(url)['state_dict']
    assert fetched == [url]
    assert (tmp_path / 'checkpoints' / 'net.pth').is_file()

    load_checkpoint_file('torchvision://resnet18')
    assert fetched[1].endswith('/resnet18-f37072fd.pth')
    only_backbone = load_checkpoint_file('mmcls://vgg11')
    assert list(only_backbone['state_dict']) == ['w']
    with pytest.raises(CheckpointError, match=r'Did you mean .*resnet50'):
        load_checkpoint_file('open-mmlab://resnet500')


def test_failed_download_says_where_to_put_the_file(tmp_path, monkeypatch):
    def download(url, path, progress):
        raise OSError('no route to host')

    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    with pytest.raises(ConnectionError, match=r'no route to host.*put it at .*net\.pth'):
        load_checkpoint_file('https://example.org/net.pth')


@pytest.mark.usefixtures('restore_schemes')
def test_mmengine_loads_through_us(tmp_path):
    use_safe_loading()
    use_safe_loading()
    torch.save(
        dict(state_dict=dict(w=torch.ones(1)), meta=Bomb(tmp_path / 'ran')), tmp_path / 'a.pth'
    )
    with pytest.raises(CheckpointError, match=r'posix\.system'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'a.pth'))
    assert not (tmp_path / 'ran').exists()
    names = {loader.__module__ for loader in CheckpointLoader._schemes.values()}
    assert names == {'mmpose.utils.checkpoint'}

    use_safe_loading(trust=True)
    CheckpointLoader.load_checkpoint(str(tmp_path / 'a.pth'))
    assert (tmp_path / 'ran').exists()


@pytest.mark.usefixtures('restore_schemes')
def test_trust_of_the_process_holds_where_a_call_says_nothing(tmp_path):
    torch.save(dict(w=torch.ones(1), meta=Bomb(tmp_path / 'ran')), tmp_path / 'a.pth')
    use_safe_loading(trust=True)
    with pytest.raises(CheckpointError, match=r'posix\.system'):
        load_checkpoint_file(tmp_path / 'a.pth', trust=False)
    load_checkpoint_file(tmp_path / 'a.pth')
    assert (tmp_path / 'ran').exists()

    use_safe_loading()
    with pytest.raises(CheckpointError, match=r'posix\.system'):
        load_checkpoint_file(tmp_path / 'a.pth')


def small_net():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))


def test_loads_under_module_prefix():
    model, other = small_net(), small_net()
    weights = {f'module.{k}': v for k, v in other.state_dict().items()}
    report = load_state_dict_checked(model, dict(state_dict=weights), 'a.pth', strict=True)
    assert not any(report)
    torch.testing.assert_close(model[0].weight, other[0].weight)


def test_warns_once_about_small_differences(caplog):
    model = small_net()
    weights = dict(model.state_dict(), extra=torch.ones(1))
    del weights['2.bias'], weights['1.num_batches_tracked']
    with caplog.at_level('WARNING', logger='test'):
        import logging

        logger = logging.getLogger('test')
        report = load_state_dict_checked(model, weights, 'a.pth', logger=logger)
    assert report == (['2.bias'], ['extra'], {})
    assert len(caplog.records) == 1
    text = caplog.text
    assert '5 of 6 parameters were loaded' in text
    assert '1 missing: 2.bias' in text
    assert '1 unexpected: extra' in text


def test_another_shape_does_not_fit():
    weights = small_net().state_dict()
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 5))
    with pytest.raises(CheckpointError) as caught:
        load_state_dict_checked(model, weights, 'a.pth')
    assert 'a.pth does not fit the model: 4 of its 6 parameters' in str(caught.value)
    assert '2 of another shape: 2.weight ([2, 3] but [5, 3] in the model)' in str(caught.value)

    report = load_state_dict_checked(model, weights, 'a.pth', partial=True)
    assert list(report.misshapen) == ['2.weight', '2.bias']
    torch.testing.assert_close(model[0].weight.data, weights['0.weight'])


def test_fewer_than_half_of_the_parameters():
    weights = {k: v for k, v in small_net().state_dict().items() if k.startswith('0.')}
    with pytest.raises(CheckpointError, match='do not belong together'):
        load_state_dict_checked(small_net(), weights, 'a.pth')
    load_state_dict_checked(small_net(), weights, 'a.pth', partial=True)
    strangers = {f'x{i}': torch.ones(1) for i in range(12)}
    with pytest.raises(CheckpointError, match=r'12 unexpected: x0, .*x9, \.\.\.$'):
        load_state_dict_checked(small_net(), strangers, 'a.pth', partial=True)


def test_no_weights_at_all():
    with pytest.raises(CheckpointError, match='holds no weights'):
        load_state_dict_checked(small_net(), dict(meta=dict()), 'a.pth')
