import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from torch import nn

from mmpose.models import BottomupPoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

K = 2
CODECS = dict(
    AssociativeEmbeddingHead=dict(
        type='AssociativeEmbedding', input_size=(64, 64), heatmap_size=(16, 16), sigma=1,
        decode_keypoint_order=[0, 1]),
    CIDHead=dict(type='DecoupledHeatmap', input_size=(64, 64), heatmap_size=(16, 16)),
    DEKRHead=dict(
        type='SPR', input_size=(64, 64), heatmap_size=(16, 16), sigma=(2, 1),
        generate_keypoint_heatmaps=True),
)  # fmt: skip
SETTINGS = dict(
    AssociativeEmbeddingHead=dict(num_keypoints=K, deconv_out_channels=None),
    CIDHead=dict(num_keypoints=K, gfd_channels=4),
    DEKRHead=dict(num_keypoints=K, num_heatmap_filters=4, num_displacement_filters_per_keypoint=3),
)
every_head = pytest.mark.parametrize('head', list(CODECS))


def build(head='AssociativeEmbeddingHead', **test_cfg):
    """A small model; the maps have stride 4."""
    if head == 'DEKRHead':
        pytest.importorskip('torchvision')
    torch.manual_seed(0)
    cfg = dict(
        type='BottomupPoseEstimator',
        data_preprocessor=dict(type='PoseDataPreprocessor', mean=[127.5], std=[64.0]),
        backbone=dict(
            type='ResNet', depth=18, base_channels=4, stem_channels=4, out_indices=(0,)),
        head=dict(type=head, in_channels=4, decoder=CODECS[head], **SETTINGS[head]),
        test_cfg=test_cfg,
    )  # fmt: skip
    return MODELS.build(cfg).eval()


def sample(w=64, h=64, **metainfo):
    meta = dict(
        input_size=(w, h),
        input_center=np.array([w / 2, h / 2], np.float32),
        input_scale=np.array([w, h], np.float32),
        flip_indices=[1, 0],
    )
    return PoseDataSample(metainfo=meta | metainfo)


def picture(w=64, h=64):
    return torch.randint(0, 256, (3, h, w), dtype=torch.uint8)


@torch.no_grad()
def predict(model, pictures):
    """Instances of each picture, in pixels of the input."""
    samples = [sample(x.shape[2], x.shape[1]) for x in pictures]
    samples = model.test_step(dict(inputs=pictures, data_samples=samples))
    return [sample.pred_instances for sample in samples]


@every_head
@pytest.mark.parametrize('flip_test', [False, True])
def test_predictions_do_not_depend_on_the_batch(head, flip_test):
    """Neither on its other pictures, nor on the padding that they need."""
    model = build(head, flip_test=flip_test, shift_heatmap=flip_test)
    pictures = [picture(), picture(96, 64), picture(64, 96), picture(96, 64)]
    together = predict(model, pictures)
    assert sum(map(len, together)) > 0
    for pred, x in zip(together, pictures, strict=True):
        (alone,) = predict(model, [x])
        assert pred.keypoints.shape == alone.keypoints.shape
        for name, values in pred.items():
            np.testing.assert_allclose(values, alone[name], rtol=1e-3, atol=1e-3, err_msg=name)


def test_samples_learn_what_the_network_was_given():
    samples = [sample(), sample(96, 64)]
    model = build()
    model.test_step(dict(inputs=[picture(), picture(96, 64)], data_samples=samples))
    assert [s.batch_input_shape for s in samples] == [(64, 64), (64, 96)]


@every_head
def test_several_sizes(head):
    """The same picture twice, without smaller ones in between, predicts what it does once."""
    model = build(head)
    torch.manual_seed(1)
    inputs = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        once = model(inputs, [sample(), sample()], mode='predict')
        model.test_cfg = dict(multiscale_test=True, nms_dist_thr=0.01)
        twice = model([inputs, inputs], [sample(), sample()], mode='predict')
        assert sum(len(s.pred_instances) for s in once) > 0
        if head != 'DEKRHead':  # whose poses of both sizes stand side by side
            for a, b in zip(once, twice, strict=True):
                np.testing.assert_allclose(
                    a.pred_instances.keypoints, b.pred_instances.keypoints, rtol=1e-4, atol=1e-3
                )
        model.test_cfg = dict(multiscale_test=True, flip_test=True)
        sizes = [inputs, torch.randn(2, 3, 32, 32), torch.randn(2, 3, 128, 96)]
        model(sizes, [sample(aug_scales=[0.5, 2]) for _ in range(2)], mode='predict')


def test_sizes_and_settings_must_agree():
    model, inputs = build(), torch.zeros(1, 3, 64, 64)
    with pytest.raises(ValueError, match='The inputs are 2 sizes of each picture; set `multiscale'):
        model([inputs, inputs], [sample()], mode='predict')
    model.test_cfg = dict(multiscale_test=True)
    message = r'multiscale_test gets 1 sizes of each picture with aug_scales=None; give the input'
    with pytest.raises(ValueError, match=message):
        model(inputs, [sample()], mode='predict')
    with pytest.raises(ValueError, match=r'gets 2 sizes of each picture with aug_scales=\[1, 2\]'):
        model([inputs, inputs], [sample(aug_scales=[1, 2])], mode='predict')
    for mode in ('loss', 'tensor'):
        with pytest.raises(TypeError, match='The inputs are a tuple of 2; give one batch'):
            model([inputs, inputs], [sample()], mode=mode)


