from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.evaluation.functional import MotFrame, clear_mot

INF = np.inf


def frame(objects, hypotheses, distances):
    """A frame of points of one kind, from ids and distances (G, H)."""
    G, H = len(objects), len(hypotheses)
    distances = np.array(distances, float).reshape(G, H)
    return MotFrame(
        object_ids=np.array(objects, int),
        hypothesis_ids=np.array(hypotheses, int),
        objects=np.ones((G, 1), bool),
        hypotheses=np.ones((H, 1), bool),
        distances=distances.T[..., None],
    )


def counts_of(frames):
    """Objects, hypotheses, matches, switches, and the sum of distances."""
    counts = clear_mot(frames)
    values = (counts.objects, counts.hypotheses, counts.matches, counts.switches)
    return *(int(value[0]) for value in values), round(float(counts.distance[0]), 9)


def test_one_switch_one_miss_and_one_false_positive_by_hand():
    counts = clear_mot(
        [
            frame([1, 2], [11, 12], [[0.1, INF], [INF, 0.2]]),
            frame([1, 2], [11], [[0.1], [INF]]),  # 2 is missed
            frame([1, 2], [13, 12], [[0.1, INF], [INF, 0.2]]),  # 1 goes from 11 to 13
            frame([1, 2], [13, 12, 14], [[0.1, INF, INF], [INF, 0.2, INF]]),  # 14 is nobody
        ]
    )
    assert (counts.objects, counts.hypotheses, counts.matches) == (8, 8, 7)
    assert (counts.misses, counts.false_positives, counts.switches) == (1, 1, 1)
    numbers = counts.numbers()
    assert numbers['MOTA'] == 100 * (1 - (1 + 1 + 1) / 8)  # 62.5
    # 1 is matched four times at 0.1, 2 three times at 0.2
    np.testing.assert_allclose(numbers['MOTP'], 100 * (1 - (4 * 0.1 + 3 * 0.2) / 7))
    np.testing.assert_allclose([numbers['precision'], numbers['recall']], 100 * 7 / 8)


def test_the_correspondence_of_the_previous_frame_beats_a_nearer_hypothesis():
    first = frame([1], [11], [[0.1]])
    assert counts_of([first, frame([1], [12, 11], [[0.0, 0.4]])]) == (2, 3, 2, 0, 0.5)
    # where it cannot be kept the object switches
    assert counts_of([first, frame([1], [12, 11], [[0.0, INF]])]) == (2, 3, 2, 1, 0.1)


def test_a_correspondence_outlasts_frames_without_it():
    first, later = frame([1], [11], [[0.1]]), frame([1], [12, 11], [[0.0, 0.4]])
    assert counts_of([first, frame([1], [], []), later]) == (3, 3, 2, 0, 0.5)
    assert counts_of([first, frame([], [11], []), later]) == (2, 4, 2, 0, 0.5)


def test_of_two_objects_that_had_a_hypothesis_the_latest_keeps_it():
    frames = [
        frame([1], [11], [[0.0]]),
        frame([2], [11], [[0.0]]),  # an object's first hypothesis is no switch
        frame([1, 2], [11, 12], [[0.0, 0.3], [0.2, 0.1]]),
    ]
    # 2 keeps 11 at 0.2, 1 has to switch to 12 at 0.3
    assert counts_of(frames) == (4, 4, 4, 1, 0.5)
    assert counts_of([*frames[:2], frame([2, 1], [12, 11], [[0.1, 0.2], [0.3, 0.0]])])[3:] == (
        1,
        0.5,
    )


def test_the_total_distance_decides_and_no_pair_is_given_up_for_it():
    # the nearest pair first would cost 0.1 + 0.5
    assert counts_of([frame([1, 2], [11, 12], [[0.1, 0.2], [0.2, 0.5]])]) == (2, 2, 2, 0, 0.4)
    # one pair alone would cost 0.1
    assert counts_of([frame([1, 2], [11, 12], [[0.1, 0.4], [0.45, INF]])]) == (2, 2, 2, 0, 0.85)


def test_points_are_tracked_apart_and_videos_add_up():
    both = MotFrame(
        object_ids=np.array([1]),
        hypothesis_ids=np.array([11]),
        objects=np.array([[True, False, True]]),
        hypotheses=np.array([[True, True, False]]),
        distances=np.array([[[0.25, INF, INF]]]),
    )
    numbers = (clear_mot([both]) + clear_mot([both, both])).numbers()
    np.testing.assert_array_equal(numbers['MOTA'], [100, np.nan, 0])
    np.testing.assert_array_equal(numbers['MOTP'], [75, np.nan, 0])
    np.testing.assert_array_equal(numbers['precision'], [100, np.nan, 0])
    np.testing.assert_array_equal(numbers['recall'], [100, np.nan, 0])


def test_a_video_without_people_or_predictions():
    assert counts_of([frame([], [], [])]) == (0, 0, 0, 0, 0.0)
    assert counts_of([frame([], [11], [])]) == (0, 1, 0, 0, 0.0)


def slow_counts(frames, j):
    """The counts of one point by the definition, with every assignment tried out."""
    matches = switches = total = 0
    last, time_of = {}, {}
    for time, now in enumerate(frames):
        near = {
            (o, h): now.distances[b, a, j]
            for a, o in enumerate(now.object_ids.tolist())
            for b, h in enumerate(now.hypothesis_ids.tolist())
            if np.isfinite(now.distances[b, a, j])
        }
        pairs = {}
        for o in sorted(last, key=lambda o: -time_of[o]):
            if (o, last[o]) in near and last[o] not in pairs.values():
                pairs[o] = last[o]
        open_objects = sorted({o for o, _ in near} - pairs.keys())
        open_hypotheses = sorted({h for _, h in near} - set(pairs.values()))
        best = (0, 0.0, {})
        for chosen in permutations([*open_hypotheses, *[None] * len(open_objects)]):
            trial = {
                o: h
                for o, h in zip(open_objects, chosen, strict=False)
                if h is not None and (o, h) in near
            }
            cost = sum(near[pair] for pair in trial.items())
            if (-len(trial), cost) < best[:2]:
                best = (-len(trial), cost, trial)
        for o, h in [*pairs.items(), *best[2].items()]:
            switches += o in last and last[o] != h
            last[o], time_of[o] = h, time
            matches += 1
            total += near[o, h]
    return matches, switches, total


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_counts_are_those_of_a_slow_implementation(seed):
    rng = np.random.default_rng(seed)
    frames = []
    for _ in range(6):
        G, H = rng.integers(0, 4, 2)
        distances = rng.random((H, G, 2))
        objects, hypotheses = rng.random((G, 2)) < 0.9, rng.random((H, 2)) < 0.9
        far = (distances > 0.7) | ~objects | ~hypotheses[:, None]
        frames.append(
            MotFrame(
                object_ids=rng.permutation(4)[:G],
                hypothesis_ids=rng.permutation(5)[:H] - 1,
                objects=objects,
                hypotheses=hypotheses,
                distances=np.where(far, INF, distances),
            )
        )
    counts = clear_mot(frames)
    assert counts.objects.tolist() == sum(f.objects.sum(0) for f in frames).tolist()
    assert counts.hypotheses.tolist() == sum(f.hypotheses.sum(0) for f in frames).tolist()
    for j in range(2):
        matches, switches, total = slow_counts(frames, j)
        assert (counts.matches[j], counts.switches[j]) == (matches, switches)
        np.testing.assert_allclose(counts.distance[j], total)
