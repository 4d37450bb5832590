import hashlib
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.datasets import CocoDataset
from mmpose.datasets.synthetic import SyntheticPeople
from mmpose.datasets.synthetic.__main__ import main
from mmpose.datasets.synthetic.appearance import sample_appearance
from mmpose.datasets.synthetic.canvas import PARTS_PER_PERSON, Canvas
from mmpose.datasets.synthetic.labels import annotate, paint_people
from mmpose.datasets.synthetic.person import Part, Person
from mmpose.datasets.synthetic.poses import Limb, Pose, sample_pose
from mmpose.datasets.synthetic.skeleton import (
    KEYPOINT_NAMES,
    pose_body,
    rotation,
    sample_body,
)

STILL = Limb(0, 0, 0, 0)
SPREAD = Pose(arms=(Limb(0, 90, 0, 0),) * 2, legs=(Limb(0, 20, 0, 0),) * 2)
INDEX = {name: k for k, name in enumerate(KEYPOINT_NAMES)}
LEFT, RIGHT = INDEX['left_wrist'], INDEX['right_wrist']
FACE = [INDEX[name] for name in ('nose', 'left_eye', 'right_eye')]


def person(pose, origin=(150, 150), scale=200.0, number=0, **looks):
    rng = np.random.default_rng(3)
    looks = replace(
        sample_appearance(rng), **{'hair_style': 'short', 'legwear': 'trousers', **looks}
    )
    figure = pose_body(sample_body(rng), pose)
    return Person(figure, looks, scale, np.array(origin, dtype=float), number)


def draw(*people, size=(300, 300)):
    """The canvas, and the keypoints (17, 3) of each person that got an annotation."""
    canvas = Canvas(np.full((size[1], size[0], 3), 128, dtype=np.uint8))
    annotations = paint_people(canvas, people)
    return canvas, [np.reshape(ann['keypoints'], (17, 3)) for ann in annotations], annotations


# ----------------------------------------------------------------------- skeleton


