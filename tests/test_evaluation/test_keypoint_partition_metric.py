import copy
import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.evaluation import CocoMetric, KeypointPartitionMetric
from mmpose.evaluation.metrics import EPE
from mmpose.registry import METRICS
from mmpose.structures.metainfo import parse_pose_metainfo

META = dict(
    dataset_name='toy',
    num_keypoints=4,
    sigmas=np.array([0.1, 0.2, 0.3, 0.4]),
    dataset_keypoint_weights=np.array([1.0, 2.0, 3.0, 4.0]),
    keypoint_id2name={0: 'nose', 1: 'tail', 2: 'left_paw', 3: 'right_paw'},
    flip_indices=[0, 1, 3, 2],
)
PARTS = dict(all=range(4), head=[0], paws=[3, 2])
# the predicted keypoints are 0, 5, 10 and 20 pixels from their labels
OFFSETS = np.array([[0, 0], [3, 4], [6, 8], [12, 16]], np.float32)


def annotation(ann_id, image_id, visible=(2, 2, 2, 2)):
    labels = np.array([[10, 10], [40, 10], [10, 60], [40, 60]])
    return dict(
        id=ann_id,
        image_id=image_id,
        category_id=1,
        bbox=[0, 0, 100, 80],
        keypoints=np.column_stack([labels, visible]).ravel().tolist(),
        num_keypoints=4,
    )


def sample(ann_id=1, image_id=1, offsets=OFFSETS, visible=(2, 2, 2, 2), **fields):
    ann = annotation(ann_id, image_id, visible)
    labels = np.array(ann['keypoints'], np.float32).reshape(1, 4, 3)
    return dict(
        dict(
            id=ann_id,
            img_id=image_id,
            raw_ann_info=ann,
            pred_instances=dict(
                keypoints=labels[..., :2] + offsets,
                keypoint_scores=np.array([[0.9, 0.8, 0.7, 0.6]]),
                keypoints_visible=np.array([[0.9, 0.8, 0.7, 0.6]]),
                bbox_scores=np.ones(1),
            ),
            gt_instances=dict(
                keypoints=labels[..., :2],
                keypoints_visible=(labels[..., 2] > 0).astype(np.float32),
                bboxes=np.array([[0, 0, 100, 80]], np.float32),
                bbox_scales=np.array([[100, 80]], np.float32),
            ),
        ),
        **fields,
    )


def evaluate(samples, metric, partitions=PARTS, meta=META):
    metric = METRICS.build(
        dict(type='KeypointPartitionMetric', metric=metric, partitions=partitions)
    )
    metric.dataset_meta = meta
    metric.process({}, samples)
    return metric.evaluate(len(samples))


@pytest.mark.parametrize(
    ('metric', 'expected'),
    [
        (dict(type='EPE'), {'all/EPE': 35 / 4, 'head/EPE': 0, 'paws/EPE': 15}),
        (dict(type='PCKAccuracy', thr=0.15), {'all/PCK': 0.75, 'head/PCK': 1, 'paws/PCK': 0.5}),
        (
            dict(type='PCKAccuracy', thr=0.15, norm_item=['bbox'], prefix='toy'),
            {'all/toy/PCK': 0.75, 'head/toy/PCK': 1, 'paws/toy/PCK': 0.5},
        ),
        (
            # thresholds 0, 6, 12, 18, 24: right are 0, 2, 3, 3, 4 of all, and of the paws 0 0 1 1 2
            dict(type='AUC', norm_factor=30, num_thrs=5),
            {'all/AUC': 12 / 20, 'head/AUC': 4 / 5, 'paws/AUC': 4 / 10},
        ),
        (
            dict(type='mmpose.NME', norm_mode='use_norm_item', norm_item='bbox_size'),
            {'all/NME': 35 / 400, 'head/NME': 0, 'paws/NME': 0.15},
        ),
    ],
    ids=['EPE', 'PCK', 'PCK-prefix', 'AUC', 'NME'],
)
def test_distances_of_parts(metric, expected):
    assert evaluate([sample()], metric) == pytest.approx(expected)


def test_unlabelled_keypoints_do_not_count():
    numbers = evaluate([sample(visible=(2, 0, 2, 0))], dict(type='EPE'))
    assert numbers == {'all/EPE': 5, 'head/EPE': 0, 'paws/EPE': 10}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 2), min_size=4, max_size=4), st.integers(0, 99))
def test_parts_add_up(owner, seed):
    # the distances of disjoint parts are those of the whole
    parts = {str(p): np.flatnonzero(np.array(owner) == p).tolist() for p in set(owner)}
    offsets = np.random.default_rng(seed).normal(0, 9, (4, 2)).astype(np.float32)
    numbers = evaluate([sample(offsets=offsets)], dict(type='EPE'), dict(parts, all=range(4)))
    total = sum(len(part) * numbers[f'{name}/EPE'] for name, part in parts.items())
    assert total == pytest.approx(4 * numbers['all/EPE'])


