"""The section on money: its answer in words, its pictures, and what stands there where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import aboveboard as ab
from aboveboard.analyses.money import tables
from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.engines import Ledger, ledgers
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.reports.run import Results
from aboveboard.reports.sections import money
from aboveboard.simulate import planted_losses

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def shown(**tables_of: Any) -> Any:
    specs = {spec.name: spec for spec in tables.TABLES}
    held = {name: ledgers.arrow(rows_to_table(specs[name], rows)) for name, rows in tables_of.items()}
    return money.section(Results(held, (), NOW), Playbook())


def test_nobody_let_down_nothing_shown() -> None:
    assert shown() is None
    assert shown(value_at_stake=[{"cause": "promise:x", "struck_count": 0, "verdict": "not enough data"}]) is None


def test_not_enough_data_is_an_answer() -> None:
    row = {"cause": "promise:x", "struck_count": 4, "verdict": "not enough data"}
    section = shown(value_at_stake=[row], consequences=[row | {"outcome": "left", "unit": "share"}])
    assert section.answer.startswith("Too few customers")
    assert [figure.drawing for figure in section.figures] == [None, None]


@pytest.mark.parametrize(("low", "high"), [(20.0, 180.0), (-40.0, 240.0)])
def test_any_stakes_can_be_drawn(low: float, high: float) -> None:
    costs = "costs" if low > 0 else "no cost shown"
    stake = {"cause": "promise:a-b", "struck_count": 9, "value": 100.0, "low": low, "high": high, "verdict": costs}
    change = {"cause": "promise:a-b", "outcome": "left", "unit": "share", "struck_count": 9, "effect": 0.1, "effect_low": -0.1,
              "effect_high": 0.3, "verdict": "no effect shown"}  # fmt: skip
    section = shown(value_at_stake=[stake | {"not_identified": "So."}], consequences=[change])
    assert section.answer.startswith("Most with “a b”: about 100" if low > 0 else "No cost is shown")
    for figure in section.figures:
        assert figure.drawing is not None and "NaN" not in figure.drawing.wide + figure.drawing.narrow


def test_in_a_notebook() -> None:
    book = reader.read(planted_losses.playbook())
    with Ledger.of(planted_losses.events(planted_losses.customers(5, count=300))) as ledger:
        assert "on time" in (ab.money.value_at_stake(ledger, book).chart() or "")
        assert ab.money.consequences(ledger, book).to_pyarrow().num_rows == 7
