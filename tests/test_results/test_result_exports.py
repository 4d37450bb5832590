import json

import numpy as np
import pytest
from mmengine.structures import InstanceData

from mmpose.evaluation import CocoMetric, CocoWholeBodyMetric
from mmpose.results import MissingPackageError, PoseResult, PoseResults
from mmpose.structures import PoseDataSample, parse_pose_metainfo


def definition(name):
    return parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))


COCO, WHOLE = definition('coco'), definition('coco_wholebody')


def people(meta=COCO, N=2, seed=0, **fields):
    rng = np.random.default_rng(seed)
    K = meta['num_keypoints']
    return PoseResult(
        rng.random((N, K, 2)) * 100,
        rng.random((N, K)),
        meta,
        bboxes=rng.random((N, 4)) * [9, 9, 9, 9] + [0, 0, 9, 9],
        bbox_scores=rng.random(N),
        **fields,
    )


def test_coco_of_a_small_pose():
    result = PoseResult(
        [[[1.5, 2], [np.nan, 4]]],
        [[0.5, 0.75]],
        ['a', 'b'],
        bboxes=[[1, 2, 4, 8]],
        bbox_scores=[0.25],
        frame_index=12,
    )
    entry = dict(
        image_id=12,
        category_id=1,
        keypoints=[1.5, 2, 0.5, 0, 0, 0],
        score=0.125,  # the missing keypoint does not count
        bbox=[1, 2, 3, 6],
    )
    assert result.to_coco() == [entry]
    del entry['bbox']
    assert result.to_coco('x', 3, boxes=False) == [entry | dict(image_id='x', category_id=3)]


def test_image_ids_by_default():
    def result(**fields):
        return PoseResult([[[1, 2]]], [[1]], ['a'], **fields)

    results = PoseResults(
        [
            result(source='val/000000000139.jpg'),
            result(source='4.mp4', frame_index=7),
            result(source='cat.jpg'),
            result(),
        ]
    )
    assert [entry['image_id'] for entry in results.to_coco()] == [139, 7, 2, 3]
    assert [entry['image_id'] for entry in results.to_coco(['a', 'b', 'c', 'd'])] == list('abcd')
    with pytest.raises(ValueError, match='image_ids has 2 entries for 4 results'):
        results.to_coco([1, 2])


@pytest.mark.parametrize(
    ('meta', 'metric'), [(COCO, CocoMetric), (WHOLE, CocoWholeBodyMetric)], ids=['body', 'whole']
)
def test_coco_is_what_the_metric_writes(meta, metric, tmp_path):
    result = people(meta)
    sample = PoseDataSample(metainfo=dict(id=0, img_id=5, ori_shape=(9, 9)))
    sample.pred_instances = InstanceData(
        keypoints=result.keypoints,
        keypoint_scores=result.keypoint_scores,
        bboxes=result.bboxes,
        bbox_scores=result.bbox_scores,
    )
    sample.gt_instances = InstanceData(bbox_scales=np.ones((2, 2)))
    prefix = str(tmp_path / 'out')
    metric = metric(
        format_only=True, outfile_prefix=prefix, nms_mode='none', ann_file=_empty_truth(tmp_path)
    )
    metric.dataset_meta = meta
    metric.process({}, [sample.to_dict()])
    metric.evaluate(size=1)
    written = json.loads((tmp_path / 'out.keypoints.json').read_text())
    ours = result.to_coco(5, boxes=False)
    assert [entry.keys() for entry in ours] == [entry.keys() for entry in written]
    for entry, other in zip(ours, written, strict=True):
        for key, values in entry.items():
            np.testing.assert_allclose(values, other[key], rtol=1e-6)


def _empty_truth(folder):
    file = folder / 'truth.json'
    file.write_text(json.dumps(dict(images=[], annotations=[], categories=[dict(id=1)])))
    return str(file)


def by_name(name):
    """The keypoint of COCO-WholeBody in a row of x, y, confidence."""
    k = WHOLE['keypoint_name2id'][name]
    return [k, k + 0.5, 0.5]


