import math

import pytest
import torch
from torch import nn

from mmpose.models.heads.hybrid_heads.dcc import DCC

BOXES = torch.tensor([[100.0, 50, 40, 80], [20, 30, 10, 10], [0, 0, 1, 1]])
POINTS = torch.tensor([[96.0, 48], [16, 32], [0, 0]])


def make(**kwargs):
    torch.manual_seed(0)
    gau_cfg = dict(s=8, expansion_factor=2, act_fn='SiLU', pos_enc='add')
    args = dict(in_channels=6, num_keypoints=2, feat_channels=8, num_bins=(5, 9), spe_channels=16)
    dcc = DCC(**{**args, 'gau_cfg': gau_cfg, **kwargs})
    norm = dcc.pose_to_kpts[1]
    nn.init.uniform_(norm.running_mean)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    return dcc


def vectors(n=3):
    torch.manual_seed(1)
    return torch.randn(n, 6)


def test_keypoints_are_expectations_over_the_box():
    dcc = make().eval()
    for fc in (dcc.x_fc, dcc.y_fc):
        nn.init.zeros_(fc.weight)
    keypoints, (x, y) = dcc(vectors(), BOXES, POINTS)
    # all bins are alike
    torch.testing.assert_close(x, torch.full((3, 2, 5), 1 / 5))
    torch.testing.assert_close(y, torch.full((3, 2, 9), 1 / 9))
    torch.testing.assert_close(keypoints, BOXES[:, None, :2].expand(3, 2, 2))


def test_a_bin_is_as_likely_as_its_encoding_resembles_the_token():
    dcc = make().eval()
    keypoints, (x, _) = dcc(vectors(), BOXES, POINTS)
    tokens = dcc.pose_to_kpts(vectors()).reshape(3, 2, 8)
    tokens = dcc.gau(tokens, pos_enc=dcc.pos_enc)
    bins = torch.tensor([80.0, 90, 100, 110, 120])  # a box 40 wide around x = 100
    encodings = dcc.x_fc(dcc.spe(position=bins - 96))
    torch.testing.assert_close(x[0], (tokens[0] @ encodings.T).softmax(-1))
    torch.testing.assert_close(keypoints[0, :, 0], x[0] @ bins)


def test_targets():
    dcc = make().eval()
    nn.init.zeros_(dcc.sigma_fc[0].weight)
    nn.init.zeros_(dcc.sigma_fc[0].bias)
    # sigma is 0.1 * sigmoid(0) = 0.05, so that a width is 2 * 0.05 * sqrt(100) = 1 pixel
    truth = torch.tensor([[[100.0, 50], [101, 40]]])
    x, y = dcc.targets(truth, BOXES[:1], vectors(1), torch.tensor([100.0]))
    e = math.exp
    expected = torch.tensor([[e(-20), e(-10), 1, e(-10), e(-20)]]) * 20
    torch.testing.assert_close(x[0, :1], expected)
    torch.testing.assert_close(x[0, 1, 2], torch.tensor(20 * e(-1)))
    torch.testing.assert_close(y[0, 1, 3], torch.tensor(20.0))  # the bins are 10 pixels apart


@pytest.mark.parametrize('n', [0, 1])
def test_too_few_poses_for_statistics(n):
    dcc = make()
    before = {name: x.clone() for name, x in dcc.state_dict().items()}
    training, _ = dcc.train()(vectors(n), BOXES[:n], POINTS[:n])
    training.sum().backward()
    assert training.shape == (n, 2, 2)
    for name, x in dcc.state_dict().items():
        torch.testing.assert_close(x, before[name])
    torch.testing.assert_close(training, dcc.eval()(vectors(n), BOXES[:n], POINTS[:n])[0])
    assert all(p.grad is not None for n, p in dcc.named_parameters() if 'sigma' not in n)


def test_batch_statistics_in_training():
    dcc = make().train()
    first, _ = dcc(vectors(), BOXES, POINTS)
    assert not torch.allclose(first, dcc.eval()(vectors(), BOXES, POINTS)[0])
    assert dcc.pose_to_kpts[1].num_batches_tracked == 1


def test_deployment_changes_no_output():
    dcc = make().eval()
    before, _ = dcc(vectors(), BOXES, POINTS)
    dcc.switch_to_deploy()
    dcc.switch_to_deploy()
    assert isinstance(dcc.pose_to_kpts, nn.Linear)
    torch.testing.assert_close(dcc(vectors(), BOXES, POINTS)[0], before)


def test_without_positional_encoding_of_keypoints():
    dcc = make(gau_cfg=dict(s=8)).eval()
    assert dcc.pos_enc is None
    assert dcc(vectors(), BOXES, POINTS)[0].shape == (3, 2, 2)


@pytest.mark.parametrize('whole', [False, True], ids=['autocast', 'weights'])
def test_half_precision(whole):
    dcc = make().eval()
    exact, _ = dcc(vectors(), BOXES, POINTS)
    with torch.autocast('cpu', torch.bfloat16, enabled=not whole):
        keypoints, (x, _) = (dcc.bfloat16() if whole else dcc)(vectors(), BOXES, POINTS)
    assert x.dtype == torch.float32
    torch.testing.assert_close(keypoints, exact, atol=0.5, rtol=0)
