import pickle

import numpy as np
import pytest

from mmpose.datasets.datasets import Human36mDataset
from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs

ACTIONS = ('Directions', 'Directions_1')


def name(actor, action, camera, frame):
    video = f'{actor}_{action}.{camera}'
    return f'{actor}/{video}/{video}_{frame:06d}.jpg'


@pytest.fixture
def cameras(tmp_path):
    """Writes the parameters of two cameras and returns the argument to read them."""
    camera = dict(R=np.eye(3), T=np.zeros((3, 1)), k=np.zeros(3), p=np.zeros(2), w=1000)
    camera.update(f=np.array([[1000.0], [1000.0]]), c=np.array([[500.0], [500.0]]))
    content = {
        ('S1', '54138969'): dict(camera, h=1002),
        ('S1', '55011271'): dict(camera, h=1000),
    }
    (tmp_path / 'cameras.pkl').write_bytes(pickle.dumps(content))
    return dict(camera_param_file='cameras.pkl')


def test_a_video_is_an_action_of_an_actor_in_a_camera(mocap_labels):
    names = [
        name(actor, action, camera, frame)
        for frame in (1, 2)
        for actor in ('S11', 'S1')
        for action in reversed(ACTIONS)
        for camera in ('55011271', '54138969')
    ]
    dataset = Human36mDataset(**mocap_labels(names), seq_len=2)
    expected = [
        [names.index(name(actor, action, camera, frame)) for frame in (1, 2)]
        for actor in ('S1', 'S11')
        for action in ACTIONS
        for camera in ('54138969', '55011271')
    ]
    assert [item['img_ids'] for item in dataset] == expected


@pytest.mark.parametrize(
    ('imgname', 'expected'),
    [
        ('S1_Directions_1.54138969_000001.jpg', ('S1', 'Directions_1', '54138969')),
        ('a/b_c/S11_WalkDog.60457274_000123.png', ('S11', 'WalkDog', '60457274')),
    ],
)
def test_parse_imgname(imgname, expected):
    assert Human36mDataset._parse_h36m_imgname(imgname) == expected


def test_an_image_name_that_does_not_say_what_it_shows(mocap_labels):
    with pytest.raises(
        ValueError,
        match=r"'frame_1.jpg' does not say actor, action, camera and frame; expected one such as "
        "'S1_Directions_1.54138969_000001.jpg'",
    ):
        Human36mDataset(**mocap_labels(['frame_1.jpg']))


def test_cameras_are_those_of_actor_and_camera(mocap_labels, cameras):
    names = [name('S1', 'Directions', camera, 1) for camera in ('54138969', '55011271')]
    dataset = Human36mDataset(**mocap_labels(names), **cameras)
    assert [item['camera_param']['h'] for item in dataset] == [1002, 1000]
    assert dataset.get_camera_param(names[1])['f'].shape == (2, 1)
    unknown = mocap_labels([name('S9', 'Directions', '54138969', 1)])
    with pytest.raises(ValueError, match=r"has no camera \('S9', '54138969'\), which took 'S9/"):
        Human36mDataset(**unknown, **cameras)


def test_without_cameras_the_size_of_the_images_is_known(mocap_labels):
    item = Human36mDataset(**mocap_labels([name('S1', 'Eating', '54138969', 1)]))[0]
    assert item['camera_param'] == dict(w=1000, h=1002)
    assert item['factor'].tolist() == [0]
    assert item['dataset_name'] == 'h36m'


def test_detections_and_factors(mocap_labels, tmp_path):
    labels = mocap_labels([name('S1', 'Eating', '54138969', i) for i in range(4)])
    found = np.random.default_rng(0).random((4, 17, 3))
    np.save(tmp_path / 'found.npy', found)
    np.save(tmp_path / 'factor.npy', np.array([[1.0], [2], [3], [4]]))
    files = dict(keypoint_2d_det_file='found.npy', factor_file='factor.npy')
    dataset = Human36mDataset(**labels, keypoint_2d_src='detection', **files, seq_len=2)
    item = dataset[1]
    np.testing.assert_allclose(item['keypoints'], found[1:3, :, :2], rtol=1e-6)
    np.testing.assert_allclose(item['keypoints_visible'], found[1:3, :, 2], rtol=1e-6)
    np.testing.assert_array_equal(item['factor'], np.float32([3]), strict=True)  # of the target
    assert item['lifting_target'][0, 0].tolist() == pytest.approx([0.2, 0, 4])
    several = Human36mDataset(**labels, **files, multiple_target=3)[0]
    assert several['factor'].tolist() == [1, 2, 3]
    for source in ('gt', 'pipeline'):
        item = Human36mDataset(**labels, keypoint_2d_src=source, **files)[2]
        assert item['keypoints'][0, 5].tolist() == [2, 5]