def test_rotations_turn_as_documented():
    np.testing.assert_allclose(rotation('y', 90) @ [0, 0, 1], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(rotation('x', 90) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rotation('z', 90) @ [1, 0, 0], [0, 1, 0], atol=1e-12)


@pytest.mark.parametrize(
    ('limb', 'direction'),
    [
        (STILL, (0, -1, 0)),
        (Limb(90, 0, 0, 0), (0, 0, 1)),
        (Limb(0, 90, 0, 0), (1, 0, 0)),
        (Limb(0, 180, 0, 0), (0, 1, 0)),
    ],
    ids=['hanging', 'forwards', 'sideways', 'up'],
)
def test_left_upper_arm_points_where_its_angles_say(limb, direction):
    body = sample_body(np.random.default_rng(0))
    points = pose_body(body, Pose(arms=(limb, STILL), legs=(STILL, STILL))).points
    arm = points['left_elbow'] - points['left_shoulder']
    np.testing.assert_allclose(arm, body.upper_arm * np.array(direction), atol=1e-12)


def test_knees_bend_backwards_and_elbows_forwards():
    bent = Limb(0, 0, 0, 90)
    points = pose_body(
        sample_body(np.random.default_rng(0)), Pose((bent, bent), (bent, bent))
    ).points
    for side in ('left', 'right'):
        assert points[f'{side}_ankle'][2] < points[f'{side}_knee'][2] - 0.1
        assert points[f'{side}_wrist'][2] > points[f'{side}_elbow'][2] + 0.1


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_bones_keep_their_lengths(seed):
    rng = np.random.default_rng(seed)
    body = sample_body(rng)
    points = pose_body(body, sample_pose(rng)).points
    for side in ('left', 'right'):
        for start, end, length in (
            ('shoulder', 'elbow', body.upper_arm),
            ('elbow', 'wrist', body.forearm),
            ('hip', 'knee', body.thigh),
            ('knee', 'ankle', body.shin),
        ):
            bone = points[f'{side}_{end}'] - points[f'{side}_{start}']
            assert np.linalg.norm(bone) == pytest.approx(length)


# --------------------------------------------------------------------- visibility


def test_who_faces_the_viewer_has_the_left_at_the_right_and_shows_the_face():
    _, (keypoints,), _ = draw(person(SPREAD))
    assert keypoints[LEFT, 0] > keypoints[RIGHT, 0] + 100
    assert (keypoints[:, 2] == 2).all()


def test_who_turns_the_back_hides_the_face():
    _, (keypoints,), _ = draw(person(replace(SPREAD, yaw=180)))
    assert keypoints[LEFT, 0] < keypoints[RIGHT, 0] - 100
    assert keypoints[FACE, 2].tolist() == [1, 1, 1]
    assert keypoints[[LEFT, RIGHT], 2].tolist() == [2, 2]


def test_the_profile_shows_the_near_side():
    _, (keypoints,), _ = draw(person(Pose((STILL, STILL), (STILL, STILL), yaw=90)))
    sight = {name: keypoints[k, 2] for name, k in INDEX.items()}
    assert keypoints[INDEX['nose'], 0] > keypoints[INDEX['right_ear'], 0]  # looks to the right
    for joint in ('eye', 'ear', 'shoulder', 'elbow', 'wrist', 'knee'):
        assert sight[f'right_{joint}'] == 2, joint
        assert sight[f'left_{joint}'] == 1, joint


def test_an_arm_behind_the_back_is_hidden():
    behind = Limb(-30, 0, 95, 95)
    pose = Pose(arms=(behind, STILL), legs=(STILL, STILL))
    _, (front,), _ = draw(person(pose))
    _, (back,), _ = draw(person(replace(pose, yaw=180)))
    assert front[LEFT, 2] == 1
    assert back[LEFT, 2] == 2


def test_joints_outside_the_picture_are_zero():
    _, (keypoints,), (ann,) = draw(person(SPREAD, origin=(10, 150)))
    outside = keypoints[:, 2] == 0
    assert outside[RIGHT]
    assert not outside[LEFT]
    assert (keypoints[outside] == 0).all()
    assert ann['num_keypoints'] == 17 - outside.sum()
    assert ann['bbox'][0] == 0


def test_a_person_in_front_hides_the_joints_of_another():
    behind = person(SPREAD, scale=100, number=0)
    in_front = person(SPREAD, scale=290, number=1)
    _, (free,), _ = draw(behind)
    _, (covered, front), (ann, _) = draw(behind, in_front)
    hips = [INDEX['left_hip'], INDEX['right_hip']]
    assert free[hips, 2].tolist() == [2, 2]
    assert covered[hips, 2].tolist() == [1, 1]
    np.testing.assert_array_equal(free[:, :2], covered[:, :2])
    assert front[hips, 2].tolist() == [2, 2]
    assert ann['num_keypoints'] == 17
    # the box is that of the whole person, the area what can still be seen
    _, _, (alone,) = draw(behind)
    assert ann['bbox'] == alone['bbox']
    assert ann['area'] < alone['area']


def test_someone_out_of_sight_has_no_annotation():
    _, keypoints, _ = draw(person(SPREAD, origin=(900, 900)), person(SPREAD, number=1))
    assert len(keypoints) == 1


def test_box_area_and_outline_are_those_of_the_drawn_pixels():
    canvas, _, (ann,) = draw(person(SPREAD))
    ys, xs = np.nonzero(canvas.owner)
    x, y, w, h = ann['bbox']
    assert (x, y, x + w - 1, y + h - 1) == (xs.min(), ys.min(), xs.max(), ys.max())
    assert ann['area'] == len(xs)
    outline = np.zeros(canvas.owner.shape, np.uint8)
    for polygon in ann['segmentation']:
        cv2.fillPoly(outline, [np.reshape(polygon, (-1, 2)).astype(np.int32)], 1)
    same = outline.astype(bool) == (canvas.owner > 0)
    assert same.mean() > 0.98


def test_owner_map_knows_persons_and_parts():
    canvas, _, _ = draw(person(SPREAD, number=2))
    owners = canvas.owner[canvas.owner > 0]
    assert set(owners // PARTS_PER_PERSON) == {3}
    assert {Part.HEAD, Part.TRUNK, Part.LEFT_HAND, Part.RIGHT_FOOT} <= set(
        owners % PARTS_PER_PERSON
    )


def test_annotate_counts_what_is_left():
    canvas = Canvas(np.zeros((300, 300, 3), dtype=np.uint8))
    someone = person(SPREAD)
    paint_people(canvas, [someone])
    canvas.owner[:] = 0
    ann = annotate(canvas, someone, (0, 0, 300, 300))
    assert (ann['area'], ann['segmentation']) == (0, [])
    assert set(ann['keypoints'][2::3]) == {1}


# ------------------------------------------------------------------------- scenes


@pytest.fixture(scope='module')
def scenes():
    source = SyntheticPeople(seed=7)
    return [source.draw(index) for index in range(60)]


def test_labels_are_consistent(scenes):
    for image, annotations in scenes:
        assert image.shape == (480, 640, 3)
        assert image.dtype == np.uint8
        assert 1 <= len(annotations) <= 5
        for ann in annotations:
            x, y, w, h = ann['bbox']
            assert x >= 0
            assert y >= 0
            assert x + w <= 640
            assert y + h <= 480
            assert 0 < ann['area'] <= w * h
            assert ann['iscrowd'] == 0
            keypoints = np.reshape(ann['keypoints'], (17, 3))
            labelled = keypoints[:, 2] > 0
            assert ann['num_keypoints'] == labelled.sum()
            assert (keypoints[~labelled] == 0).all()
            assert (keypoints[labelled, :2] >= 0).all()
            assert (keypoints[labelled, :2] <= (639, 479)).all()


def test_scenes_vary(scenes):
    people = [ann for _, annotations in scenes for ann in annotations]
    counts = np.bincount([len(annotations) for _, annotations in scenes], minlength=6)
    assert (counts[1:] > 3).all()
    heights = np.array([ann['bbox'][3] for ann in people])
    assert heights.min() < 80
    assert heights.max() > 280
    v = np.array([ann['keypoints'][2::3] for ann in people])
    assert 0.65 < (v == 2).mean() < 0.9
    assert 0.08 < (v == 1).mean() < 0.3
    assert 0.01 < (v == 0).mean() < 0.15
    backs = (v[:, FACE] == 1).all(axis=1).mean()
    assert 0.1 < backs < 0.4
    x = np.array([ann['keypoints'][::3] for ann in people])
    towards = (x[:, INDEX['left_shoulder']] > x[:, INDEX['right_shoulder']]).mean()
    assert 0.55 < towards < 0.85


def test_a_picture_depends_on_seed_and_index_alone(scenes):
    image, annotations = SyntheticPeople(seed=7).draw(41)
    np.testing.assert_array_equal(image, scenes[41][0])
    assert annotations == scenes[41][1]
    assert (SyntheticPeople(seed=8).draw(41)[0] != image).any()


@settings(deadline=None, max_examples=25)
@given(
    size=st.tuples(st.integers(16, 200), st.integers(16, 200)),
    count=st.integers(1, 12),
    height=st.floats(8, 500),
    seed=st.integers(0, 2**40),
)
def test_any_size_and_number(size, count, height, seed):
    source = SyntheticPeople(size, (count, count), (height, height), seed)
    image, annotations = source.draw(0)
    assert image.shape == (size[1], size[0], 3)
    assert len(annotations) <= count


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(image_size=(640, 8)), r'image_size is \(640, 8\); expected \(w, h\) of 16'),
        (dict(people=(3, 1)), r'people is \(3, 1\); expected \(lowest, highest\) of 1'),
        (dict(height=(0, 5)), r'height is \(0, 5\); expected \(lowest, highest\) of 8'),
    ],
    ids=['size', 'people', 'height'],
)
def test_bad_ranges(arguments, message):
    with pytest.raises(ValueError, match=message):
        SyntheticPeople(**arguments)


