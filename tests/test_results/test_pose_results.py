import numpy as np
import pytest

from mmpose.results import PoseResult, PoseResults


def frame(index, ids, x=0.0, **fields):
    N = len(ids)
    points = np.full((N, 2, 2), index, np.float32) + np.array(ids, np.float32)[:, None, None] + x
    return PoseResult(
        points,
        np.full((N, 2), 0.5),
        ['a', 'b'],
        bboxes=np.full((N, 4), index),
        bbox_scores=np.full(N, 0.75),
        track_ids=ids,
        frame_index=index * 2,
        timestamp=index / 4,
        **fields,
    )


def test_a_sequence():
    results = PoseResults(frame(i, [0]) for i in range(4))
    assert len(results) == 4
    assert results[-1].frame_index == 6
    assert isinstance(results[1:], PoseResults)
    assert [result.frame_index for result in results[1:3]] == [2, 4]
    assert repr(results) == 'PoseResults(4 results, 4 poses)'
    assert results == PoseResults(frame(i, [0]) for i in range(4))
    assert results != results[1:]
    assert results != 3
    assert results.index(frame(2, [0])) == 2
    with pytest.raises(TypeError, match='holds PoseResult, not dict'):
        PoseResults([{}])


def test_tracks_have_a_row_for_each_result_between_their_ends():
    results = PoseResults([frame(0, [5]), frame(1, [9, 5]), frame(2, []), frame(3, [5, -1])])
    tracks = results.by_track()
    assert sorted(tracks) == [5, 9]
    track = tracks[5]
    assert (track.track_id, track.start, len(track)) == (5, 0, 4)
    assert track.keypoints.shape == (4, 2, 2)
    np.testing.assert_array_equal(track.keypoints[:, 0, 0], [5, 6, np.nan, 8])
    np.testing.assert_array_equal(track.keypoint_scores[:, 1], [0.5, 0.5, np.nan, 0.5])
    np.testing.assert_array_equal(track.bboxes[:, 0], [0, 1, np.nan, 3])
    assert track.frame_indices.tolist() == [0, 2, 4, 6]
    assert track.timestamps.tolist() == [0, 0.25, 0.5, 0.75]
    assert track.keypoints_3d is None
    assert (tracks[9].start, len(tracks[9])) == (1, 1)
    assert tracks[9].keypoints[0, 0, 0] == 10


def test_tracks_of_nobody():
    assert PoseResults().by_track() == {}
    assert PoseResults([frame(0, [])]).by_track() == {}
    assert PoseResults([frame(0, [-1])]).by_track() == {}


def test_what_keeps_tracks_from_being_told():
    untracked = PoseResult(np.zeros((1, 2, 2)), np.zeros((1, 2)), ['a', 'b'])
    with pytest.raises(ValueError, match='no track_ids; predict with a tracker'):
        PoseResults([frame(0, [1]), untracked]).by_track()
    with pytest.raises(ValueError, match='Result 1 has track 4 twice'):
        PoseResults([frame(0, []), frame(1, [4, 4])]).by_track()
    with pytest.raises(ValueError, match='different keypoints'):
        PoseResults([frame(0, [1]), frame(1, [1]).part('a')]).by_track()


def test_videos_apart():
    results = PoseResults([frame(0, [1], source='a'), frame(1, [1], source='b'), frame(2, [1])])
    sources = results.by_source()
    assert {source: len(part) for source, part in sources.items()} == {'a': 1, 'b': 1, None: 1}
    assert sources['b'][0] == results[1]


def test_filter_and_parts_of_all():
    results = PoseResults([frame(0, [1, 2]), frame(1, [1])])
    assert [len(result) for result in results.filter(min_score=0.8)] == [0, 0]
    assert [len(result) for result in results.filter(min_conf=0.5)] == [2, 1]
    assert results.part('b')[0].names == ('b',)
    assert len(PoseResults().part('b')) == 0


def test_plain_values():
    results = PoseResults([frame(0, [1]), frame(1, [])])
    assert [plain['frame_index'] for plain in results.to_dict()] == [0, 2]
    assert [len(entry['keypoints']) for entry in results.to_coco()] == [6]