def test_coco_numbers_are_those_of_a_data_set_with_these_keypoints():
    rng = np.random.default_rng(3)
    samples = [sample(i, i // 3, rng.normal(0, 20, (4, 2))) for i in range(9)]
    for i, item in enumerate(samples):
        item['pred_instances']['bbox_scores'] = np.array([1 - i / 10])
    numbers = evaluate(samples, dict(type='CocoMetric', nms_mode='none'))
    for name, part in PARTS.items():
        part = list(part)
        metric = CocoMetric(nms_mode='none', use_area=False)
        metric.dataset_meta = dict(sigmas=META['sigmas'][part])
        for item in copy.deepcopy(samples):
            ann, pred = item['raw_ann_info'], item['pred_instances']
            ann['keypoints'] = np.reshape(ann['keypoints'], (4, 3))[part].ravel().tolist()
            pred['keypoints'] = pred['keypoints'][:, part]
            pred['keypoint_scores'] = pred['keypoint_scores'][:, part]
            metric.process({}, [item])
        alone = metric.evaluate(9)
        assert {f'{name}/{key}': value for key, value in alone.items()}.items() <= numbers.items()
    assert len(numbers) == 30
    assert 0 < numbers['paws/coco/AP'] < 1


def test_instances_without_labels_of_the_part_are_ignored():
    samples = [sample(1), sample(2, 2, visible=(0, 2, 2, 2), offsets=OFFSETS * 0)]
    numbers = evaluate(samples, dict(type='CocoMetric'))
    assert numbers['head/coco/AR'] == pytest.approx(1)  # of the first alone, which is right
    # the second is right and has an OKS of 1, the first of
    # mean exp(-(0, 25, 100, 400) / (2 * 0.53 * 100 * 80 * (2 sigma)^2)) = 0.970
    assert numbers['all/coco/AR'] == pytest.approx(1)


def test_one_sample_per_image_with_several_instances():
    both = sample(1)
    other = sample(2, 1)
    both['raw_ann_info'] = [both['raw_ann_info'], other['raw_ann_info']]
    assert evaluate([both], dict(type='CocoMetric'))['head/coco/AR'] == pytest.approx(0.5)
    empty = dict(
        sample(3, 2),
        raw_ann_info=None,
        pred_instances=dict(
            keypoints=np.empty((0, 4, 2)), keypoint_scores=np.empty((0, 4)), bbox_scores=np.empty(0)
        ),
    )
    assert evaluate([both, empty], dict(type='CocoMetric'))['head/coco/AR'] == pytest.approx(0.5)


@pytest.mark.parametrize('joined', [False, True], ids=['five-fields', 'one-field'])
def test_whole_bodies(joined):
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(0, 100, (133, 2)), np.full((133, 1), 2)], axis=1)
    points[91:112, 2] = 0  # the left hand is not labelled
    fields = dict(keypoints=17, foot_kpts=6, face_kpts=68, lefthand_kpts=21, righthand_kpts=21)
    ends = np.cumsum([0, *fields.values()])
    ann = {
        name: points[start:end].ravel().tolist()
        for name, start, end in zip(fields, ends[:-1], ends[1:], strict=True)
    }
    if joined:
        ann = dict(keypoints=points.ravel().tolist())
    ann |= dict(id=1, image_id=1, category_id=1, bbox=[0, 0, 100, 100])
    pred = dict(
        keypoints=points[None, :, :2].copy(),
        keypoint_scores=np.ones((1, 133)),
        bbox_scores=np.ones(1),
    )
    pred['keypoints'][:, 23:91] += 1000  # the face is wrong
    item = dict(id=1, img_id=1, raw_ann_info=ann, pred_instances=pred)
    meta = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco_wholebody.py'))
    parts = dict(body=range(17), foot=range(17, 23), face=range(23, 91))
    parts |= dict(left=range(91, 112), right=range(112, 133))
    numbers = evaluate([item], dict(type='CocoMetric'), parts, meta)
    found = {part: round(numbers[f'{part}/coco/AP'], 6) for part in parts}
    assert found == dict(body=1, foot=1, face=0, left=-1, right=1)


def test_samples_are_left_as_they_are():
    items = [sample()]
    before = pickle.dumps(items)
    evaluate(items, dict(type='CocoMetric'))
    assert pickle.dumps(items) == before


def test_order_and_repetition_do_not_matter():
    rng = np.random.default_rng(0)
    samples = [sample(i, i, rng.normal(0, 30, (4, 2))) for i in range(7)]
    for metric in (dict(type='CocoMetric'), dict(type='EPE')):
        expected = evaluate(samples, metric)
        assert evaluate([*samples[::-1], samples[2], samples[0]], metric) == expected


