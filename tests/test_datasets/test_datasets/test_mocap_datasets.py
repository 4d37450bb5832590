import copy
import pickle
from itertools import chain

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmpose.datasets.datasets import BaseMocapDataset
from mmpose.datasets.datasets.base.frame_windows import cut_windows, number_videos
from mmpose.registry import DATASETS

# two videos of three and two frames
NAMES = ['a/walk_1.png', 'a/walk_2.png', 'a/walk_3.png', 'b/run_09.png', 'b/run_10.png']


def frames(dataset):
    return [item['img_ids'] for item in dataset]


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (dict(length=1), [[1], [2], [4], [0], [3]]),
        (dict(length=2), [[1, 2], [2, 4], [0, 3]]),
        (dict(length=2, step=2), [[1, 4]]),
        (dict(length=1, stride=2), [[1], [4], [0]]),
        (dict(length=2, stride=2), [[1, 2], [0, 3]]),
        (dict(length=3, before=2), [[1, 1, 1], [1, 1, 2], [1, 2, 4], [0, 0, 0], [0, 0, 3]]),
        (dict(length=3, before=1), [[1, 1, 2], [1, 2, 4], [2, 4, 4], [0, 0, 3], [0, 3, 3]]),
        (
            dict(length=3, before=1, step=2),
            [[1, 1, 4], [1, 2, 4], [1, 4, 4], [0, 0, 3], [0, 3, 3]],
        ),
        (dict(length=4), []),
    ],
    ids=['single', 'pairs', 'every other', 'stride', 'disjoint', 'causal', 'centred', 'wide', 'no'],
)
def test_windows_by_hand(settings, expected):
    windows = cut_windows(np.array([1, 0, 0, 1, 0]), **settings)  # frames 1, 2, 4 and then 0, 3
    assert [window.tolist() for window in windows] == expected
    assert [window.tolist() for window in windows[1:3]] == expected[1:3]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=12),
    *(st.integers(1, 4) for _ in range(3)),
)
def test_windows_stay_in_their_video(keys, length, step, place):
    videos = number_videos(keys)
    members = [np.flatnonzero(videos == video).tolist() for video in range(videos.max() + 1)]
    inside = [window.tolist() for window in cut_windows(videos, length, step)]
    span = (length - 1) * step + 1
    assert inside == [
        video[i : i + span : step] for video in members for i in range(len(video) - span + 1)
    ]
    before = min(place, length) - 1
    padded = cut_windows(videos, length, step, before=before)
    assert [window[before] for window in padded] == list(chain(*members))  # each is a target
    assert all(np.ptp(videos[window]) == 0 for window in padded)


def test_videos_are_numbered_in_the_order_of_their_keys():
    assert number_videos(['b', 'a', 'c', 'a']).tolist() == [1, 0, 2, 0]
    assert number_videos([]).shape == (0,)


