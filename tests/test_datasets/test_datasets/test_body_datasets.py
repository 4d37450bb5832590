import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from mmpose.datasets.datasets import (
    HumanArt21Dataset,
    JhmdbDataset,
    MpiiDataset,
    MpiiTrbDataset,
    PoseTrack18VideoDataset,
)

BARE_FIELDS = {
    *('img_path', 'img_id', 'id'),
    *('bbox', 'bbox_score', 'keypoints', 'keypoints_visible'),
}


def fields(dataset, index=0):
    """The fields of an item that do not describe the skeleton or its place."""
    return set(dataset.get_data_info(index)) - {'sample_idx', *dataset.metainfo}


# --------------------------------------------------------------------- Human-Art, JHMDB


def test_humanart21_reads_its_own_keypoints(coco_labels):
    ann = dict(keypoints=[1, 1, 2] * 17, keypoints_21=[30, 40, 2] * 20 + [0, 0, 0], area=600)
    dataset = HumanArt21Dataset(**coco_labels(ann))
    item = dataset[0]
    assert item['keypoints'].shape == (1, 21, 2)
    assert item['keypoints'][0, 16].tolist() == [30, 40]
    assert item['keypoints_visible'].tolist() == [[1] * 20 + [0]]
    assert 'area' not in item
    assert item['raw_ann_info']['area'] == 600
    with pytest.raises(ValueError, match="it has no 'keypoints_21'"):
        HumanArt21Dataset(**coco_labels(dict(keypoints=[1, 1, 2] * 17)))


@pytest.mark.parametrize(
    ('bbox', 'expected'),
    [
        ([11, 21, 30, 40], [10, 20, 40, 60]),
        ([1, 1, 100, 80], [0, 0, 99, 79]),  # a whole image
        (None, [29, 39, 49, 59]),  # around the labelled keypoints
    ],
)
def test_jhmdb_counts_pixels_from_1(coco_labels, bbox, expected):
    keypoints = [30, 40, 2, 50, 60, 1, *[0] * 39]
    item = JhmdbDataset(**coco_labels(dict(bbox=bbox, keypoints=keypoints)))[0]
    assert item['bbox'].tolist() == [expected]
    assert item['keypoints'][0, :3].tolist() == [[29, 39], [49, 59], [-1, -1]]
    assert item['keypoints_visible'].tolist() == [[1, 1] + [0] * 13]
    x1, y1, x2, y2 = expected
    assert item['area'] == pytest.approx(0.53 * (x2 - x1) * (y2 - y1))
    assert item['raw_ann_info']['keypoints'] == keypoints


# --------------------------------------------------------------------- MPII


def mpii_person(image='000123.jpg', **changes):
    return {
        'image': image,
        'center': [101, 61],
        'scale': 1.0,
        'joints': [[80, 90]] * 15 + [[-1, -1]],
        'joints_vis': [1] * 15 + [0],
        **changes,
    }


@pytest.fixture
def mpii(tmp_path):
    def write(*people):
        (tmp_path / 'mpii.json').write_text(json.dumps(people))
        return dict(ann_file='mpii.json', data_root=str(tmp_path), data_prefix=dict(img='img/'))

    return write


def test_mpii_item(mpii, tmp_path):
    dataset = MpiiDataset(**mpii(mpii_person('7.jpg'), mpii_person()))
    item = dataset[1]
    assert (item['id'], item['img_id'], item['num_keypoints']) == (1, 123, 15)
    assert item['img_path'] == str(tmp_path / 'img' / '000123.jpg')
    # the center counts from 1 and moves down by 15 pixels: (100, 75)
    expected = dict(
        bbox_center=[[100, 75]],
        bbox_scale=[[200, 200]],
        bbox=[[0, -25, 200, 175]],
        bbox_score=[1],
        keypoints=[[[80, 90]] * 15 + [[-1, -1]]],
        keypoints_visible=[[1] * 15 + [0]],
    )
    for key, value in expected.items():
        np.testing.assert_array_equal(item[key], np.array(value, np.float32), strict=True)
    assert item['area'] == pytest.approx([0.53 * 200 * 200])
    assert item['category_id'].tolist() == [1]
    assert fields(dataset) == {*BARE_FIELDS, 'area', 'category_id', 'bbox_center', 'bbox_scale'}


