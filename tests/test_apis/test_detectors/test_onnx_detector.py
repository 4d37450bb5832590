import json
import sys

import numpy as np
import pytest
import torch
from torch import nn

from mmpose.apis.detectors import NetworkDetector, OnnxDetector, build_detector
from mmpose.apis.detectors.letterbox import Letterbox

SIZE = (64, 32)  # (w, h) of the inputs: 8 x 4, 4 x 2 and 2 x 1 cells
CELLS = 42
MEAN, STD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)

DETS = torch.tensor(
    [[2.0, 4, 10, 12, 0.75], [1, 1, 9, 31, 0.5], [5, 5, 5, 9, 0.4], [0, 0, 0, 0, 0]]
)
LABELS = torch.tensor([1, 0, 0, -1])


class Suppressed(nn.Module):
    """Boxes that do not depend on the picture, but for a score: the mean of its first channel."""

    def forward(self, x):
        score = x[:, :1].mean((1, 2, 3), keepdim=True)[..., 0]
        dets = DETS + torch.zeros_like(score)
        first = torch.cat([dets[:, :1, :4], score], dim=2)
        return torch.cat([first, dets[:, 1:]], dim=1), LABELS + 0 * score[..., 0].long()


class Raw(nn.Module):
    """Boxes and scores before the suppression."""

    def forward(self, x):
        rest = 0 * x.mean((1, 2, 3))[:, None, None]
        boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 40, 10]]) + rest
        return boxes, torch.tensor([[0.5, 0.1], [0.9, 0.2], [0.001, 0.6]]) + rest


class Cells(nn.Module):
    """The cells of a YOLOX, of which one of the first and one of the last map sees something."""

    def forward(self, x):
        cells = torch.zeros(CELLS, 7)
        # row 1, column 3 of the map with a stride of 8
        cells[11] = torch.tensor([0.5, 0.25, np.log(2), np.log(1), 0.8, 0.1, 0.5])
        # row 0, column 1 of the map with a stride of 32
        cells[41] = torch.tensor([0, 0.5, 0, 0, 0.5, 1.0, 0])
        return cells + 0 * x.mean((1, 2, 3))[:, None, None]


@pytest.fixture(scope='module')
def export(tmp_path_factory):
    pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    pytest.importorskip('onnx', reason='onnx is not installed')
    pytest.importorskip('onnxscript', reason='onnxscript is not installed')

    def export(module, name='end2end', dynamic=True, extra=b'', num=2):
        path = tmp_path_factory.mktemp('onnx') / f'{name}.onnx'
        batch = torch.export.Dim('batch', min=1, max=16)
        program = torch.onnx.export(
            module.eval(),
            (torch.zeros(num if dynamic or num > 2 else 1, 3, SIZE[1], SIZE[0]),),
            dynamo=True,
            verbose=False,
            dynamic_shapes=({0: batch},) if dynamic else None,
        )
        program.save(str(path))
        if extra:
            import onnx

            model = onnx.load(path)
            entry = onnx.numpy_helper.from_array(np.zeros(1, np.float32), extra.decode())
            model.graph.initializer.append(entry)
            onnx.save(model, path)
        return path

    return export


@pytest.fixture(scope='module')
def images():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((64, 64, 3), (32, 128, 3))]


@pytest.mark.parametrize('dynamic', [True, False], ids=['dynamic', 'one'])
def test_boxes_after_the_suppression(export, images, dynamic):
    detector = OnnxDetector(export(Suppressed(), 'yolox', dynamic))
    assert detector.batch_size == (16 if dynamic else 1)
    found = build_detector(detector)(images)
    # both pictures are halved; the box without area and the filling are left out
    for of_one in found:
        np.testing.assert_allclose(of_one.boxes, [[4, 8, 20, 24], [2, 2, 18, 62]])
        np.testing.assert_array_equal(of_one.labels, [1, 0])
        assert of_one.scores[1] == 0.5
    # pictures go in as they are: in the first, half of the input is padded
    batch, _ = detector.letterbox(images)
    np.testing.assert_allclose(
        [of_one.scores[0] for of_one in found], batch[..., 0].mean((1, 2)), rtol=1e-4
    )


def test_pictures_of_an_rtmdet_are_normalised(export):
    image = np.full((32, 64, 3), 200, np.uint8)
    (found,) = OnnxDetector(export(Suppressed(), 'rtmdet_tiny'))([image])
    np.testing.assert_allclose(found.scores[0], (200 - MEAN[0]) / STD[0], rtol=1e-4)


