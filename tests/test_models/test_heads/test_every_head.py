"""What holds for every registered head, shown with small models and drawn samples."""

import copy
import inspect
from functools import cache

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose, pseudo_collate

from mmpose.models.heads import BaseHead
from mmpose.models.heads.hybrid_heads.base_one_stage_head import BaseOneStageHead
from mmpose.models.utils import flip_tracks
from mmpose.registry import MODELS, TRANSFORMS

reason = 'benchmarks/ is not part of this installation'
families = pytest.importorskip('small_models', reason=reason)
smoke = pytest.importorskip('train_smoke', reason=reason)

ALL = families.ALL_FAMILIES
# with distillation one predicts with the student
NAMES = [name for name, family in ALL.items() if family.model['type'] != 'DWPoseDistiller']
TOPDOWN, LIFTING, BOTTOMUP = (
    [name for name in NAMES if ALL[name].model['type'] == estimator]
    for estimator in ('TopdownPoseEstimator', 'PoseLifter', 'BottomupPoseEstimator')
)
NO_CODEC = ['YOLOX-Pose', 'RTMO', 'ED-Pose']
NO_MAPS = ['regression', 'RLE', *LIFTING, *NO_CODEC]
MIRRORABLE = [name for name in NAMES if name != 'lifting, image']  # normalised by keypoint
NEEDED_CFG = {
    'heatmap, UDP combined': dict(flip_mode='udp_combined'),
    'DEKR': dict(nms_dist_thr=0.05),
    **{name: dict(nms_thr=0.99, score_thr=0.0) for name in NO_CODEC},
}
every = pytest.mark.parametrize('name', NAMES)
every_mirrorable = pytest.mark.parametrize('name', MIRRORABLE)


@cache
def model_of(name):
    """The model with weights whose outputs differ from cell to cell."""
    return families.enliven(smoke.build(ALL[name])).eval()


@cache
def packed(name):
    return smoke.packed(ALL[name])


@torch.no_grad()
def predict(name, samples, **test_cfg):
    """The samples with predictions."""
    model = model_of(name)
    model.test_cfg = NEEDED_CFG.get(name, {}) | test_cfg
    return model.test_step(pseudo_collate(copy.deepcopy(samples)))


def composed(transforms):
    return Compose([TRANSFORMS.build(copy.deepcopy(transform)) for transform in transforms])


def with_metainfo(samples, **metainfo):
    samples = copy.deepcopy(samples)
    for sample in samples:
        sample['data_samples'].set_metainfo(metainfo)
    return samples


def types_in(config):
    """All values of ``type`` in a config."""
    if isinstance(config, dict):
        found = [config['type']] if isinstance(config.get('type'), str) else []
        return found + [t for value in config.values() for t in types_in(value)]
    return [t for value in config for t in types_in(value)] if isinstance(config, list) else []


def test_every_head_has_a_small_model():
    heads = {
        name
        for name, cls in MODELS.module_dict.items()
        if issubclass(cls, (BaseHead, BaseOneStageHead)) and not inspect.isabstract(cls)
    }
    assert {t for family in ALL.values() for t in types_in(family.model)} >= heads


def assert_same(instances, others, atol=2e-3):
    """Each of the instances is among the others, in whatever order, and the other way round.

    Pixels may be off by ten times ``atol``, for rounding depends on the number of threads.
    """
    assert instances.keys() == others.keys()
    tenths = dict(keypoints=0.1, bboxes=0.1)

    def rows(values):
        columns = (
            tenths.get(key, 1) * torch.as_tensor(values[key]).double()[:, None].flatten(1)
            for key in instances
        )
        return torch.cat(list(columns), dim=1)

    first, second = rows(instances), rows(others)
    assert first.shape == second.shape
    if len(first):
        distances = torch.cdist(first, second, p=torch.inf)
        assert max(distances.amin(0).max(), distances.amin(1).max()) < atol


@pytest.mark.parametrize('flip_test', [False, True], ids=['plain', 'flip_test'])
@every
def test_a_batch_is_predicted_as_its_samples(name, flip_test):
    if flip_test and name not in MIRRORABLE:
        pytest.skip('its inputs cannot be mirrored')
    together = predict(name, packed(name), flip_test=flip_test)
    assert sum(len(sample.pred_instances) for sample in together) > 0
    for sample, one in zip(together, packed(name), strict=True):
        (alone,) = predict(name, [one], flip_test=flip_test)
        assert_same(dict(sample.pred_instances.items()), dict(alone.pred_instances.items()))


def mirrored(sample):
    """A packed sample with its picture, or its tracks, mirrored."""
    sample = copy.deepcopy(sample)
    inputs, metainfo = sample['inputs'], sample['data_samples'].metainfo
    if inputs.ndim == 3 and inputs.dtype == torch.uint8:
        sample['inputs'] = inputs.flip(-1)
    else:
        sample['inputs'] = flip_tracks(inputs[None], metainfo['flip_indices'])[0]
    return sample


