"""How often each step was due, done, declined, left out and met: counts of the duties, by context where one matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.procedures.contexts import Context
from aboveboard.analyses.shared import intervals
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

Row = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """Duties by step, value of the step's cut (None: no cut, or no value), answer, met and reason, with their number."""

    groups: Mapping[str, list[Row]]

    @classmethod
    def of(cls, duties: Any, begun: Any, playbook: Playbook, called: Mapping[str, str]) -> Counts:
        """Count the duties on the engine; `called` names, for each step with contexts, what a condition calls its column."""
        names = sorted(set(called.values()))
        mine = begun.mutate(**{f"cut_{number}": _column(begun, name) for number, name in enumerate(names)})
        cut_columns = [f"cut_{number}" for number in range(len(names))]
        joined = duties.left_join(mine.select("visit", "procedure", *cut_columns), ["visit", "procedure"])
        branches = [
            (joined.step.isin([step for step in called if called[step] == name]), joined[f"cut_{number}"])
            for number, name in enumerate(names)
        ]
        absent = ibis.null("string")
        cut = ibis.cases(*branches, else_=absent) if branches else absent
        keys = ["step", "cut", "answer", "met", "unmet_because"]
        cutting = joined.mutate(cut=cut)
        grouped = cutting.group_by(keys).aggregate(n=cutting.count())
        groups: dict[str, list[Row]] = {}
        for row in ledgers.arrow(grouped).to_pylist():
            groups.setdefault(row["step"], []).append(row)
        return cls(groups)

    def row(self, step: str, context: Context | None) -> Row:
        """The counting columns of one row of `steps`."""
        mine = [row for row in self.groups.get(step, []) if context is None or row["cut"] == context.value]

        def number(column: str, value: object) -> int:
            return sum(row["n"] for row in mine if row[column] is value or row[column] == value)

        met, unmet = number("met", True), number("met", False)
        low, high = intervals.wilson(met, met + unmet)
        reasons = Counter[str]()
        for row in mine:
            if row["unmet_because"] is not None:
                reasons[row["unmet_because"]] += row["n"]
        return {
            "visits_count": sum(row["n"] for row in mine),
            **{f"{answer}_count": number("answer", answer) for answer in ("done", "declined", "skipped")},
            "met_count": met,
            "unmet_count": unmet,
            "met_share": float(intervals.share(met, met + unmet)),
            "met_share_low": float(low),
            "met_share_high": float(high),
            "unmet_because": min(reasons, key=lambda reason: (-reasons[reason], reason), default=None),
        }


def _column(begun: Any, called: str) -> Any:
    key = called.removeprefix("attributes.")
    return begun[called] if key == called else attributes.text(begun, key)
