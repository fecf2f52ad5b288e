"""The monitor: formulas of time held against the record, with the verdicts that a record which goes on allows.

    judged = monitor.judge(events, claims, formula, as_of=as_of, by="subject")   # one row per claim: `monitor.JUDGED`
    levels = monitor.values(formula.tree, traces)                                # one `Truth` per event

A value is for good (`TRUE`, `FALSE`) where no later event can change it, else presumed (`Truth`). It is worked out part by part:
what it calls for good is so. Where only two parts together settle a question (`eventually f or always not f`), it still says
presumably: to see more would mean to ask at every event whether a formula can be satisfied at all.
What the values mean, how right they are and what they cost is in docs/measures/monitor.md.
"""

from __future__ import annotations

from aboveboard.analyses.claims.monitor.evaluation import Evaluation, Levels
from aboveboard.analyses.claims.monitor.judging import JUDGED, JudgingError, judge
from aboveboard.analyses.claims.monitor.traces import FAR, Traces
from aboveboard.analyses.claims.monitor.truth import VERDICTS, Truth, verdict
from aboveboard.playbook.temporal import tree

__all__ = ["FAR", "JUDGED", "VERDICTS", "JudgingError", "Traces", "Truth", "judge", "values", "verdict"]


def values(node: tree.Formula, traces: Traces) -> Levels:
    """Return the value of a formula (one of `Truth`) at every event of the traces."""
    return Evaluation(traces).values(node)
