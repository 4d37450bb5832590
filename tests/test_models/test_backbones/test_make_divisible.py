import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmpose.models.backbones.utils import make_divisible


@pytest.mark.parametrize(
    ('value', 'divisor', 'expected'),
    [(35, 8, 32), (36, 8, 40), (11, 8, 16), (3, 8, 8), (24 * 0.75, 8, 24), (32, 8, 32)],
    # 11 would lose more than a tenth as 8, and 18 as 16
)
def test_nearest_multiple_that_keeps_nine_tenths(value, divisor, expected):
    assert make_divisible(value, divisor) == expected


def test_least_value_and_ratio():
    assert make_divisible(3, 8, min_value=16) == 16
    assert make_divisible(11, 8, min_ratio=0.5) == 8


@given(value=st.floats(1, 4096), divisor=st.integers(1, 32))
def test_multiple_near_the_value(value, divisor):
    channels = make_divisible(value, divisor)
    assert channels % divisor == 0
    assert 0.9 * value <= channels <= max(divisor, value + 1.5 * divisor)
