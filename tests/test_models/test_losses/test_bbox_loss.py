from math import log

import pytest
import torch
from torch.testing import assert_close

from mmpose.models.losses import IoULoss

# intersections over unions of 1/3 and 1
OUTPUT = torch.tensor([[0.0, 0, 2, 2], [1, 1, 4, 5]])
TARGET = torch.tensor([[1.0, 0, 3, 2], [1, 1, 4, 5]])


@pytest.mark.parametrize(('mode', 'loss'), [('linear', 2 / 3), ('square', 8 / 9), ('log', log(3))])
def test_modes_and_reductions(mode, loss):
    assert_close(IoULoss(mode=mode, reduction='none')(OUTPUT, TARGET), torch.tensor([loss, 0]))
    assert IoULoss(mode=mode)(OUTPUT, TARGET).item() == pytest.approx(loss / 2)
    total = IoULoss(mode=mode, reduction='sum', loss_weight=5)
    assert total(OUTPUT, TARGET, torch.tensor([2.0, 1.0])).item() == pytest.approx(10 * loss)


@pytest.mark.parametrize('box', [[5.0, 5, 6, 6], [1.0, 1, 1, 1], [3.0, 3, 0, 0]])
def test_disjoint_and_empty_boxes(box):
    output = torch.tensor([box], requires_grad=True)
    loss = IoULoss(eps=1e-6)(output, torch.tensor([[0.0, 0, 2, 2]]))
    loss.backward()
    assert loss.isfinite()
    assert output.grad.isfinite().all()
    if box[0] == 5:
        assert loss.item() == pytest.approx(-log(1e-6))
        assert IoULoss()(output, torch.tensor([[0.0, 0, 2, 2]])).item() == pytest.approx(
            -log(1e-16)
        )


def test_errors():
    with pytest.raises(ValueError, match=r'The output is \(2, 4\) and the target \(1, 4\)'):
        IoULoss()(OUTPUT, TARGET[:1])
    with pytest.raises(
        ValueError, match="mode is 'giou', but must be one of 'linear', 'square', 'log'"
    ):
        IoULoss(mode='giou')
