"""What the organisation said: one row per text of its own, with the policy that was in play."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes
from aboveboard.wording import spoken

AROUND = timedelta(hours=1)
"""An exception or a step this far before or after a message is what the message was about."""
_COLUMNS = ("event", "part", "said_at", "at", "subject", "customer", "channel", "team", "audience", "rule", "text")


def texts(events: Any, *, as_of: datetime | None = None) -> Any:
    """Columns event, part, said_at, subject, customer, channel, team, audience, text, policy; no employee."""
    timed, _ = horizon.until(events, as_of)
    return _with_policy(ibis.union(_texts(timed), _causes(timed)), timed)


def _texts(timed: Any) -> Any:
    audience = timed.audience
    default = ibis.cases(*((timed.type == name, to) for name, to in spoken.OURS.items()), else_=ibis.null("string"))
    ours = timed.mutate(
        audience=ibis.ifelse(audience.isin(["customer", "internal"]), audience, default), part=ibis.literal("text")
    )
    ours = ours.filter(ours.audience.notnull(), ours.text.notnull(), ours.type.notin(sorted(spoken.THEIRS)))
    return ours.select(*_named(ours))


def _causes(timed: Any) -> Any:
    closed = timed.filter(timed.type == spoken.CAUSE)
    closed = closed.mutate(
        text=attributes.text(closed, "cause"), audience=ibis.literal("internal"), part=ibis.literal("cause")
    )
    closed = closed.filter(closed.text.notnull())
    return closed.select(*_named(closed))


def _named(rows: Any) -> list[Any]:
    renamed = {"event": "id", "said_at": "time"}
    types = {"event": "string", "part": "string", "audience": "string", "text": "string"}
    columns = [rows[renamed.get(name, name)].name(name) for name in _COLUMNS]
    # Ibis puts only equal schemas under one another: what is a literal in one half is nullable in both.
    return [
        column.cast(ibis.dtype(types[name], nullable=True)).name(name) if name in types else column
        for name, column in zip(_COLUMNS, columns, strict=True)
    ]


def _with_policy(said: Any, timed: Any) -> Any:
    """The event's own rule, else that of the rule-bearing event nearest in time on the subject."""
    near = _nearest(said.filter(said.subject.notnull(), ~_is_rule(said.rule)), _bearing(timed))
    joined = said.left_join(near, (said.event == near.near_event) & (said.part == near.near_part))
    own = ibis.ifelse(_is_rule(joined.rule), joined.rule, joined.near_rule)
    policy = ibis.cases((own.startswith("policy:"), own.substr(7)), (own.startswith("step:"), own.substr(5)))
    return joined.mutate(policy=policy).drop("rule", "near_event", "near_part", "near_rule", "at")


def _is_rule(rule: Any) -> Any:
    return ibis.coalesce(rule.like("policy:_%") | rule.like("step:_%"), False)


def _bearing(timed: Any) -> Any:
    """Exceptions and steps: per subject and moment the first rule in alphabetical order, so that ties are the same anywhere."""
    acts = timed.filter(
        timed.subject.notnull(),
        _is_rule(timed.rule),
        timed.type.startswith("exception.") | timed.type.startswith("step."),
    )
    return acts.group_by(act_subject="subject", act_at="at").aggregate(act_rule=acts.rule.min())


def _nearest(said: Any, acts: Any) -> Any:
    """near_event, near_part, near_rule: by looking once back and once ahead along each subject's time line."""
    lines = ibis.union(
        said.select("event", "part", "subject", "at", act=ibis.null("int64")),
        acts.select(
            event=ibis.null("string"),
            part=ibis.null("string"),
            subject="act_subject",
            at="act_at",
            act="act_at",
        ),
    )
    back = ibis.range_window(group_by="subject", order_by="at", preceding=None, following=0)
    ahead = ibis.range_window(group_by="subject", order_by="at", preceding=0, following=None)
    seen = lines.mutate(before=lines.act.max().over(back), after=lines.act.min().over(ahead))
    seen = seen.filter(seen.event.notnull())
    past, future = seen.at - seen.before, seen.after - seen.at
    is_past = ibis.coalesce(past <= future, seen.after.isnull())
    found = seen.mutate(nearest=ibis.ifelse(is_past, seen.before, seen.after), gap=ibis.ifelse(is_past, past, future))
    found = found.filter(found.gap <= horizon.width(AROUND, name="AROUND"))
    joined = found.inner_join(acts, (found.subject == acts.act_subject) & (found.nearest == acts.act_at))
    return joined.select(near_event="event", near_part="part", near_rule="act_rule")
