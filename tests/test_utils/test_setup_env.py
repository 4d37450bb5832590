import multiprocessing
import os
import platform
import warnings

import cv2
import pytest
from mmengine.registry import DefaultScope

from mmpose.utils import register_all_modules, setup_env, setup_multi_processes


@pytest.fixture(autouse=True)
def scopes_as_before():
    instances = DefaultScope._instance_dict.copy()
    DefaultScope._instance_dict.clear()
    yield
    DefaultScope._instance_dict.clear()
    DefaultScope._instance_dict.update(instances)


@pytest.fixture
def processes_as_before(monkeypatch):
    method, threads = multiprocessing.get_start_method(), cv2.getNumThreads()
    for variable in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS'):
        monkeypatch.setenv(variable, 'to be restored')
        monkeypatch.delenv(variable)
    yield
    multiprocessing.set_start_method(method, force=True)
    cv2.setNumThreads(threads)


def test_all_packages_with_registered_parts_are_imported(monkeypatch):
    imported = []
    monkeypatch.setattr(setup_env, 'import_module', imported.append)
    register_all_modules(init_default_scope=False)
    assert {'mmpose.datasets', 'mmpose.models', 'mmpose.codecs'} <= set(imported)
    assert DefaultScope.get_current_instance() is None


def test_scope_replaces_another_without_a_warning(monkeypatch):
    monkeypatch.setattr(setup_env, 'import_module', str)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        register_all_modules()
        first = DefaultScope.get_current_instance()
        register_all_modules()
        assert DefaultScope.get_current_instance() is first
        DefaultScope.get_instance('other', scope_name='mmdet')
        register_all_modules()
    assert DefaultScope.get_current_instance().scope_name == 'mmpose'


@pytest.mark.parametrize(
    'cfg',
    [
        dict(mp_start_method='spawn', opencv_num_threads=2),
        dict(env_cfg=dict(mp_cfg=dict(mp_start_method='spawn', opencv_num_threads=2))),
    ],
    ids=['top level', 'env_cfg'],
)
@pytest.mark.skipif(platform.system() == 'Windows', reason='has one start method')
def test_processes_follow_the_config(processes_as_before, cfg):
    setup_multi_processes(cfg)
    assert multiprocessing.get_start_method() == 'spawn'
    assert cv2.getNumThreads() == 2
    assert 'OMP_NUM_THREADS' not in os.environ


@pytest.mark.parametrize(
    'cfg', [dict(train_dataloader=dict(num_workers=2)), dict(data=dict(workers_per_gpu=2))]
)
def test_workers_get_one_thread_each(processes_as_before, monkeypatch, cfg):
    monkeypatch.setenv('MKL_NUM_THREADS', '3')
    setup_multi_processes(cfg)
    assert os.environ['OMP_NUM_THREADS'] == '1'
    assert os.environ['MKL_NUM_THREADS'] == '3'
