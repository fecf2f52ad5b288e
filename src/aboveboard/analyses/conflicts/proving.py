"""The proof of a playbook as tables: no events are needed for these."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aboveboard.analyses.conflicts import authority
from aboveboard.analyses.conflicts.tables import BOXES, EDITS, REMARKS
from aboveboard.analyses.shared import arrays

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook
    from aboveboard.prover import Conflict, Limits, Proof
    from aboveboard.prover.regions import Box

_YEAR = timedelta(days=366)
JOINT = " + "


def proof(playbook: Playbook, *, as_of: datetime, limits: Limits | None = None) -> Proof:
    """The proof of a playbook; opening hours count for the year before `as_of`. One of the same playbook is not made twice."""
    from aboveboard.prover import prove

    day = as_of.astimezone(playbook.timezone).date()
    between = (day - _YEAR, day) if any(fact.calendar for fact in playbook.situation.values()) else None
    return prove(playbook, between=between, limits=limits) if limits else _proved(_Book(playbook), between)


class _Book:
    """A playbook that is equal to another where it reads the same."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook, self.text = playbook, repr(playbook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Book) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=8)
def _proved(book: _Book, between: tuple[date, date] | None) -> Proof:
    from aboveboard.prover import prove

    return prove(book.playbook, between=between)


def edits(proof: Proof) -> Any:
    """The edits that free each conflict: table EDITS."""
    from aboveboard.prover.proof import edit_as_dict

    names = EDITS.columns[1:]
    found = [({"rules": each.key}, edit_as_dict(edit)) for each in proof.conflicts for edit in each.edits]
    return arrays.rows_to_table(EDITS, [key | {name: row[name] for name in names} for key, row in found])


def remarks(proof: Proof, events: Any | None = None) -> Any:
    """What else the rules show: table REMARKS. What had no answer in time is said as `not decided`.

    With `events` also authority that was asked for and that nobody on record holds.
    """
    from aboveboard.prover import telling

    rows = [
        {
            "kind": each.kind, "rules": JOINT.join(each.rules) or None, "by": JOINT.join(each.by) or None, "fact": each.fact,
            "when": each.when.sql if each.when else None,
            "sample": json.dumps(telling.plain(each.sample), ensure_ascii=False) if each.sample is not None else None,
            "says": each.says,
        }
        for each in proof.remarks
    ]  # fmt: skip
    blank = dict.fromkeys(("rules", "by", "fact", "when", "sample"))
    rows += [] if events is None else [{**blank, **each} for each in authority.nobody_holds(events)]
    rows += [{"kind": "not decided", **blank, "says": f"It was not found in time {each}."} for each in proof.unknown]
    return arrays.rows_to_table(REMARKS, [{"remark": number, **row} for number, row in enumerate(rows, start=1)])


def boxes(proof: Proof, playbook: Playbook) -> Any:
    """Where each conflict bites over its two axes: table BOXES."""
    return arrays.rows_to_table(BOXES, [row for each in proof.conflicts for row in _boxes(proof, playbook, each)])


def axes(proof: Proof, playbook: Playbook, conflict: Conflict) -> list[str]:
    """At most two numbers of the world that decide where a conflict bites, those that real events tell of first."""
    if conflict.region is None:
        return []
    held = [name for name in proof.book.situation if name in conflict.region.facts]
    numbers = [name for name in held if proof.book.situation[name].sort in ("real", "integer")]
    return sorted(numbers, key=lambda name: playbook.situation[name].source is None)[:2]


def _boxes(proof: Proof, playbook: Playbook, conflict: Conflict) -> Iterator[dict[str, Any]]:
    from aboveboard.prover import clock

    named = axes(proof, playbook, conflict)
    hours = clock.facts(playbook, proof.book)
    for number, box in enumerate(conflict.region.boxes if conflict.region else (), start=1):
        row: dict[str, Any] = {"rules": conflict.key, "box": number, "rest": _rest(proof, box, named)}
        for axis, name in zip("xy", [*named, None, None], strict=False):
            low, high = _ends(proof, box, name) if name else (None, None)
            clocked = name in hours if name else None
            row |= {f"{axis}_fact": name, f"{axis}_low": low, f"{axis}_high": high, f"{axis}_clock": clocked}
        yield row


def _ends(proof: Proof, box: Box, name: str) -> tuple[float | None, float | None]:
    from aboveboard.prover import regions

    known = proof.book.situation[name]
    low, high = regions.limits_of(box, name)
    ends = (known.low if low is None else low, known.high if high is None else high)
    return (None if ends[0] is None else float(ends[0]), None if ends[1] is None else float(ends[1]))


def _rest(proof: Proof, box: Box, named: list[str]) -> str | None:
    from aboveboard.prover import conditions, logic
    from aboveboard.prover.regions import Region

    rest = tuple(leaf for leaf in box if not logic.facts(leaf) <= set(named) or len(logic.facts(leaf)) > 1)
    return conditions.of_region(Region(logic.TRUE, (rest,)), proof.book.situation).sql if rest else None
