import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.structures.keypoint.conversion import convert_keypoint_definition, skeleton_definition

COCO = skeleton_definition('coco')
# of Human3.6M in COCO, by index
FROM_COCO = [(11, 12), 12, 14, 16, 11, 13, 15, (5, 6, 11, 12), (5, 6), 0, (1, 2), 5, 7, 9, 6, 8, 10]
FROM_AIC = {
    0: {6: 1, 9: 1},
    3: {8: 1},
    7: {0: 1, 3: 1, 6: 1, 9: 1},
    8: {0: 1, 3: 1},
    9: {13: 3, 12: 1},
    10: {13: 5, 12: 7},
    16: {2: 1},
}
BODIES = (
    *('aic', 'coco_wholebody', 'coco', 'crowdpose', 'exlpose', 'h3wb', 'halpe', 'halpe26'),
    *('humanart', 'jhmdb', 'mpi_inf_3dhp', 'mpii', 'ochuman', 'panoptic_body3d', 'posetrack18'),
)


def poses(K, N=2, D=3):
    return np.random.default_rng(0).uniform(0, 500, (N, K, D)).astype(np.float32)


def definition(names, name='mine'):
    return dict(
        dataset_name=name,
        keypoint_info={i: dict(name=n, swap='') for i, n in enumerate(names)},
        skeleton_info={},
        joint_weights=[1.0] * len(names),
        sigmas=[],
    )


def test_coco_to_human36m():
    given_poses = poses(17)
    found = convert_keypoint_definition(given_poses, 'coco', 'h36m')
    expected = [given_poses[:, np.atleast_1d(sources)].mean(axis=1) for sources in FROM_COCO]
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-6)
    assert found.dtype == np.float32


def test_aic_has_neck_and_head_between_the_neck_and_the_top():
    given_poses = poses(14)
    found = convert_keypoint_definition(given_poses, 'aic', 'h36m')
    for target, weights in FROM_AIC.items():
        expected = np.average(given_poses[:, list(weights)], axis=1, weights=list(weights.values()))
        np.testing.assert_allclose(found[:, target], expected, rtol=1e-6)


def test_crowdpose_and_posetrack_by_hand():
    crowd = np.zeros((1, 14, 1))
    crowd[0, [12, 13], 0] = 12, 0  # top of the head, neck
    found = convert_keypoint_definition(crowd, 'crowdpose', 'h36m')
    assert found[0, [9, 10], 0].tolist() == pytest.approx([3, 7])
    track = np.zeros((1, 17, 1))
    track[0, [0, 1, 2], 0] = 5, 2, 8  # nose, bottom and top of the head
    found = convert_keypoint_definition(track, 'posetrack18', 'h36m')
    assert found[0, [9, 10], 0].tolist() == [5, 5]


@pytest.mark.parametrize('dataset', BODIES)
def test_any_body_becomes_human36m(dataset):
    K = skeleton_definition(dataset)['num_keypoints']
    found = convert_keypoint_definition(np.full((1, K, 2), 7.0), dataset, 'h36m')
    np.testing.assert_allclose(found, np.full((1, 17, 2), 7.0))


@pytest.mark.parametrize(('source', 'target'), [('h36m', 'h36m'), ('coco_wholebody', 'h3wb')])
def test_equal_skeletons_pass_unchanged(source, target):
    given_poses = poses(skeleton_definition(source)['num_keypoints'])
    found = convert_keypoint_definition(given_poses, source, target)
    np.testing.assert_array_equal(found, given_poses)
    assert found is not given_poses


def test_human36m_gives_its_limbs_to_others():
    given_poses = poses(17)
    names = ['right_ankle', 'mid_hip', 'left_wrist']
    found = convert_keypoint_definition(given_poses, 'h36m', definition(names))
    np.testing.assert_array_equal(found, given_poses[:, [3, 0, 13]])


def test_what_is_not_known_stays_where_it_is():
    given_poses = poses(17)
    given_poses[:, 11] = np.nan  # the left hip
    found = convert_keypoint_definition(given_poses, 'coco', 'h36m')
    assert np.flatnonzero(np.isnan(found[0, :, 0])).tolist() == [0, 4, 7]


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(17)))
def test_the_order_of_the_source_does_not_matter(order):
    names = [COCO['keypoint_id2name'][i] for i in order]
    given_poses = poses(17)
    found = convert_keypoint_definition(given_poses[:, order], definition(names), 'h36m')
    expected = convert_keypoint_definition(given_poses, 'coco', 'h36m')
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_no_instances():
    assert convert_keypoint_definition(np.zeros((0, 17, 2)), COCO, 'h36m').shape == (0, 17, 2)


def test_joints_that_cannot_be_had():
    with pytest.raises(ValueError, match='cannot be turned') as error:
        convert_keypoint_definition(poses(17), 'coco', 'aic')
    assert str(error.value) == (
        "Poses of 'coco' cannot be turned into those of 'aic': head_top can neither be found by "
        'name nor be made of nose, left_eye, right_eye, left_ear, right_ear, left_shoulder and 11 '
        'more. Detect poses of a skeleton that has them, or rename the keypoints in its '
        'definition.'
    )


def test_another_number_of_keypoints():
    message = r"shape \(2, 17, 3\), but 'aic' has 14 keypoints: \(N, 14, D\) was expected"
    with pytest.raises(ValueError, match=message):
        convert_keypoint_definition(poses(17), 'aic', 'h36m')


def test_names_of_data_sets():
    assert skeleton_definition('Human-Art')['num_keypoints'] == 17
    assert skeleton_definition('configs/_base_/datasets/aic.py')['dataset_name'] == 'aic'
    assert skeleton_definition(COCO) is COCO
    with pytest.raises(
        FileNotFoundError, match=r"There is no data set 'cooc': .*model\.dataset_meta"
    ):
        skeleton_definition('cooc')
