"""Which units of one person are one need: gaps and islands with running maxima, one pass and no iteration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import ibis

By = Literal["need", "subject"]


@dataclass(frozen=True)
class Rule:
    """The lengths of time of the rule, in microseconds, and what it joins by (see `members`)."""

    by: By
    gap: int
    session: int
    longest: int


def islands(units: Any, rule: Rule) -> Any:
    """The units with `island` and `stretch`: units of one person with equal island and stretch are one episode.

    Both are absent for a unit without a person: it is an episode of its own.
    """
    known = units.filter(units.person.notnull())
    marked = _with_leads(known, rule)
    begins = _begins_by_need(marked, rule) if rule.by == "need" else _begins_by_subject(marked, rule)
    numbered = _numbered(begins)
    start = numbered.start.min().over(group_by=["person", "island"])
    held = numbered.mutate(island_start=start)
    return held.mutate(stretch=((held.start - held.island_start) // rule.longest).cast("int64")).select(
        "person", "unit", "island", "stretch"
    )


def _with_leads(units: Any, rule: Rule) -> Any:
    """Mark `opens` (an order; by subject, anything with one) and `leads` (the visit that led to what opens next)."""
    opens = units.mutate(opens=units.ordered.notnull() if rule.by == "need" else units.tied)
    later = ibis.window(group_by="person", order_by=_in_turn(opens), following=(1, None))
    ahead = opens.mutate(next=opens.start.min(where=opens.opens).over(later))
    leads = ~ahead.opens & ahead.visit & (ahead.next - ahead.end <= rule.session)
    return ahead.mutate(leads=leads.fill_null(False))


def _begins_by_need(units: Any, rule: Rule) -> Any:
    """Mark `begins` by how far the units before it reach: all of them, the talk, and the buying.

    Follow-ups (what neither is an order nor led to one) join whatever ended less than a gap ago. An order joins
    only talk, or buying in the same session: orders that went well do not chain.
    """
    before = ibis.window(group_by="person", order_by=_in_turn(units), preceding=(None, 1))
    buying = ibis.ifelse(units.opens, units.start, ibis.ifelse(units.leads, units.end, ibis.null("int64")))
    talking = ibis.ifelse(units.leads, ibis.null("int64"), units.talk)
    reached = units.mutate(
        reach=units.end.max().over(before), talk_reach=talking.max().over(before), buy_reach=buying.max().over(before)
    )
    follows = reached.start <= reached.reach + rule.gap
    buys_on = (reached.start <= reached.talk_reach + rule.gap).fill_null(False) | (
        reached.start <= reached.buy_reach + rule.session
    ).fill_null(False)
    joins = ibis.ifelse(reached.opens | reached.leads, buys_on, follows.fill_null(False))
    return reached.mutate(begins=~joins)


def _begins_by_subject(units: Any, rule: Rule) -> Any:
    """Mark `begins`: every subject does, unless the visit just before it led to it; the rest follows what came before."""
    in_turn = ibis.window(group_by="person", order_by=_in_turn(units))
    before = ibis.window(group_by="person", order_by=_in_turn(units), preceding=(None, 1))
    reached = units.mutate(
        reach=units.end.max().over(before), led=units.leads.lag().over(in_turn), last_end=units.end.lag().over(in_turn)
    )
    led_to = reached.led.fill_null(False) & (reached.start <= reached.last_end + rule.session)
    follows = (reached.start <= reached.reach + rule.gap).fill_null(False)
    return reached.mutate(begins=~ibis.ifelse(reached.opens | reached.leads, led_to.fill_null(False), follows))


def _numbered(units: Any) -> Any:
    so_far = ibis.window(group_by="person", order_by=_in_turn(units), preceding=None, following=0)
    return units.mutate(island=units.begins.ifelse(1, 0).sum().over(so_far).cast("int64"))


def _in_turn(units: Any) -> list[Any]:
    # At equal times the visit stands before what it led to.
    return [units.start, units.tied, units.unit]
