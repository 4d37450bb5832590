import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.structures.bbox import (
    bbox_clip_border,
    bbox_corner2xyxy,
    bbox_cs2xywh,
    bbox_cs2xyxy,
    bbox_xywh2cs,
    bbox_xywh2xyxy,
    bbox_xyxy2corner,
    bbox_xyxy2cs,
    bbox_xyxy2xywh,
    flip_bbox,
    get_pers_warp_matrix,
    get_udp_warp_matrix,
    get_warp_matrix,
)

XYXY = np.array([[10, 20, 50, 100], [0, 0, 4, 2]], dtype=np.float32)
XYWH = np.array([[10, 20, 40, 80], [0, 0, 4, 2]], dtype=np.float32)
CENTER = np.array([[30, 60], [2, 1]], dtype=np.float32)
SIZE = np.array([[40, 80], [4, 2]], dtype=np.float32)

pixels = st.floats(-2000, 2000)
lengths = st.floats(1, 2000)
points = st.tuples(pixels, pixels).map(np.array)
sizes = st.tuples(lengths, lengths).map(np.array)
angles = st.floats(-360, 360)
sizes_wh = st.tuples(st.integers(16, 512), st.integers(16, 512))
boxes_xyxy = st.integers(0, 5).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, (n, 2), elements=pixels), arrays(np.float64, (n, 2), elements=lengths)
    ).map(lambda box: np.concatenate((box[0], box[0] + box[1]), axis=1))
)


def apply(matrix, *points):
    return np.array(points) @ matrix[:2, :2].T + matrix[:2, 2]


@pytest.mark.parametrize('row', [slice(None), 0], ids=['(N, 4)', '(4,)'])
def test_forms_of_a_box(row):
    np.testing.assert_array_equal(bbox_xyxy2xywh(XYXY[row]), XYWH[row])
    np.testing.assert_array_equal(bbox_xywh2xyxy(XYWH[row]), XYXY[row])
    for center, scale in (bbox_xyxy2cs(XYXY[row], 1.25), bbox_xywh2cs(XYWH[row], 1.25)):
        np.testing.assert_array_equal(center, CENTER[row])
        np.testing.assert_array_equal(scale, SIZE[row] * 1.25)
        np.testing.assert_array_equal(bbox_cs2xyxy(center, scale, 1.25), XYXY[row])
        np.testing.assert_array_equal(bbox_cs2xywh(center, scale, 1.25), XYWH[row])


@pytest.mark.parametrize(
    'convert',
    [bbox_xyxy2xywh, bbox_xywh2xyxy, bbox_xyxy2corner, lambda box: bbox_xyxy2cs(box, 1.25)[1]],
)
def test_dtype_is_kept_and_the_input_untouched(convert):
    box = XYXY.copy()
    assert convert(box).dtype == np.float32
    np.testing.assert_array_equal(box, XYXY)


def test_a_score_column_is_kept():
    scored = np.array([[10.0, 20.0, 50.0, 100.0, 0.9]])
    np.testing.assert_allclose(bbox_xyxy2xywh(scored), [[10, 20, 40, 80, 0.9]])
    np.testing.assert_allclose(bbox_xyxy2cs(scored)[1], [[40, 80]])


@given(boxes_xyxy, st.floats(0.5, 2))
def test_conversions_round_trip(boxes, padding):
    for back in (
        bbox_xywh2xyxy(bbox_xyxy2xywh(boxes)),
        bbox_corner2xyxy(bbox_xyxy2corner(boxes)),
        bbox_cs2xyxy(*bbox_xyxy2cs(boxes, padding), padding),
        bbox_xywh2xyxy(bbox_cs2xywh(*bbox_xyxy2cs(boxes, padding), padding)),
    ):
        assert back.shape == boxes.shape
        np.testing.assert_allclose(back, boxes, atol=1e-9)


@pytest.mark.parametrize('row', [slice(None), 0], ids=['(N, 4)', '(4,)'])
def test_corners_go_down_the_left_side_first(row):
    corners = bbox_xyxy2corner(XYXY[row])
    assert corners.shape == (*XYXY[row].shape[:-1], 4, 2)
    first = corners.reshape(-1, 4, 2)[0]
    np.testing.assert_array_equal(first, [[10, 20], [10, 100], [50, 20], [50, 100]])


