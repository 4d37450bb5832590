import copy
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from mmpose.evaluation import InterHandMetric
from mmpose.registry import DATASETS, KEYPOINT_CODECS, METRICS, MODELS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / 'shared/data/samples/interhand2.6m'
CONFIG = (
    'configs/hand_3d_keypoint/internet/interhand3d/internet_res50_4xb16-20e_interhand3d-256x256.py'
)
FOCAL, PRINCIPAL = np.array([1000.0, 500.0]), np.array([100.0, 50.0])
RIGHT, LEFT, BOTH = (1, 0), (0, 1), (1, 1)


def sample(sample_id=0, hand_type=BOTH, seed=0):
    """A perfect prediction of hands whose roots are 1000 and 1100 mm away."""
    rng = np.random.default_rng(seed)
    gt = rng.uniform(-50, 50, (1, 42, 3))
    gt[:, :21, 2] += 1000
    gt[:, 21:, 2] += 1100
    gt[:, [20, 41], 2] = 1000, 1100
    depth = np.repeat([1000, 1100], 21)
    pred = np.concatenate(
        [gt[..., :2] / gt[..., 2:] * FOCAL + PRINCIPAL, gt[..., 2:] - depth[None, :, None]], axis=-1
    )
    return dict(
        id=sample_id,
        focal=FOCAL,
        principal_pt=PRINCIPAL,
        abs_depth=[1000.0, 1100.0],
        hand_type=np.array([hand_type], np.float32),
        hand_type_valid=np.ones(1, np.float32),
        pred_instances=dict(
            keypoints=pred, rel_root_depth=np.array([100.0]), hand_type=np.array([hand_type])
        ),
        gt_instances=dict(
            keypoints=pred.copy(),
            keypoints_cam=gt,
            keypoints_visible=np.repeat(np.float32([hand_type]), 21, axis=1),
        ),
    )


def evaluate(samples, **kwargs):
    metric = METRICS.build(dict(type='InterHandMetric', **kwargs))
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_perfect_predictions():
    samples = [sample(0, BOTH), sample(1, RIGHT, 1), sample(2, LEFT, 2)]
    numbers = evaluate(samples)
    assert list(numbers) == [
        'MPJPE_all',
        'MPJPE_single',
        'MPJPE_interacting',
        'MRRPE',
        'HandednessAcc',
    ]
    assert numbers == pytest.approx(dict.fromkeys(numbers, 0) | dict(HandednessAcc=1), abs=1e-9)


def test_errors_in_pixels_are_worth_more_the_farther_the_hand_is():
    single, both = sample(0, RIGHT), sample(1, BOTH, 1)
    single['pred_instances']['keypoints'][0, 0, 0] += 3
    both['pred_instances']['keypoints'][0, 21, 1] += 3
    numbers = evaluate([single, both])
    # pixels * depth / focal length
    right = 3 * single['gt_instances']['keypoints_cam'][0, 0, 2] / 1000
    left = 3 * both['gt_instances']['keypoints_cam'][0, 21, 2] / 500
    assert numbers['MPJPE_single'] == pytest.approx(right / 21)
    assert numbers['MPJPE_interacting'] == pytest.approx(left / 42)
    assert numbers['MPJPE_all'] == pytest.approx((right + left) / 63)
    assert numbers['MRRPE'] == pytest.approx(0, abs=1e-9)


def test_hands_are_compared_from_their_roots():
    item = sample()
    pred, gt = item['pred_instances']['keypoints'], item['gt_instances']['keypoints_cam']
    # the left hand is flat and taken to be twice as far, so its picture is of one twice as large
    pred[:, 21:, 2], gt[:, 21:, 2] = 0, 1100
    pred[:, 21:, :2] = gt[:, 21:, :2] / 1100 * FOCAL + PRINCIPAL
    item['abs_depth'] = [1000.0, 2200.0]
    from_root = np.linalg.norm(gt[0, 21:] - gt[0, 41], axis=-1)
    numbers = evaluate([item], modes=['MPJPE'])
    assert numbers['MPJPE_all'] == pytest.approx(from_root.sum() / 42)