def unmirrored(keypoints, sample):
    """Where keypoints of the mirrored input are in the sample's image, or around its root."""
    keypoints, metainfo = keypoints * ([-1] + [1] * (keypoints.shape[-1] - 1)), sample.metainfo
    if 'input_scale' in metainfo:
        pixel = metainfo['input_scale'] / metainfo['input_size']
        keypoints[..., 0] += 2 * metainfo['input_center'][0] - pixel[0]
    elif 'target_root' in metainfo:
        keypoints[..., 0] += 2 * np.reshape(metainfo['target_root'], (-1, 3))[:, :1]
    return keypoints


# CID mirrors the features of a mirror image and then looks at them as at those of the picture
@pytest.mark.parametrize('name', [name for name in MIRRORABLE if name != 'CID'])
def test_a_flip_test_sees_a_picture_as_its_mirror_image(name):
    """The mean of both, or their union, is the same but for the mirror."""
    one = packed(name)[:1]
    cfg = dict(flip_test=True, shift_heatmap=False, shift_coords=True)
    cfg['output_heatmaps'] = name not in NO_MAPS
    (sample,), (other,) = (predict(name, x, **cfg) for x in (one, [mirrored(one[0])]))
    pred, expected = other.pred_instances, sample.pred_instances
    assert len(pred) == len(expected) > 0
    flip_indices = sample.metainfo['flip_indices']
    if name not in NO_MAPS:
        step = 3 if name == 'heatmap, UDP combined' else 1
        maps, others = (s.pred_fields.heatmaps[::step] for s in (sample, other))
        others = torch.cat([others[flip_indices], others[len(flip_indices) :]]).flip(-1)
        torch.testing.assert_close(others, maps, rtol=1e-3, atol=1e-4)
        return
    names = ('keypoints', 'keypoint_scores')
    values, others = ({key: x[key] for key in names} for x in (expected, pred))
    keypoints = unmirrored(others['keypoints'][..., flip_indices, :], sample)
    others = dict(keypoints=keypoints, keypoint_scores=others['keypoint_scores'][..., flip_indices])
    assert_same(others, values)


@every_mirrorable
def test_flip_indices_that_do_not_fit(name):
    two = packed(name)[:2]
    with pytest.raises(ValueError, match='5 entries'):
        predict(name, with_metainfo(two, flip_indices=[1, 0, 2, 3, 4]), flip_test=True)
    unknown = copy.deepcopy(two)
    del unknown[1]['data_samples'].flip_indices
    with pytest.raises(KeyError, match='flip_test needs `flip_indices` in the samples'):
        predict(name, unknown, flip_test=True)
    K = len(two[0]['data_samples'].flip_indices)
    other = [two[0], *with_metainfo(two[1:], flip_indices=list(range(K)))]
    with pytest.raises(ValueError, match=r'have 2 different flip_indices .*KeypointConverter'):
        predict(name, other, flip_test=True)


@every
def test_chosen_keypoints(name):
    """They are those of the whole prediction, in fields, too."""
    cfg, indices = dict(output_heatmaps=name not in NO_MAPS), [3, 0]
    (whole,), (part,) = (
        predict(name, packed(name)[:1], **cfg, **chosen)
        for chosen in ({}, dict(output_keypoint_indices=indices))
    )
    pred, expected = part.pred_instances, whole.pred_instances
    np.testing.assert_array_equal(pred.keypoints, expected.keypoints[..., indices, :])
    for key in ('keypoint_scores', 'keypoints_visible'):
        if key in expected:
            np.testing.assert_array_equal(pred[key], expected[key][..., indices])
    if name not in NO_MAPS:
        K, maps = expected.keypoints.shape[1], whole.pred_fields.heatmaps
        if len(maps) == K:
            assert (part.pred_fields.heatmaps == maps[indices]).all()


@pytest.mark.parametrize('name', NO_MAPS)
def test_heads_without_maps_say_so(name):
    message, samples = 'predicts no heatmaps; set `output_heatmaps=False`', packed(name)[:1]
    if name in ('regression', 'RLE'):
        with pytest.raises(NotImplementedError, match=message):
            predict(name, samples, output_heatmaps=True)
        return
    with pytest.warns(UserWarning, match=f'{message}.* None are returned'):
        (found,) = predict(name, samples, output_heatmaps=True)
    (expected,) = predict(name, samples)
    assert 'pred_fields' not in found
    keypoints = (found.pred_instances.keypoints, expected.pred_instances.keypoints)
    np.testing.assert_array_equal(*keypoints)


@pytest.mark.parametrize('name', TOPDOWN)
def test_samples_of_another_input_size(name):
    with pytest.raises(ValueError, match=r'input size \(64, 96\) and the decoder .* \(64, 64\)'):
        predict(name, with_metainfo(packed(name)[:1], input_size=(64, 96)))


