import copy
import os
import warnings

import numpy as np
import pytest

from mmpose.structures import metainfo as module
from mmpose.structures.metainfo import parse_pose_metainfo

INFO = dict(
    dataset_name='toy',
    paper_info=dict(title='A toy'),
    keypoint_info={
        0: dict(name='nose', id=0, color=[1, 2, 3], type='upper', swap=''),
        1: dict(name='left', id=1, color=[4, 5, 6], type='lower', swap='right'),
        2: dict(name='right', id=2, color=[7, 8, 9], type='lower', swap='left'),
        3: dict(name='tail', id=3, swap='tail'),
    },
    skeleton_info={
        0: dict(link=('nose', 'left'), id=0, color=[10, 11, 12]),
        1: dict(link=['right', 'nose'], id=1),
    },
    joint_weights=[1.0, 1.5, 1.5, 1.0],
    sigmas=[0.025, 0.05, 0.05, 0.1],
    classes=('toy',),
)
PARSED = dict(
    dataset_name='toy',
    num_keypoints=4,
    keypoint_id2name={0: 'nose', 1: 'left', 2: 'right', 3: 'tail'},
    keypoint_name2id={'nose': 0, 'left': 1, 'right': 2, 'tail': 3},
    upper_body_ids=[0],
    lower_body_ids=[1, 2],
    flip_indices=[0, 2, 1, 3],
    flip_pairs=[(2, 1), (1, 2)],
    num_skeleton_links=2,
    skeleton_links=[(0, 1), (2, 0)],
    paper_info=dict(title='A toy'),
    classes=('toy',),
)


def changed(**changes):
    """``INFO`` with entries replaced; ``keypoint_1=...`` updates a keypoint."""
    info = copy.deepcopy(INFO)
    for key, value in changes.items():
        if key.startswith('keypoint_') and key != 'keypoint_info':
            info['keypoint_info'][int(key.rsplit('_')[-1])].update(value)
        else:
            info[key] = value
    return info


def write(path, info):
    path.write_text(f'dataset_info = {info!r}')
    return dict(from_file=str(path))


def faults(info):
    with pytest.raises(ValueError, match='no valid keypoint definition') as error:
        parse_pose_metainfo(info)
    return str(error.value).splitlines()[1:]


def test_inline_definition():
    parsed = parse_pose_metainfo(INFO)
    arrays = {key: parsed.pop(key) for key in list(parsed) if isinstance(parsed[key], np.ndarray)}
    assert parsed == PARSED
    colors = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [255, 128, 0]]
    np.testing.assert_array_equal(arrays.pop('keypoint_colors'), np.array(colors, np.uint8))
    np.testing.assert_array_equal(
        arrays.pop('skeleton_link_colors'), np.array([[10, 11, 12], [96, 96, 255]], np.uint8)
    )
    weights, sigmas = arrays.pop('dataset_keypoint_weights'), arrays.pop('sigmas')
    np.testing.assert_array_equal(weights, np.float32([1, 1.5, 1.5, 1]))
    np.testing.assert_array_equal(sigmas, np.float32([0.025, 0.05, 0.05, 0.1]))
    assert weights.dtype == sigmas.dtype == np.float32
    assert not arrays


def test_parsed_definition_is_returned_as_it_is():
    parsed = parse_pose_metainfo(INFO)
    assert parse_pose_metainfo(parsed) is parsed


def test_order_of_the_entries_does_not_matter():
    backwards = dict(reversed(INFO['keypoint_info'].items()))
    links = dict(reversed(INFO['skeleton_info'].items()))
    parsed = parse_pose_metainfo(changed(keypoint_info=backwards, skeleton_info=links))
    assert {key: parsed[key] for key in PARSED} == PARSED


def test_optional_parts():
    parsed = parse_pose_metainfo(
        changed(stats_info=dict(bbox_center=(528.0, 427.0), bbox_scale=400.0), sigmas=[])
    )
    np.testing.assert_array_equal(parsed['stats_info']['bbox_center'], np.float32([528, 427]))
    assert parsed['stats_info']['bbox_scale'] == np.float32(400)
    assert parsed['sigmas'].shape == (0,)


