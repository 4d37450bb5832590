from math import exp

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import AssociativeEmbeddingLoss

# (L * K, H, W) = (2, 1, 3): tags of two keypoints in three cells
TAGS = torch.tensor([[[0.0, 3.0, 9.0]], [[2.0, 3.0, 9.0]]])


def cells(*instances):
    """(N, K, 2); ``None`` for a keypoint that is not labelled, with a cell that is none."""
    rows = [[(-1, 0) if cell is None else (cell, 1) for cell in row] for row in instances]
    return torch.tensor(rows).reshape(len(rows), 2, 2)


@pytest.mark.parametrize(
    ('indices', 'pull', 'push'),
    [
        # mean tags 1 and 3, variances 1 and 0; each instance is once compared with itself
        (cells((0, 0), (1, 1)), 1 / 2, (2 + 2 * exp(-4)) / 2),
        (cells((0, 0)), 1, 0),
        # a mean tag of 3 alone, of one keypoint
        (cells((0, 0), (None, 1)), 1 / 2, (2 + 2 * exp(-4)) / 2),
        # an instance without labels is none
        (cells((0, 0), (None, None), (1, 1)), 1 / 2, (2 + 2 * exp(-4)) / 2),
        (cells((None, None), (None, None)), 0, 0),
        (cells(), 0, 0),
    ],
    ids=['two', 'one', 'part', 'unlabelled', 'all-unlabelled', 'none'],
)
def test_pull_and_push(indices, pull, push):
    tags = TAGS[None].clone().requires_grad_()
    losses = AssociativeEmbeddingLoss()(tags, [indices])
    assert [loss.item() for loss in losses] == pytest.approx([pull, 0.5 * push])
    sum(losses).backward()
    assert tags.grad.isfinite().all()
    weighted = AssociativeEmbeddingLoss(loss_weight=10, push_loss_factor=2)(tags, [indices])
    assert [loss.item() for loss in weighted] == pytest.approx([10 * pull, 20 * push])


def test_sum_over_the_batch():
    one = AssociativeEmbeddingLoss()(TAGS[None], [cells((0, 0), (1, 1))])
    two = AssociativeEmbeddingLoss()(TAGS.expand(2, -1, -1, -1), [cells((0, 0), (1, 1))] * 2)
    assert_close(two, tuple(2 * loss for loss in one))


def test_tags_of_several_numbers():
    # the second number of every tag is 0, so variances halve and each pair adds exp(0)
    tags = torch.cat([TAGS, torch.zeros_like(TAGS)])[None]
    pull, push = AssociativeEmbeddingLoss(push_loss_factor=1)(tags, [cells((0, 0), (1, 1))])
    assert pull.item() == pytest.approx(1 / 4)
    assert push.item() == pytest.approx((2 + 2 * exp(-4) + 4) / 2)


def test_gradient_pulls_to_the_mean_and_pushes_means_apart():
    tags = TAGS[None].clone().requires_grad_()
    pull, push = AssociativeEmbeddingLoss()(tags, [cells((0, 0), (1, 1))])
    (gradient,) = torch.autograd.grad(pull, tags, retain_graph=True)
    assert_close(gradient[0, :, 0, 0], torch.tensor([-0.5, 0.5]))  # 2 (t - mean) / 2 / 2
    (gradient,) = torch.autograd.grad(push, tags)
    assert (gradient[0, :, 0, 0] > 0).all()  # descent lowers the tags below
    assert (gradient[0, :, 0, 1] < 0).all()  # and lifts those above
    assert (gradient[..., 2] == 0).all()


def test_errors():
    loss = AssociativeEmbeddingLoss()
    with pytest.raises(ValueError, match='of 1 samples and the keypoint_indices of 2; give one'):
        loss(TAGS[None], [cells((0, 0))] * 2)
    message = r'keypoint_indices are \(1, 2, 2\) and the tags \(3, 1, 3\); give \(N, K, 2\)'
    with pytest.raises(ValueError, match=message):
        loss(torch.zeros(1, 3, 1, 3), [cells((0, 0))])
