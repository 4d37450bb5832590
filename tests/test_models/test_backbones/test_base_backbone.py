import pytest
import torch
from torch import nn

from mmpose.models.backbones.base_backbone import BaseBackbone


class Tiny(BaseBackbone):
    def __init__(self, frozen=False, norm_eval=False):
        super().__init__()
        self.frozen = frozen
        self.norm_eval = norm_eval
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.stage = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
        self.freeze_stages()

    def stages_to_freeze(self):
        return [self.stem] if self.frozen else []

    def forward(self, x):
        return (self.stage(self.stem(x)),)


def test_nothing_is_frozen_or_declared_by_default():
    backbone = Tiny()
    assert all(p.requires_grad for p in backbone.parameters())
    assert backbone.train().stem.training
    assert backbone.out_channels is None
    assert backbone.out_strides is None


def test_frozen_stage_keeps_parameters_and_statistics():
    backbone = Tiny(frozen=True)
    # frozen from the start, since DistributedDataParallel asks before the first `train()`
    assert not any(p.requires_grad for p in backbone.stem.parameters())
    assert all(p.requires_grad for p in backbone.stage.parameters())
    backbone.train()
    assert not backbone.stem[1].training
    assert backbone.stage[1].training
    before = backbone.stem[1].running_mean.clone()
    backbone(torch.randn(2, 3, 8, 8) + 5)
    assert torch.equal(backbone.stem[1].running_mean, before)


def test_norm_eval_keeps_statistics_and_trains_parameters():
    backbone = Tiny(norm_eval=True).train()
    assert backbone.stage.training
    assert not backbone.stage[1].training
    assert backbone.stage[1].weight.requires_grad
    assert not backbone.eval().stage.training


@pytest.mark.parametrize(
    ('limits', 'message'),
    [
        (dict(size_divisor=16), 'must be multiples of 16; change the input size'),
        (dict(least_size=49), 'must be at least 49; change'),
        (
            dict(size_divisor=16, least_size=64),
            'must be multiples of 16, at least 64; change',
        ),
    ],
)
def test_pictures_of_the_wrong_size(limits, message):
    backbone = Tiny()
    for name, value in limits.items():
        setattr(backbone, name, value)
    backbone.check_picture_size(torch.rand(1, 3, 64, 96))
    with pytest.raises(
        ValueError, match=r'Tiny gets pictures of 40x48 \(w x h\) pixels.* ' + message
    ):
        backbone.check_picture_size(torch.rand(1, 3, 48, 40))
