import builtins
import sys

import mmpose
from mmpose.utils import collect_env


def test_versions_are_reported():
    env = collect_env()
    assert env['MMPose'].startswith(mmpose.__version__)
    assert {'Python', 'PyTorch', 'OpenCV', 'MMEngine'} <= set(env)


def test_unusable_torchvision_does_not_matter(monkeypatch):
    plain_import = builtins.__import__

    def broken_import(name, *args, **kwargs):
        if name == 'torchvision' and 'torchvision' not in sys.modules:
            raise RuntimeError('operator torchvision::nms does not exist')
        return plain_import(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, 'torchvision', raising=False)
    monkeypatch.setattr(builtins, '__import__', broken_import)
    env = collect_env()
    assert 'TorchVision' not in env
    assert 'torchvision' not in sys.modules
