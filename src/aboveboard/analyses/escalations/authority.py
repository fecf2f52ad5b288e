"""Who could have decided: the playbook's levels of authority, and the verdicts on its policies, beside each escalation."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.playbook.model import Playbook

OPENING_VERDICTS = ("push authority down", "change the rule")
"""Verdicts on a policy (table `policies`, column `verdict`) by which nobody should have had to climb."""
OWNER = "owner"
"""The level, as the desk records it, of whoever decides because the rule is theirs to change."""
BY_THE_FRONTLINE = "decided by the frontline"
WITHIN_AUTHORITY = "within the frontline's authority"


def with_climb(escalations: Any, playbook: Playbook) -> Any:
    """Adds `climbed`; needs decided (microseconds), authority_needed, authority_used.

    The frontline are the levels that stand first in the `authority` of some policy and second or higher in none.
    """
    ladders = [list(policy.authority) for policy in playbook.policies.values()]
    above = {level for ladder in ladders for level in ladder[1:]}
    front = {ladder[0] for ladder in ladders if ladder} - above
    used = escalations.authority_used
    climbed = ibis.cases(
        (escalations.decided.isnull(), ibis.null("boolean")),
        (used.isin(sorted(above)), ibis.literal(True)),
        (used.isin(sorted(front)), ibis.literal(False)),
        (used == OWNER, ibis.literal(True)),
        # A level that no policy names is beyond the frontline when it is the one that was asked for.
        (used == escalations.authority_needed, ibis.literal(True)),
        else_=ibis.null("boolean"),
    )
    return escalations.mutate(climbed=climbed)


def with_need(escalations: Any, playbook: Playbook, policies: Any | None) -> Any:
    """Adds `needless` and `needless_because`; needs policy, climbed and `stake` (money; absent where none is stated).

    Needless where the frontline itself decided; where the frontline may bend the rule by more than nothing and the
    stake lies within that; or where the verdict on the policy is that nobody should have to ask. Not needless where
    the policy is known and none of these holds; a stake that is not stated says nothing against a limit above nothing.
    A policy is known that the playbook names, or that has a verdict other than `not enough data`.
    """
    judged = _with_verdict(escalations, policies)
    may = {name: next(iter(policy.authority.values()), 0.0) for name, policy in playbook.policies.items()}
    limits = [(judged.policy == name, float(most)) for name, most in may.items() if most > 0]
    most = ibis.cases(*limits, else_=ibis.null("float64")) if limits else ibis.null("float64")
    because = ibis.cases(
        (~judged.climbed, BY_THE_FRONTLINE),
        (judged.stake <= most, WITHIN_AUTHORITY),
        (judged.verdict.isin(OPENING_VERDICTS), judged.verdict),
        else_=ibis.null("string"),
    )
    known = judged.policy.isin(sorted(may)) | judged.verdict.notnull()
    needless = ibis.cases(
        (because.notnull(), ibis.literal(True)),
        (known & (most.isnull() | judged.stake.notnull()), ibis.literal(False)),
        else_=ibis.null("boolean"),
    )
    return judged.mutate(needless=needless, needless_because=because).drop("verdict")


def _with_verdict(escalations: Any, policies: Any | None) -> Any:
    """Adds `verdict`: of a policy with several, one that opens the rule comes first; `not enough data` is none."""
    if policies is None:
        return escalations.mutate(verdict=ibis.null("string"))
    judged = policies.filter((policies.verdict != "not enough data") & policies.policy.notnull())
    opening = judged.verdict.isin(OPENING_VERDICTS)
    per_policy = judged.group_by(judged_policy=judged.policy).aggregate(
        verdict=judged.verdict.min(where=opening).coalesce(judged.verdict.min())
    )
    return escalations.left_join(per_policy, escalations.policy == per_policy.judged_policy).drop("judged_policy")