@pytest.mark.parametrize('flip_test', [False, True], ids=['plain', 'flip_test'])
@pytest.mark.parametrize('name', [name for name in BOTTOMUP if name != 'ED-Pose'])
def test_pictures_without_anybody(name, flip_test):
    """Nothing is found, and there is nothing wrong with it."""
    model = smoke.build(ALL[name]).eval()
    for parameter in model.head.parameters():
        torch.nn.init.zeros_(parameter)
    shape = dict(keypoints=(0, 17, 2), keypoint_scores=(0, 17), keypoints_visible=(0, 17))
    shape |= dict(bboxes=(0, 4), bbox_scores=(0,), scores=(0,), labels=(0,))
    for indices in (None, [0, 1, 2]):
        model.test_cfg = dict(
            NEEDED_CFG.get(name, {}), flip_test=flip_test, score_thr=0.5, score_threshold=1.0,
            output_heatmaps=name not in NO_MAPS, output_keypoint_indices=indices,
        )  # fmt: skip
        samples = copy.deepcopy(packed(name)[:2])
        for sample in samples:
            for place in {'gt_instances', 'gt_instance_labels', 'gt_fields'} & set(
                sample['data_samples'].keys()
            ):
                delattr(sample['data_samples'], place)
        with torch.no_grad():
            found = model.test_step(pseudo_collate(samples))
        for sample in found:
            pred = sample.pred_instances
            assert {'keypoints', 'keypoint_scores', 'keypoints_visible'} <= set(pred.keys())
            for key, values in pred.items():
                expected = shape[key]
                if indices and key.startswith('keypoint'):
                    expected = (0, 3, *expected[2:])
                assert values.shape == expected, key


@pytest.mark.parametrize('name', [name for name in BOTTOMUP if name != 'ED-Pose'])
def test_several_sizes(name):
    """The pictures once more at half the size change nothing in how batches are predicted."""
    resize = dict(type='BottomupResize', input_size=(128, 128), aug_scales=[0.5])
    transforms = composed([resize, dict(type='PackPoseInputs')])
    samples = [transforms(sample) for sample in ALL[name].samples()[:2]]
    cfg = dict(multiscale_test=True, flip_test=True)
    together = predict(name, samples, **cfg)
    for sample, one in zip(together, samples, strict=True):
        (alone,) = predict(name, [one], **cfg)
        assert_same(dict(sample.pred_instances.items()), dict(alone.pred_instances.items()))


def losses_of(name, samples):
    model = smoke.build(ALL[name]).train()
    data = model.data_preprocessor(pseudo_collate(copy.deepcopy(samples)), training=True)
    return model, model(**data, mode='loss')


def encoded(name, change):
    """The family's samples, changed before its transforms, of which none leaves samples out."""
    transforms = [t for t in ALL[name].transforms if t['type'] != 'FilterAnnotations']
    return [composed(transforms)(change(sample)) for sample in ALL[name].samples()[:2]]


def without_labels(sample):
    """A sample that has nothing to learn from."""
    if 'lifting_target' in sample:
        return sample | dict(lifting_target_visible=0 * sample['lifting_target_visible'])
    if 'hand_type_valid' in sample:
        weights = dict(rel_root_valid=np.float32(0), hand_type_valid=np.zeros(1, np.float32))
        sample = sample | weights
    return sample | dict(keypoints_visible=0 * sample['keypoints_visible'])


def without_instances(sample):
    names = ('bbox', 'bbox_score', 'keypoints', 'keypoints_visible', 'area', 'category_id')
    return sample | {name: sample[name][:0] for name in names}


@pytest.mark.parametrize('name', families.FAMILIES)
def test_nothing_to_learn_from(name):
    """The losses are finite, and so are their gradients."""
    if name == 'lifting, semi-supervised':
        pytest.skip('samples without a pose have losses of their own')
    samples = encoded(name, without_instances if name in BOTTOMUP else without_labels)
    model, losses = losses_of(name, samples)
    total, _ = model.parse_losses(losses)
    total.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert all(loss.isfinite().all() for loss in losses.values())
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)


# those of InterNet are always of two hands, and ED-Pose cannot be trained
@pytest.mark.parametrize('name', sorted({*TOPDOWN, *BOTTOMUP} - {'InterNet', 'ED-Pose'}))
def test_samples_of_other_keypoints(name):
    def fewer(sample):
        other = {key: sample[key][:, :15] for key in ('keypoints', 'keypoints_visible')}
        return sample | other | dict(dataset_keypoint_weights=np.ones(15, np.float32))

    others = encoded(name, fewer)
    with pytest.raises(ValueError, match=r'\b(17|18|51)\b.*\b(15|16|45)\b'):
        losses_of(name, others)
    mixed = [encoded(name, dict)[0], others[1]]
    with pytest.raises(
        ValueError, match=r'by KeypointConverter|17 keypoints and the samples have 15'
    ):
        losses_of(name, mixed)
