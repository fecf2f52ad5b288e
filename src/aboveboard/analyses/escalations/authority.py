"""Who could have decided: the playbook's levels of authority, and the verdicts on its policies, beside each escalation."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from aboveboard.playbook.model import Playbook

OPENING_VERDICTS = ("push authority down", "change the rule")
"""Verdicts on a policy (table `policies`, column `verdict`) by which nobody should have had to climb."""
BY_THE_FRONTLINE = "decided by the frontline"
WITHIN_AUTHORITY = "within the frontline's authority"


def levels(playbook: Playbook) -> Any:
    """One row per level: `level`, and `front`, whether it is the frontline.

    The frontline are the levels that stand first in the `authority` of some policy and second or higher in none.
    """
    ladders = [list(policy.authority) for policy in playbook.policies.values()]
    above = {level for ladder in ladders for level in ladder[1:]}
    first = {ladder[0] for ladder in ladders if ladder} - above
    rows = [{"level": level, "front": level in first} for level in sorted(first | above)]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema([("level", pa.string()), ("front", pa.bool_())])))


def limits(playbook: Playbook, policies: Any | None) -> Any:
    """One row per policy that is known: `known`, its `most` (money up to which the frontline decides), its `verdict`.

    `policies` is the table of the exceptions by that name; None where it was not made. A verdict of `not enough data`
    is none, and a policy known by such a verdict alone is not known.
    """
    rows = [
        {"known": name, "most": float(next(iter(policy.authority.values()))) if policy.authority else None}
        for name, policy in playbook.policies.items()
    ]
    stated = ibis.memtable(
        pa.Table.from_pylist(rows, schema=pa.schema([("known", pa.string()), ("most", pa.float64())]))
    )
    if policies is None:
        return stated.mutate(verdict=ibis.null("string"))
    judged = policies.filter((policies.verdict != "not enough data") & policies.policy.notnull())
    # The table may have rows per clause too: any of them that opens the rule does.
    opening = judged.verdict.isin(OPENING_VERDICTS)
    per_policy = judged.group_by(name=judged.policy).aggregate(
        verdict=judged.verdict.min(where=opening).coalesce(judged.verdict.min())
    )
    both = stated.outer_join(per_policy, stated.known == per_policy.name)
    return both.select(known=ibis.coalesce(both.known, both.name), most=both.most, verdict=both.verdict)


def with_climb(escalations: Any, playbook: Playbook) -> Any:
    """Adds `climbed`; needs decided (microseconds), authority_needed, authority_used."""
    known = levels(playbook)
    joined = escalations.left_join(known, escalations.authority_used == known.level)
    asked = joined.authority_used == joined.authority_needed
    # A level that no policy names is beyond the frontline when it is the one that was asked for.
    above = ibis.coalesce(~joined.front, ibis.ifelse(asked.fill_null(False), True, ibis.null("boolean")))
    climbed = ibis.ifelse(joined.decided.notnull(), above, ibis.null("boolean"))
    return joined.mutate(climbed=climbed).drop("level", "front")


def with_need(escalations: Any, playbook: Playbook, policies: Any | None) -> Any:
    """Adds `needless` and `needless_because`; needs policy, climbed and `stake` (money; absent where none is stated).

    Needless where the frontline itself decided; where the frontline may bend the rule by more than nothing and the
    stake lies within that; or where the verdict on the policy is that nobody should have to ask. Not needless where
    the policy is known and none of these holds; a stake that is not stated says nothing against a limit above nothing.
    """
    known = limits(playbook, policies)
    joined = escalations.left_join(known, escalations.policy == known.known)
    may = joined.most.coalesce(0.0) > 0
    because = ibis.cases(
        ((joined.climbed == ibis.literal(False)).fill_null(False), BY_THE_FRONTLINE),
        ((may & (joined.stake <= joined.most)).fill_null(False), WITHIN_AUTHORITY),
        (joined.verdict.isin(OPENING_VERDICTS).fill_null(False), joined.verdict),
        else_=ibis.null("string"),
    )
    needed = joined.known.notnull() & (~may | joined.stake.notnull())
    needless = ibis.ifelse(
        because.notnull(), ibis.literal(True), ibis.ifelse(needed, ibis.literal(False), ibis.null("boolean"))
    )
    return joined.mutate(needless=needless, needless_because=because).drop("known", "most", "verdict")
