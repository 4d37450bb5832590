import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets.datasets import InterHand2DDoubleDataset, InterHand3DDataset
from mmpose.datasets.datasets.hand.interhand_labels import InterHandLabels

BOTH = pytest.mark.parametrize('cls', [InterHand2DDoubleDataset, InterHand3DDataset])

# From the world to the camera: moved by the place of the camera, then turned by -90 degrees
# around its view: (x, y, z) -> (y - 20, 10 - x, z + 100).
CAMERA = dict(
    campos={'cam': [10, 20, -100]},
    camrot={'cam': [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]},
    focal={'cam': [1000, 500]},
    princpt={'cam': [100, 50]},
)
# in the world, and so in the space of the camera
RIGHT_TIP = [18, 24, 300]  # 4, -8, 400
RIGHT_ROOT = [16, 23, 400]  # 3, -6, 500
LEFT_TIP = [10, 20, 1150]  # 0, 0, 1250
LEFT_ROOT = [-40, 30, 900]  # 10, 50, 1000
POSITIONS = [RIGHT_TIP] + [RIGHT_ROOT] * 20 + [LEFT_TIP] + [LEFT_ROOT] * 20


def hands(**changes):
    ann = dict(
        id=5,
        image_id=1,
        bbox=[90, 30, 40, 60],
        joint_valid=[[1]] * 42,
        hand_type='interacting',
        hand_type_valid=1,
    )
    return {**ann, **changes}


@pytest.fixture
def write(tmp_path, write_json):
    """Writes the files of annotations of image 1 and returns the arguments to read them."""

    def write_files(*annotations, calibration=CAMERA, positions=POSITIONS, rootnet=None, **image):
        view = dict(capture=3, camera='cam', frame_idx=70)
        images = [dict(id=1, file_name='1.jpg', width=200, height=100, **{**view, **image})]
        labels = dict(images=images, annotations=annotations)
        config = dict(
            ann_file=write_json(labels, 'data.json'),
            camera_param_file=write_json({'3': calibration}, 'camera.json'),
            joint_file=write_json({'3': {'70': dict(world_coord=positions)}}, 'joint_3d.json'),
            data_root=str(tmp_path),
        )
        if rootnet is not None:
            rootnet_file = write_json(rootnet, 'rootnet.json')
            config.update(use_gt_root_depth=False, rootnet_result_file=rootnet_file)
        return config

    return write_files


def assert_fields(item, **expected):
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)


@BOTH
def test_common_fields(cls, write, tmp_path):
    dataset = cls(**write(hands()), data_prefix=dict(img='img'))
    assert cls.METAINFO['from_file'] == 'configs/_base_/datasets/interhand3d.py'
    assert dataset.metainfo['num_keypoints'] == 42
    item = dataset.get_data_info(0)
    assert_fields(
        item,
        bbox=[[90, 30, 130, 90]],
        bbox_score=[1],
        keypoints_visible=[[1] * 42],
        hand_type=[[1, 1]],
        hand_type_valid=[1],
    )
    assert item['img_path'] == str(tmp_path / 'img' / '1.jpg')
    assert (item['id'], item['img_id'], item['iscrowd']) == (5, 1, False)
    assert item['dataset'] == item['dataset_name'] == 'interhand3d'


def test_positions_are_projected(write):
    keypoints = InterHand2DDoubleDataset(**write(hands()))[0]['keypoints']
    # 1000 * 4 / 400 + 100 and 500 * -8 / 400 + 50, and so on
    expected = [[110, 40]] + [[106, 44]] * 20 + [[100, 50]] + [[110, 75]] * 20
    np.testing.assert_allclose(keypoints, [expected], atol=1e-4)
    assert keypoints.dtype == np.float32


