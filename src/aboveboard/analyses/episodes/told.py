"""Hand-offs that somebody wrote down: `handoff.sent` with the `handoff.received` that answers it."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.analyses.episodes import seen
from aboveboard.ledger import attributes

SENT, RECEIVED = "handoff.sent", "handoff.received"


def between_teams(events: Any) -> Any:
    """One row per `handoff.sent` that has a subject; `events` carry `at`. Columns as `seen.between_teams` gives them.

    A receipt answers the latest sending to that team, on that subject, that is still unanswered: when something is sent
    again because nobody took it, the first sending is the one that was lost. Each receipt answers one sending; a receipt
    that nothing was sent for answers none. At equal times a sending stands before a receipt.
    Where `attributes.to` is absent, the receiver is the team of the next receipt on the subject.
    """
    return _answers(_levels(_named(_moves(events))))


def subjects(events: Any) -> Any:
    """The subjects whose hand-offs were written down."""
    return events.filter(events.type == SENT, events.subject.notnull()).select("subject").distinct()


def _moves(events: Any) -> Any:
    """Sendings (step 1) and receipts (step −1), each with `place`, the team that was to have it or that has it."""
    handed = events.filter(events.type.isin([SENT, RECEIVED]), events.subject.notnull())
    is_sent = handed.type == SENT
    place = ibis.ifelse(is_sent, attributes.text(handed, "to"), handed.team)
    moves = handed.select(
        "subject", "customer", "at", "team", event="id", place=place, step=ibis.ifelse(is_sent, 1, -1).cast("int64")
    )
    return moves.filter((moves.step == 1) | moves.place.notnull())


def _named(moves: Any) -> Any:
    """Sendings to nobody in particular get the team of the next receipt on the subject, counted off by number."""
    so_far = ibis.window(group_by="subject", order_by=_in_turn(moves), preceding=None, following=0)
    numbered = moves.mutate(receipts=(moves.step == -1).ifelse(1, 0).sum().over(so_far).cast("int64"))
    receipts = numbered.filter(numbered.step == -1).select(
        receipt_subject="subject", number="receipts", next_team="place"
    )
    ahead = (numbered.subject == receipts.receipt_subject) & (numbered.receipts + 1 == receipts.number)
    joined = numbered.left_join(receipts, ahead)
    return joined.select(
        "subject", "customer", "at", "team", "event", "step", place=ibis.coalesce(joined.place, joined.next_team)
    )


def _levels(moves: Any) -> Any:
    """How many sendings are unanswered, as with brackets: a sending and its receipt stand at one level.

    The level is a running sum above its own running minimum, so that a receipt without a sending does not go below zero.
    """
    so_far = ibis.window(group_by=["subject", "place"], order_by=_in_turn(moves), preceding=None, following=0)
    summed = moves.mutate(open=moves.step.sum().over(so_far).cast("int64"))
    lowest = summed.mutate(floor=ibis.least(summed.open.min().over(so_far), 0))
    one_more = ibis.ifelse(lowest.step == -1, 1, 0)
    return lowest.mutate(level=(lowest.open - lowest.floor + one_more).cast("int64"))


def _answers(moves: Any) -> Any:
    """In one level a sending is followed by its receipt, if there is one."""
    following = ibis.window(group_by=["subject", "place", "level"], order_by=_in_turn(moves))
    paired = moves.mutate(next_step=moves.step.lead().over(following), next_at=moves.at.lead().over(following))
    sent = paired.filter(paired.step == 1)
    hops = sent.select(
        "subject",
        "customer",
        "event",
        sender=sent.team,
        receiver=sent.place,
        sent=sent.at,
        received=ibis.ifelse(sent.next_step == -1, sent.next_at, ibis.null("int64")),
    )
    return seen.with_returns(hops, ibis.window(group_by="subject", order_by=[hops.sent, hops.event]))


def _in_turn(moves: Any) -> list[Any]:
    return [moves.at, moves.step.desc(), moves.event]