def test_boxes_before_the_suppression(export, images):
    found = OnnxDetector(export(Raw(), 'yolox'))(images[:1])[0]
    np.testing.assert_allclose(found.boxes, [[0, 0, 20, 18], [40, 0, 80, 20]])
    np.testing.assert_allclose(found.scores, [0.9, 0.6])
    np.testing.assert_array_equal(found.labels, [0, 1])


def test_cells_of_a_yolox(export, images):
    found = OnnxDetector(export(Cells()))(images[:1])[0]
    # centre (3.5, 1.25) * 8, size (2, 1) * 8; centre (1, 0.5) * 32, size 32; doubled
    np.testing.assert_allclose(found.boxes, [[32, 0, 96, 64], [40, 12, 72, 28]])
    np.testing.assert_allclose(found.scores, [0.5, 0.4])
    np.testing.assert_array_equal(found.labels, [0, 1])


@pytest.mark.parametrize(
    ('layer', 'normalised'),
    [(b'bbox_head.rtm_cls.0.weight', True), (b'bbox_head.multi_level_conv_cls.0.bias', False)],
)
def test_the_family_by_its_layers(export, layer, normalised):
    detector = OnnxDetector(export(Suppressed(), extra=layer))
    assert (detector.mean is not None) is normalised


def test_the_pipeline_beside_the_file(export):
    path = export(Suppressed())
    steps = [
        dict(type='LoadImageFromFile'),
        dict(type='Resize', size=[64, 32]),
        dict(type='Normalize', mean=[1, 2, 3], std=[4, 5, 6], to_rgb=True),
    ]
    tasks = [dict(module='Transform', transforms=steps), dict(module='Net')]
    path.with_name('pipeline.json').write_text(json.dumps(dict(pipeline=dict(tasks=tasks))))
    detector = OnnxDetector(path)
    image = np.full((32, 64, 3), (10, 20, 30), np.uint8)
    assert detector([image])[0].scores[0] == pytest.approx((30 - 1) / 4)


def test_file_for_a_name(export):
    path = export(Suppressed())
    with pytest.raises(
        ValueError, match="give det_model='yolox-s' or det_model='rtmdet-m' and the"
    ):
        build_detector(path)
    assert build_detector('rtmdet-m', path, device='cpu').detector.mean is not None
    assert build_detector('yolox-s', str(path), device='cpu').detector.mean is None


@pytest.mark.slow
def test_network_of_ours(export, images, networks):
    """The file of a whole YOLOX finds what the network itself finds."""
    network = networks['yolox-tiny']

    class InCells(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            cls, box, obj = (
                torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2)
                for maps in self.network(x)
            )
            return torch.cat([box, obj.sigmoid(), cls.sigmoid()], dim=2)

    found = build_detector(OnnxDetector(export(InCells(), dynamic=False)))(images)
    expected = NetworkDetector(network, Letterbox(SIZE))(images)
    for of_one, wanted in zip(found, expected, strict=True):
        assert len(wanted.scores) > 3
        np.testing.assert_allclose(of_one.boxes, wanted.boxes, rtol=1e-3, atol=0.01)
        np.testing.assert_allclose(of_one.scores, wanted.scores, rtol=1e-3)
        np.testing.assert_array_equal(of_one.labels, wanted.labels)


class Other(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def test_unknown_outputs(export, images):
    detector = OnnxDetector(export(Other(), 'yolox'))
    with pytest.raises(ValueError, match=r'have the shapes \[\(2, 3\)\]; known are boxes with sco'):
        detector(images)


def test_a_fixed_batch_of_several(export):
    path = export(Raw(), 'yolox', dynamic=False, num=4)
    with pytest.raises(ValueError, match='takes 4 pictures at a time; export it with a batch of 1'):
        OnnxDetector(path)


def test_file_that_is_none(export, tmp_path):
    (tmp_path / 'yolox.onnx').write_bytes(b'no network')
    with pytest.raises(ValueError, match=r'yolox\.onnx cannot be read as an ONNX file'):
        build_detector(tmp_path / 'yolox.onnx')


def test_without_onnxruntime(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    (tmp_path / 'yolox.onnx').write_bytes(b'')
    with pytest.raises(ImportError, match='`pip install onnxruntime`'):
        build_detector(tmp_path / 'yolox.onnx')
