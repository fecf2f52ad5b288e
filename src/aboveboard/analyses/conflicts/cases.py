"""Real cases as points over the two facts that decide where a conflict bites: what the picture is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.conflicts import facts, proving
from aboveboard.analyses.conflicts.tables import CASES
from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.ledger import engine_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aboveboard.playbook.model import Playbook
    from aboveboard.prover import Conflict, Proof

MOST = 1_500
_md5 = engine_functions.unary("md5", "string", "string")


def cases(proof: Proof, events: Any, outcomes: Any, playbook: Playbook) -> Any:
    """At most 1,500 starts of each conflict's promise, by the MD5 of their ids: table CASES. Executes one query per conflict."""
    rows = [row for each in proof.conflicts for row in _rows(each, proof, events, outcomes, playbook)]
    return arrays.rows_to_table(CASES, rows)


def _rows(conflict: Conflict, proof: Proof, events: Any, outcomes: Any, playbook: Playbook) -> Iterator[dict[str, Any]]:
    named = proving.axes(proof, playbook, conflict)
    promise = facts.promise_of(conflict)
    if facts.untold(proof, playbook, conflict) or not named or promise is None:
        return
    assert conflict.region is not None and conflict.when is not None
    placed = facts.read(facts.starts(events, outcomes, promise), proof, playbook, conflict.region.facts)
    chosen = placed.mutate(lot=_md5(placed.event)).order_by("lot", "event").limit(MOST)
    drawn = facts.bites(chosen, proof, conflict)
    points = drawn.select(
        "event",
        "outcome",
        "lot",
        x=drawn[named[0]].cast("float64"),
        y=drawn[named[1]].cast("float64") if len(named) > 1 else ibis.null("float64"),
        inside=drawn.bites,
    )
    points = points.filter(points.inside.notnull() & points.x.notnull()).order_by("lot", "event")
    for row in ledgers.arrow(points.drop("lot")).to_pylist():
        yield {"rules": conflict.key, **row}
