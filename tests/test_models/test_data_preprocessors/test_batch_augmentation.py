import random

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.structures import InstanceData

from mmpose.models import BatchSyncRandomResize, PoseDataPreprocessor
from mmpose.structures import PoseDataSample


@pytest.fixture
def iterations(monkeypatch):
    """Function that sets the number of the iteration, for a run of its own."""
    hub = MessageHub('iterations')
    monkeypatch.setattr(MessageHub, 'get_current_instance', lambda: hub)
    return lambda number: hub.update_info('iter', number)


def labelled_sample():
    sample = PoseDataSample(metainfo=dict(img_shape=(64, 96), pad_shape=(64, 96)))
    sample.gt_instance_labels = InstanceData(
        bboxes=torch.tensor([[8.0, 4.0, 40.0, 32.0]]),
        keypoints=torch.tensor([[[10.0, 20.0], [30.0, 6.0]]]),
        areas=torch.tensor([100.0]),
    )
    return sample


def test_keeps_its_size_until_the_interval_is_over(iterations):
    resize = BatchSyncRandomResize((128, 128), interval=3)
    sizes = []
    for iteration in range(6):
        iterations(iteration)
        inputs, _ = resize(torch.rand(1, 3, 64, 96), [labelled_sample()])
        sizes.append(tuple(inputs.shape[-2:]))
    assert sizes == [(64, 96)] * 3 + [(128, 192)] * 3


def test_a_resumed_run_goes_on_with_its_size(iterations):
    iterations(2)
    BatchSyncRandomResize((128, 128), interval=3)(torch.rand(1, 3, 64, 96), [])
    saved = MessageHub.get_current_instance().state_dict()
    iterations(3)
    inputs, _ = BatchSyncRandomResize((128, 128), interval=3)(torch.rand(1, 3, 64, 96), [])
    assert inputs.shape[-2:] == (128, 192)
    assert saved['runtime_info']['batch_sync_random_resize_hw'] == [128, 192]
    iterations(0)  # another run in the same process
    inputs, _ = BatchSyncRandomResize((128, 128), interval=3)(torch.rand(1, 3, 64, 96), [])
    assert inputs.shape[-2:] == (64, 96)


def test_labels_follow_the_picture(iterations):
    iterations(0)
    resize = BatchSyncRandomResize((96, 96), interval=1, size_divisor=32)
    resize(torch.rand(1, 3, 64, 96), [labelled_sample()])
    sample = labelled_sample()
    inputs, (resized,) = resize(torch.full((1, 3, 64, 96), 7, dtype=torch.uint8), [sample])
    assert resized is sample
    # 3 cells of 32 high; 3 * 1.5 is 4 cells wide
    assert tuple(inputs.shape) == (1, 3, 96, 128)
    assert torch.allclose(inputs, torch.full_like(inputs, 7))
    x, y = 128 / 96, 96 / 64
    labels = sample.gt_instance_labels
    assert labels.bboxes.tolist() == [pytest.approx([8 * x, 4 * y, 40 * x, 32 * y])]
    torch.testing.assert_close(
        labels.keypoints, torch.tensor([[[10 * x, 20 * y], [30 * x, 6 * y]]])
    )
    assert labels.areas.tolist() == pytest.approx([100 * x * y])
    assert sample.metainfo == dict(
        img_shape=(96, 128), pad_shape=(96, 128), batch_input_shape=(96, 128)
    )


def test_sizes_cover_the_range_and_follow_the_seed(iterations):
    iterations(0)

    def heights(seed):
        random.seed(seed)
        resize = BatchSyncRandomResize((64, 128), interval=1)
        x = torch.rand(1, 3, 32, 32)
        return [resize(x, [])[0].shape[-1] for _ in range(40)][1:]

    assert set(heights(0)) == {64, 96, 128}
    assert heights(1) == heights(1)


def test_in_the_preprocessor_it_acts_in_training_only(iterations):
    iterations(0)
    preprocess = PoseDataPreprocessor(
        batch_augments=[dict(type='BatchSyncRandomResize', random_size_range=(64, 64), interval=1)]
    )
    data = dict(inputs=[torch.zeros(3, 32, 32, dtype=torch.uint8)])

    def shape(training):
        batch = dict(data, data_samples=[PoseDataSample()])
        return tuple(preprocess(batch, training=training)['inputs'].shape[-2:])

    assert [shape(True), shape(True), shape(False)] == [(32, 32), (64, 64), (32, 32)]


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(random_size_range=(640, 480)), r'random_size_range is \(640, 480\)'),
        (dict(random_size_range=(8, 64)), 'of at least 32 pixels'),
        (dict(random_size_range=(64, 64), interval=0), 'interval is 0'),
    ],
)
def test_bad_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        BatchSyncRandomResize(**kwargs)
