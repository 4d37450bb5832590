import numpy as np
import pytest

from mmpose.results import PoseResult, PoseResults, restricted
from mmpose.results.parts import parts_of, whole_body_fields
from mmpose.results.skeleton import from_plain, to_plain
from mmpose.structures import parse_pose_metainfo
from mmpose.structures.keypoint import WHOLEBODY_FIELDS


def definition(name):
    return parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))


WHOLE = definition('coco_wholebody')


def whole_body():
    points = np.arange(133 * 2, dtype=np.float32).reshape(1, 133, 2)
    return PoseResult(points, np.arange(133)[None] / 200, WHOLE, bboxes=[[0, 0, 1, 1]])


@pytest.mark.parametrize(
    ('dataset', 'sizes'),
    [
        ('coco_wholebody', dict(body=17, foot=6, face=68, left_hand=21, right_hand=21)),
        ('ubody2d', dict(body=17, foot=6, face=68, left_hand=21, right_hand=21)),
        ('halpe', dict(body=20, foot=6, face=68, left_hand=21, right_hand=21)),
        ('halpe26', dict(body=20, foot=6)),
        ('interhand3d', dict(left_hand=21, right_hand=21)),
        ('coco', {}),
        ('coco_wholebody_hand', {}),
        ('ap10k', {}),
        ('wflw', {}),
    ],
)
def test_parts_of_data_sets(dataset, sizes):
    halves = ('upper_body', 'lower_body')
    parts = parts_of(definition(dataset))
    assert {p: len(i) for p, i in parts.items() if p not in halves} == sizes


def test_parts_are_in_the_order_of_the_keypoints():
    parts = parts_of(WHOLE)
    assert parts['left_hand'] == list(range(91, 112))
    assert parts['right_hand'] == list(range(112, 133))
    assert parts['face'] == list(range(23, 91))
    assert parts_of(definition('coco'))['lower_body'] == list(range(11, 17))


def test_fields_of_whole_bodies():
    fields = whole_body_fields(WHOLE)
    assert {name: s.stop - s.start for name, s in fields.items()} == WHOLEBODY_FIELDS
    assert fields['lefthand_kpts'] == slice(91, 112)
    assert whole_body_fields(definition('halpe')) is None
    assert whole_body_fields(definition('coco')) is None


def test_a_part_of_a_result():
    hand = whole_body().part('left_hand')
    assert hand.names[:2] == ('left_hand_root', 'left_thumb1')
    assert hand.keypoints[0, 0].tolist() == [182, 183]
    np.testing.assert_allclose(hand.keypoint_scores[0, :2], [0.455, 0.46])
    assert hand.bboxes.tolist() == [[0, 0, 1, 1]]
    assert hand.metainfo['num_skeleton_links'] == 20
    assert (0, 1) in hand.metainfo['skeleton_links']
    assert hand.metainfo['flip_indices'] == list(range(21))
    assert hand.metainfo['keypoint_colors'].shape == (21, 3)
    assert hand.metainfo['sigmas'].tolist() == WHOLE['sigmas'][91:112].tolist()
    assert whole_body()[0].part('face').keypoints.shape == (68, 2)


def test_keypoints_in_an_order_of_ones_own():
    wrists = whole_body().part(['right_wrist', 'left_wrist', 0])
    assert wrists.names == ('right_wrist', 'left_wrist', 'nose')
    assert wrists.keypoints[0, :, 0].tolist() == [20, 18, 0]
    assert wrists.metainfo['flip_indices'] == [1, 0, 2]
    assert wrists.metainfo['flip_pairs'] == [(1, 0), (0, 1)]
    assert wrists.metainfo['upper_body_ids'] == [0, 1, 2]
    assert whole_body().part('nose').names == ('nose',)


def test_parts_of_many_results_share_their_definition():
    results = PoseResults([whole_body(), whole_body()]).part('foot')
    assert results[0].metainfo is results[1].metainfo
    assert [result.keypoints.shape for result in results] == [(1, 6, 2)] * 2


def test_unknown_parts_say_what_there_is():
    with pytest.raises(ValueError, match='neither a part nor a keypoint') as error:
        whole_body().part('left_hnad')
    told = str(error.value)
    assert "Did you mean 'left_hand'" in told
    assert 'There are body, foot, face, left_hand, right_hand, upper_body, lower_body, nose' in told
    with pytest.raises(ValueError, match=r"'tail' is no keypoint\. There are a, b\.$"):
        PoseResult([[[1, 2], [3, 4]]], [[1, 1]], ['a', 'b']).part('tail')
    with pytest.raises(IndexError, match='There is no keypoint 133; they go from 0 to 132'):
        whole_body().part([133])
    for part in ([], ['nose', 0]):
        with pytest.raises(ValueError, match='name at least one keypoint, and each once'):
            whole_body().part(part)


def test_names_alone_make_a_definition():
    meta = PoseResult(np.zeros((1, 3, 2)), np.zeros((1, 3)), ['eyeL', 'tail', 'eyeR']).metainfo
    assert meta['keypoint_name2id'] == dict(eyeL=0, tail=1, eyeR=2)
    assert meta['skeleton_links'] == []
    assert meta['keypoint_colors'].shape == (3, 3)
    with pytest.raises(ValueError, match="2 keypoints are named 'a'"):
        PoseResult(np.zeros((1, 2, 2)), np.zeros((1, 2)), ['a', 'a'])


@pytest.mark.parametrize('dataset', ['coco_wholebody', 'coco', 'wflw', 'horse10'])
def test_definitions_come_back_from_a_file(dataset):
    meta = definition(dataset)
    back = from_plain(to_plain(meta))
    assert back.keys() == meta.keys() - {'paper_info', 'stats_info'}
    for key, value in back.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == meta[key].dtype
            np.testing.assert_array_equal(value, meta[key])
        else:
            assert value == meta[key], key


def test_all_keypoints_are_the_whole_definition():
    cut = restricted(WHOLE, range(133))
    assert to_plain(cut) == to_plain(WHOLE)
