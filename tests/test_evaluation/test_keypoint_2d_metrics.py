import copy
import math

import numpy as np
import pytest

from mmpose.evaluation.metrics import (
    AUC,
    EPE,
    NME,
    JhmdbPCKAccuracy,
    MpiiPCKAccuracy,
    PCKAccuracy,
)
from mmpose.structures.metainfo import parse_pose_metainfo

# off by 3-4-5 triangles: 0, 5, 10 and 20 pixels
OFFSETS = np.array([[0, 0], [3, 4], [6, 8], [12, 16]], float)


def sample(sample_id=0, offsets=OFFSETS, visible=None, box=(0, 0, 100, 50), **fields):
    """One instance whose labels lie 10 pixels apart along x, predicted ``offsets`` away."""
    K = len(offsets)
    labels = np.stack([10.0 * np.arange(K), np.zeros(K)], axis=-1)[None]
    return dict(
        id=sample_id,
        img_id=sample_id,
        pred_instances=dict(keypoints=labels + offsets),
        gt_instances=dict(
            keypoints=labels,
            keypoints_visible=np.ones((1, K)) if visible is None else np.array([visible]),
            bboxes=np.array([box], float),
            **fields,
        ),
    )


def evaluate(metric, samples, dataset_meta=None):
    metric.dataset_meta = dataset_meta
    metric.process({}, copy.deepcopy(samples))
    return metric.evaluate(len(samples))


def meta(name):
    return parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))


def test_pck_in_units_of_the_longer_side_of_the_box():
    # distances 0, .05, .1, .2 of 100 pixels; right is what is nearer than the threshold
    assert evaluate(PCKAccuracy(thr=0.06), [sample()]) == {'PCK': 0.5}
    assert evaluate(PCKAccuracy(thr=0.1), [sample()]) == {'PCK': 0.5}
    assert evaluate(PCKAccuracy(thr=0.11), [sample()]) == {'PCK': 0.75}


def test_pck_of_several_sizes():
    samples = [sample(head_size=np.array([[50.0]]))]
    metric = PCKAccuracy(thr=0.15, norm_item=['bbox', 'head'])
    assert evaluate(metric, samples) == {'PCK': 0.75, 'PCKh': 0.5}


def test_torso_is_the_distance_of_keypoints_4_and_5():
    offsets = np.zeros((6, 2))
    offsets[0] = [0, 4]  # the labelled torso is 10 pixels long
    assert evaluate(PCKAccuracy(thr=0.5, norm_item='torso'), [sample(offsets=offsets)]) == {
        'tPCK': 1.0
    }
    assert evaluate(PCKAccuracy(thr=0.3, norm_item='torso'), [sample(offsets=offsets)]) == {
        'tPCK': pytest.approx(5 / 6)
    }


def test_torso_without_length_is_taken_from_the_prediction(warnings):
    item = sample(offsets=np.zeros((6, 2)))
    item['gt_instances']['keypoints'][0, 5] = item['gt_instances']['keypoints'][0, 4]
    numbers = evaluate(PCKAccuracy(thr=0.5, norm_item='torso'), [item])
    # the predicted torso is 10 pixels long, and its end lies 10 pixels from the label
    assert numbers == {'tPCK': pytest.approx(5 / 6)}
    assert warnings[-1].startswith('1 of 1 labelled torsos are shorter than a pixel')


def test_invisible_keypoints_do_not_count():
    item = sample(visible=[1, 1, 0, 0])
    assert evaluate(EPE(), [item]) == {'EPE': 2.5}


def test_epe_and_rmse():
    numbers = evaluate(EPE(rmse=True), [sample()])
    assert numbers == {
        'EPE': (0 + 5 + 10 + 20) / 4,
        'RMSE': pytest.approx(math.sqrt((0 + 25 + 100 + 400) / 4)),
    }


def test_auc_is_the_mean_pck_over_thresholds():
    # thresholds 0, 6, 12, 18 and 24 pixels leave 0, 2, 3, 3 and 4 of 4 right
    numbers = evaluate(AUC(norm_factor=30, num_thrs=5), [sample()])
    assert numbers == {'AUC': pytest.approx((0 + 2 + 3 + 3 + 4) / 4 / 5)}


def test_nme_by_box_by_field_and_by_keypoints():
    mean = 35 / 4
    items = [sample(face_size=np.array([[25.0]]))]
    assert evaluate(NME('use_norm_item', 'bbox_size'), items) == {'NME': pytest.approx(mean / 100)}
    assert evaluate(NME('use_norm_item', 'face_size'), items) == {'NME': pytest.approx(mean / 25)}
    assert evaluate(NME('keypoint_distance', keypoint_indices=[0, 3]), items) == {
        'NME': pytest.approx(mean / 30)
    }


def test_nme_takes_the_usual_keypoints_of_the_data_set():
    item = sample(offsets=np.full((29, 2), [3, 4]))
    numbers = evaluate(NME('keypoint_distance'), [item], meta('cofw'))  # 8 and 9, 10 pixels apart
    assert numbers == {'NME': pytest.approx(0.5)}


