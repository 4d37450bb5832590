import numpy as np
import pytest
import torch

from mmpose.apis.detectors import TorchvisionDetector, build_detector, torchvision_detector
from mmpose.apis.detectors.torchvision_detector import COCO_IDS

NAME = 'fasterrcnn_mobilenet_v3_large_320_fpn'


@pytest.fixture(scope='module')
def models():
    try:
        from torchvision import models
    except Exception:
        pytest.skip('torchvision does not work here')
    return models


@pytest.fixture(scope='module')
def file(models, tmp_path_factory):
    """Random weights for two classes and the background, with sure scores."""
    torch.manual_seed(0)
    network = models.get_model(NAME, weights=None, weights_backbone=None, num_classes=3)
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.bias[:] = torch.tensor([0.0, 1.0, 3.0])
    path = str(tmp_path_factory.mktemp('torchvision') / 'mine.pth')
    torch.save(network.state_dict(), path)
    return path


def test_classes_of_coco(models):
    names = models.get_model_weights(NAME).DEFAULT.meta['categories']
    assert len(COCO_IDS) == 80
    assert [name for i, name in enumerate(names) if i not in COCO_IDS] == (
        ['__background__'] + ['N/A'] * 10
    )
    ours = [names[number] for number in COCO_IDS]
    assert (ours[0], ours[15], ours[23], ours[79]) == ('person', 'cat', 'giraffe', 'toothbrush')
    numbers = torchvision_detector._class_numbers(91)
    assert (numbers[1], numbers[90], numbers[0], numbers[12]) == (0, 79, -1, -1)


def test_weights_of_a_user(file, pictures):
    detector = build_detector(f'torchvision:{NAME}', file, device='cpu')
    assert detector.detector.num_classes == 2
    found = detector(pictures[:2])
    for of_one, picture in zip(found, pictures, strict=False):
        assert len(of_one.boxes) > 0
        assert {1} <= set(of_one.labels) <= {0, 1}
        assert (of_one.boxes.max(axis=0) <= np.tile(picture.shape[1::-1], 2) + 1e-3).all()
        assert (np.diff(of_one.scores) <= 0).all()


def test_pictures_become_rgb_from_0_to_1(file, pictures):
    detector = TorchvisionDetector(NAME, file)
    seen = []
    detector.network = lambda images: (
        seen.extend(images)
        or [dict(boxes=torch.zeros(2, 4), scores=torch.ones(2), labels=torch.tensor([0, 2]))]
    )
    (found,) = detector(pictures[:1])
    np.testing.assert_allclose(seen[0][0], pictures[0][..., 2] / 255, rtol=1e-6)
    np.testing.assert_array_equal(found.labels, [1])


def test_weights_that_torchvision_publishes(models, monkeypatch):
    asked = []

    def get_model(name, **kwargs):
        asked.append((name, kwargs))
        return torch.nn.Identity()

    monkeypatch.setattr(models, 'get_model', get_model)
    for weights in (None, 'COCO_V1'):
        assert build_detector(f'torchvision:{NAME}', weights, cat_ids=79).detector.num_classes == 80
    assert asked == [(NAME, dict(weights='DEFAULT')), (NAME, dict(weights='COCO_V1'))]
    people = build_detector('torchvision:keypointrcnn_resnet50_fpn', device='cpu').detector
    assert people.num_classes == 1


def test_wrong_names(models):
    with pytest.raises(
        ValueError, match=r"has no detector 'fasterrcnn_resnet50'\. Did you mean 'fas"
    ):
        build_detector('torchvision:fasterrcnn_resnet50')
    with pytest.raises(
        ValueError, match="has no weights 'BEST'; give 'DEFAULT', COCO_V1, or the pa"
    ):
        build_detector(f'torchvision:{NAME}', 'BEST')


def test_without_torchvision(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'torchvision', None)
    with pytest.raises(ImportError, match='needs torchvision, which cannot be imported'):
        build_detector(f'torchvision:{NAME}')