def test_distance_of_the_roots():
    item = sample()
    item['pred_instances']['rel_root_depth'] = np.array([110.0])
    root = item['gt_instances']['keypoints_cam'][0, 41]
    # on the same ray, but 10 mm deeper
    expected = np.linalg.norm(root * 1110 / 1100 - root)
    assert evaluate([item], modes=['MRRPE']) == {'MRRPE': pytest.approx(expected)}
    # the given depth of the left root has no part in it
    item['abs_depth'] = [1000.0, 5.0]
    assert evaluate([item], modes=['MRRPE']) == {'MRRPE': pytest.approx(expected)}


def test_distance_of_the_roots_needs_both(warnings):
    without = sample(1, BOTH, 1)
    without['gt_instances']['keypoints_visible'][0, 20] = 0
    for item in (without, sample(2, LEFT, 2)):
        item['pred_instances']['rel_root_depth'] = np.array([900.0])
        assert evaluate([item])['MRRPE'] == 0
        assert warnings[-1].endswith('none of 1 samples has labels for MRRPE, so it means nothing.')
    numbers = evaluate([sample(), without, item])
    assert numbers['MRRPE'] == pytest.approx(0, abs=1e-9)


def test_hands_without_a_labelled_root_do_not_count():
    item = sample()
    item['gt_instances']['keypoints_visible'][0, [3, 20]] = 0
    item['pred_instances']['keypoints'][0, :21] += 99
    item['pred_instances']['keypoints'][0, 20] = np.nan
    assert evaluate([item], modes=['MPJPE'])['MPJPE_all'] == pytest.approx(0, abs=1e-9)


def test_both_hands_must_be_told_right():
    types = [(BOTH, BOTH), (BOTH, LEFT), (RIGHT, LEFT), (LEFT, LEFT)]
    samples = [sample(i, truth) for i, (truth, _) in enumerate(types)]
    for item, (_, told) in zip(samples, types, strict=True):
        item['pred_instances']['hand_type'] = np.array([told])
    assert evaluate(samples, modes=['HandednessAcc']) == {'HandednessAcc': 0.5}
    samples[1]['hand_type_valid'] = np.zeros(1)
    assert evaluate(samples, modes=['HandednessAcc']) == {'HandednessAcc': pytest.approx(2 / 3)}


def test_order_and_repetition_do_not_matter():
    rng = np.random.default_rng(0)
    samples = [sample(i, (RIGHT, LEFT, BOTH)[i % 3], i) for i in range(9)]
    for item in samples:
        item['pred_instances']['keypoints'] += rng.normal(0, 5, (1, 42, 3))
    expected = evaluate(samples)
    assert evaluate([*samples[::-1], samples[2], samples[0]]) == expected
    assert all(value > 0.5 for value in expected.values())


def test_tensors_are_welcome():
    item = sample()
    expected = evaluate([item])
    for group in ('pred_instances', 'gt_instances'):
        item[group] = {key: torch.from_numpy(value) for key, value in item[group].items()}
    item['focal'] = torch.from_numpy(item['focal'])
    assert evaluate([item]) == expected


def test_prefix():
    assert list(evaluate([sample()], modes=['MRRPE'], prefix='hands')) == ['hands/MRRPE']


@pytest.mark.parametrize('modes', [[], ['PCK'], ['MPJPE', 'MPJPE_all']], ids=str)
def test_modes_that_cannot_be(modes):
    message = f"modes is {modes}; expected one or some of ['HandednessAcc', 'MPJPE', 'MRRPE']"
    with pytest.raises(ValueError, match=re.escape(message)):
        InterHandMetric(modes)


@pytest.mark.parametrize(
    ('group', 'field', 'message'),
    [
        (None, 'focal', "'focal', which is absent; add it to `meta_keys` of PackPoseInputs."),
        (None, 'hand_type_valid', "'hand_type_valid', which is absent; add it to `meta_keys`"),
        ('gt_instances', 'keypoints_cam', 'a data set that gives it, such as InterHand3DDataset'),
        ('pred_instances', 'rel_root_depth', 'or `modes` leave out MRRPE'),
        ('pred_instances', 'hand_type', 'or `modes` leave out HandednessAcc'),
    ],
)
def test_absent_fields(group, field, message):
    item = sample()
    del (item[group] if group else item)[field]
    with pytest.raises(ValueError, match=f'InterHandMetric needs .*{re.escape(message)}'):
        evaluate([item])


def test_predictions_are_only_needed_for_their_numbers():
    item = sample()
    del item['pred_instances']['rel_root_depth'], item['pred_instances']['hand_type']
    assert evaluate([item], modes=['MPJPE'])['MPJPE_all'] == pytest.approx(0, abs=1e-9)


