import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads import DSNTHead
from mmpose.structures import PoseDataSample

LOSS = dict(
    type='MultipleLossWrapper',
    losses=[
        dict(type='L1Loss', use_target_weight=True),
        dict(type='KeypointMSELoss', use_target_weight=True),
    ],
)


def passing_head(**kwargs):
    """A head for one keypoint whose logits are its features, 4 x 2 cells."""
    return DSNTHead(1, (4, 2), 1, deconv_out_channels=None, final_layer=None, loss=LOSS, **kwargs)


def sample():
    sample = PoseDataSample()
    sample.gt_fields = PixelData(heatmaps=torch.tensor([[[0.0, 0, 0, 0], [0, 0, 1, 0]]]))
    sample.gt_instance_labels = InstanceData(
        keypoint_labels=torch.tensor([[[0.5, 0.5]]]), keypoint_weights=torch.ones(1, 1)
    )
    return sample


FEATS = (torch.zeros(1, 1, 2, 4),)
# an even heatmap has the mean (1.5 / 4, 0.5 / 2)
OF_COORDS = (0.125 + 0.25) / 2
OF_HEATMAPS = ((1 - 1 / 8) ** 2 + 7 / 8**2) / 8


@pytest.fixture
def epoch():
    """Sets the number of epochs that are done, as the training loop does."""
    hub = MessageHub.get_current_instance()
    before = hub.get_info('epoch', None)
    yield lambda value: hub.update_info('epoch', value)
    if before is None:
        hub.pop_info('epoch', None)
    else:
        hub.update_info('epoch', before)


def test_losses_of_coordinates_and_heatmaps_are_added():
    losses = passing_head().loss(FEATS, [sample()])
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor(OF_COORDS + OF_HEATMAPS))
    assert losses['acc_pose'] == 0
    assert set(passing_head().loss(FEATS, [sample()], dict(compute_acc=False))) == {'loss_kpt'}


@pytest.mark.parametrize(
    ('lambda_t', 'done', 'both'), [(-1, 100, True), (5, 0, True), (5, 4, True), (5, 5, False)]
)
def test_the_loss_of_heatmaps_is_left_out_after_lambda_t_epochs(epoch, lambda_t, done, both):
    epoch(done)
    loss = passing_head(lambda_t=lambda_t).loss(FEATS, [sample()])['loss_kpt']
    torch.testing.assert_close(loss, torch.tensor(OF_COORDS + both * OF_HEATMAPS))


def test_default_losses_train_every_parameter():
    head = DSNTHead(4, (2, 1), 1, deconv_out_channels=(4,), deconv_kernel_sizes=(4,))
    head.loss((torch.randn(1, 4, 1, 2),), [sample()])['loss_kpt'].backward()
    trained = {n for n, p in head.named_parameters() if p.grad is not None}
    assert trained == {n for n, p in head.named_parameters() if 'linspace' not in n}