def test_an_item(mocap_labels, tmp_path):
    labels = mocap_labels(NAMES, K=2, metainfo=None)
    dataset = BaseMocapDataset(**labels, data_prefix=dict(img='img'), seq_len=2, causal=False)
    assert frames(dataset) == [[0, 1], [1, 2], [3, 4]]
    item = dataset[2]
    paths = [str(tmp_path / 'img' / name) for name in NAMES]
    assert item['img_paths'] == paths[3:]
    assert item['target_img_path'].tolist() == [paths[4]]
    assert (item['id'], item['num_keypoints'], item['category_id'], item['iscrowd']) == (2, 2, 1, 0)
    expected = dict(
        keypoints=[[[3, 0], [3, 1]], [[4, 0], [4, 1]]],
        keypoints_visible=np.ones((2, 2)),
        keypoints_3d=[[[0.3, 0, 4], [0.3, 0.1, 4]], [[0.4, 0, 4], [0.4, 0.1, 4]]],
        keypoints_3d_visible=np.ones((2, 2)),
        lifting_target=[[[0.4, 0, 4], [0.4, 0.1, 4]]],
        lifting_target_visible=np.ones((1, 2)),
        center=[[4.5, 4.5]],
        scale=5,
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    assert item['camera_param'] == {}
    assert item['dataset'] is dataset


def test_the_target_is_the_last_or_the_middle_frame(mocap_labels):
    labels = mocap_labels(NAMES, K=2)
    for causal, expected in ((True, [2, 2, 2, 4, 4]), (False, [1, 2, 2, 4, 4])):
        dataset = BaseMocapDataset(**labels, seq_len=2, seq_step=1, causal=causal)
        targets = [round(10 * item['lifting_target'][0, 0, 0]) for item in dataset]
        assert targets == [1, 2, 4]  # of two frames the later one is the middle
        padded = BaseMocapDataset(**labels, seq_len=3, causal=causal, pad_video_seq=True)
        targets = [item['lifting_target'][0, 0, 0] for item in padded]
        np.testing.assert_allclose(targets, np.arange(5) / 10)
        assert [item['img_ids'][-1] for item in padded] == ([0, 1, 2, 3, 4] if causal else expected)


def test_all_frames_are_targets(mocap_labels):
    labels = mocap_labels(NAMES, K=2)
    dataset = BaseMocapDataset(**labels, multiple_target=2, multiple_target_step=1)
    assert frames(dataset) == [[0, 1], [1, 2], [3, 4]]
    item = dataset[1]
    np.testing.assert_array_equal(item['lifting_target'], item['keypoints_3d'])
    assert item['lifting_target_visible'].shape == (2, 2)
    assert [path[-10:] for path in item['target_img_path']] == ['walk_2.png', 'walk_3.png']
    np.testing.assert_array_equal(item['center'], [[2.5, 2.5]])  # of the last one
    disjoint = BaseMocapDataset(**labels, multiple_target=2, seq_len=2)
    assert frames(disjoint) == [[0, 1], [3, 4]]
    spread = BaseMocapDataset(**labels, multiple_target=2, seq_step=2)
    assert frames(spread) == [[0, 2]]


def test_single_values_stand_in_lists_in_bottomup_mode(mocap_labels):
    labels = mocap_labels(NAMES, K=2)
    item = BaseMocapDataset(**labels, data_mode='bottomup')[3]
    plain = BaseMocapDataset(**labels)[3]
    for key in ('id', 'category_id', 'iscrowd', 'num_keypoints', 'scale'):
        assert item[key] == [plain[key]]
    assert item['invalid_segs'] == []
    assert item['img_ids'] == plain['img_ids'] == [3]
    np.testing.assert_array_equal(item['keypoints'], plain['keypoints'])


def test_a_share_of_the_items_is_successive_and_random(mocap_labels):
    labels = mocap_labels([f'walk_{i:02d}.png' for i in range(10)], K=2)
    starts = set()
    for seed in range(20):
        np.random.seed(seed)
        part = frames(BaseMocapDataset(**labels, subset_frac=0.35))
        assert part == [[part[0][0] + i] for i in range(3)]  # 3.5 rounded down
        starts.add(part[0][0])
    assert len(starts) > 3
    assert min(starts) >= 0
    assert max(starts) <= 7


def test_cameras_are_found_by_the_name_of_the_video(mocap_labels, tmp_path):
    labels = mocap_labels(['x/TS1_000001.jpg', 'x/TS1_000002.jpg', 'S4_Seq2_Cam0_001033.jpg'], K=2)
    cameras = dict(TS1=dict(w=2048, h=2048), S4_Seq2_Cam0=dict(w=2048, h=204))
    (tmp_path / 'cameras.pkl').write_bytes(pickle.dumps(cameras))
    dataset = BaseMocapDataset(**labels, camera_param_file='cameras.pkl')
    found = {item['img_paths'][0][-10:-4]: item['camera_param']['h'] for item in dataset}
    assert found == {'000001': 2048, '000002': 2048, '001033': 204}
    dataset[0]['camera_param']['h'] = 0
    assert dataset.get_camera_param('TS1_000001.jpg')['h'] == 2048
    del cameras['TS1']
    (tmp_path / 'cameras.pkl').write_bytes(pickle.dumps(cameras))
    with pytest.raises(
        ValueError,
        match=r"'cameras.pkl' has no camera 'TS1', which took 'x/TS1_000001.jpg'; it has 1: "
        r"'S4_Seq2_Cam0', ... Set `camera_param_file` to the cameras of this data set",
    ):
        BaseMocapDataset(**labels, camera_param_file='cameras.pkl')


def test_center_and_scale_may_be_absent(mocap_labels):
    item = BaseMocapDataset(**mocap_labels(NAMES, K=2, center=None, scale=None))[4]
    assert (item['center'].tolist(), item['scale']) == ([[0, 0]], 0)


def test_items_are_made_from_shared_labels(mocap_labels):
    dataset = BaseMocapDataset(**mocap_labels(NAMES, K=2))
    before = copy.deepcopy(dataset[1]['keypoints'])
    dataset[1]['keypoints'][:] = -1
    np.testing.assert_array_equal(dataset[1]['keypoints'], before)
    for subset in (dataset.get_subset(2), dataset.get_subset([0, 1]), dataset.get_subset(-4)):
        assert subset.labels is dataset.labels
        assert subset[0]['keypoints'].shape == (1, 2, 2)
    assert frames(dataset.get_subset(-2)) == [[3], [4]]
    assert frames(BaseMocapDataset(**mocap_labels(NAMES, K=2), indices=[4, 0])) == [[4], [0]]
    again = pickle.loads(pickle.dumps(dataset))
    assert frames(again) == frames(dataset)


def test_lazy_init(mocap_labels):
    dataset = BaseMocapDataset(**mocap_labels(NAMES, K=2), lazy_init=True)
    assert 'labels' not in vars(dataset)
    assert len(dataset.get_sequence_indices()) == 5  # no need to read the rest
    assert len(dataset) == 5
    assert dataset[-1]['img_ids'] == [4]


def test_a_subclass_may_choose_the_frames(mocap_labels):
    class Chosen(BaseMocapDataset):
        def get_sequence_indices(self):
            return [[4, 0], [2, 2]]

    dataset = Chosen(**mocap_labels(NAMES, K=2), seq_len=2)
    assert frames(dataset) == [[4, 0], [2, 2]]
    assert dataset[0]['lifting_target'][0, 0].tolist() == [0, 0, 4]


def test_img_info(mocap_labels, tmp_path):
    dataset = BaseMocapDataset(**mocap_labels(NAMES, K=2))
    assert dataset.get_img_info(0, 'one.png') is None
    cv2.imwrite(str(tmp_path / 'one.png'), np.zeros((3, 5, 3), np.uint8))
    assert dataset.get_img_info(7, 'one.png') == dict(
        file_name='one.png',
        img_path=str(tmp_path / 'one.png'),
        height=3,
        width=5,
        id=7,
        img_id=7,
    )


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(data_mode='side'), "data_mode is 'side'; expected 'topdown' or 'bottomup'."),
        (dict(seq_len=0), 'seq_len is 0; expected 1 or more.'),
        (dict(seq_step=-1), 'seq_step is -1; expected 1 or more.'),
        (dict(multiple_target=-1), 'multiple_target is -1; expected 0 or more.'),
        (dict(multiple_target=2, seq_len=3), 'seq_len is 3 and multiple_target 2, .* at 1'),
        (dict(subset_frac=0), 'subset_frac is 0; expected more than 0 and at most 1'),
        (dict(subset_frac=1.5), 'subset_frac is 1.5; expected more than 0 and at most 1'),
        (dict(subset_frac=0.1), 'subset_frac=0.1 leaves none of the 5 sequences of .* 1 / 5'),
        (
            dict(seq_len=3, seq_step=2),
            'No video .* is long enough: sequences of 3 frames with seq_step=2 span 5, but the '
            'longest of 2 videos has 3',
        ),
        (dict(multiple_target=4), 'sequences of 4 frames .* span 4, .* has 3'),
        (
            dict(metainfo=dict(from_file='configs/_base_/datasets/coco.py')),
            r'wrong shape: part \(5, 2, 3\) instead of \(5, 17, 3\), S \(5, 2, 4\) instead of '
            r'\(5, 17, 4\); 5 images are named, and the skeleton has 17 keypoints. Set `ann_file`',
        ),
    ],
)
def test_settings_that_contradict(mocap_labels, settings, message):
    with pytest.raises(ValueError, match=message):
        BaseMocapDataset(**mocap_labels(NAMES, K=2), **settings)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (
            dict(part=None, S=None),
            r"lacks \['part', 'S'\]; it has \['center', 'imgname', 'scale'\]",
        ),
        (dict(S=np.zeros((4, 2, 4))), r'S \(4, 2, 4\) instead of \(5, 2, 4\); 5 images are named'),
        (dict(part=np.zeros(5)), r"part \(5,\) instead of \(5, 'K', 3\)"),
        (dict(center=np.zeros(5)), r'center \(5,\) instead of \(5, 2\)'),
        (dict(scale=np.array([{}])), 'cannot be read as an npz file of arrays: Object arrays'),
    ],
    ids=['absent', 'length', 'axes', 'center', 'objects'],
)
def test_labels_that_do_not_fit(mocap_labels, changes, message):
    with pytest.raises(ValueError, match=message):
        BaseMocapDataset(**mocap_labels(NAMES, K=2, **changes))


