import numpy as np
import pytest

from mmpose.visualization.panel_3d import View, draw_panel, empty_panel, nice_step

FLAT = float('inf')
RED, BLUE = (255, 0, 0), (0, 0, 255)


def view(azimuth=0, elevation=0, limit=2, distance=FLAT, size_wh=(300, 284)):
    return View(azimuth, elevation, limit, distance, size_wh)  # 200 pixels per limit, 100 per unit


def colored(panel, color):
    """Where a panel has about this colour: (y, x)."""
    return np.argwhere((np.abs(panel.astype(int) - color) < 40).all(axis=-1))


@pytest.mark.parametrize(
    ('azimuth', 'elevation', 'point', 'right_up', 'near'),
    [
        (0, 0, [0, 0, 1], (0, 0), 0),  # the middle of the cube
        (0, 0, [0, 1, 1], (100, 0), 0),  # from the x axis, y points right
        (0, 0, [1, 0, 1], (0, 0), 0.5),  # and x to the viewer
        (90, 0, [1, 0, 1], (-100, 0), 0),
        (-90, 0, [1, 0, 1], (100, 0), 0),
        (0, 0, [0, 0, 2], (0, 100), 0),
        (0, 90, [0, 0, 2], (0, 0), 0.5),  # from above
        (0, 30, [0, 0, 2], (0, 100 * np.cos(np.pi / 6)), 0.25),
    ],
)
def test_projection_without_perspective(azimuth, elevation, point, right_up, near):
    pixel, depth = view(azimuth, elevation).project(np.array(point, dtype=float))
    np.testing.assert_allclose(pixel - (150, 0.505 * 284), (right_up[0], -right_up[1]), atol=1e-9)
    assert depth == pytest.approx(near)


def test_perspective_enlarges_what_is_near():
    points = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
    pixels, near = view(distance=2).project(points)
    # half a side nearer, of two sides: 100 * 2 / 1.5 pixels
    np.testing.assert_allclose(pixels[:, 0] - 150, [100 * 2 / 1.5, 100, 100 * 2 / 2.5])
    np.testing.assert_allclose(near, [0.5, 0, -0.5])


def test_points_behind_the_camera_stay_finite():
    pixel, _ = view(distance=0.5).project(np.array([5.0, 1.0, 1.0]))
    assert pixel[0] == 150 + 1000


@pytest.mark.parametrize(('limit', 'step'), [(1.7, 0.5), (200, 50), (1, 0.2), (5, 1), (2.6, 1)])
def test_steps_of_the_grid(limit, step):
    assert nice_step(limit) == pytest.approx(step)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(limit=0), 'axis_limit is 0; it has to be positive'),
        (dict(distance=-1), 'axis_dist is -1; it has to be positive'),
    ],
)
def test_faulty_views(options, message):
    with pytest.raises(ValueError, match=message):
        view(**options)


def panel_of(pose, shown=(True, True), links=((0, 1),), **kwargs):
    colors = np.array([RED, BLUE][: len(pose)])
    return draw_panel(
        view(), np.array(pose, float), np.array(shown), list(links), colors[:1], colors, **kwargs
    )


def test_a_pose_is_drawn_where_it_is_projected():
    panel = panel_of([[0, -0.5, 1], [0, 0.5, 1]])
    rows, columns = colored(panel, RED).T
    assert abs(np.median(rows) - 0.505 * 284) <= 1
    assert columns.min() == pytest.approx(100, abs=4)  # around the middle of the two joints
    assert columns.max() == pytest.approx(200, abs=8)
    assert colored(panel, BLUE)[:, 1].mean() == pytest.approx(200, abs=1)


def test_poses_below_the_floor_are_lifted_onto_it():
    lifted = panel_of([[0, -0.5, -0.8], [0, 0.5, 0.2]])
    np.testing.assert_array_equal(lifted, panel_of([[0, -0.5, 0], [0, 0.5, 1]]))


def test_what_is_near_covers_what_is_far_and_is_less_pale():
    poses = [[0.9, 0, 1], [-0.9, 0, 1]]  # one behind the other
    near_red, near_blue = panel_of(poses, links=()), panel_of(poses[::-1], links=())
    place = (round(0.505 * 284), 150)
    np.testing.assert_array_equal(near_red[place], RED)
    np.testing.assert_array_equal(near_blue[place], BLUE)
    beside = panel_of([[0.9, -0.5, 1], [-0.9, 0.5, 1]], links=())
    np.testing.assert_array_equal(beside[place[0], 100], RED)
    assert beside[place[0], 200].tolist()[0] > 100  # blue, mixed with the background


def test_hidden_joints_take_their_links_with_them():
    panel = panel_of([[0, -0.5, 1], [0, 0.5, 1]], shown=(False, True))
    assert not len(colored(panel, RED))
    assert len(colored(panel, BLUE))


@pytest.mark.parametrize('pose', [[[np.nan] * 3] * 2, [[0, 0, 0], [0, 0, 0]]])
def test_nothing_to_show_leaves_the_panel_empty(pose):
    panel = panel_of(pose, shown=(False, False))
    np.testing.assert_array_equal(panel, empty_panel(view()))


def test_titles_and_indices_change_only_their_places():
    plain = panel_of([[0, -0.5, 1], [0, 0.5, 1]])
    titled = panel_of([[0, -0.5, 1], [0, 0.5, 1]], title='Track 3')
    changed = np.argwhere((titled != plain).any(axis=-1))
    assert changed[:, 0].max() < 30
    assert (panel_of([[0, -0.5, 1], [0, 0.5, 1]], show_indices=True) != plain).any()