def whole_body(**fields):
    points = np.arange(133, dtype=np.float32)
    points = np.stack([points, points + 0.5], axis=-1)[None]
    return PoseResult(points, np.full((1, 133), 0.5), WHOLE, **fields)


def test_openpose_of_a_whole_body():
    content = whole_body(track_ids=[3]).to_openpose()
    assert content['version'] == 1.3
    (person,) = content['people']
    body = np.reshape(person['pose_keypoints_2d'], (25, 3)).tolist()
    assert body[0] == by_name('nose')
    assert body[1] == [5.5, 6, 0.5]  # shoulders are keypoints 5 and 6
    assert body[2] == by_name('right_shoulder')
    assert body[7] == by_name('left_wrist')
    assert body[8] == [11.5, 12, 0.5]  # hips are keypoints 11 and 12
    assert body[11] == by_name('right_ankle')
    assert body[15:19] == [by_name(n) for n in ('right_eye', 'left_eye', 'right_ear', 'left_ear')]
    assert body[19] == by_name('left_big_toe')
    assert body[24] == by_name('right_heel')
    face = np.reshape(person['face_keypoints_2d'], (70, 3)).tolist()
    assert face[67:] == [by_name('face-67'), by_name('right_eye'), by_name('left_eye')]
    left = np.reshape(person['hand_left_keypoints_2d'], (21, 3)).tolist()
    assert left[0] == by_name('left_hand_root')
    assert left[20] == by_name('left_pinky_finger4')
    assert len(person['hand_right_keypoints_2d']) == 63
    assert person['person_id'] == [3]
    assert list(person) == [
        'person_id',
        'pose_keypoints_2d',
        'face_keypoints_2d',
        'hand_left_keypoints_2d',
        'hand_right_keypoints_2d',
        'pose_keypoints_3d',
        'face_keypoints_3d',
        'hand_left_keypoints_3d',
        'hand_right_keypoints_3d',
    ]


def test_openpose_of_coco_has_no_feet_and_18_points_if_asked():
    result = people(N=1)
    (person,) = result.to_openpose()['people']
    assert person['pose_keypoints_2d'][57:] == [0] * 18
    assert person['person_id'] == [-1]
    assert person['face_keypoints_2d'] == person['hand_left_keypoints_2d'] == []
    (person,) = result.to_openpose(body='BODY_18')['people']
    body = np.reshape(person['pose_keypoints_2d'], (18, 3))
    knee = [*result.keypoints[0, 13], result.keypoint_scores[0, 13]]
    np.testing.assert_allclose(body[12], knee, rtol=1e-6)
    with pytest.raises(ValueError, match="body is 'MPI', but must be one of 'BODY_25', 'BODY_18'"):
        result.to_openpose(body='MPI')


def test_openpose_leaves_out_what_is_missing():
    points, scores = np.ones((1, 17, 2)), np.full((1, 17), 0.25)
    points[0, 5] = np.nan  # a shoulder, so that there is no neck
    scores[0, 11] = 0.125
    (person,) = PoseResult(points, scores, COCO).to_openpose()['people']
    body = np.reshape(person['pose_keypoints_2d'], (25, 3)).tolist()
    assert body[1] == body[5] == [0, 0, 0]
    assert body[8] == [1, 1, 0.125]


def test_openpose_takes_the_neck_and_the_wrists_of_the_model():
    halpe = definition('halpe26')
    points = np.arange(26, dtype=float)[None, :, None].repeat(2, axis=2)
    (person,) = PoseResult(points, np.ones((1, 26)), halpe).to_openpose()['people']
    body = np.reshape(person['pose_keypoints_2d'], (25, 3))
    assert body[1, 0] == halpe['keypoint_name2id']['neck']
    assert body[8, 0] == halpe['keypoint_name2id']['hip']
    hands = definition('interhand3d')
    points = np.arange(42, dtype=float)[None, :, None].repeat(3, axis=2)
    (person,) = PoseResult(points, np.ones((1, 42)), hands).to_openpose()['people']
    index = hands['keypoint_name2id']
    assert person['hand_right_keypoints_2d'][0] == index['right_wrist']
    assert person['hand_right_keypoints_2d'][3] == index['right_thumb1']


