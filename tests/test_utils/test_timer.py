import pytest

from mmpose.utils import StopWatch, timer


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    now = [0.0]
    monkeypatch.setattr(timer, 'perf_counter', lambda: now[0])

    def advance(seconds):
        now[0] += seconds

    return advance


def test_means_cover_the_window(clock):
    watch = StopWatch(window=2)
    for seconds in (9.0, 0.02, 0.04):
        with watch.timeit('pose'):
            clock(seconds)
    assert watch.report() == pytest.approx(dict(pose=30))
    assert watch.report('pose') == pytest.approx(30)


def test_nested_rounds_are_frames_per_second(clock):
    watch = StopWatch()
    with watch.timeit(), watch.timeit('pose'):
        clock(0.125)
    assert watch.report() == pytest.approx({'pose': 125, '_FPS_': 8})
    assert watch.report_strings() == ['FPS: 8.0', 'pose: 125']
    watch.reset()
    assert watch.report_strings() == []


def test_a_failing_step_is_timed(clock):
    watch = StopWatch()

    def failing_step():
        with watch.timeit('pose'):
            clock(0.5)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing_step()
    assert watch.report('pose') == pytest.approx(500)


def test_errors():
    with pytest.raises(ValueError, match='window is 0'):
        StopWatch(window=0)
    with pytest.raises(KeyError, match='was never timed; there are'):
        StopWatch().report('pose')
