import pytest
from torch import nn

from mmpose import models
from mmpose.registry import MODELS


@pytest.mark.parametrize(
    ('build', 'cfg'),
    [
        (models.build_backbone, dict(type='ResNet', depth=18, base_channels=4)),
        (models.build_head, dict(type='HeatmapHead', in_channels=2, out_channels=1)),
        (models.build_loss, dict(type='KeypointMSELoss')),
        (models.build_neck, dict(type='KeypointMSELoss')),
    ],
)
def test_build(build, cfg):
    module = build(cfg)
    assert isinstance(module, nn.Module)
    assert type(module).__name__ == cfg['type']


def test_registries_are_one():
    for registry in (models.BACKBONES, models.NECKS, models.HEADS, models.LOSSES):
        assert registry is MODELS


def test_old_name_warns():
    cfg = dict(type='TopdownPoseEstimator', backbone=dict(type='ResNet', depth=18, base_channels=4))
    with pytest.warns(DeprecationWarning, match='call `build_pose_estimator`'):
        assert isinstance(models.build_posenet(cfg), models.TopdownPoseEstimator)


def test_every_exported_name_exists():
    assert [name for name in models.__all__ if not hasattr(models, name)] == []
