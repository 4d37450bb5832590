import re

import numpy as np
import pytest

from mmpose.datasets.transforms import KeypointConverter, SingleHandConverter
from mmpose.registry import TRANSFORMS


def sample(n=1, k=4, d=2, **extra):
    keypoints = np.arange(n * k * d, dtype=np.float32).reshape(n, k, d)
    return dict(keypoints=keypoints, keypoints_visible=np.ones((n, k), np.float32), **extra)


def test_order_gaps_and_weights():
    results = KeypointConverter(num_keypoints=3, mapping=[(3, 0), (1, 2)])(sample())
    np.testing.assert_array_equal(results['keypoints'], [[[6, 7], [0, 0], [2, 3]]])
    np.testing.assert_array_equal(results['keypoints_visible'], [[[1, 1], [0, 0], [1, 1]]])
    assert results['keypoints'].dtype == results['keypoints_visible'].dtype == np.float32


def test_invisible_source_keeps_its_weight():
    results = sample()
    results['keypoints_visible'][0, 3] = 0
    results = KeypointConverter(3, [(3, 0), (1, 2)])(results)
    np.testing.assert_array_equal(results['keypoints_visible'], [[[0, 1], [0, 0], [1, 1]]])


@pytest.mark.parametrize(('visible', 'expected'), [((1, 1), 1), ((1, 0), 0), ((0, 0), 0)])
def test_pair_is_averaged(visible, expected):
    results = sample(n=2)
    results['keypoints_visible'][:, :2] = visible
    results = KeypointConverter(2, [((0, 1), 1), (3, 0)])(results)
    np.testing.assert_array_equal(results['keypoints'][0], [[6, 7], [1, 2]])
    np.testing.assert_array_equal(results['keypoints_visible'][:, 1], [[expected, 1]] * 2)


def test_rows_as_a_config_has_them():
    cfg = dict(type='KeypointConverter', num_keypoints=2, mapping=[[[0, 1], 1], [3, 0]])
    results = TRANSFORMS.build(cfg)(sample())
    np.testing.assert_array_equal(results['keypoints'], [[[6, 7], [1, 2]]])


def test_last_row_of_a_target_counts():
    results = KeypointConverter(2, [(0, 1), ((0, 1), 0), (3, 1)])(sample())
    np.testing.assert_array_equal(results['keypoints'], [[[1, 2], [6, 7]]])


def test_identity():
    results = KeypointConverter(4, [(i, i) for i in range(4)])(sample(n=3))
    np.testing.assert_array_equal(results['keypoints'], sample(n=3)['keypoints'])
    np.testing.assert_array_equal(results['keypoints_visible'], np.ones((3, 4, 2)))


def test_weights_of_an_earlier_conversion_are_kept():
    results = KeypointConverter(3, [(3, 0), (1, 2)])(sample())
    results = KeypointConverter(3, [(0, 1), (1, 0), ((1, 2), 2)])(results)
    np.testing.assert_array_equal(results['keypoints_visible'], [[[0, 0], [1, 1], [0, 0]]])


def test_missing_visibility_and_nan():
    results = dict(keypoints=np.array([[[1.0, 2], [np.nan, 4]]]))
    results = KeypointConverter(2, [(0, 1), ((0, 1), 0)])(results)
    np.testing.assert_array_equal(results['keypoints'][0, 1], [1, 2])
    assert np.isnan(results['keypoints'][0, 0, 0])  # not labelled, for what comes later
    np.testing.assert_array_equal(results['keypoints_visible'], np.ones((1, 2, 2)))


def test_poses():
    target = np.arange(12.0).reshape(1, 4, 3)
    results = sample(n=2, keypoints_3d=target.repeat(2, axis=0), lifting_target=target)
    results = KeypointConverter(2, [(3, 0), ((0, 1), 1)])(results)
    np.testing.assert_array_equal(results['lifting_target'], [[[9, 10, 11], [1.5, 2.5, 3.5]]])
    np.testing.assert_array_equal(results['lifting_target_visible'], np.ones((1, 2)))
    assert results['keypoints_3d'].shape == (2, 2, 3)
    assert results['keypoints_visible'].shape == (2, 2, 2)


def test_sample_of_the_data_set_stays_as_it_is():
    shared = sample(flip_indices=[0, 2, 1, 3])
    keypoints = shared['keypoints'].copy()
    results = KeypointConverter(2, [((0, 1), 1), (3, 0)])(dict(shared))
    np.testing.assert_array_equal(shared['keypoints'], keypoints)
    assert results['flip_indices'] == [0, 2, 1, 3]


@pytest.mark.parametrize(
    ('mapping', 'message'),
    [
        ([], 'mapping is empty; give a row'),
        ([(0, 3)], r'target 3 in the row \(0, 3\), but there are 3 keypoints; .* from 0 to 2'),
        ([(0, -1)], r'target -1 in the row'),
        ([(-1, 0)], r'the source -1; expected an index from 0 on, or a pair'),
        ([((0, 1, 2), 0)], r'the source \(0, 1, 2\); expected an index'),
    ],
)
def test_wrong_mapping(mapping, message):
    with pytest.raises(ValueError, match=message):
        KeypointConverter(3, mapping)


