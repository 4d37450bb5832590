import numpy as np
import pytest
from mmengine.structures import InstanceData

from mmpose.apis import _compute_iou, _track_by_iou, _track_by_oks
from mmpose.structures import PoseDataSample


def person(box, track_id=None, **kwargs):
    x1, y1, x2, y2 = box
    grid = np.linspace(0, 1, 17)[:, None] * [x2 - x1, y2 - y1] + [x1, y1]
    sample = PoseDataSample()
    sample.pred_instances = InstanceData(
        bboxes=np.array([box], dtype=float),
        keypoints=grid[None],
        keypoint_scores=np.ones((1, 17)),
        **kwargs,
    )
    if track_id is not None:
        sample.set_field(track_id, 'track_id')
    return sample


@pytest.mark.parametrize(
    ('a', 'b', 'expected'),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 10, 10], [5, 0, 15, 10], 50 / 150),
        ([0, 0, 10, 10, 0.9], [20, 20, 30, 30, 0.8], 0.0),
        ([5, 5, 5, 5], [5, 5, 5, 5], 0.0),
    ],
)
def test_overlap(a, b, expected):
    assert _compute_iou(a, b) == pytest.approx(expected)


@pytest.mark.parametrize('track', [_track_by_iou, _track_by_oks])
def test_best_match_is_taken(track):
    last = [person([50, 50, 90, 90], 3), person([1, 1, 40, 40], 8), person([5, 0, 46, 41], 9)]
    track_id, rest, match = track(person([0, 0, 40, 40]), last, 0.3)
    assert track_id == 8
    assert match.track_id == 8
    assert [sample.track_id for sample in rest] == [3, 9]


@pytest.mark.parametrize('track', [_track_by_iou, _track_by_oks])
def test_no_match(track):
    last = [person([500, 500, 540, 540], 3)]
    assert track(person([0, 0, 40, 40]), last, 0.3) == (-1, last, {})
    assert track(person([0, 0, 40, 40]), [], 0.3) == (-1, [], {})


def test_areas_and_sigmas_set_the_scale():
    small, large = (person([0, 0, 40, 40], areas=np.array([area])) for area in (1.0, 1e6))
    last = [person([8, 0, 48, 40], 3, areas=np.array([1.0]))]
    assert _track_by_oks(small, last, 0.3)[0] == -1
    assert _track_by_oks(large, last, 0.3)[0] == 3
    last = [person([8, 0, 48, 40], 3, areas=np.array([1.0]))]
    assert _track_by_oks(small, last, 0.3, sigmas=np.full(17, 1e3))[0] == 3
