import numpy as np
import pytest

from mmpose.evaluation.metrics import MPJPE, SimpleMPJPE

POSE = np.array([[[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]]], float)


def moved(x, y, z):
    return POSE + np.array([x, y, z])


def sample(sample_id, pred, visible=(1, 1, 1, 1), path=None):
    return dict(
        id=sample_id,
        pred_instances=dict(keypoints=pred),
        gt_instances=dict(lifting_target=POSE, lifting_target_visible=np.array([visible])),
        target_img_path=path,
    )


def evaluate(metric, samples):
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def picture(subject, action, frame=1):
    return [f'{subject}/{subject}_{action}.54138969/{subject}_{action}.54138969_{frame:06d}.jpg']


def test_distance_of_labelled_joints():
    # every joint is 5 off; the one that is not labelled, 50
    pred = moved(3, 4, 0)
    pred[0, 3] += [0, 0, 50]
    assert evaluate(MPJPE(), [sample(0, pred, (1, 1, 1, 0))]) == {'MPJPE': 5.0}


def test_alignment_takes_away_scale_rotation_and_shift():
    assert evaluate(MPJPE('n-mpjpe'), [sample(0, 4 * POSE)]) == {'N-MPJPE': pytest.approx(0)}
    quarter_turn = POSE @ [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]
    samples = [sample(0, 4 * quarter_turn + np.array([7, 8, 9]))]
    assert evaluate(MPJPE('p-mpjpe'), samples) == {'P-MPJPE': pytest.approx(0, abs=1e-12)}
    assert evaluate(MPJPE('n-mpjpe'), samples)['N-MPJPE'] > 1


def test_numbers_of_each_action():
    samples = [
        sample(0, moved(1, 0, 0), path=picture('S9', 'Eating')),
        sample(1, moved(2, 0, 0), path=picture('S9', 'Eating_1')),
        sample(2, moved(6, 0, 0), path=picture('S11', 'WalkDog')),
    ]
    assert evaluate(MPJPE(), samples) == {
        'MPJPE': 3.0,
        'MPJPE_Eating': 1.5,
        'MPJPE_WalkDog': 6.0,
    }
    assert evaluate(SimpleMPJPE(), samples) == {'MPJPE': 3.0}


def test_skip_list_names_one_recording():
    samples = [
        sample(0, moved(1, 0, 0), path=picture('S9', 'Waiting')),
        sample(1, moved(5, 0, 0), path=picture('S9', 'Waiting_1')),
    ]
    metric = MPJPE(skip_list=['S9_Waiting_1', 'S9_Wait'])
    assert evaluate(metric, samples) == {'MPJPE': 1.0, 'MPJPE_Waiting': 1.0}


def test_other_picture_names_have_no_action():
    assert evaluate(MPJPE(), [sample(0, moved(1, 0, 0), path='video/00001.jpg')]) == {'MPJPE': 1.0}


def test_nothing_left():
    with pytest.raises(ValueError, match=r"skip_list \['S9_Eating'\] leaves none of 1 poses"):
        evaluate(MPJPE(skip_list=['S9_Eating']), [sample(0, POSE, path=picture('S9', 'Eating'))])


def test_unknown_mode():
    with pytest.raises(ValueError, match=r"mode is 'pa'; expected one of \['mpjpe', 'p-mpjpe', "):
        MPJPE('pa')
