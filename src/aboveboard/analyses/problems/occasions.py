"""Where could we have let a customer down, and did we? The other families' tables as one register of occasions.

A breakdown is only worth counting beside the occasions on which it could have happened: twice as many late parcels on
twice as many orders is no problem's beginning. So each kind brings its own occasions, and says of each whether it broke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.problems import voices
from aboveboard.analyses.problems.kinds import (
    CLAIM,
    COMPLAINT,
    CONTRADICTION,
    ESCALATION,
    HANDOFF,
    INSISTENCE,
    PROMISE,
    RATING,
    REFUSAL,
    REOPENED,
    STEP,
)
from aboveboard.analyses.problems.tables import OCCASIONS
from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

_LINE = ("kind", "rule", "event", "subject", "customer", "at", "team", "broken")


def occasions(
    events: Any, playbook: Playbook, *, tables: Mapping[str, Any] | None = None, as_of: datetime | None = None
) -> Any:
    """Every settled occasion: table OCCASIONS (see `tables`), as a query.

    `tables` are analysis tables by name, judged at the same moment; of them `promises`, `handoffs`, `contradictions`,
    `claims`, `escalations`, `denials` and `duties` are read, and one that is missing brings no occasions. Complaints,
    answers to surveys, reviews and reopened cases are read from the events themselves. `as_of` defaults to the last
    time in the events.
    """
    timed, _ = horizon.until(events, as_of)
    parts = [_READERS[name](table) for name, table in sorted((tables or {}).items()) if name in _READERS]
    told = (tables or {}).get("contradictions")
    if told is not None:
        parts.append(_told(timed, told))
    parts += [_complaints(timed), _reopened(timed), *_ratings(timed, playbook)]
    lines = ibis.union(*(part.select(*_LINE) for part in parts), distinct=False)
    return _in_place(lines.filter(lines.at.notnull()), timed).select(*OCCASIONS.columns)


def _in_place(lines: Any, timed: Any) -> Any:
    """The lines with what their events say of team, channel and product."""
    product = ibis.coalesce(attributes.text(timed, "product"), attributes.text(timed, "category"))
    places = timed.select("channel", its_id="id", its_team="team", product=product)
    joined = lines.left_join(places, lines.event == places.its_id)
    return joined.mutate(team=ibis.coalesce(joined.team, joined.its_team))


def _line(table: Any, kind: str, **columns: Any) -> Any:
    named = {name: columns[name] if name in columns else table[name] for name in _LINE if name not in ("kind", "rule")}
    rule = columns.get("rule", ibis.null("string"))
    return table.select(kind=ibis.literal(kind), rule=rule, **named)


def _promises(table: Any) -> Any:
    ended = table.filter(table.outcome.isin(["kept", "late", "broken"]))
    rule = ibis.literal("promise:") + ended.promise
    return _line(ended, PROMISE, rule=rule, at=ended.made_at, broken=ended.outcome != "kept")


def _handoffs(table: Any) -> Any:
    told = table.filter(table.basis == "told", table.lost | table.received_at.notnull())
    return _line(told, HANDOFF, at=told.sent_at, team=told.sender, broken=told.lost)


def _claims(table: Any) -> Any:
    """A message that claims the same thing twice is one occasion."""
    known = table.filter(table.verdict.isin(["supported", "contradicted"]))
    one = known.group_by(["event", "claim"]).aggregate(
        subject=known.subject.max(),
        customer=known.customer.max(),
        at=known.said_at.max(),
        team=known.team.max(),
        worst=(known.verdict == "contradicted").ifelse(1, 0).max(),
    )
    return _line(one, CLAIM, rule=ibis.literal("claim:") + one.claim, broken=one.worst == 1)


def _escalations(table: Any) -> Any:
    """A no with its reason, told, is an answer."""
    judged = table.filter(table.theatre.notnull())
    broken = judged.theatre & (judged.ending != "told no")
    return _line(judged, ESCALATION, rule=judged.rule, at=judged.opened_at, broken=broken.fill_null(False))


def _denials(table: Any) -> Any:
    rule = ibis.literal("policy:") + table.policy
    nobody = ibis.null("string")
    return _line(table, REFUSAL, rule=rule, at=table.denied_at, team=nobody, broken=table.evidence == "none")


def _duties(table: Any) -> Any:
    """Two questions of a step: was a customer who had said no asked again, and was a must done?"""
    rule = ibis.literal("step:") + table.step
    offered = table.mutate(rule=rule).filter(table.offers_count > 0)
    musts = table.mutate(rule=rule).filter(table.kind == "must", table.met.notnull())
    asked = _line(
        offered,
        INSISTENCE,
        rule=offered.rule,
        event=offered.visit,
        at=offered.started_at,
        broken=offered.insisted_count > 0,
    )
    done = _line(musts, STEP, rule=musts.rule, event=musts.visit, at=musts.started_at, broken=~musts.met)
    return ibis.union(asked, done, distinct=False)


def _told(timed: Any, contradictions: Any) -> Any:
    """Subjects of which at least two statements are on record: those alone can be contradicted."""
    says = timed.filter(timed.subject.notnull()).mutate(said=attributes.text(timed, "says"))
    first = _firsts(says.filter(says.said.notnull()), least=2)
    struck = contradictions.select(struck="subject").distinct()
    joined = first.left_join(struck, first.subject == struck.struck)
    return _line(joined, CONTRADICTION, broken=joined.struck.notnull())


def _complaints(timed: Any) -> Any:
    """Every subject, where anybody ever complained: the occasion is the subject's beginning."""
    mine = timed.filter(timed.subject.notnull())
    said = mine.filter(mine.type == "complaint.received")
    any_count = said.aggregate(n=said.count()).n.as_scalar()
    first = _firsts(mine.filter(any_count > 0), least=1)
    struck = said.select(struck="subject").distinct()
    joined = first.left_join(struck, first.subject == struck.struck)
    return _line(joined, COMPLAINT, broken=joined.struck.notnull())


def _reopened(timed: Any) -> Any:
    """Cases that were opened, and closed or reopened since."""
    mine = timed.filter(timed.subject.notnull())
    first = _firsts(mine.filter(mine.type == "case.opened"), least=1)
    ended = mine.filter(mine.type.isin(["case.closed", "case.reopened"]))
    again = ended.group_by("subject").aggregate(again=(ended.type == "case.reopened").ifelse(1, 0).max())
    joined = first.inner_join(again.rename(its="subject"), first.subject == again.rename(its="subject").its)
    return _line(joined, REOPENED, broken=joined.again == 1)


def _ratings(timed: Any, playbook: Playbook) -> Iterator[Any]:
    rated = voices.rated(timed, playbook)
    yield _line(
        rated, RATING, rule=ibis.literal("measure:") + rated.measure, event=rated.id, at=rated.time, broken=rated.bad
    )


def _firsts(rows: Any, *, least: int) -> Any:
    """The first event of each subject that has `least` or more of them, as a line (`event`, `at` as its time)."""
    alone = ibis.window(group_by="subject")
    ranked = rows.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="subject", order_by=[rows.at, rows.id])),
        many=rows.id.count().over(alone),
        anybody=rows.customer.max().over(alone),
    )
    first = ranked.filter(ranked["rank"] == 0, ranked.many >= least)
    return first.select("subject", "team", event="id", at="time", customer=ibis.coalesce(first.customer, first.anybody))


_READERS: dict[str, Callable[[Any], Any]] = {
    "promises": _promises,
    "handoffs": _handoffs,
    "claims": _claims,
    "escalations": _escalations,
    "denials": _denials,
    "duties": _duties,
}
