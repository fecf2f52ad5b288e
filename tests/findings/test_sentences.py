from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aboveboard.findings import sentences


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.614, "61 %"),
        (1, "100 %"),
        (0, "0 %"),
        (0.998, "99.8 %"),
        (0.99943, "99.94 %"),
        (0.00013, "0.01 %"),
        (0.99, "99 %"),
    ],
)
def test_some_is_never_called_all_or_none(share: float, words: str) -> None:
    assert sentences.percent(share) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.54, 0.68, "54–68 %"),
        (0.0176, 0.0236, "1.8–2.4 %"),
        (0.82, 0.8201, "82.0 %"),
        (0, 0, "0 %"),
        (0.99, 1, "99–100 %"),
    ],
)
def test_an_interval_always_has_two_ends_that_differ_where_it_has_any(low: float, high: float, words: str) -> None:
    assert sentences.percent_range(low, high) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.4, "less than a minute"),
        (1, "1 minute"),
        (59.6, "1 hour"),
        (70, "1 h 10 min"),
        (120, "2 hours"),
        (2880, "2 days"),
        (2160, "1.5 days"),
        (-70, "1 h 10 min"),
    ],
)
def test_durations(minutes: float, words: str) -> None:
    assert sentences.duration(minutes) == words


def test_lists_count_what_is_too_much() -> None:
    assert sentences.listed([]) == ""
    assert sentences.listed(["a"]) == "a"
    assert sentences.listed(["a", "b", "c"]) == "a, b and c"
    assert sentences.listed([str(n) for n in range(9)], most=3) == "0, 1 and 7 others"


@pytest.mark.parametrize(
    ("subjects", "noun"),
    [
        (["order:1", "order:2"], ("order", "orders")),
        (["order:1", "case:2"], ("case", "cases")),
        (["box:1"], ("box", "boxes")),
        ([None, "x"], ("case", "cases")),
        (["1234"], ("case", "cases")),
        (["SR:1"], ("case", "cases")),
        ([], ("case", "cases")),
    ],
)
def test_cases_are_called_by_their_type_where_it_is_one(subjects: list[str | None], noun: tuple[str, str]) -> None:
    assert sentences.noun(subjects) == noun


def test_hours_are_said_as_stretches() -> None:
    assert sentences.hours([18, 16, 17, 21]) == "16:00–19:00 and 21:00–22:00"


def test_moments_are_local() -> None:
    at = datetime(2025, 11, 21, 0, 15, tzinfo=UTC)
    assert sentences.moment(at, ZoneInfo("America/New_York")) == "20 Nov 2025 19:15"
    assert sentences.day(at, ZoneInfo("UTC")) == "21 Nov 2025"


def test_money() -> None:
    assert [sentences.money(1035.4, code) for code in ("GBP", "EUR", "CHF", "")] == [
        "£1,035",
        "€1,035",
        "1,035 CHF",
        "1,035",
    ]
    assert sentences.money(-20, "EUR") == "−€20"
    assert sentences.money_range(1035, 1099, "GBP") == "£1,035–1,099"
    assert sentences.money_range(1035, 1099, "CHF") == "1,035–1,099 CHF"
    assert sentences.money_range(8, 12, "") == "8–12"
    assert sentences.money_range(8.2, 8.4, "EUR") == "€8"
    assert sentences.money_range(-5, 12, "EUR") == "−€5 to €12"
