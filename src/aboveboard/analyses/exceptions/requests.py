"""Who asked for what a policy forbids, and what came of it? One row per request, as a query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.exceptions.tables import REQUESTS
from aboveboard.analyses.shared import horizon, spans
from aboveboard.engines.first_after import first_after
from aboveboard.ledger import attributes, epochs
from aboveboard.playbook.model import Playbook, Policy

ASKED, GRANTED, DENIED, HARM = "exception.requested", "exception.granted", "exception.denied", "harm.found"
RULE = "policy:"
_TYPES = (ASKED, GRANTED, DENIED)
_CASE = ("subject", "policy", "number")
UNKNOWN = Policy("", "")
"""What holds for a policy that events speak of and the playbook does not know."""


def requests(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """The requests for an exception: table REQUESTS (see `tables`), as a query.

    Requests and decisions belong together by subject and rule (`policy:…`), in order of time. A request after a
    decision begins anew; before it, the customer is asking again, and the first asking counts. Of several decisions on one
    request the last stands: what the frontline refused and a manager granted was granted, by the manager. A
    decision that nobody is known to have asked for is a request of which only the answer was written down. At equal
    times asking stands before deciding, and ids decide the rest.

    Harm is the first `harm.found` of the same subject and rule at or after the grant, before the next grant to the same
    subject, and within the policy's `harm_within`. Events without subject or rule tell of no request.
    `as_of` defaults to the last time in the events; what came later does not count.
    """
    timed, now = horizon.until(_of_policies(events, (*_TYPES, HARM)), as_of)
    if as_of is None:
        now = horizon.until(events.select("time"), None)[1]
    known = timed.mutate(policy=timed.rule.substr(len(RULE)))
    cases = _cases(_numbered(_told(known.filter(known.type != HARM))))
    return _shaped(_harmed(cases, known.filter(known.type == HARM), playbook), now, playbook)


def _of_policies(events: Any, types: tuple[str, ...]) -> Any:
    return events.filter(events.type.isin(types), events.subject.notnull(), events.rule.startswith(RULE))


def _told(known: Any) -> Any:
    return known.select(
        "id", "subject", "policy", "customer", "at", "value",
        asks=known.type == ASKED,
        grants=known.type == GRANTED,
        level=attributes.text(known, "level"),
        clause=attributes.text(known, "clause"),
    )  # fmt: skip


def _numbered(told: Any) -> Any:
    """Each event with the number of its request, and whether it is the first asking or the last word of it."""
    turn = [told.at, ibis.ifelse(told.asks, 0, 1), told.id]
    order = ibis.window(group_by=["subject", "policy"], order_by=turn)
    beside = told.mutate(before=told.asks.lag().over(order), after=told.asks.lead().over(order))
    first = beside.before.isnull() | (beside.asks & ~beside.before)
    last = ~beside.asks & (beside.after.isnull() | beside.after)
    marked = beside.mutate(first=first, last=last)
    turn = [marked.at, ibis.ifelse(marked.asks, 0, 1), marked.id]
    so_far = ibis.window(group_by=["subject", "policy"], order_by=turn, preceding=None, following=0)
    return marked.mutate(number=ibis.ifelse(marked["first"], 1, 0).sum().over(so_far).cast("int64"))


def _cases(events: Any) -> Any:
    """One row per request: its first asking and its last decision side by side."""
    asking, deciding = events["first"] & events.asks, events["last"]
    # Each condition holds for one event of the request at most: `max` picks it.
    return events.group_by(*_CASE).aggregate(
        asked=events.id.max(where=asking),
        asked_micros=events.at.max(where=asking),
        asked_level=events.level.max(where=asking),
        asked_clause=events.clause.max(where=asking),
        asking_customer=events.customer.max(where=asking),
        decision=events.id.max(where=deciding),
        decided_micros=events.at.max(where=deciding),
        grants=ibis.ifelse(events.grants, 1, 0).max(where=deciding),
        level=events.level.max(where=deciding),
        decided_clause=events.clause.max(where=deciding),
        deciding_customer=events.customer.max(where=deciding),
        cost=events.value.max(where=deciding),
    )


def _harmed(cases: Any, harms: Any, playbook: Playbook) -> Any:
    """The cases with `width`, the policy's `harm_within`, and `harm_micros`, when harm was found after a grant."""
    widths = {name: window(policy) for name, policy in playbook.policies.items()}
    wide = cases.mutate(width=by_policy(cases.policy, widths, window(UNKNOWN)))
    granted = wide.filter(wide.grants == 1)
    in_turn = ibis.window(group_by=["subject", "policy"], order_by=granted.number)
    found = first_after(
        granted.mutate(next_grant=granted.decided_micros.lead().over(in_turn)),
        harms.select("subject", "policy", harm_micros="at"),
        by=["subject", "policy"],
        at="decided_micros",
        end_at="harm_micros",
        name="harm_micros",
    )
    before_next = found.next_grant.isnull() | (found.harm_micros < found.next_grant)
    theirs = before_next & (found.harm_micros <= found.decided_micros + found.width)
    after = found.mutate(harm_micros=ibis.ifelse(theirs, found.harm_micros, ibis.null("int64"))).drop("next_grant")
    rest = wide.filter(wide.grants.isnull() | (wide.grants != 1)).mutate(harm_micros=ibis.null("int64"))
    return ibis.union(after, rest.select(*after.columns), distinct=False)


