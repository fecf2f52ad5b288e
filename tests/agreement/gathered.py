"""Many small ledgers in one: a Spark job costs the same for one of them and for a hundred."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

Row = dict[str, Any]


def gathered(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """What hypothesis makes of the strategy, `count` times."""
    found: list[Any] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(made=strategy)
    def keep(made: Any) -> None:
        found.append(made)

    keep()
    return found


def together(ledgers: list[list[Row]]) -> list[Row]:
    """The rows of all ledgers; ids, subjects and customers of one are not those of another."""
    apart = ("id", "subject", "customer")
    return [
        {**row, **{column: f"{number:03}·{row[column]}" for column in apart if row.get(column) is not None}}
        for number, rows in enumerate(ledgers)
        for row in rows
    ]
