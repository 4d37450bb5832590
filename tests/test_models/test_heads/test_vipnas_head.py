import pytest
import torch

from mmpose.models.heads import HeatmapHead, ViPNASHead


def test_deconvolutions_are_grouped():
    head = ViPNASHead(
        8, 5, deconv_out_channels=(6, 4), deconv_kernel_sizes=(4, 2), deconv_num_groups=(2, 1)
    )
    assert tuple(head((torch.zeros(2, 8, 3, 2),)).shape) == (2, 5, 12, 8)
    assert tuple(head.deconv_layers[0].weight.shape) == (8, 3, 4, 4)
    assert tuple(head.deconv_layers[3].weight.shape) == (6, 4, 2, 2)
    assert tuple(head.final_layer.weight.shape) == (5, 4, 1, 1)


def test_a_group_sees_its_channels_alone():
    head = ViPNASHead(
        2, 2, deconv_out_channels=(2,), deconv_kernel_sizes=(2,), deconv_num_groups=(2,),
        final_layer=None).eval()  # fmt: skip
    feats = torch.zeros(1, 2, 1, 1)
    feats[0, 1] = 1
    torch.nn.init.ones_(head.deconv_layers[0].weight)
    with torch.no_grad():
        first, second = head((feats,))[0]
    assert not first.any()
    assert second.all()


def test_without_deconvolutions():
    head = ViPNASHead(4, 3, deconv_out_channels=None, conv_out_channels=(8,), conv_kernel_sizes=[3])
    assert tuple(head((torch.zeros(1, 4, 6, 4),)).shape) == (1, 3, 6, 4)
    assert HeatmapHead(4, 3).deconv_num_groups is None


@pytest.mark.parametrize(
    ('groups', 'message'),
    [
        ((1, 1), r'deconv_out_channels is \(4,\) and deconv_num_groups is \(1, 1\); give one ent'),
        ((3,), 'divisible by groups'),
    ],
)
def test_wrong_groups(groups, message):
    with pytest.raises(ValueError, match=message):
        ViPNASHead(
            4, 2, deconv_out_channels=(4,), deconv_kernel_sizes=(4,), deconv_num_groups=groups
        )
