import json
import math
import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpose.evaluation import PoseTrack18Metric
from mmpose.registry import METRICS
from mmpose.structures import parse_pose_metainfo

META = parse_pose_metainfo(dict(from_file='configs/_base_/datasets/posetrack18.py'))
NAMES = list(META['keypoint_name2id'])
GROUPS = ['Head', 'Shou', 'Elb', 'Wri', 'Hip', 'Knee', 'Ankl', 'Total']
AP = [f'posetrack18/{group} AP' for group in GROUPS]
MOTA = [f'posetrack18/{group} MOTA' for group in GROUPS]
TOTALS = [f'posetrack18/Total {name}' for name in ('MOTP', 'precision', 'recall')]
SAMPLE = Path(__file__).parents[3] / 'shared/data/samples/posetrack18/annotations'


def pose(x, y=50.0):
    """17 points (x, y), 40 pixels apart; a head is 30 pixels, so that they match up to 15."""
    return np.stack([x + 40.0 * np.arange(17), np.full(17, y)], axis=1)


def image(image_id, video, **kwargs):
    number = image_id % 100
    name = f'images/val/{video}_mpii_test/{number:06d}.jpg'
    return dict(dict(id=image_id, file_name=name, vid_id=video, frame_id=image_id), **kwargs)


def annotation(ann_id, image_id, track_id, points, flags=1, **kwargs):
    keypoints = np.column_stack([points, np.broadcast_to(flags, 17)])
    return dict(
        dict(
            id=ann_id,
            image_id=image_id,
            category_id=1,
            track_id=track_id,
            bbox_head=[10, 10, 30, 40],  # a diagonal of 50
            keypoints=keypoints.ravel().tolist(),
        ),
        **kwargs,
    )


def sample(sample_id, image_id, points, scores=0.9, track_id=None, bbox_score=1.0):
    pred = dict(
        keypoints=np.array(points, np.float32)[None],
        keypoint_scores=np.full((1, 17), scores, np.float32),
        bbox_scores=np.array([bbox_score], np.float32),
    )
    if track_id is not None:
        pred['track_ids'] = np.array([track_id])
    return dict(id=sample_id, img_id=image_id, category_id=1, pred_instances=pred)


IMAGES = [
    image(i, video)
    for video, first in (('000002', 200), ('000001', 100))
    for i in (first + 2, first, first + 1)
]
PEOPLE = [
    annotation(1, 100, 0, pose(0)),
    annotation(2, 101, 0, pose(3)),
    annotation(3, 101, 1, pose(0, 300)),
    annotation(4, 102, 1, pose(4, 300)),
    annotation(5, 200, 0, pose(8, 80)),
]


def found(tracked=True):
    """The people as they are; their track numbers are others."""
    return [
        sample(
            ann['id'],
            ann['image_id'],
            np.reshape(ann['keypoints'], (17, 3))[:, :2],
            track_id=ann['track_id'] + 70 if tracked else None,
        )
        for ann in PEOPLE
    ]


def write(folder, annotations=PEOPLE, images=IMAGES):
    path = folder / 'posetrack18_val.json'
    path.write_text(json.dumps(dict(images=images, annotations=annotations, categories=[])))
    return str(path)


@pytest.fixture
def ann_file(tmp_path):
    return write(tmp_path)


def evaluate(ann_file, samples, meta=META, **kwargs):
    metric = METRICS.build(dict(type='PoseTrack18Metric', ann_file=ann_file, **kwargs))
    metric.dataset_meta = meta
    metric.process({}, samples)
    return metric.evaluate(size=len(samples))


def test_perfect_predictions_give_100(ann_file):
    numbers = evaluate(ann_file, found())
    assert numbers == dict.fromkeys([*AP, *MOTA, *TOTALS], 100)


