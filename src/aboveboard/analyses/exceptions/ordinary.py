"""Cases under a policy in which nobody asked for an exception: what harm after exceptions is compared with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.exceptions import harm
from aboveboard.analyses.exceptions.requests import HARM, RULE, UNKNOWN, by_policy, window
from aboveboard.analyses.exceptions.tables import ORDINARY
from aboveboard.analyses.shared import arrays, horizon, spans
from aboveboard.engines.first_after import first_after
from aboveboard.playbook.model import Playbook

_SPEAK = ("exception.", "escalation.", "suggestion.", "fix.", HARM)
"""Types that speak of a rule without being a case under it."""


def ordinary(events: Any, requests: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """The ordinary cases of each policy, by how far they were followed: table ORDINARY (see `tables`), as a query.

    Ordinary cases are the subjects of which an event names the policy as its rule, without a request for an exception
    from it (`requests`: table REQUESTS). Where no such event was written down, but harm under the rule was found on
    subjects without a request, all subjects of the same kind (`order:…`) as those on which it was found are ordinary
    cases: the record shows that the rule applies to them. A case begins with its first event; harm counts within the
    policy's `harm_within`. Executes one small query, for the kinds.
    """
    timed, now = horizon.until(events.filter(events.subject.notnull()), as_of)
    if as_of is None:
        now = horizon.until(events.select("time"), None)[1]
    ruled = timed.filter(timed.rule.startswith(RULE))
    ruled = ruled.mutate(policy=ruled.rule.substr(len(RULE)))
    asking = requests.select("subject", "policy").distinct()
    harms = ruled.filter(ruled.type == HARM).select("subject", "policy", harm_micros="at")
    unasked = _without(harms, asking, "subject", "policy")
    named = _without(_named(ruled), asking, "subject", "policy")
    alike = [_alike(timed, policy, kind) for policy, kind in _kinds(unasked, named)]
    cases = ibis.union(named, *(_without(one, asking, "subject", "policy") for one in alike), distinct=False)
    found = harm.counted(_followed(cases, unasked, now, playbook), "policy")
    return found.select(*ORDINARY.columns)


def _without(rows: Any, others: Any, *by: str) -> Any:
    """The rows that have no equal `by` among `others`, which are distinct.

    A left join, because an anti join inside another is not written in SQL that PostgreSQL knows.
    """
    marked = others.view().mutate(_there=True)
    joined = rows.left_join(marked, list(by))
    return joined.filter(joined["_there"].isnull()).select(*rows.columns)


def _named(ruled: Any) -> Any:
    """The subjects of which an event names the policy: (subject, policy, began)."""
    spoken = ibis.or_(*(ruled.type.startswith(word) for word in _SPEAK))
    acts = ruled.filter(~spoken)
    return acts.group_by("subject", "policy").aggregate(began=acts.at.min())


def _kinds(harms: Any, named: Any) -> list[tuple[str, str]]:
    """The kinds of subjects on which harm was found under policies that no event names: (policy, kind)."""
    unnamed = _without(harms, named.select("policy").distinct(), "policy")
    kinds = unnamed.select("policy", kind=_kind(unnamed.subject)).distinct()
    table = arrays.cells(kinds.filter(kinds.kind != ""))
    return sorted(zip(table["policy"].tolist(), table["kind"].tolist(), strict=True))


def _kind(subject: Any) -> Any:
    """What stands before the colon of `order:123`; empty where there is none."""
    return subject.substr(0, subject.find(":") + 1)


def _alike(timed: Any, policy: str, kind: str) -> Any:
    same = timed.filter(timed.subject.startswith(kind))
    began = same.group_by("subject").aggregate(began=same.at.min())
    return began.select("subject", policy=ibis.literal(policy), began="began")


def _followed(cases: Any, harms: Any, now: Any, playbook: Playbook) -> Any:
    widths = {name: window(policy) for name, policy in playbook.policies.items()}
    wide = cases.mutate(width=by_policy(cases.policy, widths, window(UNKNOWN)))
    found = first_after(wide, harms, by=["subject", "policy"], at="began", end_at="harm_micros", name="harm_micros")
    end = found.began + found.width
    harmed = (found.harm_micros <= end).coalesce(False)
    seen = ibis.ifelse(harmed, found.harm_micros, ibis.least(end, now))
    return found.mutate(harmed=harmed, followed_minutes=spans.minutes(seen - found.began))
