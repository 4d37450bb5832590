import pytest
import torch

from mmpose.models.backbones.utils import channel_shuffle


def test_channels_of_the_groups_take_turns():
    x = torch.arange(6.0).view(1, 6, 1, 1) + torch.zeros(2, 6, 3, 4)
    assert channel_shuffle(x, 2)[1, :, 2, 3].tolist() == [0, 3, 1, 4, 2, 5]
    assert channel_shuffle(x, 3)[0, :, 0, 0].tolist() == [0, 2, 4, 1, 3, 5]
    assert torch.equal(channel_shuffle(channel_shuffle(x, 2), 3), x)


def test_groups_must_divide_the_channels():
    with pytest.raises(ValueError, match='6 channels do not divide into 4 groups'):
        channel_shuffle(torch.zeros(1, 6, 1, 1), 4)