def test_without_track_ids_there_is_precision_alone(ann_file, tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(
        'mmpose.evaluation.metrics.posetrack18_metric.print_log', lambda text, _: lines.append(text)
    )
    assert evaluate(ann_file, found(tracked=False)) == dict.fromkeys(AP, 100)
    assert lines == ['MOTA is left out, for no `pred_instances` have `track_ids`.']


def test_numbers_by_hand(ann_file):
    samples = found()
    # 15.5 pixels of 30 are too far, 9 are not
    nose, wrist = NAMES.index('nose'), NAMES.index('left_wrist')
    samples[0]['pred_instances']['keypoints'][0, nose] += [0, 15.5]
    samples[1]['pred_instances']['keypoints'][0, wrist] += [0, 9]
    # the person of video 2 is not found, and in frame 102 is another who is none
    samples[4] = sample(6, 102, pose(0, 600), track_id=99)
    numbers = evaluate(ann_file, samples)

    # Each joint has 5 true ones and 5 detections of one score, by frame: of 100, 101 twice, 102,
    # and the wrong one of 102. Right are the first 4: 4 / 5 at a precision of 1. Of the nose the
    # 2nd to the 4th are, under an envelope of 3 / 4.
    usual, noses = 80, 100 * 3 * (3 / 4) / 5
    assert numbers['posetrack18/Knee AP'] == pytest.approx(usual)
    assert numbers['posetrack18/Head AP'] == pytest.approx((2 * usual + noses) / 3)
    assert numbers['posetrack18/Total AP'] == pytest.approx((14 * usual + noses) / 15)

    # a miss and a false positive of 5; of the nose a miss and a false positive more
    usual, noses = 100 * (1 - 2 / 5), 100 * (1 - 4 / 5)
    assert numbers['posetrack18/Knee MOTA'] == pytest.approx(usual)
    assert numbers['posetrack18/Head MOTA'] == pytest.approx((2 * usual + noses) / 3)
    assert numbers['posetrack18/Total MOTA'] == pytest.approx((14 * usual + noses) / 15)
    assert numbers['posetrack18/Total precision'] == pytest.approx((14 * 80 + 60) / 15)
    assert numbers['posetrack18/Total recall'] == pytest.approx((14 * 80 + 60) / 15)
    # the wrist was 9 / 30 away in one match of four
    assert numbers['posetrack18/Total MOTP'] == pytest.approx((14 * 100 + 100 * (1 - 0.3 / 4)) / 15)


def test_a_person_who_gets_another_track_is_a_switch(ann_file):
    samples = found()
    samples[1]['pred_instances']['track_ids'][:] = 75
    numbers = evaluate(ann_file, samples)
    assert numbers['posetrack18/Total MOTA'] == pytest.approx(100 * (1 - 1 / 5))
    assert numbers['posetrack18/Total AP'] == 100


def test_numbers_do_not_depend_on_order_or_repetitions(ann_file):
    samples = [*found(), sample(6, 102, pose(0, 600), track_id=99)]
    samples[1]['pred_instances']['track_ids'][:] = 75
    expected = evaluate(ann_file, samples)
    for seed in range(3):
        mixed = samples + samples[:4]
        random.Random(seed).shuffle(mixed)
        assert evaluate(ann_file, mixed) == expected


def test_a_sample_may_hold_the_poses_of_a_frame(ann_file):
    expected = evaluate(ann_file, found())
    one, two = found()[1:3]
    names = one['pred_instances']
    both = {k: np.concatenate([s['pred_instances'][k] for s in (one, two)]) for k in names}
    both['track_id'] = torch.from_numpy(both.pop('track_ids'))
    nothing = dict(
        keypoints=np.empty((0, 17, 2)), keypoint_scores=np.empty((0, 17)), bbox_scores=np.empty(0)
    )
    samples = [
        *found()[:1],
        dict(id=101, img_id=101, pred_instances=both),
        *found()[3:],
        dict(id=202, img_id=202, pred_instances=nothing),
    ]
    assert evaluate(ann_file, samples) == expected


def test_no_predictions_at_all(ann_file):
    assert evaluate(ann_file, []) == dict.fromkeys(AP, 0)


def test_ears_and_joints_that_score_0_do_not_count(ann_file):
    samples = found()
    for i in range(5):
        samples[i]['pred_instances']['keypoints'][0, [NAMES.index('left_ear')]] += 500
    assert evaluate(ann_file, samples)['posetrack18/Total AP'] == 100
    scores = np.full(17, 0.9)
    scores[NAMES.index('nose')] = 0
    numbers = evaluate(ann_file, [sample(1, 100, pose(0), scores), *found(tracked=False)[1:]])
    assert numbers['posetrack18/Head AP'] == pytest.approx((100 + 100 + 80) / 3)


def test_frames_that_are_not_labelled_are_left_out(tmp_path):
    images = [dict(i, is_labeled=i['id'] != 101) for i in IMAGES]
    samples = [*found(), sample(7, 101, pose(0, 600), track_id=5)]
    assert set(evaluate(write(tmp_path, images=images), samples).values()) == {100}


def test_what_lies_in_ignored_regions_is_left_out(tmp_path):
    stranger = sample(7, 101, pose(3, 600), track_id=5)
    assert evaluate(write(tmp_path), [*found(), stranger])['posetrack18/Total MOTA'] == 80
    # the region covers the stranger in frame 101 and the second person there, who is not found
    region = dict(ignore_regions_x=[[-5, 900, 900, -5]], ignore_regions_y=[[290, 290, 610, 610]])
    images = [dict(i, **region) if i['id'] == 101 else i for i in IMAGES]
    samples = [s for s in [*found(), stranger] if s['id'] != 3]
    assert set(evaluate(write(tmp_path, images=images), samples).values()) == {100}


def test_nobody_to_find_is_minus_1(tmp_path):
    annotations = [dict(ann, keypoints=[0] * 51, bbox_head=None) for ann in PEOPLE]
    numbers = evaluate(write(tmp_path, annotations), found())
    assert numbers == dict.fromkeys([*AP, *MOTA, *TOTALS], -1)


def test_a_head_without_size_matches_nothing(tmp_path):
    annotations = [*PEOPLE[:4], dict(PEOPLE[4], bbox_head=[5, 5, 0, 0])]
    numbers = evaluate(write(tmp_path, annotations), found())
    assert numbers['posetrack18/Total AP'] == pytest.approx(80)


def test_videos_are_told_by_their_folders_where_they_have_no_id(tmp_path):
    images = [{k: v for k, v in i.items() if k not in ('vid_id', 'frame_id')} for i in IMAGES]
    assert set(evaluate(write(tmp_path, images=images), found()).values()) == {100}


def test_poses_that_resemble_a_better_one_go(ann_file):
    worse = [
        sample(s['id'] + 10, s['img_id'], s['pred_instances']['keypoints'][0] + 1, 0.3)
        for s in found()
    ]
    samples = found(tracked=False) + worse
    assert evaluate(ann_file, samples) == dict.fromkeys(AP, 100)
    # the doubles go the same way when they come first, and stay without the suppression
    surer = [
        sample(s['id'] + 10, s['img_id'], s['pred_instances']['keypoints'][0], 0.95) for s in worse
    ]
    numbers = evaluate(ann_file, found(tracked=False) + surer, nms_mode='none')
    assert numbers['posetrack18/Total AP'] == pytest.approx(50)


@pytest.mark.parametrize('tracked', [True, False])
def test_a_file_for_each_video_with_all_its_frames(ann_file, tmp_path, tracked):
    folder = tmp_path / 'results'
    samples = found(tracked)
    assert evaluate(ann_file, samples, format_only=True, outfile_prefix=str(folder)) == {}
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ['000001_mpii_test.json', '000002_mpii_test.json']
    first, second = (json.loads(file.read_text()) for file in files)
    assert [i['id'] for i in first['images']] == [100, 101, 102]
    assert second['images'][2] == dict(
        file_name='images/val/000002_mpii_test/000002.jpg', id=202, frame_id=202
    )
    assert [a['image_id'] for a in first['annotations']] == [100, 101, 101, 102]
    tracks = [70, 70, 71, 71] if tracked else [0, 0, 1, 0]
    assert [a['track_id'] for a in first['annotations']] == tracks
    entry = second['annotations'][0]
    assert entry.keys() == {'image_id', 'track_id', 'keypoints', 'scores'}
    assert entry['scores'] == [pytest.approx(0.9)] * 17
    np.testing.assert_allclose(
        np.reshape(entry['keypoints'], (17, 3)), np.column_stack([pose(8, 80), [0.9] * 17])
    )
    assert second['categories'] == [dict(id=1, name='person', keypoints=NAMES)]


def test_results_are_written_beside_the_numbers(ann_file, tmp_path):
    numbers = evaluate(ann_file, found(), outfile_prefix=str(tmp_path / 'results'))
    assert numbers['posetrack18/Total MOTA'] == 100
    assert len(list((tmp_path / 'results').iterdir())) == 2


def test_results2json_alone(ann_file, tmp_path):
    metric = PoseTrack18Metric(ann_file)
    metric.dataset_meta = META
    keypoints = np.column_stack([pose(0), np.ones(17)])
    folder = metric.results2json({100: [dict(keypoints=keypoints)]}, str(tmp_path / 'r'))
    annotations = json.loads((Path(folder) / '000001_mpii_test.json').read_text())['annotations']
    assert annotations == [
        dict(
            image_id=100,
            track_id=0,
            keypoints=keypoints.ravel().tolist(),
            scores=[1.0] * 17,
        )
    ]


def test_videos_whose_files_would_be_one(tmp_path):
    images = [dict(image(1, '000001')), dict(image(2, '000001'), vid_id='other')]
    ann_file = write(tmp_path, [], images)
    text = "Two videos have a folder named '000001_mpii_test' in `ann_file`"
    with pytest.raises(ValueError, match=text):
        evaluate(ann_file, [], outfile_prefix=str(tmp_path / 'results'))
    assert not (tmp_path / 'results').exists()


@pytest.mark.parametrize(
    ('kwargs', 'text'),
    [
        (dict(), 'PoseTrack18Metric needs `ann_file`'),
        (dict(ann_file='x', format_only=True), 'say where by `outfile_prefix`'),
        (dict(ann_file='x', nms_mode='soft'), "nms_mode is 'soft'"),
    ],
)
def test_bad_arguments(kwargs, text):
    with pytest.raises(ValueError, match=text):
        PoseTrack18Metric(**kwargs)


def without(entry, *keys):
    return {key: value for key, value in entry.items() if key not in keys}


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        (dict(annotations=[without(PEOPLE[0], 'bbox_head')]), 'with id 1 has no "bbox_head"'),
        (dict(annotations=[without(PEOPLE[0], 'keypoints')]), 'with id 1 has no "keypoints"'),
        (dict(annotations=[without(PEOPLE[0], 'image_id')]), 'with id 1 has no "image_id"'),
        (dict(annotations=[dict(PEOPLE[0], image_id=7)]), 'of image 7, which is not among'),
        (
            dict(annotations=[PEOPLE[0], dict(PEOPLE[1], keypoints=[1] * 48)]),
            'id 2 has 48 numbers in "keypoints"; expected 51',
        ),
        (dict(annotations=[dict(PEOPLE[0], keypoints=[1] * 50)]), '50 numbers in "keypoints"'),
        (dict(annotations=[dict(PEOPLE[0], bbox_head=[1, 2])]), '2 numbers in "bbox_head"'),
        (
            dict(annotations=[PEOPLE[0], dict(PEOPLE[1], bbox_head=[0, 0, math.nan, 1])]),
            '1 annotations have NaN or infinite numbers in "bbox_head", the first that with id 2',
        ),
        (
            dict(images=[without(IMAGES[0], 'vid_id', 'file_name')]),
            'id 202 has neither "vid_id" nor a folder in "file_name"',
        ),
        (dict(images=[without(IMAGES[0], 'id')]), 'has no "id"'),
        (
            dict(images=[dict(i, ignore_regions_x=[[1, 2, 3]]) for i in IMAGES]),
            r'id 100 has \[3\] numbers in "ignore_regions_x" and \[\] in "ignore_regions_y"',
        ),
    ],
)
def test_bad_annotations(tmp_path, changes, text):
    with pytest.raises(ValueError, match=text):
        PoseTrack18Metric(write(tmp_path, **changes))


