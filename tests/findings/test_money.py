"""Findings about money: what is said, how doubt is said with it, and when nothing is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aboveboard.analyses.money import tables
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import ledgers
from aboveboard.findings import money
from aboveboard.findings.model import Finding
from aboveboard.playbook import reader

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BOOK = reader.read(
    "promises: {there: {says: There in two days., starts: type = 'a', kept_by: type = 'b', within: 2 days}}"
)
STAKE = {
    "cause": "promise:there", "promise": "there", "owner": "ops", "struck_count": 498, "followed_count": 237,
    "window_days": 30, "basis": "left", "worth": 675.3, "value": 40674.7, "low": 25931.3, "high": 55418.1,
    "value_yearly": 249699.5, "not_identified": "Customers differ.", "verdict": "costs",
}  # fmt: skip
LEFT = {
    "cause": "promise:there", "outcome": "left", "window_days": 30, "struck_count": 237, "struck_mean": 0.12, "effect": 0.1,
    "effect_low": 0.06, "effect_high": 0.14, "e_value_limit": 2.5, "verdict": "more",
}  # fmt: skip


def found(spec: Any, *rows: dict[str, Any]) -> list[Finding]:
    return list(money.findings({spec.name: ledgers.arrow(rows_to_table(spec, rows))}, BOOK, as_of=NOW))


def test_what_is_at_stake() -> None:
    (one,) = found(tables.VALUE_AT_STAKE, STAKE)
    assert one.sentence == (
        "Customers to whom “There in two days” was not kept: about 40,700 at stake (25,900 to 55,400) with 498 customers, "
        "250,000 a year at this pace. Read from who leaves within 30 days, at 675 each. Customers differ."
    )
    assert (one.owner, one.evidence.n, one.evidence.unit) == ("ops", 237, "money")
    for quiet in ("no cost shown", "not enough data"):
        assert found(tables.VALUE_AT_STAKE, STAKE | {"verdict": quiet}) == []


def test_customers_who_leave() -> None:
    (one,) = found(tables.CONSEQUENCES, LEFT)
    assert "within 30 days 12 % left, and 2 % of customers like them: 10 of 100 more (6–14)." in one.sentence
    assert "a risk ratio of 2.5 with both" in one.sentence
    again = LEFT | {
        "outcome": "bought again",
        "effect": -0.05,
        "effect_low": -0.08,
        "effect_high": -0.02,
        "verdict": "less",
    }
    (one,) = found(tables.CONSEQUENCES, again | {"cause": "problem:P1"})
    assert one.sentence.startswith("Customers struck by the problem “P1”:") and "5 of 100 fewer (2–8)" in one.sentence
    for quiet in (LEFT | {"verdict": "less"}, LEFT | {"outcome": "contacts"}, LEFT | {"verdict": "no effect shown"}):
        assert found(tables.CONSEQUENCES, quiet) == []


@pytest.mark.parametrize(("value", "said"), [(40674.7, "40,700"), (-1234.0, "−1,230"), (7.4, "7"), (0.0, "0")])
def test_money_is_said_with_three_digits(value: float, said: str) -> None:
    assert money.amount(value) == said
