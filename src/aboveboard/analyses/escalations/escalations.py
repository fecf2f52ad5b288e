"""Which escalations changed anything for the customer? One row per escalation that was opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.escalations import authority, threads
from aboveboard.analyses.escalations.changes import CHANGES, Change, made
from aboveboard.analyses.escalations.following import first_following
from aboveboard.analyses.escalations.tables import ESCALATIONS
from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes, epochs
from aboveboard.playbook.model import Playbook

OPENED, DECIDED = "escalation.opened", "escalation.decided"
WINDOW = timedelta(days=3)
PATIENCE = timedelta(days=14)
NO = ("denied", "declined", "refused", "rejected", "no")
"""Outcomes, in small letters, that are a no."""


def escalations(
    events: Any,
    playbook: Playbook,
    *,
    members: Any | None = None,
    policies: Any | None = None,
    as_of: datetime | None = None,
    window: timedelta = WINDOW,
    patience: timedelta = PATIENCE,
    changes: Sequence[Change] = CHANGES,
) -> Any:
    """Follow every escalation to its decision and to what that changed: table ESCALATIONS (see `tables`), as a query.

    **Decision.** The first `escalation.decided` at or after the opening on the same subject; where both name a rule,
    of the same rule. Several openings may be answered by one decision.

    **Change.** The first event on the list `changes` from the opening until `window` after the decision; from the
    opening, because a remedy is often written down before the decision is. Which events speak to which escalation is
    said in `changes.Change.reach`; `members` are the episodes' members (columns episode, event) where they are known.

    **Theatre.** The window is over and nothing changed for the customer. Of an escalation that nobody decides, the
    window is over when it has waited for `patience`. A no that was told with its reason is a decision and is owed to
    the customer, but it changes nothing: it is theatre here, as SPEC 4.5 has it, and `ending` tells it apart.

    **Needless.** See `authority.with_need`; `policies` is the exceptions' table of that name, where it was made.

    `as_of` defaults to the last time in the events; what came later does not count. Raises ValueError where a length
    of time is negative or `as_of` has no time zone.
    """
    horizons = horizon.width(window, name="window"), horizon.width(patience, name="patience")
    now = horizon.until(events.select("time"), as_of)[1]
    opened = _openings(events, as_of)
    asked = _with_decision(opened, _decisions(events, as_of))
    asked = asked.mutate(until=ibis.coalesce(asked.decided + horizons[0], asked.opened + horizons[1]))
    changed = _with_change(asked, opened, made(horizon.until(events, as_of)[0], changes), members)
    told = _with_words(changed, events, as_of)
    needed = authority.with_need(authority.with_climb(told, playbook), playbook, policies)
    return _shaped(needed, now)


def _openings(events: Any, as_of: datetime | None) -> Any:
    opened = horizon.until(events.filter(events.type == OPENED), as_of)[0]
    return opened.select(
        "subject", "customer", "team", "rule", event="id", opened="at", stake="value",
        authority_needed=attributes.text(opened, "authority"),
    )  # fmt: skip


def _decisions(events: Any, as_of: datetime | None) -> Any:
    decided = horizon.until(events.filter(events.type == DECIDED), as_of)[0]
    return decided.select(
        "subject", "rule", "outcome", decision="id", decided="at", decided_stake="value",
        decided_customer="customer", authority_used=attributes.text(decided, "authority"),
        reason=attributes.text(decided, "reason"),
    )  # fmt: skip


def _with_decision(opened: Any, decided: Any) -> Any:
    starts = threads.of_openings(opened)
    ends = threads.of_decisions(decided)
    met = first_following(starts, ends)
    paired = opened.left_join(met, opened.event == met.start).drop("start", "end_at")
    joined = paired.left_join(decided, paired.end == decided.decision, rname="{name}_decided")
    rule = ibis.coalesce(joined.rule, joined.rule_decided)
    return joined.mutate(
        rule=rule,
        policy=ibis.ifelse(rule.startswith("policy:"), rule.substr(len("policy:")), ibis.null("string")),
        customer=ibis.coalesce(joined.customer, joined.decided_customer),
        stake=ibis.coalesce(joined.stake, joined.decided_stake),
    ).drop("end", "subject_decided", "rule_decided", "decided_customer", "decided_stake")


def _with_change(asked: Any, opened: Any, made: Any, members: Any | None) -> Any:
    """Adds changed, changed_event, changed_on (microseconds), each absent unless within `until`; and the stake moved."""
    met = first_following(threads.of_waiting(opened, members), threads.of_changes(made, members))
    kinds = made.select(made_id="id", changed="type", moved="value")
    found = met.join(kinds, met.end == kinds.made_id).select("start", "end", "end_at", "changed", "moved")
    joined = asked.left_join(found, asked.event == found.start)
    within = (joined.end_at <= joined.until).fill_null(False)
    return joined.mutate(
        changed=ibis.ifelse(within, joined.changed, ibis.null("string")),
        changed_event=ibis.ifelse(within, joined.end, ibis.null("string")),
        changed_on=ibis.ifelse(within, joined.end_at, ibis.null("int64")),
        stake=ibis.coalesce(joined.stake, ibis.ifelse(within, joined.moved, ibis.null("float64"))),
    ).drop("start", "end", "end_at", "moved")


def _with_words(asked: Any, events: Any, as_of: datetime | None) -> Any:
    """Adds `told_no`: decided by a no, with a reason on record, and words to the customer from then until `until`."""
    spoken = horizon.until(
        events.filter((events.type == "message.sent") & (events.audience == "customer").fill_null(True)), as_of
    )[0]
    refused = horizon.until(events.filter(events.type == "exception.denied"), as_of)[0]
    reasoned = refused.filter(attributes.text(refused, "reason").notnull())
    no = asked.filter(asked.outcome.lower().isin(NO), asked.subject.notnull())
    with_reason = ibis.union(
        no.filter(no.reason.notnull()).select("event"), _beside(no, "opened", reasoned), distinct=True
    )
    both = _beside(no, "decided", spoken).semi_join(with_reason, "event").select(told_event="event")
    joined = asked.left_join(both, asked.event == both.told_event)
    return joined.mutate(told_no=joined.told_event.notnull()).drop("told_event")


def _beside(asked: Any, since: str, events: Any) -> Any:
    """The escalations with such an event on their subject, from their `since` to their `until`."""
    then = events.select(then_subject="subject", then="at")
    joined = asked.join(then, asked.subject == then.then_subject)
    return joined.filter(joined.then >= joined[since], joined.then <= joined.until).select("event").distinct()


def _shaped(asked: Any, now: Any) -> Any:
    tied, over = asked.subject.notnull(), asked.until < now
    theatre = ibis.cases(
        (~tied, ibis.null("boolean")),
        (asked.changed.notnull(), ibis.literal(False)),
        (over, ibis.literal(True)),
        else_=ibis.null("boolean"),
    )
    ending = ibis.cases(
        (~tied, ibis.null("string")),
        (asked.changed.notnull(), "changed"),
        (~over, ibis.null("string")),
        (asked.told_no, "told no"),
        (asked.decision.isnull(), "undecided"),
        else_="nothing",
    )
    return asked.mutate(
        opened_at=epochs.moment(asked.opened),
        decided_at=epochs.moment(asked.decided),
        changed_at=epochs.moment(asked.changed_on),
        latency_minutes=horizon.minutes_between(asked.opened, asked.decided),
        theatre=theatre,
        ending=ending,
    ).select(*ESCALATIONS.columns)