def test_no_posetrack_file(tmp_path):
    path = tmp_path / 'list.json'
    path.write_text('[]')
    with pytest.raises(ValueError, match='Expected a PoseTrack18 annotation file'):
        PoseTrack18Metric(str(path))


def test_truth_without_tracks_fails_only_where_they_are_needed(tmp_path):
    ann_file = write(tmp_path, [without(ann, 'track_id') for ann in PEOPLE])
    assert evaluate(ann_file, found(tracked=False))['posetrack18/Total AP'] == 100
    with pytest.raises(ValueError, match='with id 1 has no "track_id"'):
        evaluate(ann_file, found())


def test_bad_predictions(ann_file):
    def failing(text, *samples, **kwargs):
        with pytest.raises(ValueError, match=text):
            evaluate(ann_file, samples, **kwargs)

    ok = found()[0]
    failing(r'for 1 images that the annotations do not have: ids \[5\]', ok, sample(9, 5, pose(0)))
    failing(r"ids \['100'\] ..., where \[100, 101", sample(9, '100', pose(0)))
    failing('1 of 1 predictions have NaN or infinite keypoints', sample(9, 100, pose(math.nan)))
    failing('1 of 2 poses have no track id, such as in image 100', ok, sample(9, 100, pose(50)))
    failing(
        'The predictions of image 100 have the track id 70 more than once',
        *(ok, sample(9, 100, pose(0, 600), track_id=70)),
    )
    for track_ids in ([1, 2], [1.5], np.array([0.0])):
        bad = sample(9, 100, pose(0))
        bad['pred_instances']['track_ids'] = track_ids
        failing('expected an integer for each of its 1 poses', bad)
    small = dict(META, sigmas=META['sigmas'][:16])
    failing('has 17 keypoints, the data set has sigmas of 16', ok, meta=small)
    failing('The annotations have 17 keypoints', meta=small)
    renamed = {'snout' if name == 'nose' else name: i for i, name in enumerate(NAMES)}
    failing(r"no keypoints named \['nose'\]", ok, meta=dict(META, keypoint_name2id=renamed))
    failing('has no `keypoint_name2id`', ok, meta=without(META, 'keypoint_name2id'))


