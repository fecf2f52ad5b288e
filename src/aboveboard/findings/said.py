"""One promise as the findings speak of it: its words, its owner, and the outcomes behind a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding
from aboveboard.playbook.model import Playbook

Row = Mapping[str, Any]
Tables = Mapping[str, pa.Table]

MOST_EVENTS = 20
SPOKEN = "said/"
"""How the names of promises made in messages begin (`analyses.claims.commitments`): the kind of act follows."""


class Said:
    """One promise: its words, its owner, and the rows of its outcomes, looked up when a sentence needs them."""

    def __init__(self, name: str, playbook: Playbook, outcomes: pa.Table | None) -> None:
        self.name, self.playbook, self.zone = name, playbook, playbook.timezone
        self.entry = playbook.promises.get(name)
        self._outcomes = None if outcomes is None else outcomes.filter(pc.equal(outcomes["promise"], name))

    @property
    def words(self) -> str:
        """The promise as a subject of a sentence."""
        if self.entry is not None:
            return sentences.quoted(self.entry.says)
        if self.name.startswith(SPOKEN):
            return f"What was promised in messages ({self.name.removeprefix(SPOKEN).replace('-', ' ')})"
        return "What was promised without a name" if self.name == "(unnamed)" else f"The promise {self.name}"

    @property
    def noun(self) -> tuple[str, str]:
        if self._outcomes is None:
            return sentences.CASES
        return sentences.noun(self._outcomes["subject"].slice(0, 1000).to_pylist())

    def many(self, number: int) -> str:
        return sentences.counted(number, *self.noun)

    def outcomes(
        self, *outcomes: str, of: Mapping[str, Sequence[str]] | None = None, first: str | None = None
    ) -> list[dict[str, Any]]:
        """Twenty rows with these outcomes (and values of `of`): the latest made first, or the least `first` first."""
        if self._outcomes is None:
            return []
        rows = self._outcomes.filter(pc.is_in(self._outcomes["outcome"], value_set=pa.array(outcomes)))
        for cut, values in (of or {}).items():
            rows = rows.filter(pc.is_in(self._values(rows, cut), value_set=pa.array(values)))
        order = (first, "ascending") if first else ("made_at", "descending")
        chosen = pc.select_k_unstable(rows, MOST_EVENTS, [order, ("event", "ascending")])
        return list(rows.take(chosen).to_pylist())

    def _values(self, rows: pa.Table, cut: str) -> pa.ChunkedArray:
        """What `promise_slices` calls the value of each row in this cut."""
        if cut in rows.column_names:
            return rows[cut]
        local = pc.cast(rows["made_at"], pa.timestamp("us", tz=str(self.zone)))
        hour = pc.cast(pc.hour(local), pa.string())
        weekday = pc.cast(pc.day_of_week(local, count_from_zero=False, week_start=1), pa.string())
        return {"hour": hour, "weekday": weekday, "hour_weekday": pc.binary_join_element_wise(weekday, hour, "/")}[cut]

    def finding(self, kind: str, sentence: str, action: str, evidence: Evidence, **more: Any) -> Finding:
        about = {"promise": self.name, **more.pop("about", {})}
        more = {"where": {"promise": self.name}, "owner": self.entry.owner if self.entry else None} | more
        return Finding(kind, about, sentence, evidence, action, **more)


def rows(tables: Tables, name: str, **where: str) -> list[Row]:
    """The rows of a table with these values, as dictionaries; none where the table is missing."""
    table = tables.get(name)
    if table is None:
        return []
    for column, value in where.items():
        table = table.filter(pc.equal(table[column], value))
    return list(table.to_pylist())


def events(rows: Sequence[Row]) -> tuple[str, ...]:
    """The ids of the starting events, the first twenty."""
    return tuple(str(row["event"]) for row in rows[:MOST_EVENTS])


def kept_interval(ended: int, missed: int) -> tuple[float, float]:
    """The Wilson interval of the share kept."""
    return comparing.interval(ended - missed, ended)
