"""Authority that was asked for and that nobody on record holds."""

from __future__ import annotations

from typing import Any

from aboveboard.engines import ledgers
from aboveboard.ledger import attributes

NOBODY = "authority nobody holds"
LEAST = 5
"""Fewer escalations that need a level say nothing of who holds it."""
_LEVEL = "authority"


def nobody_holds(events: Any) -> list[dict[str, Any]]:
    """Levels that five or more escalations needed, and at which none was ever decided: rows of REMARKS.

    `attributes.authority` of `escalation.opened` is the level needed, of `escalation.decided` the level used. Executes one small
    query.
    """
    spoken = events.filter(events.type.isin(["escalation.opened", "escalation.decided"]))
    levels = spoken.select(spoken.type, level=attributes.text(spoken, _LEVEL)).filter(lambda rows: rows.level.notnull())
    counts: dict[tuple[str, str], int] = {}
    for row in ledgers.arrow(levels.group_by("type", "level").aggregate(count=lambda rows: rows.count())).to_pylist():
        counts[row["type"], row["level"]] = row["count"]
    missing = [
        (level, count)
        for (kind, level), count in sorted(counts.items())
        if kind == "escalation.opened" and count >= LEAST and ("escalation.decided", level) not in counts
    ]
    return [
        {
            "kind": NOBODY,
            "says": f"{count:,} escalations needed the authority of {level}, and nobody on record ever used it.",
        }
        for level, count in missing
    ]
