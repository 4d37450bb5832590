from math import log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import FeaLoss, KDLoss

FEATURES = torch.full((2, 3, 2, 2), 2.0)


def test_features():
    loss = FeaLoss('loss_fea', True, student_channels=3, teacher_channels=3, alpha_fea=0.1)
    assert list(loss.state_dict()) == []
    # 12 squared errors of 4 in each sample
    assert loss(FEATURES, torch.zeros(2, 3, 2, 2)).item() == pytest.approx(0.1 * 12 * 4)
    with pytest.raises(ValueError, match=r'The student is \(2, 3, 2, 2\) and the teacher \(2, 5,'):
        loss(FEATURES, torch.zeros(2, 5, 2, 2))


def test_features_are_aligned_to_the_teacher():
    loss = FeaLoss('loss_fea', True, student_channels=3, teacher_channels=5)
    shapes = {name: tuple(value.shape) for name, value in loss.state_dict().items()}
    assert shapes == {'align.weight': (5, 3, 1, 1), 'align.bias': (5,)}
    torch.nn.init.ones_(loss.align.weight)
    torch.nn.init.zeros_(loss.align.bias)
    assert loss(FEATURES, torch.zeros(2, 5, 2, 2)).item() == pytest.approx(7e-5 * 20 * 6**2)


def test_large_features_in_half_precision():
    loss = FeaLoss('loss_fea', True, student_channels=3, teacher_channels=3)
    value = loss(200 * FEATURES.half(), torch.zeros(2, 3, 2, 2).half())
    assert value.item() == pytest.approx(7e-5 * 12 * 400**2)  # a square is beyond the largest half


def test_logits():
    # softmax gives the student (1/2, 1/2) and the teacher (1/4, 3/4)
    student, teacher = torch.zeros(2, 1, 2), torch.tensor([0, log(3)]).expand(2, 1, 2)
    divergence = 0.25 * log(0.25 / 0.5) + 0.75 * log(0.75 / 0.5)
    loss = KDLoss('loss_logit', True, weight=0.1)
    assert loss.loss(student, teacher, 1.0, None).item() == pytest.approx(0.1 * divergence)
    pairs = (student, student), (teacher, teacher)
    assert loss(*pairs, 1.0, None).item() == pytest.approx(0.1 * 2 * divergence)
    assert loss((student,) * 2, (teacher / 4,) * 2, 4.0, None).item() == pytest.approx(
        0.2 * divergence
    )
    weights = torch.zeros(2, 1)
    assert loss(*pairs, 1.0, weights) == loss(*pairs, 1.0, None)  # all keypoints teach


def test_logits_are_averaged_over_keypoints():
    student, teacher = torch.rand(2, 3, 4), torch.rand(2, 3, 4)
    loss = KDLoss('loss_logit', True)
    alone = [loss((student[:, k : k + 1],), (teacher[:, k : k + 1],), 2.0, None) for k in range(3)]
    assert_close(loss((student,), (teacher,), 2.0, None), torch.stack(alone).mean())


def test_the_teacher_gets_no_gradient():
    student, teacher = (torch.rand(2, 1, 2, requires_grad=True) for _ in range(2))
    KDLoss('loss_logit', True)((student,), (teacher,), 1.0, None).backward()
    assert student.grad is not None
    assert teacher.grad is None
