"""What is asked of contacts and cases, and the cells of each answer: the engine counts, whatever the number of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from aboveboard.analyses.attribution import components
from aboveboard.analyses.attribution.design import Design
from aboveboard.analyses.shared import horizon
from aboveboard.analyses.shared.arrays import Array
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Measure, Playbook

Kind = Literal["yes or no", "number"]
LEAST_CASES = 100
"""An outcome of fewer cases is not split."""
LEAST_EITHER = 10
"""Nor one that fewer than these have, or fewer lack."""
LEAST_KNOWN = 50
"""A component known of fewer cases is left out."""
ALIKE = 1e-12
"""All cases have the same where so little of their squares is left beside their mean's."""


@dataclass(frozen=True)
class Outcome:
    """One question of every case: its name, its kind, and the cases with `y` (0 or 1; a number) and the components as text."""

    name: str
    kind: Kind
    cases: Any


@dataclass(frozen=True)
class Cells:
    """The cases of one outcome, gathered where all components are the same.

    `count`, `total` and `squares` (of y) per cell, float64. `left_out` are components that a model cannot hold, and why.
    """

    outcome: str
    kind: Kind
    design: Design
    count: Array
    total: Array
    squares: Array
    left_out: Mapping[str, str]


def outcomes(events: Any, promises: Any, playbook: Playbook, *, as_of: datetime | None) -> Iterator[Outcome]:
    """Every outcome of a run. `promises` is the table of that name, or None; `as_of` defaults to the last event's time.

    - `resolved`: of `contact.ended` with one of the vocabulary's outcomes;
    - `promise kept`: of promises that ended, in the circumstances in which they were made;
    - `exception granted`: of requests decided;
    - `minutes`: of `contact.ended` with a value above 0, on a log scale;
    - `survey <measure>`: of answers on the scale of a measure of the playbook.
    """
    timed = components.with_band(horizon.until(events, as_of)[0], playbook)
    ended = timed.filter(timed.type == "contact.ended")
    answered = ended.filter(ended.outcome.isin(["resolved", "unresolved", "abandoned"]))
    yield _of(answered, "resolved", "yes or no", _number(answered.outcome == "resolved"))
    if promises is not None:
        yield _kept(timed, promises)
    decided = timed.filter(timed.type.isin(["exception.granted", "exception.denied"]))
    yield _of(decided, "exception granted", "yes or no", _number(decided.type == "exception.granted"))
    lasted = ended.filter(ended.value > 0)
    yield _of(lasted, "minutes", "number", lasted.value.ln())
    for measure in playbook.measures.values():
        rated = timed.filter(timed.type == "survey.answered", timed.outcome == measure.name, _on_scale(timed, measure))
        yield _of(rated, f"survey {measure.name}", "number", rated.value)


def _of(events: Any, name: str, kind: Kind, y: Any) -> Outcome:
    return Outcome(name, kind, events.select(y=y.cast("float64"), **components.of_events(events)))


def _kept(events: Any, promises: Any) -> Outcome:
    """Promises with the circumstances of the event that started them."""
    ended = promises.filter(promises.outcome.isin(["kept", "late", "broken"]))
    ended = ended.select("promise", kept=_number(ended.outcome == "kept"), started="event")
    joined = ended.inner_join(events, [("started", "id")])
    names = components.of_events(joined)
    return Outcome(
        "promise kept", "yes or no", joined.select(y=joined.kept.cast("float64"), promise=joined.promise, **names)
    )


def _number(condition: Any) -> Any:
    return condition.ifelse(1, 0)


def _on_scale(events: Any, measure: Measure) -> Any:
    low, high = measure.scale
    return events.value.between(low, high)


def cells(outcome: Outcome) -> Cells | None:
    """The cells of one outcome; None where there are too few cases, or all are alike. The engine reads the cases once."""
    names = [name for name in components.NAMES if name in outcome.cases.columns]
    table = ledgers.sums_by(outcome.cases, names, "y")
    facts = _facts(table, names)
    if not _enough(facts, outcome.kind):
        return None
    usable = [name for name in names if facts[f"{name}_known"] >= LEAST_KNOWN and facts[f"{name}_levels"] > 1]
    left_out = {name: _why(facts, name) for name in names if name not in usable and facts[f"{name}_known"]}
    return _gathered(outcome, table, usable, left_out) if usable else None


def _facts(table: pa.Table, names: Sequence[str]) -> Mapping[str, float]:
    """Cases in all, their total and squares, and per component: of how many it is known, and its levels."""
    n = np.asarray(table["n"].to_numpy(), dtype=np.float64)
    facts = {"n": n.sum()} | {
        name: np.nansum(table[name].to_numpy().astype(np.float64)) for name in ("total", "squares")
    }
    for name in names:
        facts[f"{name}_known"] = n[table[name].is_valid().to_numpy()].sum()
        facts[f"{name}_levels"] = len(table[name].unique().drop_null())
    return facts


def _enough(facts: Mapping[str, float], kind: Kind) -> bool:
    n, total = facts["n"], facts["total"]
    if n < LEAST_CASES or facts["squares"] - total**2 / n <= ALIKE * facts["squares"]:
        return False
    return kind == "number" or LEAST_EITHER <= total <= n - LEAST_EITHER


def _why(facts: Mapping[str, float], name: str) -> str:
    return "all cases have the same" if facts[f"{name}_levels"] == 1 else f"known of fewer than {LEAST_KNOWN} cases"


def _gathered(outcome: Outcome, table: pa.Table, names: list[str], left_out: Mapping[str, str]) -> Cells:
    """Cells and levels in an order that hangs on their numbers: sums come out the same on every engine, under any names."""
    sums = [np.asarray(table[name].to_numpy(), dtype=np.float64) for name in ("n", "total", "squares")]
    coded = [_coded(name, table[name], sums) for name in names]
    codes = tuple(codes for _, codes in coded)
    if left_out:
        codes, sums = _merged(codes, sums)
    count, total, squares = sums
    order = np.lexsort([squares, total, count, *codes])
    ordered = tuple(code[order] for code in codes)
    design = Design(tuple(names), tuple(levels for levels, _ in coded), ordered, np.ones((len(order), 1)))
    return Cells(outcome.name, outcome.kind, design, count[order], total[order], squares[order], left_out)


def _merged(codes: Sequence[Array], sums: Sequence[Array]) -> tuple[tuple[Array, ...], list[Array]]:
    """Cells that differed only in what is left out, as one."""
    keys, place = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    return tuple(keys.T), [np.bincount(place.reshape(-1), each) for each in sums]


def _coded(component: str, column: pa.ChunkedArray, numbers: Sequence[Array]) -> tuple[tuple[str, ...], Array]:
    """The distinct texts, those with the fewest cases first, and the place of each row's: their number where it is absent."""
    encoded = column.combine_chunks().dictionary_encode()
    names = [components.readable(component, level) for level in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(names)).to_numpy()
    sums = [np.bincount(codes, number, len(names) + 1) for number in numbers]
    order = sorted(
        range(len(names)), key=lambda place: (*(round(float(each[place]), 6) for each in sums), names[place])
    )
    place = np.empty(len(names) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(names)), len(names)
    return tuple(names[number] for number in order), place[codes]
