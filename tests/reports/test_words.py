"""Numbers as the report says them."""

from __future__ import annotations

import math

import pytest

from aboveboard.reports import words


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0.5, "30 s"), (45, "45 min"), (200, "3 h 20 min"), (180, "3 h"), (15 * 60 + 20, "15 h"), (2880, "2 days"),
        (4000, "2.8 days"), (30 * 1440, "30 days"), (-90, "−1 h 30 min"), (None, "–"), (math.nan, "–"), (59.7, "60 min"),
    ],
)  # fmt: skip
def test_duration(minutes: float | None, said: str) -> None:
    assert words.duration(minutes) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.613, "61 %"),
        (0.996, "99.6 %"),
        (0.004, "0.4 %"),
        (0.9996, "99.96 %"),
        (0.0004, "0.04 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (None, "–"),
    ],
)
def test_share(value: float | None, said: str) -> None:
    assert words.share(value) == said


def test_interval() -> None:
    assert words.interval(0.54, 0.68) == "54–68 %"
    assert words.interval(0.992, 0.998) == "99.2–99.8 %"
    assert words.interval(None, 0.5) == ""
    assert words.interval(120, 200, "minutes") == "2 h – 3 h 20 min"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1053.2, "1,053"),
        (0.01234, "0.0123"),
        (99.96, "100"),
        (8.6e-19, "0"),
        (-2.5, "-2.5"),
        (0.5, "0.5"),
        (64.0, "64"),
    ],
)
def test_number(value: float, said: str) -> None:
    assert words.number(value) == said
