import pytest
import torch
from mmengine.structures import InstanceData
from torch import nn

from mmpose.models import PoseDataPreprocessor
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample


@pytest.fixture
def doubling():
    """A batch augmentation, registered for the test."""

    @MODELS.register_module()
    class Doubling(nn.Module):
        def forward(self, inputs, data_samples):
            return inputs * 2, data_samples

    yield dict(type='Doubling')
    MODELS.module_dict.pop('Doubling')


def picture(b, g, r, h=2, w=3):
    return torch.tensor([b, g, r], dtype=torch.uint8)[:, None, None].expand(3, h, w)


def test_swaps_then_normalises():
    preprocess = PoseDataPreprocessor(mean=[10, 20, 30], std=[1, 2, 4], bgr_to_rgb=True)
    inputs = preprocess(dict(inputs=[picture(50, 60, 70), picture(30, 20, 10)]))['inputs']
    assert inputs.dtype == torch.float32
    assert inputs.is_contiguous(memory_format=torch.channels_last)  # faster on a CPU
    assert tuple(inputs.shape) == (2, 3, 2, 3)
    # red first: (70 - 10) / 1, (60 - 20) / 2, (50 - 30) / 4
    assert inputs[:, :, 0, 0].tolist() == [[60, 20, 5], [0, 0, 0]]


@pytest.mark.parametrize('batched', [False, True])
def test_a_stacked_batch_gives_the_same(batched):
    images = [picture(1, 2, 3), picture(4, 5, 6)]
    data = dict(inputs=torch.stack(images) if batched else images, data_samples=None)
    out = PoseDataPreprocessor(pad_size_divisor=4, pad_value=7)(data)
    assert out['data_samples'] is None
    assert tuple(out['inputs'].shape) == (2, 3, 4, 4)
    assert out['inputs'][1, 2, :, 0].tolist() == [6, 6, 7, 7]
    assert out['inputs'][1, 2, 0].tolist() == [6, 6, 6, 7]


def test_pictures_of_different_size_are_padded_after_normalisation():
    preprocess = PoseDataPreprocessor(mean=[1], std=[1], pad_size_divisor=2)
    samples = [PoseDataSample(), PoseDataSample()]
    out = preprocess(
        dict(inputs=[picture(5, 5, 5, 2, 3), picture(5, 5, 5, 3, 1)], data_samples=samples)
    )
    assert tuple(out['inputs'].shape) == (2, 3, 4, 4)
    assert out['inputs'][0, 0].tolist() == [[4, 4, 4, 0], [4, 4, 4, 0], [0] * 4, [0] * 4]
    assert [s.batch_input_shape for s in out['data_samples']] == [(4, 4), (4, 4)]
    assert [s.pad_shape for s in out['data_samples']] == [(2, 4), (4, 2)]


def test_float_input_is_not_changed():
    images = torch.ones(1, 3, 2, 2)
    PoseDataPreprocessor(mean=[1], std=[2])(dict(inputs=images))
    assert (images == 1).all()


def test_samples_move_with_the_model():
    sample = PoseDataSample(metainfo=dict(img_shape=(2, 3)))
    sample.gt_instances = InstanceData(labels=torch.zeros(1, 2))
    preprocess = PoseDataPreprocessor().to('meta')
    out = preprocess(dict(inputs=[picture(1, 2, 3)], data_samples=[sample]))
    assert out['inputs'].device.type == 'meta'
    assert out['data_samples'][0].gt_instances.labels.device.type == 'meta'
    assert out['data_samples'][0].img_shape == (2, 3)


def test_batch_augments_run_in_training_only(doubling):
    preprocess = PoseDataPreprocessor(batch_augments=[doubling])
    data = dict(inputs=[picture(1, 2, 3)], data_samples=[PoseDataSample()])
    assert preprocess(data, training=True)['inputs'][0, :, 0, 0].tolist() == [2, 4, 6]
    assert preprocess(data, training=False)['inputs'][0, :, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ('inputs', 'error', 'message'),
    [
        (
            [torch.zeros(1, 2, 2)],
            ValueError,
            r'A picture is \(1, 2, 2\); this data preprocessor ta',
        ),
        (torch.zeros(3, 2, 2), TypeError, r'inputs is Tensor \(3, 2, 2\); give a list of tensors'),
        ('picture.jpg', TypeError, 'inputs is str; give a list of tensors'),
    ],
)
def test_errors(inputs, error, message):
    with pytest.raises(error, match=message):
        PoseDataPreprocessor(mean=[0] * 3, std=[1] * 3)(dict(inputs=inputs))


def test_several_sizes_of_each_picture():
    """As `aug_scales` of BottomupResize make them, and `pseudo_collate` collates them."""
    preprocessor = PoseDataPreprocessor(pad_size_divisor=4)
    sizes = [
        (torch.ones(3, 8, 8), torch.ones(3, 8, 12)),
        (torch.ones(3, 3, 4), torch.ones(3, 4, 6)),
    ]
    samples = [PoseDataSample(), PoseDataSample()]
    data = preprocessor(dict(inputs=sizes, data_samples=samples))
    assert [batch.shape for batch in data['inputs']] == [(2, 3, 8, 12), (2, 3, 4, 8)]
    assert data['inputs'][1][0].sum() == 3 * 3 * 4
    assert [s.batch_input_shape for s in samples] == [(8, 12)] * 2
    assert [s.pad_shape for s in samples] == [(8, 8), (8, 12)]
    assert [s.aug_pad_shapes for s in samples] == [[(4, 4)], [(4, 8)]]