def test_depths_count_from_the_root_of_the_hand(write):
    item = InterHand3DDataset(**write(hands()))[0]
    right = [[110, 40, -100]] + [[106, 44, 0]] * 20
    left = [[100, 50, 250]] + [[110, 75, 0]] * 20
    np.testing.assert_allclose(item['keypoints'], [right + left], atol=1e-4)
    assert_fields(
        item,
        keypoints_cam=[
            [[4, -8, 400]] + [[3, -6, 500]] * 20 + [[0, 0, 1250]] + 20 * [[10, 50, 1000]]
        ],
        focal=[1000, 500],
        principal_pt=[100, 50],
        rel_root_depth=500,
        rel_root_valid=1,
    )
    assert (item['abs_depth'], item['rotation']) == ([500, 1000], 0)


@BOTH
def test_joints_need_the_root_of_their_hand(cls, write):
    valid = np.ones((42, 1), dtype=int)
    valid[3] = valid[41] = 0
    item = cls(**write(hands(joint_valid=valid.tolist())))[0]
    expected = np.array([1] * 3 + [0] + [1] * 17 + [0] * 21)
    np.testing.assert_array_equal(item['keypoints_visible'], [expected])
    if cls is InterHand3DDataset:
        assert item['rel_root_valid'] == 0


@BOTH
def test_hands_without_a_joint_still_have_a_type(cls, write):
    item = cls(**write(hands(joint_valid=[0] * 42, hand_type='left')))[0]
    assert item['keypoints_visible'].max() == 0
    assert_fields(item, hand_type=[[0, 1]])


@pytest.mark.parametrize(
    ('hand_type', 'expected'),
    [('right', [[1, 0]]), ('left', [[0, 1]]), ('interacting', [[1, 1]])],
)
def test_hand_types(hand_type, expected):
    encoded = InterHand3DDataset.encode_handtype(hand_type)
    np.testing.assert_array_equal(encoded, np.float32(expected), strict=True)


def test_boxes_and_depths_of_rootnet(write):
    result = dict(annot_id=5, bbox=[80, 20, 150, 30], abs_depth=[480, 1020])
    config = write(hands(), rootnet=[dict(result, annot_id=4), result])
    item = InterHand3DDataset(**config)[0]
    np.testing.assert_array_equal(item['bbox'], [[80, 20, 199, 50]])  # held inside the image
    assert item['abs_depth'] == [480, 1020]
    assert item['rel_root_depth'] == 500  # the label
    two = InterHand2DDoubleDataset(**config)[0]
    np.testing.assert_array_equal(two['bbox'], item['bbox'])


@BOTH
def test_boxes_around_the_keypoints(cls, write):
    # x from 100 to 110 and y from 40 to 75 pixels
    item = cls(**write(hands()), bbox_source='keypoints')[0]
    np.testing.assert_allclose(item['bbox'], [[100, 40, 110, 75]], atol=1e-4)


def test_bottomup(write):
    config = write(hands(), hands(id=6, hand_type='right'))
    item = InterHand3DDataset(**config, data_mode='bottomup')[0]
    assert (item['keypoints'].shape, item['keypoints_cam'].shape) == ((2, 42, 3), (2, 42, 3))
    assert_fields(item, hand_type=[[1, 1], [1, 0]], hand_type_valid=[1, 1])
    assert item['abs_depth'] == [500, 1000, 500, 1000]
    assert item['rel_root_depth'] == [500, 500]
    assert (item['id'], item['invalid_segs']) == ([5, 6], [])


@BOTH
def test_only_items_are_kept(cls, write):
    dataset = cls(**write(hands()))
    assert not hasattr(dataset, '_labels')
    assert dataset.dropped == {}
    assert len(pickle.loads(pickle.dumps(dataset))) == 1


def test_paths_start_from_data_root(write, tmp_path):
    config = write(hands())
    dataset = InterHand3DDataset(**config, lazy_init=True)
    assert dataset.camera_param_file == str(tmp_path / 'camera.json')
    config['joint_file'] = str(tmp_path / 'joint_3d.json')
    assert len(InterHand3DDataset(**config)) == 1