def test_files_that_are_no_labels(mocap_labels, tmp_path):
    labels = mocap_labels(NAMES, K=2)
    with pytest.raises(
        FileNotFoundError, match=r"no file '.*none.npz' .*`data_root` or `ann_file`"
    ):
        BaseMocapDataset(ann_file='none.npz', data_root=str(tmp_path))
    np.save(tmp_path / 'array.npy', np.zeros(3))
    for content in (b'', b'PK\x03\x04 cut', (tmp_path / 'array.npy').read_bytes()):
        (tmp_path / 'bad.npz').write_bytes(content)
        with pytest.raises(ValueError, match=r"bad.npz' cannot be read as an npz file of arrays"):
            BaseMocapDataset(ann_file='bad.npz', data_root=str(tmp_path))
    camera = dict(labels, camera_param_file='cameras.pkl')
    with pytest.raises(FileNotFoundError, match=r'cameras.pkl.* or `camera_param_file` of the'):
        BaseMocapDataset(**camera)
    for content, message in (
        (b'text', 'cameras.pkl. cannot be read as a pickled dict of cameras'),
        (pickle.dumps([1]), 'cameras.pkl. holds list; expected a dict'),
        (pickle.dumps(dict(TS1=1)), 'holds dict; expected a dict with the parameters of each'),
    ):
        (tmp_path / 'cameras.pkl').write_bytes(content)
        with pytest.raises(ValueError, match=message):
            BaseMocapDataset(**camera)


@pytest.mark.parametrize(
    ('module', 'name', 'info'),
    [
        ('base.base_mocap_dataset', 'BaseMocapDataset', None),
        ('body3d.h36m_dataset', 'Human36mDataset', 'h36m'),
        ('wholebody3d.h3wb_dataset', 'H36MWholeBodyDataset', 'h3wb'),
        ('wholebody3d.ubody3d_dataset', 'UBody3dDataset', 'ubody3d'),
    ],
)
def test_declared_mocap_data_sets(module, name, info):
    cls = DATASETS.get(name)
    assert cls.__module__ == f'mmpose.datasets.datasets.{module}'
    path = f'configs/_base_/datasets/{info}.py'
    assert cls.METAINFO.get('from_file') == (path if info else None)