def test_mpii_center_of_nobody_does_not_move(mpii):
    item = MpiiDataset(**mpii(mpii_person(center=[-1, -1])))[0]
    assert item['bbox_center'].tolist() == [[-2, -2]]


def test_mpii_bottomup(mpii):
    people = [mpii_person(), mpii_person(scale=2.0), mpii_person('7.jpg')]
    dataset = MpiiDataset(**mpii(*people), data_mode='bottomup')
    assert [item['id'] for item in dataset] == [[0, 1], [2]]
    item = dataset[0]
    assert item['bbox_scale'].tolist() == [[200, 200], [400, 400]]
    assert item['area'].shape == item['category_id'].shape == (2,)


def test_mpii_head_sizes(mpii, tmp_path):
    corners = np.zeros((2, 2, 2))  # (corner, axis, person)
    corners[1, :, 0] = 30, 40  # a diagonal of 50
    corners[0, :, 1], corners[1, :, 1] = (10, 10), (16, 18)  # 10
    path = str(tmp_path / 'heads.mat')
    savemat(path, dict(headboxes_src=corners))
    labels = mpii(mpii_person(), mpii_person('7.jpg'))
    dataset = MpiiDataset(**labels, headbox_file=path, test_mode=True)
    assert [item['head_size'].tolist() for item in dataset] == [[[30]], [[6]]]
    # people without labels are passed over, the others keep their heads
    labels = mpii(mpii_person(joints_vis=[0] * 16, joints=[[-1, -1]] * 16), mpii_person())
    dataset = MpiiDataset(**labels, headbox_file=path)
    assert [(item['id'], item['head_size'].item()) for item in dataset] == [(1, 6)]
    item = MpiiDataset(**labels, headbox_file=path, data_mode='bottomup')[0]
    assert item['head_size'].tolist() == [[30], [6]]


def test_mpii_head_boxes_of_others(mpii, tmp_path):
    labels = mpii(mpii_person())
    path = tmp_path / 'heads.mat'
    with pytest.raises(FileNotFoundError, match=r'heads\.mat.* set `headbox_file`'):
        MpiiDataset(**labels, headbox_file=str(path))
    savemat(path, dict(headboxes_src=np.zeros((2, 2, 3))))
    message = 'has head boxes of shape (2, 2, 3); expected (2, 2, 1)'
    with pytest.raises(ValueError, match=re.escape(message)):
        MpiiDataset(**labels, headbox_file=str(path))
    savemat(path, dict(boxes=1))
    with pytest.raises(ValueError, match='has no `headboxes_src`'):
        MpiiDataset(**labels, headbox_file=str(path))
    path.write_text('not MATLAB')
    with pytest.raises(ValueError, match=r'heads\.mat.* is no MATLAB file'):
        MpiiDataset(**labels, headbox_file=str(path))


@pytest.mark.parametrize(
    ('people', 'message'),
    [
        ([3], 'an annotation is a number; expected an object'),
        ([dict(center=[1, 1])], "annotation 0 cannot be used: it has no 'image'"),
        ([mpii_person('me.jpg')], "annotation 0 cannot be used: invalid literal for int.* 'me'"),
        ([mpii_person(joints=[[1, 2]])], 'annotation 0 cannot be used'),
        ([mpii_person(joints=[[1, 2]] * 3, joints_vis=[1] * 3)], r'expected 3 \* 16 = 48'),
        ([mpii_person(center=[1])], 'annotation 0 cannot be used'),
        ([dict(image='1.jpg', center=[1, 1], scale=1)], r'1 images; dropped 1 \(no keypoints\)'),
    ],
    ids=lambda value: str(value)[:30],
)
def test_mpii_files_that_cannot_be_used(mpii, people, message):
    with pytest.raises(ValueError, match=message):
        MpiiDataset(**mpii(*people))


def test_mpii_wants_a_list_and_no_detections(coco_labels):
    with pytest.raises(ValueError, match='holds an object; expected a JSON list of'):
        MpiiDataset(**coco_labels())
    with pytest.raises(ValueError, match=r"bbox_file is 'x.json', but .* remove it"):
        MpiiDataset(bbox_file='x.json', test_mode=True)