@BOTH
@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(camera_param_file=''), "needs `camera_param_file`, but it is ''; set it to a file"),
        (dict(joint_file=''), "needs `joint_file`, but it is ''"),
        (dict(use_gt_root_depth=False), 'needs `rootnet_result_file`, but it is None'),
    ],
)
def test_files_that_are_not_given(cls, write, changes, message):
    with pytest.raises(ValueError, match=re.escape(f'{cls.__name__} {message}')):
        cls(**{**write(hands()), **changes})


@pytest.mark.parametrize('name', ['camera_param_file', 'joint_file', 'rootnet_result_file'])
def test_a_file_that_is_absent(write, name):
    config = {**write(hands(), rootnet=[]), name: 'nowhere.json'}
    with pytest.raises(FileNotFoundError, match=rf'nowhere\.json.* set `data_root` or `{name}`'):
        InterHand3DDataset(**config)


def without(table, key):
    return {k: v for k, v in table.items() if k != key}


BROKEN = [
    (hands(hand_type='both'), {}, "annotation 5 cannot be used: hand_type is 'both'; expected one"),
    (hands(joint_valid=[1] * 21), {}, 'its joint_valid has 21 numbers; expected 42'),
    (hands(bbox=[1, 2]), {}, 'its bbox has 2 numbers; expected 4'),
    (without(hands(), 'bbox'), {}, "annotation 5 cannot be used: it has no 'bbox'"),
    (hands(), dict(camera='other'), "the camera 'other' of capture 3 is not in"),
    (hands(), dict(frame_idx=71), 'frame 71 of capture 3 is not in'),
    (hands(), dict(positions=[[0, 0, 1]] * 21), 'frame 70 has shape (21, 3); expected (42, 3)'),
    (hands(), dict(positions=[]), "joint_3d.json': capture 3 cannot be used: world_coord of frame"),
    (hands(), dict(calibration=[1]), "camera.json' is not divided into captures"),
    (hands(), dict(calibration=without(CAMERA, 'focal')), 'cannot be used: it has no'),
    (hands(), dict(rootnet={}), "rootnet.json' holds an object; expected a JSON list"),
    (hands(), dict(rootnet=[]), "rootnet.json' has no result with its annot_id"),
    (hands(), dict(rootnet=[dict(annot_id=5)]), "entry 0 cannot be used: it has no 'bbox'"),
    (
        hands(),
        dict(rootnet=[dict(annot_id=5, bbox=[1, 2, 3, 4], abs_depth=[1])]),
        'entry 0 cannot be used: its bbox has 4 numbers and its abs_depth 1; expected 4 and 2',
    ),
]


@pytest.mark.parametrize(('ann', 'files', 'message'), BROKEN, ids=lambda value: str(value)[:40])
def test_broken_files(write, ann, files, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        InterHand3DDataset(**write(ann, **files))


coordinate = st.floats(-500, 500, width=32)
points = st.tuples(coordinate, coordinate, coordinate)


@given(place=points, angle=st.floats(-np.pi, np.pi), joint=points)
@settings(deadline=None, max_examples=30)
def test_cameras_are_placed_and_turned(tmp_path_factory, place, angle, joint):
    cos, sin = np.cos(angle), np.sin(angle)
    turn = [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]
    camera = dict(CAMERA, campos={'cam': place}, camrot={'cam': turn})
    folder = tmp_path_factory.mktemp('labels')
    (folder / 'camera.json').write_text(json.dumps({'3': camera}))
    (folder / 'joints.json').write_text(json.dumps({'3': {'70': dict(world_coord=[joint] * 42)}}))
    labels = InterHandLabels(str(folder / 'camera.json'), str(folder / 'joints.json'))
    image = dict(capture=3, camera='cam', frame_idx=70)
    seen = labels.camera(image).world_to_camera(labels.joints(image))
    np.testing.assert_allclose(seen, [np.array(turn) @ np.subtract(joint, place)] * 42, atol=1e-3)