def window(policy: Policy) -> int:
    """Microseconds of the policy's `harm_within`."""
    return round((policy.harm_within.minutes or 0) * 60 * epochs.SECOND)


def by_policy(name: Any, values: Mapping[str, Any], otherwise: Any) -> Any:
    """The value of each policy, for a column of names, as an expression."""
    return (
        ibis.cases(*((name == key, value) for key, value in values.items()), else_=otherwise)
        if values
        else (ibis.literal(otherwise))
    )


def _shaped(cases: Any, now: Any, playbook: Playbook) -> Any:
    granted = cases.grants == 1
    end = cases.decided_micros + cases.width
    seen = ibis.least(ibis.coalesce(cases.harm_micros, end), end, now)
    asked, used = _rank(cases, "asked_level", playbook), _rank(cases, "level", playbook)
    outcome = ibis.cases((cases.grants == 1, "granted"), (cases.grants == 0, "denied"), else_="undecided")
    return cases.mutate(
        event=ibis.coalesce(cases.asked, cases.decision),
        clause=ibis.coalesce(cases.decided_clause, cases.asked_clause),
        customer=ibis.coalesce(cases.asking_customer, cases.deciding_customer),
        asked_at=epochs.moment(cases.asked_micros),
        decided_at=epochs.moment(cases.decided_micros),
        harmed_at=epochs.moment(cases.harm_micros),
        outcome=outcome,
        climbed=used > ibis.coalesce(asked, 0),
        waiting_minutes=horizon.minutes_between(cases.asked_micros, cases.decided_micros),
        harm_minutes=horizon.minutes_between(cases.decided_micros, cases.harm_micros),
        followed_minutes=ibis.ifelse(granted, spans.minutes(seen - cases.decided_micros), ibis.null("float64")),
        followed=ibis.ifelse(granted, end <= now, ibis.null("boolean")),
    ).select(*REQUESTS.columns)


def _rank(cases: Any, column: str, playbook: Playbook) -> Any:
    """The place of a level in the policy's `authority`, 0 for the lowest; absent where it is not named there."""
    named = [
        ((cases.policy == name) & (cases[column] == level), place)
        for name, policy in playbook.policies.items()
        for place, level in enumerate(policy.authority)
    ]
    absent = ibis.null("int64")
    return (
        ibis.cases(*((test, ibis.literal(place, "int64")) for test, place in named), else_=absent) if named else absent
    )