def test_the_entry_of_the_configs(ann_file):
    config = Config.fromfile('configs/_base_/data/posetrack18_topdown-gt.py')
    metric = METRICS.build(dict(config.val_evaluator, ann_file=ann_file))
    metric.dataset_meta = META
    metric.process({}, found())
    assert config.default_hooks.checkpoint.save_best in metric.evaluate(size=5)


@pytest.mark.skipif(not SAMPLE.exists(), reason='needs the sample files in ../shared')
def test_a_sample_of_the_benchmark_predicted_perfectly(tmp_path):
    path = SAMPLE / 'test_posetrack18_val.json'
    samples = []
    for ann in json.loads(path.read_text())['annotations']:
        keypoints = np.reshape(ann['keypoints'], (17, 3))
        scores = (keypoints[:, 2] > 0).astype(float)
        if scores.any():
            samples.append(
                sample(ann['id'], ann['image_id'], keypoints[:, :2], scores, ann['track_id'])
            )
    numbers = evaluate(str(path), samples, nms_mode='none', outfile_prefix=str(tmp_path))
    # predictions are of single precision
    assert numbers.pop('posetrack18/Total MOTP') == pytest.approx(100)
    assert numbers == dict.fromkeys([*AP, *MOTA, *TOTALS[1:]], 100)
    names = {re.sub(r'\.json$', '', file.name) for file in tmp_path.iterdir()}
    assert names == {'003418_mpii_test', '009473_mpii_test', '012834_mpii_test'}