def test_missing_source():
    with pytest.raises(ValueError, match='takes target 0 from source 4, but the sample has 4 keyp'):
        KeypointConverter(3, [(3, 1), ((0, 4), 0)])(sample())
    with pytest.raises(KeyError, match="needs 'keypoints', but the sample has only"):
        KeypointConverter(3, [(3, 1)])(dict(id=1))


def test_single_hands():
    convert = SingleHandConverter(
        num_keypoints=4, left_hand_mapping=[(0, 0), (1, 1)], right_hand_mapping=[(0, 2), (1, 3)]
    )
    results = convert(sample(n=2, k=2, hand_type=np.array([[1, 0], [0, 1]])))
    right, left = results['keypoints']
    np.testing.assert_array_equal(right, [[0, 0], [0, 0], [0, 1], [2, 3]])
    np.testing.assert_array_equal(left, [[4, 5], [6, 7], [0, 0], [0, 0]])
    np.testing.assert_array_equal(
        results['keypoints_visible'][..., 1], [[0, 0, 1, 1], [1, 1, 0, 0]]
    )
    assert results['keypoints'].dtype == np.float32


@pytest.mark.parametrize('hand_type', [[[1, 1]], [[0, 0]]])
def test_other_than_one_hand(hand_type):
    convert = SingleHandConverter(2, [(0, 0)], [(0, 1)])
    with pytest.raises(ValueError, match=r'each instance must be one hand, \[1, 0\] or \[0, 1\]'):
        convert(sample(hand_type=np.array(hand_type)))
    with pytest.raises(KeyError, match="SingleHandConverter needs 'hand_type'"):
        convert(sample())


def test_mapping_is_named_in_the_error():
    with pytest.raises(ValueError, match='right_hand_mapping has the target 2'):
        SingleHandConverter(2, [(0, 0)], [(0, 2)])


def skeleton(name, *keypoints):
    return dict(
        dataset_name=name,
        keypoint_info={i: dict(name=point, swap='') for i, point in enumerate(keypoints)},
        skeleton_info={},
        joint_weights=[1.0] * len(keypoints),
        sigmas=[0.1] * len(keypoints),
    )


CAT = skeleton('cat', 'nose', 'left_ear', 'right_ear', 'tail_base')
FOX = skeleton('fox', 'l_ear', 'tail', 'nose', 'head_top', 'collar')


@pytest.mark.parametrize(
    'renames',
    [
        {'left_ear': 'l_ear', 'tail_base': 'tail', ('left_ear', 'right_ear'): 'head_top'},
        [('left_ear', 'l_ear'), (3, 'tail'), (['left_ear', 2], 3)],
    ],
    ids=['dict', 'rows'],
)
def test_by_names(renames):
    convert = KeypointConverter(source=CAT, target=FOX, mapping=renames)
    assert convert.num_keypoints == 5
    results = convert(sample())
    expected = [[[2, 3], [6, 7], [0, 1], [3, 4], [0, 0]]]
    np.testing.assert_array_equal(results['keypoints'], expected)
    np.testing.assert_array_equal(results['keypoints_visible'][0, :, 1], [1, 1, 1, 1, 0])


def test_shared_names_need_no_mapping():
    results = KeypointConverter(source=CAT, target=FOX)(sample())
    np.testing.assert_array_equal(results['keypoints'][0, 2], [0, 1])
    assert results['keypoints_visible'][0, :, 1].tolist() == [0, 0, 1, 0, 0]


def test_a_row_replaces_what_the_names_say():
    results = KeypointConverter(source=CAT, target=FOX, mapping={'tail_base': 'nose'})(sample())
    np.testing.assert_array_equal(results['keypoints'][0, 2], [6, 7])


def test_by_the_names_in_files():
    coco = 'configs/_base_/datasets/coco.py'
    cfg = dict(type='KeypointConverter', source=coco, target=dict(from_file=coco))
    converter = TRANSFORMS.build(cfg)
    results = converter(sample(k=17))
    np.testing.assert_array_equal(results['keypoints'], sample(k=17)['keypoints'])


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (
            dict(mapping={'left_eer': 'l_ear'}),
            "mapping has 'left_eer', which is no keypoint of 'cat'. Did you mean 'left_ear'",
        ),
        (
            dict(mapping={'left_ear': 'paw'}),
            "mapping has 'paw', which is no keypoint of 'fox'. It has 'l_ear', 'tail', 'nose', "
            "'head_top', 'collar'.",
        ),
        (dict(num_keypoints=4), 'num_keypoints is 4, but target has 5; leave it out.'),
        (
            dict(target=skeleton('worm', 'head')),
            "'cat' and 'worm' have no name of a keypoint in common; say in mapping",
        ),
        (dict(mapping=[(9, 5)]), 'mapping has the target 5 in the row (9, 5), but there are 5'),
    ],
)
def test_names_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        KeypointConverter(**{**dict(source=CAT, target=FOX), **arguments})


@pytest.mark.parametrize(
    'arguments',
    [
        {},
        dict(num_keypoints=3),
        dict(mapping=[(0, 0)]),
        dict(source=CAT, mapping=[(0, 0)], num_keypoints=3),
        dict(target=CAT),
    ],
    ids=str,
)
def test_half_a_mapping(arguments):
    with pytest.raises(TypeError, match='needs num_keypoints and mapping, by indices, or source'):
        KeypointConverter(**arguments)
