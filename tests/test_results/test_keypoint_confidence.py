import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import Hand3DHeatmap, MegviiHeatmap, MSRAHeatmap
from mmpose.results import keypoint_confidence, score_range_of
from mmpose.results.numbers import shortest

floats = st.floats(width=32, allow_nan=False)


def test_scores_are_stretched_and_cut():
    scores = np.array([-1, 0.5, 0.75, 1.5, 9, np.nan, np.inf, -np.inf])
    conf = keypoint_confidence(scores, (0.5, 1.5))
    assert conf.tolist() == [0, 0, 0.25, 1, 1, 0, 1, 0]
    assert conf.dtype == np.float32


@given(st.lists(floats, min_size=2), st.sampled_from([(0, 1), (0.5, 1.5), (0, 255)]))
def test_confidence_never_falls_where_scores_rise(scores, score_range):
    conf = keypoint_confidence(np.sort(np.array(scores, np.float32)), score_range)
    assert (np.diff(conf) >= 0).all()
    assert ((conf >= 0) & (conf <= 1)).all()


def test_scores_are_left_as_they_are():
    scores = np.array([2, np.nan], np.float32)
    keypoint_confidence(scores)
    np.testing.assert_array_equal(scores, [2, np.nan])


def test_a_range_has_to_rise():
    with pytest.raises(ValueError, match=r'score_range is \(1, 0\); give the lower score first'):
        keypoint_confidence(np.zeros(1), (1, 0))


def test_ranges_of_codecs():
    sizes = dict(input_size=(192, 256), heatmap_size=(48, 64))
    assert score_range_of(MSRAHeatmap(**sizes, sigma=2)) == (0, 1)
    assert score_range_of(MegviiHeatmap(**sizes, kernel_size=11)) == (0.5, 1.5)
    volume = dict(image_size=(256, 256), heatmap_size=(64, 64, 64), sigma=2.5)
    assert score_range_of(Hand3DHeatmap(**volume, max_bound=255)) == (0, 255)
    assert score_range_of(None) == (0, 1)


@settings(deadline=None)
@given(st.lists(st.floats(width=32)))
def test_short_numbers_are_the_same_float32(values):
    values = np.array(values, np.float32)
    short = shortest(values)
    np.testing.assert_array_equal(short.astype(np.float32), values)
    written = np.array([float(f'{value:.9g}') for value in short.tolist()])
    np.testing.assert_array_equal(written.astype(np.float32), values)


@pytest.mark.parametrize('text', ['0.3', '12.5', '1023.07', '-0.001', '3e-05', '123456', '0'])
def test_few_digits_stay_few(text):
    assert f'{shortest(np.float32(text)).item():.9g}' == text
