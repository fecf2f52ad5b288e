"""How many real cases each conflict struck, and what became of them beside all others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.conflicts import facts
from aboveboard.analyses.conflicts.tables import CONFLICTS
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.engines import ledgers

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook
    from aboveboard.prover import Conflict, Proof

ENDED, MISSED = ("kept", "late", "broken"), ("late", "broken")
_COUNTS = (
    "events_count",
    "outside_count",
    "unknown_count",
    "ended_count",
    "missed_count",
    "outside_ended_count",
    "outside_missed_count",
)


def conflicts(proof: Proof, events: Any, outcomes: Any, playbook: Playbook) -> Any:
    """Every conflict of a proof with the real cases that fell into it: table CONFLICTS (see `tables`).

    `outcomes` are the table `promises` of the same events: each start of a conflict's promise is placed by the facts'
    `from`, and falls into the conflict where its condition is true, not where it is unknown. Executes one small query per
    conflict.
    """
    return arrays.rows_to_table(CONFLICTS, [_row(each, proof, events, outcomes, playbook) for each in proof.conflicts])


def _row(conflict: Conflict, proof: Proof, events: Any, outcomes: Any, playbook: Playbook) -> dict[str, Any]:
    from aboveboard.prover import telling
    from aboveboard.prover.proof import edit_as_dict

    untold = facts.untold(proof, playbook, conflict)
    counts: dict[str, Any] = dict.fromkeys(_COUNTS) if untold else _counts(conflict, proof, events, outcomes, playbook)
    edits = [edit_as_dict(edit) for edit in conflict.edits]
    return {
        "rules": conflict.key,
        "verdict": conflict.verdict,
        "when": conflict.when.sql if conflict.when else None,
        "where_words": conflict.where,
        "says": conflict.says,
        "sample": json.dumps(telling.plain(conflict.sample), ensure_ascii=False),
        "edits": json.dumps(edits, ensure_ascii=False) if edits else None,
        "promise": facts.promise_of(conflict),
        "incentive": facts.incentive_of(conflict),
        "uncounted_because": untold,
        **counts,
        **_shares("", counts["missed_count"], counts["ended_count"]),
        **_shares("outside_", counts["outside_missed_count"], counts["outside_ended_count"]),
    }


def _counts(conflict: Conflict, proof: Proof, events: Any, outcomes: Any, playbook: Playbook) -> dict[str, int]:
    promise = facts.promise_of(conflict)
    assert promise is not None and conflict.region is not None and conflict.when is not None
    started = facts.starts(events, outcomes, promise)
    placed = facts.read(started, proof, playbook, conflict.region.facts)
    # Equal cases are put together first: then each fact is worked out once a case, and not once a comparison.
    alike = placed.group_by("outcome", *conflict.region.facts).aggregate(count=placed.count())
    alike = facts.bites(alike, proof, conflict).select("outcome", "count", "bites")
    ended, missed = alike.outcome.isin(ENDED).fill_null(False), alike.outcome.isin(MISSED).fill_null(False)
    inside, outside = alike.bites.fill_null(False), (~alike.bites).fill_null(False)
    which = {
        "events_count": inside,
        "outside_count": outside,
        "unknown_count": alike.bites.isnull(),
        "ended_count": inside & ended,
        "missed_count": inside & missed,
        "outside_ended_count": outside & ended,
        "outside_missed_count": outside & missed,
    }
    counted = alike.aggregate(**{name: _number(alike, chosen) for name, chosen in which.items()})
    return dict(ledgers.arrow(counted).to_pylist()[0])


def _number(alike: Any, chosen: Any) -> Any:
    return ibis.ifelse(chosen, alike["count"], 0).sum().cast("int64").fill_null(0)


def _shares(prefix: str, missed: int | None, ended: int | None) -> dict[str, float | None]:
    names = [f"{prefix}missed_share{end}" for end in ("", "_low", "_high")]
    if missed is None or not ended:
        return dict.fromkeys(names)
    low, high = intervals.wilson(missed, ended)
    return dict(zip(names, (missed / ended, float(low), float(high)), strict=True))