def test_file_is_read_once_and_again_after_an_edit(tmp_path, monkeypatch):
    reads = []
    original = module._read_dataset_info.__wrapped__
    monkeypatch.setattr(
        module,
        '_read_dataset_info',
        module.lru_cache(lambda *args: reads.append(args) or original(*args)),
    )
    metainfo = write(tmp_path / 'toy.py', INFO)
    first, second = parse_pose_metainfo(metainfo), parse_pose_metainfo(metainfo)
    assert first['flip_indices'] == [0, 2, 1, 3]
    assert first['flip_indices'] is not second['flip_indices']
    assert len(reads) == 1
    write(tmp_path / 'toy.py', changed(dataset_name='other'))
    os.utime(tmp_path / 'toy.py', ns=(1, 1))
    assert parse_pose_metainfo(metainfo)['dataset_name'] == 'other'


def test_keys_beside_the_file_override_it(tmp_path):
    metainfo = write(tmp_path / 'toy.py', INFO) | dict(dataset_name='mine', classes=('cat',))
    parsed = parse_pose_metainfo(metainfo)
    assert parsed['dataset_name'] == 'mine'
    assert parsed['classes'] == ('cat',)
    assert 'from_file' not in parsed


def test_shipped_definition_of_coco():
    parsed = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
    assert parsed['num_keypoints'] == 17
    assert parsed['flip_indices'] == [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    assert parsed['lower_body_ids'] == [11, 12, 13, 14, 15, 16]
    assert parsed['skeleton_links'][0] == (15, 13)
    np.testing.assert_allclose(parsed['sigmas'][[0, 11, 16]], [0.026, 0.107, 0.089])


def test_missing_file():
    with pytest.raises(FileNotFoundError, match=r"'configs/nowhere.py' was not found"):
        parse_pose_metainfo(dict(from_file='configs/nowhere.py'))


def test_file_without_definition(tmp_path):
    (tmp_path / 'empty.py').write_text('info = 1')
    with pytest.raises(ValueError, match=r"empty.py defines no `dataset_info`; it has \['info'\]"):
        parse_pose_metainfo(dict(from_file=str(tmp_path / 'empty.py')))


def test_all_faults_come_at_once_with_the_file(tmp_path):
    info = changed(
        keypoint_2=dict(swap=''),
        keypoint_3=dict(name='nose'),
        skeleton_info={0: dict(link=('nose', 'wing')), 1: dict(link=('nose',))},
        joint_weights=[1.0, 1.0],
        sigmas=[0.1, 0.1, -1, float('nan')],
    )
    metainfo = write(tmp_path / 'bad.py', changed())
    (tmp_path / 'bad.py').write_text(f"nan = float('nan')\ndataset_info = {info!r}")
    with pytest.raises(ValueError, match=r'bad\.py is no valid keypoint definition') as error:
        parse_pose_metainfo(metainfo)
    assert str(error.value).splitlines()[1:] == [
        "- 2 keypoints are named 'nose'; give each its own name.",
        "- 'nose' swaps with 'tail', which is no keypoint; name a keypoint, or write swap='' for "
        'one without a mirror.',
        "- Skeleton link 0 joins ('nose', 'wing'), but 'wing' is no keypoint; use names from "
        'keypoint_info.',
        "- Skeleton link 1 is ('nose',); name the two keypoints it joins.",
        '- sigmas has {2: -1, 3: nan} by keypoint id; give finite numbers, above 0.',
        "- 'left' swaps with 'right', but 'right' with itself, so both are at 'right' after a "
        "flip, also in a flip test; set swap='left' on 'right', or mend the swap of 'left'.",
        '- joint_weights has 2 numbers for 4 keypoints, so those from id 2 on weigh 1; give one '
        'number for each, here or beside `from_file`.',
    ]


def test_faults_of_form():
    assert faults(dict(classes=('a',))) == [
        '- It lacks dataset_name, keypoint_info, skeleton_info, joint_weights, sigmas; '
        'configs/_base_/datasets/coco.py shows each of them.'
    ]
    assert faults(changed(keypoint_info=['nose'], skeleton_info={0: ('nose', 'left')})) == [
        "- keypoint_info is a list; write a dict of {id: dict(name='nose', swap='')}.",
        "- skeleton_info has no 'link' at [0]; write dict(link=('nose', 'neck')).",
    ]
    shifted = {i + 1: keypoint for i, keypoint in INFO['keypoint_info'].items()}
    assert faults(changed(keypoint_info=shifted)) == [
        '- The keypoint ids are [1, 2, 3, 4]; number the keypoints from 0 to 3.'
    ]
    assert faults(changed(joint_weights=[0, 1, -1, 1])) == [
        '- joint_weights has {2: -1} by keypoint id; give finite numbers, 0 or more.'
    ]
    assert faults(changed(joint_weights=[1] * 5, sigmas=[0.1, 0.1])) == [
        '- joint_weights has shape (5,) for 4 keypoints; give one number for each.',
        '- sigmas has shape (2,) for 4 keypoints; give one number for each.',
    ]
    assert faults(changed(sigmas=['a'] * 4)) == [
        "- sigmas is ['a', 'a', 'a', 'a']; give 4 numbers."
    ]
    assert faults(changed(keypoint_1=dict(swap='nose'), keypoint_0=dict(swap='right'))) == [
        "- 'nose' swaps with 'right', but 'right' swaps with 'left'; set swap='nose' on 'right', "
        "or mend the swap of 'nose'.",
        "- 'left' swaps with 'nose', but 'nose' swaps with 'right'; set swap='left' on 'nose', "
        "or mend the swap of 'left'.",
        "- 'right' swaps with 'left', but 'left' swaps with 'nose'; set swap='right' on 'left', "
        "or mend the swap of 'right'.",
    ]


def test_bearable_faults_are_warned_of(tmp_path):
    info = changed(keypoint_2=dict(swap=''), joint_weights=[2.0, 1.5, 1.5])
    metainfo = write(tmp_path / 'toy.py', info)
    with pytest.warns(UserWarning, match=r'toy\.py has faults, but is used') as record:
        parsed = parse_pose_metainfo(metainfo)
    assert str(record[0].message).splitlines()[1:] == [
        "- 'left' swaps with 'right', but 'right' with itself, so both are at 'right' after a "
        "flip, also in a flip test; set swap='left' on 'right', or mend the swap of 'left'.",
        '- joint_weights has 3 numbers for 4 keypoints, so those from id 3 on weigh 1; give one '
        'number for each, here or beside `from_file`.',
    ]
    assert parsed['flip_indices'] == [0, 2, 2, 3]  # the one side that is given
    assert parsed['flip_pairs'] == [(2, 1)]
    np.testing.assert_array_equal(parsed['dataset_keypoint_weights'], np.float32([2, 1.5, 1.5, 1]))


def test_warning_is_shown_once_and_ends_with_the_mended_part(recwarn):
    warnings.simplefilter('default')
    info = changed(joint_weights=[], dataset_name='seen once')
    for _ in range(3):
        parsed = parse_pose_metainfo(info)
    assert len(recwarn) == 1
    np.testing.assert_array_equal(parsed['dataset_keypoint_weights'], np.ones(4, np.float32))
    parse_pose_metainfo(info | dict(joint_weights=[1.0] * 4))
    assert len(recwarn) == 1


def test_user_file_inherits_a_shipped_definition(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'mine.py').write_text(
        "_base_ = 'mmpose::_base_/datasets/coco.py'\n"
        "dataset_info = dict(dataset_name='mine', keypoint_info={0: dict(name='snout')},\n"
        "    skeleton_info={13: dict(link=('snout', 'left_eye')),\n"
        "                   14: dict(link=('snout', 'right_eye'))})\n"
    )
    parsed = parse_pose_metainfo(dict(from_file='mine.py'))
    assert parsed['dataset_name'] == 'mine'
    assert parsed['keypoint_id2name'][0] == 'snout'
    assert parsed['skeleton_links'][12:15] == [(1, 2), (0, 1), (0, 2)]
    assert set(parsed) == set(parse_pose_metainfo(INFO)) - {'classes'}