# --------------------------------------------------------------------- MPII-TRB


def trb_person(**changes):
    return dict(center=[50, 40], scale=0.25, num_joints=40, keypoints=[30, 40, 2] * 40, **changes)


def test_trb_squares_in_the_order_of_the_annotations(coco_labels):
    images = [dict(id=i, file_name=f'{i}.jpg', width=100, height=80) for i in (1, 2, 3)]
    people = [trb_person(id=11, image_id=3), trb_person(id=12, image_id=1)]
    dataset = MpiiTrbDataset(**coco_labels(*people, images=images))
    assert [item['id'] for item in dataset] == [11, 12]
    item = dataset[0]
    assert item['bbox'].tolist() == [[25, 15, 75, 65]]  # a side of 0.25 * 200
    assert item['bbox_center'].tolist() == [[50, 40]]
    assert item['bbox_scale'].tolist() == [[50, 50]]
    assert item['keypoints'].shape == (1, 40, 2)
    assert fields(dataset) == {*BARE_FIELDS, 'iscrowd', 'bbox_center', 'bbox_scale'}


def test_trb_entries_at_fault_are_named(coco_labels):
    with pytest.raises(ValueError, match=r'annotation 1 .* its center has 3 numbers; expected 2'):
        MpiiTrbDataset(**coco_labels({**trb_person(), 'center': [1, 2, 3]}))
    with pytest.raises(ValueError, match="image 5 cannot be used: it has no 'file_name'"):
        MpiiTrbDataset(**coco_labels(trb_person(image_id=[]), images=[dict(id=5)]))


# --------------------------------------------------------------------- PoseTrack18, video

FIX = dict(frame_sampler_mode='fix', frame_indices=[2, -1, 0], frame_weights=[0.5, 0.25, 0.25])
RANDOM = dict(frame_range=2, num_sampled_frame=1)


@pytest.fixture
def video(coco_labels):
    """Arguments for one person in each of the given frames of a video of 10."""

    def write(*frames):
        images = [
            dict(id=i, file_name=f'val/v/{i:06d}.png', nframes=10, width=100, height=80)
            for i in frames
        ]
        people = [dict(id=100 + i, image_id=i, keypoints=[30, 40, 1] * 17) for i in frames]
        return coco_labels(*people, images=images)

    return write


def frame_numbers(item):
    return [int(Path(path).stem) for path in item['img_path']]


def test_fixed_neighbours_follow_the_labelled_frame(video, tmp_path):
    dataset = PoseTrack18VideoDataset(**video(0, 5, 9), **FIX)
    item = dataset[1]
    folder = tmp_path / 'val' / 'v'
    assert item['img_path'] == [str(folder / f'00000{i}.png') for i in (5, 4, 7)]
    weights = np.array([0.5, 0.25, 0.25], np.float32)
    np.testing.assert_array_equal(item['frame_weights'], weights, strict=True)
    assert (item['id'], item['img_id']) == (105, 5)
    # beyond the ends the first and the last frame stand in
    assert [frame_numbers(item) for item in dataset] == [[0, 0, 2], [5, 4, 7], [9, 8, 9]]
    assert fields(dataset) == {*BARE_FIELDS, 'frame_weights'}


def test_names_have_the_given_number_of_digits(video):
    item = PoseTrack18VideoDataset(**video(5), **FIX, ph_fill_len=8)[0]
    assert [Path(path).name for path in item['img_path']][1:] == ['00000004.png', '00000007.png']


def test_weights_are_divided_by_their_sum(video):
    item = PoseTrack18VideoDataset(**video(5), **RANDOM, frame_weights=[1, 3])[0]
    assert item['frame_weights'].tolist() == [0.25, 0.75]