def test_clip_border_takes_boxes_and_corners():
    box = np.array([[-5, 10, 700, 500]], dtype=np.float32)
    clipped = bbox_clip_border(box, (640, 480))
    np.testing.assert_array_equal(clipped, [[0, 10, 640, 480]])
    assert clipped.dtype == np.float32
    assert box[0, 0] == -5
    corners = bbox_clip_border(bbox_xyxy2corner(box), (640, 480))
    np.testing.assert_array_equal(corners, bbox_xyxy2corner(clipped))


@pytest.mark.parametrize(
    ('direction', 'expected'),
    [
        ('horizontal', [589, 20, 629, 100]),
        ('vertical', [10, 379, 50, 459]),
        ('diagonal', [589, 379, 629, 459]),
    ],
)
def test_flip_keeps_sides_in_order(direction, expected):
    flipped = flip_bbox(XYXY, (640, 480), 'xyxy', direction)
    np.testing.assert_array_equal(flipped[0], expected)


@pytest.mark.parametrize('bbox_format', ['center', 'xywh'])
def test_flip_mirrors_the_point_of_centers_and_sized_boxes(bbox_format):
    box = CENTER if bbox_format == 'center' else np.concatenate((CENTER, SIZE), axis=1)
    flipped = flip_bbox(box, (640, 480), bbox_format, 'horizontal')
    np.testing.assert_array_equal(flipped[0, :2], [609, 60])
    np.testing.assert_array_equal(flipped[:, 2:], box[:, 2:])


@given(
    boxes_xyxy,
    st.sampled_from(['xyxy', 'xywh']),
    st.sampled_from(['horizontal', 'vertical', 'diagonal']),
)
def test_flip_is_an_involution(boxes, bbox_format, direction):
    args = ((640, 480), bbox_format, direction)
    np.testing.assert_allclose(flip_bbox(flip_bbox(boxes, *args), *args), boxes, atol=1e-9)


def test_flip_names_what_it_takes():
    with pytest.raises(ValueError, match=r"bbox_format must be .* not 'corner'"):
        flip_bbox(XYXY, (640, 480), 'corner')
    with pytest.raises(ValueError, match=r"direction must be .* not 'left'"):
        flip_bbox(XYXY, (640, 480), 'xyxy', 'left')


def test_warp_without_rotation_scales_by_the_widths():
    # region 20..40 x 30..50 of the image onto 40 x 80: zoom 2, (30, 40) onto (20, 40)
    matrix = get_warp_matrix(np.array([30, 40]), np.array([20, 20]), 0, (40, 80))
    np.testing.assert_allclose(matrix, [[2, 0, -40], [0, 2, -40]])
    assert matrix.dtype == np.float64
    stretched = get_warp_matrix(
        np.array([30, 40]), np.array([20, 20]), 0, (40, 80), fix_aspect_ratio=False
    )
    np.testing.assert_allclose(stretched, [[2, 0, -40], [0, 4, -120]])


def test_warp_turns_counter_clockwise_and_udp_clockwise():
    center, scale, size_wh = np.array([50, 50]), np.array([101, 101]), (101, 101)
    right = (60, 50)
    np.testing.assert_allclose(
        apply(get_warp_matrix(center, scale, 90, size_wh), right), [[50.5, 40.5]]
    )
    # UDP measures between pixel centers: zoom 100 / 101 and the center onto (50, 50)
    np.testing.assert_allclose(
        apply(get_udp_warp_matrix(center, scale, 90, size_wh), right),
        [[50, 50 + 1000 / 101]],
        rtol=1e-6,
    )


def test_warp_shift_is_in_units_of_the_region():
    center, scale, size_wh = np.array([300, 220]), np.array([180, 240]), (192, 256)
    shifted = get_warp_matrix(center, scale, 30, size_wh, shift=(0.1, -0.05))
    moved = get_warp_matrix(center + np.array([18, -12]), scale, 30, size_wh)
    np.testing.assert_allclose(shifted, moved)