def test_mpii_weighs_labelled_keypoints_and_leaves_out_pelvis_and_thorax():
    # Predictions are counted from 1, labels from 0: an offset of (-1, -1) is none.
    offsets = np.full((16, 2), -1.0)
    offsets[[6, 7]] = 500  # pelvis, thorax
    offsets[9] = [-1 + 30, -1]  # head top, 0.6 head sizes away
    offsets[11] = [-1 + 20, -1]  # right elbow, 0.4
    numbers = evaluate(
        MpiiPCKAccuracy(), [sample(offsets=offsets, head_size=np.array([[50.0]]))], meta('mpii')
    )
    assert numbers['Head PCK'] == 0
    assert numbers['Elbow PCK'] == numbers['Ankle PCK'] == 100
    assert numbers['PCK'] == pytest.approx(100 * 13 / 14)
    assert numbers['PCK@0.1'] == pytest.approx(100 * 12 / 14)


def test_jhmdb_reports_joints_for_every_size():
    offsets = np.zeros((15, 2))
    offsets[7] = [0, 9]  # right elbow; the box is 100 pixels wide, the torso 10
    metric = JhmdbPCKAccuracy(thr=0.2, norm_item=['bbox', 'torso'])
    numbers = evaluate(metric, [sample(offsets=offsets)], meta('jhmdb'))
    assert numbers['Elb PCK'] == numbers['PCK'] == 1
    assert numbers['Elb tPCK'] == 0.5
    assert numbers['tPCK'] == pytest.approx(14 / 15)


def test_joints_need_their_names():
    with pytest.raises(ValueError, match=r"JhmdbPCKAccuracy reports by joints.*'head', 'left_sh"):
        evaluate(JhmdbPCKAccuracy(), [sample()], dict(keypoint_name2id={}))


def test_perfect_prediction_and_permutation():
    rng = np.random.default_rng(0)
    perfect = [sample(i, np.zeros((4, 2))) for i in range(3)]
    assert evaluate(PCKAccuracy(), perfect) == {'PCK': 1}
    assert evaluate(EPE(), perfect) == {'EPE': 0}
    items = [sample(i, rng.normal(size=(4, 2)), rng.uniform(size=4) < 0.7) for i in range(9)]
    assert evaluate(EPE(), items) == pytest.approx(evaluate(EPE(), items[::-1]))


def test_repeated_sample_counts_once():
    items = [sample(0), sample(1, np.zeros((4, 2)))]
    assert evaluate(EPE(), [*items, items[0]]) == evaluate(EPE(), items)


def test_equal_ids_of_different_data_sets_are_different_samples():
    items = [dict(sample(0), dataset_name='a'), dict(sample(0, OFFSETS * 0), dataset_name='b')]
    assert evaluate(EPE(), items) == {'EPE': 35 / 8}


def test_instances_of_a_picture_may_be_many():
    one = sample(0)
    both = sample(1)
    for group in ('pred_instances', 'gt_instances'):
        both[group] = {
            key: np.concatenate([value, value + (group == 'pred_instances')])
            for key, value in one[group].items()
        }
    distances = np.linalg.norm(np.concatenate([OFFSETS, OFFSETS + 1]), axis=-1)
    assert evaluate(EPE(), [both]) == {'EPE': pytest.approx(distances.mean())}


def test_nothing_labelled_is_told(warnings):
    assert evaluate(EPE(), [sample(visible=[0, 0, 0, 0])]) == {'EPE': 0}
    (warning,) = warnings
    assert warning.startswith('EPE: none of 4 keypoints of 1 samples is labelled')


def test_wrong_number_of_keypoints():
    item = sample(7)
    item['pred_instances']['keypoints'] = np.zeros((1, 3, 2))
    with pytest.raises(ValueError, match=r'sample 7 .*\(1, 3, 2\) and labels of shape \(1, 4'):
        EPE().process({}, [item])


def test_predictions_that_are_not_finite():
    item = sample(7, np.full((4, 2), np.nan))
    with pytest.raises(ValueError, match=r'of 1 of 2 samples are not finite.*sample 7'):
        evaluate(EPE(), [sample(0), item])


def test_samples_of_different_skeletons():
    with pytest.raises(ValueError, match=r'keypoints of different shapes, \[\(3, 2\), \(4, 2\)\]'):
        evaluate(EPE(), [sample(0), sample(1, np.zeros((3, 2)))])


def test_size_that_the_labels_lack():
    with pytest.raises(ValueError, match=r"norm_item needs 'head_size' in the labels"):
        evaluate(PCKAccuracy(norm_item='head'), [sample()])


@pytest.mark.parametrize(
    ('build', 'message'),
    [
        (lambda: PCKAccuracy(norm_item='foot'), "norm_item is 'foot'"),
        (lambda: NME('by_hand'), "norm_mode is 'by_hand'"),
        (lambda: NME('use_norm_item'), 'needs `norm_item`'),
        (lambda: NME('keypoint_distance', keypoint_indices=[1]), 'name two keypoints'),
        (
            lambda: evaluate(NME('keypoint_distance'), [sample()], dict(dataset_name='mouse')),
            "no usual keypoints of 'mouse'",
        ),
        (
            lambda: evaluate(NME('keypoint_distance', keypoint_indices=[0, 9]), [sample()]),
            'there are 4 keypoints',
        ),
    ],
)
def test_arguments_that_cannot_be(build, message):
    with pytest.raises(ValueError, match=message):
        build()
