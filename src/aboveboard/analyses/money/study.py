"""One reading of the ledger for all that is asked of money: who was let down, by which causes, and what followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.money import cases as _cases
from aboveboard.analyses.money import effects
from aboveboard.analyses.money.effects import Compared, Peers
from aboveboard.analyses.money.histories import OUTCOMES, YES, histories, on_record
from aboveboard.analyses.shared import arrays, horizon
from aboveboard.ledger import epochs
from aboveboard.playbook.model import Playbook


@dataclass(frozen=True)
class Cause:
    """One cause: how many customers it ever struck, for how many days they were followed (None: too few were), its peers."""

    name: str
    struck: int
    days: int | None
    peers: Peers | None


@dataclass(frozen=True)
class Study:
    """All causes, which outcomes are on record, and the length of the record in days.

    `left_value` is the mean `value` of `customer.left` (NaN where none says one).
    """

    causes: tuple[Cause, ...]
    recorded: frozenset[str]
    days: float
    left_value: float
    playbook: Playbook = field(default_factory=Playbook)

    def compare(self, cause: Cause, weights: Mapping[str, float]) -> Compared | None:
        """The effect of a cause on a weighted sum of outcomes; None where nobody was followed."""
        if cause.peers is None:
            return None
        alone = len(weights) == 1 and next(iter(weights)) in YES and set(weights.values()) == {1.0}
        return effects.compare(cause.peers, weights, yes=alone)


def study(
    events: Any,
    promises: Any | None,
    playbook: Playbook,
    *,
    members: Any | None = None,
    as_of: datetime | None = None,
) -> Study:
    """Read the ledger. Executes several queries, of which one joins each customer's events to the cases.

    `promises` is the table of promise outcomes; `members` names the customers of known problems (problem, promise, customer),
    where that has been made. See `cases` for who is compared with whom, `histories` for what is held equal and counted.
    """
    timed, _ = horizon.until(events, as_of)
    told = [] if promises is None else [_cases.of_promises(promises)]
    told.append(_cases.of_problems(timed, told[0] if told else None, members))
    edges = arrays.cells(timed.aggregate(first=timed.at.min(), last=timed.at.max()))
    days = float(edges["last"][0] - edges["first"][0]) / _cases.DAY if len(edges["first"]) else 0.0
    recorded = frozenset(on_record(timed))
    found = told[0] if len(told) == 1 else ibis.union(*told, distinct=False)
    last = edges["last"][0] if as_of is None else epochs.micros_of(as_of)
    counts = {row["cause"]: row for row in _rows(_cases.followed(found, int(last)))}
    windows = {cause: width for cause, row in counts.items() if (width := _cases.window(row)) is not None}
    peers = _gathered(found, timed, windows, playbook, int(last))
    struck = _struck(promises, found)
    causes = (Cause(name, struck.get(name, 0), windows.get(name), peers.get(name)) for name in sorted(counts))
    return Study(tuple(causes), recorded, days, _left_value(timed), playbook)


def _gathered(found: Any, timed: Any, windows: Mapping[str, int], playbook: Playbook, end: int) -> dict[str, Peers]:
    if not windows:
        return {}
    table, covariates = histories(found, timed, windows, playbook.timezone, end)
    gathered = effects.cells(table, covariates, (*OUTCOMES, "paid"))
    return {name: Peers.of(cells, covariates) for (name,), cells in arrays.groups(gathered, "cause")}


def _struck(promises: Any | None, found: Any) -> dict[str, int]:
    """Customers ever let down: of promises in all cases, of problems in the first."""
    hit = found.filter(found.struck == 1)
    counted = {row["cause"]: row["n"] for row in _rows(hit.group_by("cause").aggregate(n=hit.customer.nunique()))}
    if promises is not None:
        counted |= {row["cause"]: row["struck"] for row in _rows(_cases.struck_customers(promises))}
    return counted


def _left_value(timed: Any) -> float:
    gone = timed.filter((timed.type == "customer.left") & (timed.value > 0))
    mean = arrays.cells(gone.aggregate(mean=gone.value.mean()))["mean"][0]
    return float("nan") if mean is None else float(mean)


def _rows(query: Any) -> list[dict[str, Any]]:
    cells = arrays.cells(query)
    return [
        dict(zip(cells, row, strict=True)) for row in zip(*(column.tolist() for column in cells.values()), strict=True)
    ]