def test_shapes_that_cannot_be():
    item = dict(sample(), abs_depth=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"'abs_depth' has shape \(3,\); expected \(1, 2\), first"):
        evaluate([item])
    item = sample()
    item['gt_instances']['keypoints_cam'] = np.zeros((1, 21, 3))
    with pytest.raises(
        ValueError, match=r"'keypoints_cam' has shape \(1, 21, 3\); expected \(1, 4"
    ):
        evaluate([item])


def test_numbers_that_are_not_finite():
    item = sample()
    item['pred_instances']['rel_root_depth'][:] = np.nan
    with pytest.raises(ValueError, match='MRRPE is not finite, though the predicted keypoints are'):
        evaluate([item])


# ------------------------------------------------------------ the flow of InterHand2.6M


@pytest.fixture(scope='module')
def config():
    return Config.fromfile(ROOT / CONFIG)


@pytest.fixture(scope='module')
def packed(config):
    """The samples that the config's pipeline makes, and the items of the data set."""
    if not SAMPLES.exists():
        pytest.skip('the sample images of InterHand2.6M are absent')
    name = 'test_interhand2.6m_{}.json'
    dataset = dict(
        config.test_dataloader.dataset,
        data_root=str(SAMPLES),
        ann_file=name.format('data'),
        camera_param_file=name.format('camera'),
        joint_file=name.format('joint_3d'),
        data_prefix=dict(img=''),
    )
    with DefaultScope.overwrite_default_scope('mmpose'):
        dataset = DATASETS.build(dataset)
        items = [dataset.get_data_info(i) for i in range(len(dataset))]
        return [dataset[i]['data_samples'] for i in range(len(dataset))], items


def test_labels_taken_for_predictions_are_perfect(config, packed):
    samples = []
    for data_sample, item in zip(*packed, strict=True):
        pred = InstanceData(
            keypoints=item['keypoints'],
            keypoint_scores=item['keypoints_visible'],
            rel_root_depth=np.array([item['rel_root_depth']]),
            hand_type=item['hand_type'],
        )
        data_sample = data_sample.clone()
        data_sample.pred_instances = pred
        samples.append(data_sample.to_dict())
    (evaluator,) = config.test_evaluator
    numbers = evaluate(samples, modes=evaluator['modes'])
    assert numbers.pop('HandednessAcc') == 1
    # positions are single precision, a metre away
    assert numbers == pytest.approx(dict.fromkeys(numbers, 0), abs=2e-3)


def test_targets_taken_for_outputs_of_the_head_are_nearly_perfect(config, packed):
    """From the codec's targets through head and estimator: their units are those of the metric."""
    codec = KEYPOINT_CODECS.build(dict(config.codec))
    cfg = copy.deepcopy(config.model.head)
    for part in ('keypoint_head_cfg', 'root_head_cfg', 'hand_type_head_cfg'):
        cfg[part].update(in_channels=256)
    cfg.keypoint_head_cfg.update(deconv_out_channels=None, deconv_kernel_sizes=None)
    model = MODELS.build(dict(type='TopdownPoseEstimator', backbone=dict(type='AlexNet'), head=cfg))
    samples = []
    for data_sample, item in zip(*packed, strict=True):
        meta = data_sample.metainfo
        points = item['keypoints'].copy()
        corner = meta['input_center'] - 0.5 * meta['input_scale']
        points[..., :2] = (points[..., :2] - corner) / meta['input_scale'] * meta['input_size']
        target = codec.encode(
            points,
            item['keypoints_visible'],
            rel_root_depth=item['rel_root_depth'],
            hand_type=item['hand_type'],
        )
        volumes = torch.from_numpy(target['heatmaps']).unflatten(0, (42, -1))[None]
        root_depth = torch.from_numpy(target['root_depth'])[None]
        logits = torch.from_numpy(target['type']) * 2 - 1
        preds = model.head.decode((volumes, root_depth, logits))
        samples += model.add_pred_to_datasample(preds, None, [data_sample.clone()])
    numbers = evaluate([sample.to_dict() for sample in samples])
    assert numbers['HandednessAcc'] == 1
    # a cell of the volumes is some 3.5 pixels or 3 mm wide and 6.25 mm deep
    assert all(0 < numbers[name] < 3 for name in numbers if name != 'HandednessAcc')