def test_a_list_of_pictures_is_a_batch():
    model = build()
    heatmaps, _ = model([torch.zeros(3, 64, 64)] * 2, mode='tensor')
    assert heatmaps.shape == (2, K, 16, 16)


def test_fields_come_along():
    model = build(output_heatmaps=True)
    samples = [sample(), sample(96, 64)]
    data = dict(inputs=[picture(), picture(96, 64)], data_samples=samples)
    shapes = [s.pred_fields.heatmaps.shape for s in model.test_step(data)]
    assert shapes == [(K, 16, 16), (K, 16, 24)]


def test_keypoints_and_boxes_are_mapped_to_the_image():
    instances = InstanceData(
        keypoints=torch.tensor([[[0.0, 0], [32, 64]]]),
        keypoint_scores=torch.tensor([[0.5, 0.25]], dtype=torch.bfloat16),
        bboxes=torch.tensor([[0.0, 32, 32, 64]]),
        bbox_scores=torch.tensor([0.75]),
        labels=torch.tensor([0]),
    )
    where = dict(input_center=np.array([100.0, 50.0]), input_scale=np.array([128.0, 128.0]))
    (out,) = build().add_pred_to_datasample([instances], None, [sample(**where)])
    pred = out.pred_instances
    # 128 x 128 pixels around (100, 50) at half their size
    assert pred.keypoints.tolist() == [[[36, -14], [100, 114]]]
    assert pred.bboxes.tolist() == [[36, 50, 100, 114]]
    assert pred.keypoint_scores.tolist() == pred.keypoints_visible.tolist() == [[0.5, 0.25]]
    assert pred.bbox_scores.tolist() == [0.75]
    assert isinstance(pred.labels, np.ndarray)
    assert 'pred_fields' not in out


def test_nothing_has_the_right_shapes():
    instances = InstanceData(
        keypoints=np.zeros((0, K, 2)), keypoint_scores=np.zeros((0, K)), bboxes=np.zeros((0, 4)),
        keypoints_visible=np.zeros((0, K)))  # fmt: skip
    (out,) = build().add_pred_to_datasample([instances], None, [sample()])
    shapes = {name: values.shape for name, values in out.pred_instances.items()}
    assert shapes == dict(
        keypoints=(0, K, 2), keypoint_scores=(0, K), bboxes=(0, 4), keypoints_visible=(0, K)
    )


def test_keypoints_can_be_selected():
    instances = InstanceData(
        keypoints=np.array([[[0.0, 0], [8, 8]]]), keypoint_scores=np.array([[0.5, 0.25]])
    )
    field = PixelData(heatmaps=torch.arange(2.0)[:, None, None])
    model = build(output_keypoint_indices=[1])
    (out,) = model.add_pred_to_datasample([instances], [field], [sample()])
    assert out.pred_instances.keypoints.tolist() == [[[8, 8]]]
    assert out.pred_instances.keypoints_visible.tolist() == [[0.25]]
    assert out.pred_fields.heatmaps.flatten().tolist() == [1]


def test_numbers_of_predictions_and_samples_must_agree():
    with pytest.raises(ValueError, match='There are 0 predictions for 1 samples'):
        build().add_pred_to_datasample([], None, [sample()])


def labelled(head):
    codec = build(head).head.decoder
    keypoints = np.array([[[10.0, 10], [30, 20]], [[50, 40], [20, 50]]])
    encoded = codec.encode(keypoints)
    out = sample()
    out.gt_fields = PixelData(
        **{field: torch.from_numpy(encoded[name])
           for name, field in codec.field_mapping_table.items()})  # fmt: skip
    out.gt_instance_labels = InstanceData(
        **{field: torch.from_numpy(encoded[name])
           for name, field in codec.label_mapping_table.items()})  # fmt: skip
    return out


@every_head
def test_training_lowers_the_loss(head):
    model = build(head).train()
    data = dict(inputs=[picture(), picture()], data_samples=[labelled(head), labelled(head)])
    data = model.data_preprocessor(data, training=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    totals = []
    for _ in range(3):
        losses = sum(model(**data, mode='loss').values())
        optimizer.zero_grad()
        losses.backward()
        optimizer.step()
        totals.append(losses.item())
    assert totals[2] < totals[1] < totals[0]
    assert all(p.grad is not None for p in model.head.parameters())


def test_without_a_head_there_are_features_only():
    model = BottomupPoseEstimator(dict(type='ResNet', depth=18, base_channels=4, stem_channels=4))
    inputs = torch.zeros(1, 3, 64, 32)
    assert model(inputs)[0].shape == (1, 32, 2, 1)
    assert model(inputs, mode='loss') == {}
    with pytest.raises(RuntimeError, match='BottomupPoseEstimator has no head'):
        model(inputs, [sample()], mode='predict')


def test_every_part_is_switched_to_deploy():
    class Part(nn.Module):
        def switch_to_deploy(self, test_cfg):
            switched.append(test_cfg)

    switched = []
    model = build(input_size=(64, 64))
    model.head.part = Part()
    model.backbone.part = nn.Sequential(Part())
    model.switch_to_deploy()
    assert switched == [dict(input_size=(64, 64))] * 2
