"""Golden values are the worked examples of Newcombe's two papers of 1998 (Statistics in Medicine 17)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.analyses.shared import intervals

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_examples(count: int, n: int, low: float, high: float) -> None:
    found = intervals.wilson(count, n)
    assert found == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_published_examples(
    first: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    difference, found_low, found_high = intervals.newcombe(*first, *other)
    assert difference == pytest.approx(first[0] / first[1] - other[0] / other[1])
    assert (found_low, found_high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_is_nothing_known() -> None:
    low, high = intervals.wilson([0, 5], [0, 10])
    assert np.isnan([low[0], high[0]]).all()
    assert not np.isnan([low[1], high[1]]).any()
    assert np.isnan(intervals.share(0, 0))


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_a_share(n: int, part: float) -> None:
    count = round(n * part)
    low, high = intervals.wilson(count, n)
    mirrored_low, mirrored_high = intervals.wilson(n - count, n)
    assert 0 <= low <= count / n + 1e-12
    assert count / n - 1e-12 <= high <= 1
    assert (1 - mirrored_high, 1 - mirrored_low) == pytest.approx((float(low), float(high)), abs=1e-9)