# -------------------------------------------------------------------------- files


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


def test_same_seed_same_bytes_in_any_number_of_processes(tmp_path):
    source = SyntheticPeople(image_size=(160, 120), height=(30, 100), seed=5)
    source.write_coco(tmp_path / 'a', 4)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    source.write_coco(tmp_path / 'b', 4, workers=2)
    cv2.setNumThreads(threads)
    source.write_coco(tmp_path / 'tail', 2, first_index=2)
    first, second, tail = (digests(tmp_path / name) for name in ('a', 'b', 'tail'))
    assert len(first) == 5
    assert first == second
    assert first['images/00000003.jpg'] == tail['images/00000003.jpg']
    assert first['images/00000002.jpg'] != first['images/00000003.jpg']


def test_round_trip_through_the_data_set(tmp_path):
    source = SyntheticPeople(image_size=(320, 240), height=(60, 180), seed=2)
    path = source.write_coco(tmp_path, 6, ann_file='annotations/val.json', img_dir='val')
    content = json.loads(path.read_text())
    assert content['categories'][0]['keypoints'][9] == 'left_wrist'
    assert [ann['id'] for ann in content['annotations']] == [
        *range(1, len(content['annotations']) + 1)
    ]
    dataset = CocoDataset('annotations/val.json', data_root=tmp_path, data_prefix=dict(img='val'))
    assert len(dataset) == len(content['annotations'])
    drawn = [ann for index in range(6) for ann in source.draw(index)[1]]
    for item, ann in zip(dataset, drawn, strict=True):
        labels = np.reshape(ann['keypoints'], (1, 17, 3)).astype(np.float32)
        np.testing.assert_array_equal(item['keypoints'], labels[..., :2])
        np.testing.assert_array_equal(item['keypoints_visible'], labels[..., 2] > 0)
        assert item['area'] == ann['area']
        assert cv2.imread(item['img_path']).shape == (240, 320, 3)


def test_skeleton_matches_the_coco_definition(tmp_path):
    metainfo = CocoDataset(lazy_init=True).metainfo
    assert list(metainfo['keypoint_id2name'].values()) == list(KEYPOINT_NAMES)


def test_number_of_pictures_is_checked(tmp_path):
    with pytest.raises(ValueError, match='num_images is 0; expected 1 or more'):
        SyntheticPeople().write_coco(tmp_path, 0)


def test_command_line(tmp_path, capsys):
    options = ['--num', '2', '--size', '96', '64', '--height', '20', '60', '--split', 'tiny']
    ann_file = main([str(tmp_path), *options])
    assert ann_file == tmp_path / 'annotations' / 'tiny.json'
    assert len(list((tmp_path / 'tiny').glob('*.jpg'))) == 2
    assert "data_prefix=dict(img='tiny/')" in capsys.readouterr().out