@settings(deadline=None, max_examples=30)
@given(
    first=st.integers(-12, 0),
    last=st.integers(1, 12),
    num_sampled=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_random_neighbours_stay_in_range_and_video(first, last, num_sampled, seed):
    dataset = PoseTrack18VideoDataset(
        frame_range=[first, last],
        num_sampled_frame=num_sampled,
        frame_weights=[1] * (num_sampled + 1),
        lazy_init=True,
    )
    np.random.seed(seed)
    offsets = dataset.sample_offsets()
    assert len(offsets) == num_sampled
    assert all(first <= offset <= last for offset in offsets)
    numbers = frame_numbers(dict(img_path=dataset.frame_paths('v/000005.jpg', 10, offsets)))
    assert numbers == [5, *(min(max(5 + offset, 0), 9) for offset in offsets)]


def test_random_neighbours_change_between_accesses_and_repeat_with_the_seed(video):
    dataset = PoseTrack18VideoDataset(**video(5), **RANDOM)
    np.random.seed(0)
    first = [frame_numbers(dataset[0])[1] for _ in range(50)]
    assert set(first) == {3, 4, 5, 6, 7}
    np.random.seed(0)
    assert [frame_numbers(dataset[0])[1] for _ in range(50)] == first


def test_video_bottomup_and_detections(video, tmp_path):
    labels = video(0, 5)
    labels['test_mode'] = True
    dataset = PoseTrack18VideoDataset(**labels, **FIX, data_mode='bottomup')
    assert [frame_numbers(item) for item in dataset] == [[0, 0, 2], [5, 4, 7]]
    assert dataset[0]['frame_weights'].shape == (3,)
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps([dict(image_id=5, category_id=1, bbox=[1, 2, 3, 4], score=0.5)]))
    item = PoseTrack18VideoDataset(**labels, **FIX, bbox_file=str(path))[0]
    assert frame_numbers(item) == [5, 4, 7]
    assert item['frame_weights'].tolist() == [0.5, 0.25, 0.25]
    assert item['bbox'].tolist() == [[1, 2, 4, 6]]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(frame_sampler_mode='all'), "frame_sampler_mode is 'all', but must be one of"),
        (dict(RANDOM, ph_fill_len=0), 'ph_fill_len is 0, but must be positive'),
        (dict(num_sampled_frame=1), 'frame_range is None; '),
        (dict(RANDOM, frame_range=-1), 'frame_range is -1; '),
        (dict(RANDOM, frame_range=0), 'frame_range is 0; '),
        (dict(RANDOM, frame_range=(1, 2)), 'frame_range is (1, 2); '),
        (dict(RANDOM, frame_range=(-1.5, 2)), 'frame_range is (-1.5, 2); '),
        (dict(RANDOM, frame_range=(-1, 0, 1)), 'frame_range is (-1, 0, 1); '),
        (dict(frame_range=2), 'num_sampled_frame is None; '),
        (dict(RANDOM, num_sampled_frame=0), 'num_sampled_frame is 0; '),
        (dict(RANDOM, num_sampled_frame=2), 'frame_weights has 2 entries; expected 3, 1 + num_s'),
        (dict(RANDOM, frame_weights=[0, 0]), 'frame_weights is [0, 0]; expected numbers of 0 or'),
        (dict(RANDOM, frame_weights=[2, -1]), 'frame_weights is [2, -1]; expected numbers of 0'),
        (dict(FIX, frame_indices=None), 'frame_indices is None; '),
        (dict(FIX, frame_indices=[-1, 1, 2]), 'frame_indices is [-1, 1, 2]; '),
        (dict(FIX, frame_indices=[-1, 0]), 'has 3 entries; expected 2, the length of frame_ind'),
    ],
    ids=str,
)
def test_video_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        PoseTrack18VideoDataset(**arguments)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(nframes=...), "image 1 cannot be used: it has no 'nframes'"),
        (dict(file_name='a.jpg'), 'image 1 cannot be used: invalid literal for int'),
        (dict(nframes=3), "its file_name is '000003.jpg' and its nframes 3; expected a name from"),
    ],
)
def test_video_images_at_fault(coco_labels, changes, message):
    image = dict(id=1, file_name='000003.jpg', nframes=10) | changes
    image = {key: value for key, value in image.items() if value is not ...}
    labels = coco_labels(dict(keypoints=[30, 40, 1] * 17), images=[image])
    with pytest.raises(ValueError, match=re.escape(message)):
        PoseTrack18VideoDataset(**labels, **FIX)