def test_metainfo_of_a_part():
    metric = KeypointPartitionMetric(dict(type='EPE'), PARTS)
    metric.dataset_meta = META
    part = metric.metrics['paws'].dataset_meta
    assert part['sigmas'].tolist() == [0.4, 0.3]
    assert part['dataset_keypoint_weights'].tolist() == [4, 3]
    assert part['keypoint_id2name'] == {0: 'right_paw', 1: 'left_paw'}
    assert part['keypoint_name2id'] == {'right_paw': 0, 'left_paw': 1}
    assert (part['num_keypoints'], part['dataset_name']) == (2, 'toy')
    assert 'flip_indices' not in part
    assert metric.dataset_meta is META


def test_files_bear_the_name_of_the_part(tmp_path):
    evaluate([sample()], dict(type='CocoMetric', outfile_prefix=str(tmp_path / 'out')))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        f'out.{part}.{kind}.json' for part in sorted(PARTS) for kind in ('gt', 'keypoints')
    ]
    (gt,) = json.loads((tmp_path / 'out.paws.gt.json').read_text())['annotations']
    assert gt['keypoints'] == [40, 60, 2, 10, 60, 2]
    assert gt['num_keypoints'] == 2


def test_annotation_file_is_not_used(warnings):
    metric = dict(type='CocoMetric', ann_file='nowhere.json', use_area=True)
    assert evaluate([sample()], metric) == evaluate([sample()], dict(type='CocoMetric'))
    assert len(warnings) == 1
    assert warnings[0].startswith('KeypointPartitionMetric does not use ann_file and use_area of')


def test_other_metrics_need_no_annotations():
    item = sample()
    item['raw_ann_info'] = dict(outline=[1, 2, 3])
    assert evaluate([item], dict(type=EPE))['paws/EPE'] == 15


@pytest.mark.parametrize(
    ('metric', 'message'),
    [
        (dict(type='MPJPE'), "of type 'MPJPE'; KeypointPartitionMetric takes CocoMetric, PCKAcc"),
        (dict(type='CocoWholeBodyMetric'), 'takes CocoMetric, PCKAccuracy, AUC, EPE, NME.'),
        (dict(thr=0.5), 'of type None; KeypointPartitionMetric takes'),
        (dict(type='PCKAccuracy', norm_item='torso'), "'torso'; with parts of the keypoints only"),
        (dict(type='PCKAccuracy', norm_item=['bbox', 'head']), "only norm_item='bbox' can be"),
        (dict(type='NME', norm_mode='keypoint_distance'), "only norm_mode='use_norm_item' can be"),
        (
            dict(type='CocoMetric', gt_converter=dict(num_keypoints=4, mapping=[(0, 0)])),
            'metric has gt_converter, whose indices are not those of a part; convert the samples',
        ),
    ],
)
def test_metrics_that_cannot_be(metric, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        KeypointPartitionMetric(metric, PARTS)


@pytest.mark.parametrize('part', [[], [1, 1], [-1], [0.5], [[1]]], ids=str)
def test_parts_that_cannot_be(part):
    message = f"The part 'x' of `partitions` is {part}; expected the indices of its keypoints"
    with pytest.raises(ValueError, match=re.escape(message)):
        KeypointPartitionMetric(dict(type='EPE'), dict(x=part))


def test_there_must_be_parts():
    with pytest.raises(ValueError, match='partitions is empty; name the parts'):
        KeypointPartitionMetric(dict(type='EPE'), {})


def test_keypoints_that_are_not_there():
    metric = KeypointPartitionMetric(dict(type='CocoMetric'), dict(body=range(4), wing=[4]))
    message = "The part 'wing' of `partitions` has keypoint 4, but "
    with pytest.raises(ValueError, match=f"{message}the data set 'toy' has 4; expected indices"):
        metric.dataset_meta = META
    with pytest.raises(
        ValueError, match=rf'{message}sample 1 \(image 1\) has 4; expected indices below'
    ):
        metric.process({}, [sample()])
    item = sample()
    for group in ('pred_instances', 'gt_instances'):
        item[group]['keypoints'] = np.zeros((1, 5, 2))
    with pytest.raises(ValueError, match=f'{message}annotation 1 has 4; expected indices below'):
        metric.process({}, [item])


def test_predictions_and_labels_must_have_the_same_keypoints():
    item = sample()
    item['pred_instances']['keypoints'] = np.zeros((1, 5, 2))
    with pytest.raises(ValueError, match=r'\(image 1\) has 5 predicted and 4 labelled keypoints'):
        evaluate([item], dict(type='EPE'))


def test_samples_must_bring_annotations():
    item = sample()
    del item['raw_ann_info']
    with pytest.raises(ValueError, match='image 1 has no `raw_ann_info`; add it to `meta_keys`'):
        evaluate([item], dict(type='CocoMetric'))


def test_results_lie_with_the_parts():
    metric = KeypointPartitionMetric(dict(type='EPE'), PARTS)
    metric.process({}, [sample()])
    with pytest.raises(NotImplementedError, match='call `evaluate`'):
        metric.compute_metrics(metric.results)
    paws = metric.metrics['paws']
    assert paws.compute_metrics(paws.results) == {'EPE': 15}
