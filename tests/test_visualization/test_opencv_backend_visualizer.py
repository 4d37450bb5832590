import sys
import warnings

import numpy as np
import pytest

from mmpose.visualization import OpencvBackendVisualizer
from mmpose.visualization.opencv_backend_visualizer import require_display

BACKENDS = pytest.mark.parametrize('backend', ['opencv', 'matplotlib'])


def black(backend='opencv', height=40, width=60):
    visualizer = OpencvBackendVisualizer(backend=backend)
    visualizer.set_image(np.zeros((height, width, 3), dtype=np.uint8))
    return visualizer


def test_unknown_backend():
    with pytest.raises(ValueError, match="backend is 'pillow'; it has to be one of"):
        OpencvBackendVisualizer(backend='pillow')


@pytest.mark.parametrize('image', [np.zeros((4, 5)), np.zeros((4, 5, 4)), None])
def test_picture_must_be_rgb(image):
    with pytest.raises(ValueError, match=r'an \(H, W, 3\) RGB array was expected'):
        OpencvBackendVisualizer().set_image(image)


def test_caller_keeps_its_picture():
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    visualizer = OpencvBackendVisualizer()
    visualizer.set_image(image)
    visualizer.draw_circles(np.array([5, 5]), 2, (255, 0, 0))
    assert image.max() == 0
    assert visualizer.get_image().max() == 255


@BACKENDS
def test_circle_covers_its_disc_and_nothing_else(backend):
    image = black(backend).draw_circles(np.array([[20, 10]]), 4, [(10, 200, 30)]).get_image()
    assert image.shape == (40, 60, 3)
    y, x = np.mgrid[:40, :60]
    distance = np.hypot(x - 20, y - 10)
    np.testing.assert_allclose(image[distance < 3], [[10, 200, 30]] * 25, atol=2)
    assert image[distance > 5.5].max() == 0


@BACKENDS
def test_circle_is_placed_to_a_fraction_of_a_pixel(backend):
    image = black(backend).draw_circles(np.array([20.5, 10.25]), 4, (255, 255, 255)).get_image()
    weight = image[..., 0] / image[..., 0].sum()
    y, x = np.mgrid[:40, :60]
    assert (weight * x).sum() == pytest.approx(20.5, abs=0.1)
    assert (weight * y).sum() == pytest.approx(10.25, abs=0.1)


@BACKENDS
def test_line_runs_between_its_ends(backend):
    visualizer = black(backend)
    image = visualizer.draw_lines([[10, 40]], [[20, 20]], (0, 0, 200), 3).get_image()
    np.testing.assert_allclose(image[20, 12:39], [[0, 0, 200]] * 27, atol=2)
    assert image[:17].max() == 0
    assert image[24:].max() == 0
    assert image[:, :7].max() == 0
    assert image[:, 44:].max() == 0


def test_alpha_blends_with_what_was_there():
    visualizer = OpencvBackendVisualizer()
    visualizer.set_image(np.full((40, 60, 3), 100, dtype=np.uint8))
    image = visualizer.draw_circles(np.array([20, 10]), 4, (200, 0, 100), 0.25).get_image()
    assert image[10, 20].tolist() == [125, 75, 100]
    assert image[30, 40].tolist() == [100, 100, 100]


def test_named_colours():
    image = black().draw_circles(np.array([20, 10]), 4, 'green').get_image()
    assert image[10, 20].tolist() == [0, 128, 0]


@BACKENDS
def test_box_is_an_outline(backend):
    box = np.array([[10, 5, 30, 25]], dtype=np.float32)
    image = black(backend).draw_bboxes(box, (255, 0, 0), 1).get_image()
    assert image[15, 20].max() == 0
    assert image[3:8, 20, 0].astype(int).sum() > 120
    assert image[15, 8:13, 0].astype(int).sum() > 120
    assert image[15, 35].max() == 0


@BACKENDS
def test_polygon_is_filled(backend):
    corners = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], dtype=np.float64)
    image = black(backend).draw_polygons(corners, (7, 8, 9)).get_image()
    np.testing.assert_allclose(image[15:25, 15:25], np.full((10, 10, 3), [7, 8, 9]), atol=1)
    assert image[:, 33:].max() == 0


@BACKENDS
def test_text_is_near_its_position(backend):
    image = black(backend).draw_texts('8', np.array([30, 20]), 10, (255, 255, 255)).get_image()
    assert image[18:36, 28:45].max() > 128
    assert image[:15].max() == 0


@BACKENDS
def test_shapes_outside_the_picture_are_cut_off_silently(backend):
    visualizer = black(backend)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        visualizer.draw_circles(np.array([-300, 1e9]), 4, (255, 0, 0), 0.5)
        visualizer.draw_lines([[-1e8, 20]], [[10, 10]], (0, 255, 0))
        visualizer.draw_bboxes(np.array([-20, -20, 600, 600]), (0, 0, 255))
    assert visualizer.get_image().shape == (40, 60, 3)


def test_opencv_needs_no_figure():
    visualizer = black()
    assert visualizer.fig_save_canvas is None


def test_window_without_display(monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.setattr(sys, 'platform', 'linux')
    with pytest.raises(RuntimeError, match='this machine has no display'):
        black().show()
    monkeypatch.setenv('DISPLAY', ':0')
    require_display()