def test_openpose_files(tmp_path):
    results = PoseResults([people(source='in/clip.mp4', frame_index=i) for i in (0, 7)])
    contents = results.to_openpose(tmp_path / 'new')
    names = ['clip_000000000000_keypoints.json', 'clip_000000000007_keypoints.json']
    assert sorted(path.name for path in (tmp_path / 'new').iterdir()) == names
    assert json.loads((tmp_path / 'new' / names[1]).read_text()) == contents[1]
    people(source='dog.jpg').to_openpose(tmp_path)
    people().to_openpose(tmp_path)
    names = {path.name for path in tmp_path.glob('*.json')}
    assert names == {'dog_keypoints.json', '000000000000_keypoints.json'}
    same = PoseResults([people(source='a/1.jpg'), people(source='b/1.jpg')])
    with pytest.raises(ValueError, match=r'would be written to 1_keypoints\.json'):
        same.to_openpose(tmp_path)


def test_openpose_knows_people_only():
    with pytest.raises(ValueError, match=r'None of the keypoints \(kpt-0, .* only people can'):
        people(definition('wflw')).to_openpose()


def test_a_picture_without_people():
    empty = people(N=0)
    assert empty.to_coco() == []
    assert empty.to_openpose() == dict(version=1.3, people=[])
    assert empty.to_dict()['instances'] == []


def test_data_frame():
    pd = pytest.importorskip('pandas')
    results = PoseResults(
        [people(N=2, source='a.mp4', frame_index=0, timestamp=0.0, size=(3, 4)), people(N=0)]
    )
    frame = results.to_dataframe()
    assert len(frame) == 2 * 17 + 1
    row = frame.iloc[17 + 3]
    assert (row.frame, row.source, row.timestamp, row.instance) == (0, 'a.mp4', 0, 1)
    assert row.keypoint == 'left_ear'
    assert row.x == results[0].keypoints[1, 3, 0]
    assert row.box_score == results[0].bbox_scores[1]
    assert (row.height, row.width) == (3, 4)
    assert frame.iloc[-1].isna().all()
    assert frame.track.isna().all()
    assert list(frame.keypoint.cat.categories) == list(results[0].names)
    assert str(frame.instance.dtype) == 'Int64'
    assert frame.x.dtype == np.float32
    assert results[0].to_dataframe().equals(frame.iloc[:34])
    assert PoseResults().to_dataframe().empty
    means = frame.groupby('keypoint', observed=True).x.mean()
    assert means['nose'] == pytest.approx(results[0]['nose'][:, 0].mean())
    assert isinstance(frame, pd.DataFrame)


def test_a_table_is_of_one_kind():
    results = PoseResults([people(), people(WHOLE)])
    with pytest.raises(ValueError, match='after 17 keypoints in 2D come 133 keypoints in 2D'):
        results.to_csv()


def test_supervision():
    sv = pytest.importorskip('supervision')
    result = people(track_ids=[4, 5])
    result.keypoints[0, 0] = np.nan
    points = result.to_supervision()
    assert isinstance(points, sv.KeyPoints)
    assert points.xy.shape == (2, 17, 2)
    assert points.xy[0, 0].tolist() == [0, 0]
    assert points.keypoint_confidence[0, 0] == 0
    np.testing.assert_array_equal(points.keypoint_confidence[1], result.keypoint_conf[1])
    np.testing.assert_array_equal(points.xy[1], result.keypoints[1])
    assert points.data['track_id'].tolist() == [4, 5]
    drawn = sv.VertexAnnotator(radius=3).annotate(np.zeros((120, 120, 3), np.uint8), points)
    assert drawn.any()
    assert len(PoseResults([result, people(N=0)]).to_supervision()[1]) == 0


@pytest.mark.parametrize(
    ('package', 'export'),
    [
        ('pandas', PoseResult.to_dataframe),
        ('supervision', PoseResult.to_supervision),
        ('pyarrow', lambda result: result.save('never.parquet')),
    ],
)
def test_a_missing_package_is_named(package, export, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, package, None)
    with pytest.raises(MissingPackageError, match=f'install it with `pip install {package}`'):
        export(people())