@given(points, sizes, angles, sizes_wh, st.booleans())
def test_warp_maps_center_to_center_and_inverts(center, scale, rot, size_wh, fixed):
    options = dict(shift=(0.1, -0.2), fix_aspect_ratio=fixed)
    matrix = get_warp_matrix(center, scale, rot, size_wh, **options)
    inverse = get_warp_matrix(center, scale, rot, size_wh, inv=True, **options)
    shifted = center + scale * (0.1, -0.2)
    np.testing.assert_allclose(apply(matrix, shifted)[0], np.array(size_wh) / 2, atol=1e-6)
    np.testing.assert_allclose(apply(inverse, *apply(matrix, center))[0], center, atol=1e-6)
    product = np.vstack((matrix, [0, 0, 1])) @ np.vstack((inverse, [0, 0, 1]))
    np.testing.assert_allclose(product, np.eye(3), atol=1e-6)


@given(points, sizes, angles, sizes_wh)
def test_warp_agrees_with_opencv_on_three_points(center, scale, rot, size_wh):
    import cv2

    turn = math.radians(rot)
    cos, sin = math.cos(turn), math.sin(turn)
    w, h = size_wh
    left = np.array([-cos, -sin]) * scale[0] / 2
    top = np.array([sin, -cos]) * scale[0] / 2
    source = np.array([center, center + left, center + top], dtype=np.float32)
    target = np.array([[w, h], [0, h], [w, h - w]], dtype=np.float32) / 2
    expected = cv2.getAffineTransform(source, target)
    got = get_warp_matrix(center, scale, rot, size_wh)
    # corners of the region agree to what single precision of the three points allows
    corners = bbox_xyxy2corner(np.concatenate((center - scale / 2, center + scale / 2)))
    zoom = w / scale[0]
    span = 1 + np.abs(scale).max() / scale[0]
    np.testing.assert_allclose(
        apply(got, *corners), apply(expected, *corners), atol=2e-3 * max(zoom, 1) * span
    )


@given(points, sizes, sizes_wh)
def test_udp_maps_borders_to_the_outermost_pixels(center, scale, size_wh):
    matrix = get_udp_warp_matrix(center, scale, 0, size_wh).astype(np.float64)
    assert get_udp_warp_matrix(center, scale, 0, size_wh).dtype == np.float32
    w, h = size_wh
    atol = 1e-6 * (np.abs(center).max() + scale.max()) * max(w, h) / scale.min() + 1e-6
    ends = apply(matrix, center - scale / 2, center + scale / 2)
    np.testing.assert_allclose(ends, [[0, 0], [w - 1, h - 1]], atol=atol)


@pytest.mark.parametrize('matrix', [get_warp_matrix, get_udp_warp_matrix])
def test_region_without_area_is_refused(matrix):
    with pytest.raises(ValueError, match=r'scale is \(0.0, 4.0\); a region needs a positive'):
        matrix(np.array([1, 2]), np.array([0, 4]), 0, (192, 256))


def test_perspective_matrix_scales_turns_shears_then_moves():
    center, move = np.array([300.0, 220.0]), np.array([10.0, -7.0])
    matrix = get_pers_warp_matrix(center, move, 0.5, 90, np.zeros(2))
    right = center + np.array([8, 0])
    np.testing.assert_allclose(apply(matrix, center, right), [[310, 213], [310, 217]])
    assert matrix.dtype == np.float32
    assert matrix.shape == (3, 3)
    sheared = get_pers_warp_matrix(center, np.zeros(2), 1, 0, np.array([45, 0]))
    below = center + np.array([0, 10])
    np.testing.assert_allclose(apply(sheared, below)[0], [310, 230], rtol=1e-6)


def test_upright_box_around_turned_corners():
    diamond = np.array([[[4, 0], [0, 5], [9, 4], [5, 9]]], dtype=np.float32)
    np.testing.assert_array_equal(bbox_corner2xyxy(diamond), [[0, 0, 9, 9]])
