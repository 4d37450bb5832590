import pytest
import torch

from mmpose.apis.detectors.published import ALIASES, PUBLISHED, Published
from mmpose.registry import MODELS


def network(family, size, num_classes=80):
    torch.manual_seed(0)
    return MODELS.build(Published(family, size).config(num_classes)['model']).eval()


@pytest.fixture(scope='module')
def nano():
    """An RTMDet whose boxes have an extent although it is not trained."""
    model = network('rtmdet', 'nano', 3)
    for layer in model.bbox_head.rtm_reg:
        torch.nn.init.constant_(layer.bias, 2)
    return model


@pytest.mark.parametrize(
    ('family', 'size', 'millions'),
    [
        ('rtmdet', 'tiny', 4.896),  # published as 4.8
        ('rtmdet', 's', 8.89),
        ('rtmdet', 'm', 24.71),
        ('rtmdet', 'l', 52.3),
        ('rtmdet', 'x', 94.86),
        ('yolox', 'tiny', 5.06),
        ('yolox', 's', 8.97),
        ('yolox', 'm', 25.33),
        ('yolox', 'l', 54.21),
        ('yolox', 'x', 99.07),
    ],
)
def test_published_numbers_of_parameters(family, size, millions):
    with torch.device('meta'):
        model = network(family, size)
    number = sum(parameter.numel() for parameter in model.parameters())
    assert number / 1e6 == pytest.approx(millions, abs=0.02)


@pytest.mark.parametrize('published', PUBLISHED.values(), ids=PUBLISHED)
def test_names_have_their_classes_and_urls(published):
    with torch.device('meta'):
        model = MODELS.build(published.config()['model'])
    assert len(model.state_dict()[published.state_key]) == published.num_classes
    assert (published.url or 'https://').startswith('https://')
    assert set(ALIASES.values()) <= set(PUBLISHED)


def test_names_of_weights():
    names = set(network('rtmdet', 'tiny').state_dict())
    layers = [f'cls_convs.{level}.{i}' for level in range(3) for i in range(2)]
    layers += [layer.replace('cls', 'reg') for layer in layers]
    norms = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
    expected = {f'bbox_head.{layer}.conv.weight' for layer in layers}
    expected |= {f'bbox_head.{layer}.bn.{name}' for layer in layers for name in norms}
    expected |= {
        f'bbox_head.rtm_{kind}.{level}.{name}'
        for kind in ('cls', 'reg')
        for level in range(3)
        for name in ('weight', 'bias')
    }
    assert {name for name in names if name.startswith('bbox_head.')} == expected
    assert {name.partition('.')[0] for name in names} == {'backbone', 'neck', 'bbox_head'}
    assert 'backbone.stage4.2.blocks.0.conv2.depthwise_conv.conv.weight' in names
    assert 'neck.bottom_up_blocks.1.final_conv.conv.weight' in names


def test_names_of_weights_of_yolox():
    names = {
        name.removeprefix('bbox_head.multi_level_')
        for name in network('yolox', 'tiny').state_dict()
        if name.startswith('bbox_head.multi_level_')
    }
    assert {'cls_convs.2.1.conv.weight', 'reg_convs.0.0.bn.weight', 'conv_obj.1.bias'} <= names
    assert len(names) == 2 * 3 * 2 * 6 + 3 * 3 * 2


def test_a_batch_equals_its_pictures(nano):
    inputs = torch.randint(0, 256, (3, 3, 96, 64), dtype=torch.uint8)
    scales = torch.tensor([[1.0, 1], [0.5, 0.5], [2, 1.5]])
    together = nano.predict(inputs, scales)
    for i, found in enumerate(together):
        (alone,) = nano.predict(inputs[i : i + 1], scales[i : i + 1])
        assert len(found.scores) > 3
        for values, expected in zip(found, alone, strict=True):
            torch.testing.assert_close(values, expected, atol=1e-3, rtol=1e-4)


def test_boxes_are_scaled_to_the_picture(nano):
    inputs = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    (found,) = nano.predict(inputs)
    (scaled,) = nano.predict(inputs, torch.tensor([[0.5, 0.25]]))
    torch.testing.assert_close(scaled.boxes, found.boxes * torch.tensor([2.0, 4, 2, 4]))


def test_pictures_are_normalised(nano):
    mean, std = nano.data_preprocessor.mean, nano.data_preprocessor.std
    assert mean.flatten().tolist() == pytest.approx([103.53, 116.28, 123.675])
    assert std.flatten().tolist() == pytest.approx([57.375, 57.12, 58.395])
    seen = []
    handle = nano.backbone.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    inputs = torch.randint(0, 256, (1, 3, 32, 32), dtype=torch.uint8)
    nano.predict(inputs)
    handle.remove()
    torch.testing.assert_close(seen[0], (inputs - mean) / std)


def test_pictures_follow_the_network_to_its_device():
    model = network('yolox', 'tiny').to('meta')
    assert model.data_preprocessor.device.type == 'meta'
    feats = model.extract_feat(
        model.data_preprocessor(dict(inputs=torch.rand(1, 3, 32, 32)))['inputs']
    )
    assert [x.device.type for x in feats] == ['meta'] * 3


def test_settings_of_training_are_passed_over():
    cfg = Published('yolox', 'tiny').config(1)['model']
    cfg['bbox_head'].update(loss_cls=dict(type='Absent'), loss_l1=dict(type='Absent'))
    cfg.update(train_cfg=dict(assigner=dict(type='SimOTAAssigner')), use_syncbn=False)
    cfg['data_preprocessor']['batch_augments'] = [dict(type='Absent')]
    with torch.device('meta'):
        MODELS.build(cfg)
        with pytest.raises(TypeError, match="Did you mean 'in_channels'"):
            MODELS.build(dict(cfg, bbox_head=dict(cfg['bbox_head'], in_channel=96)))