@pytest.mark.parametrize(
    ('settings', 'error', 'message'),
    [
        (
            dict(keypoint_2d_src='guess'),
            ValueError,
            r"keypoint_2d_src is 'guess'; choose from \['detection', 'gt', 'pipeline'\]",
        ),
        (
            dict(keypoint_2d_src='detection'),
            ValueError,
            "keypoint_2d_src='detection' needs keypoint_2d_det_file",
        ),
        (
            dict(keypoint_2d_src='detection', keypoint_2d_det_file='none.npy'),
            FileNotFoundError,
            'none.npy.* or `keypoint_2d_det_file` of the data set',
        ),
        (
            dict(keypoint_2d_src='detection', keypoint_2d_det_file='three.npy'),
            ValueError,
            r'keypoint_2d_det_file .*three.npy. has the shape \(3, 17, 3\); expected \(2, 17, 3\): '
            r'frames, keypoints, \(x, y, score\). It must have been made from the same `ann_file`',
        ),
        (
            dict(factor_file='three.npy'),
            ValueError,
            r'factor_file .* expected \(2,\): one for each',
        ),
        (dict(factor_file='labels.npz'), ValueError, 'cannot be read as an npy file of numbers'),
    ],
)
def test_files_that_do_not_go_with_the_labels(mocap_labels, tmp_path, settings, error, message):
    labels = mocap_labels([name('S1', 'Eating', '54138969', i) for i in range(2)])
    np.save(tmp_path / 'three.npy', np.zeros((3, 17, 3)))
    with pytest.raises(error, match=message):
        Human36mDataset(**labels, **settings)


PACK = PackPoseInputs(meta_keys=('id', 'factor', 'camera_param', 'target_img_path'))


def test_a_pipeline_for_the_lifting_of_videos(mocap_labels, cameras):
    names = [name('S1', 'Eating', '54138969', i) for i in range(3)]
    codec = dict(type='VideoPoseLifting', num_keypoints=17, zero_center=True, root_index=0)
    packed = Human36mDataset(
        **mocap_labels(names),
        **cameras,
        seq_len=9,
        causal=False,
        pad_video_seq=True,
        pipeline=[GenerateTarget(encoder=codec), PACK],
    )[1]
    inputs, labels = packed['inputs'], packed['data_samples'].gt_instance_labels
    # x = 1 pixel of frame 1 is in the middle; half an image is 500 x 501
    assert inputs.shape == (34, 9)
    np.testing.assert_allclose(
        inputs[0], (np.array([0, 0, 0, 0, 1, 2, 2, 2, 2]) - 500) / 500, rtol=1e-6
    )
    assert labels.lifting_target_label.shape == (1, 17, 3)
    assert labels.lifting_target_label[0, 16].tolist() == pytest.approx([0, 1.6, 0])
    assert packed['data_samples'].metainfo['target_img_path'][0].endswith('_000001.jpg')


def test_a_pipeline_for_motionbert(mocap_labels, cameras):
    names = [name('S1', 'Eating', '54138969', i) for i in range(5)]
    codec = dict(type='MotionBERTLabel', num_keypoints=17, concat_vis=True)
    packed = Human36mDataset(
        **mocap_labels(names),
        **cameras,
        multiple_target=2,
        pipeline=[GenerateTarget(encoder=codec), PACK],
    )[1]
    sample = packed['data_samples']
    assert packed['inputs'].shape == (2, 17, 3)
    np.testing.assert_allclose(packed['inputs'][:, 0, 0], np.array([2 - 500, 3 - 500]) / 500)
    assert sample.gt_instance_labels.lifting_target_label.shape == (2, 17, 3)
    # 4 m away at a focal length of 1000 pixels, a thousand pixels are 4 m
    np.testing.assert_allclose(sample.metainfo['factor'], [[4], [4]], rtol=0.01)
