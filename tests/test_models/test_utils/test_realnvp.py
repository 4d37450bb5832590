from math import log, pi

import torch
from torch.testing import assert_close

from mmpose.models.utils.realnvp import RealNVP


def flow(gain=0.3):
    torch.manual_seed(0)
    model = RealNVP().double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=gain / parameter.shape[-1] ** 0.5)
    return model


def test_a_new_flow_is_nearly_a_normal_distribution():
    # moved and stretched: the logarithm is a parabola
    torch.manual_seed(0)
    line = torch.stack([torch.arange(-2.0, 3.0), torch.zeros(5)], 1)
    bend = RealNVP().log_prob(line).diff(n=2)
    assert_close(bend, bend.mean().expand(3), rtol=0.02, atol=0)
    assert -2 < bend.mean() < -0.5


def test_zeros_leave_the_standard_normal_distribution():
    points = torch.tensor([[0.0, 0.0], [1.0, -2.0]]).double()
    expected = -points.square().sum(1) / 2 - log(2 * pi)
    assert_close(flow(gain=0).log_prob(points), expected)


def test_log_determinant_is_that_of_the_jacobian():
    model = flow()
    for point in torch.tensor([[0.3, -0.7], [2.0, 1.0]]).double():
        jacobian = torch.autograd.functional.jacobian(
            lambda x: model.backward_p(x[None])[0][0], point
        )
        assert_close(model.backward_p(point[None])[1][0], torch.linalg.slogdet(jacobian)[1])


def test_density_integrates_to_one():
    axis = torch.linspace(-8, 8, 81).double()
    grid = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        mass = flow().log_prob(grid).exp().sum() * (axis[1] - axis[0]) ** 2
    assert_close(mass.item(), 1.0, atol=1e-3, rtol=0)


def test_steps_move_the_coordinates_in_turn():
    mask = RealNVP().mask
    assert mask.tolist() == [[0, 1], [1, 0]] * 3
