import pytest
import torch

from mmpose.models.backbones import AlexNet


def test_parameter_counts_are_those_of_the_published_network():
    with torch.device('meta'):
        backbone, classifier = AlexNet(), AlexNet(num_classes=1000)
    assert sum(p.numel() for p in backbone.parameters()) == 2_469_696
    assert sum(p.numel() for p in classifier.parameters()) == 61_100_840


def test_weights_have_torchvisions_names():
    with torch.device('meta'):
        names = {n.removesuffix('.weight') for n in AlexNet(10).state_dict() if 'weight' in n}
    features = {f'features.{i}' for i in (0, 3, 6, 8, 10)}
    assert names == features | {f'classifier.{i}' for i in (1, 4, 6)}


# a side of L pixels makes (L - 63) // 32 + 1 cells
@pytest.mark.parametrize(
    ('picture', 'cells'), [((63, 95), (1, 2)), ((256, 192), (7, 5)), ((224, 224), (6, 6))]
)
def test_feature_map(picture, cells):
    with torch.device('meta'):
        backbone = AlexNet()
        (x,) = backbone(torch.zeros(1, 3, *picture))
    assert tuple(x.shape) == (1, 256, *cells)
    assert (backbone.out_channels, backbone.out_strides) == ((256,), (32,))


@pytest.mark.parametrize('side', [64, 224])
def test_scores(side):
    with torch.device('meta'):
        classifier = AlexNet(num_classes=10)
        (x,) = classifier(torch.zeros(2, 3, side, side))
    assert tuple(x.shape) == (2, 10)
    assert classifier.out_channels is None


def test_too_small_a_picture():
    with pytest.raises(ValueError, match=r'AlexNet gets pictures of 80x62 .* must be at least 63'):
        AlexNet()(torch.zeros(1, 3, 62, 80))
