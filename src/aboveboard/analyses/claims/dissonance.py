"""What did the customer see while inside it was something else?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.claims.tables import DISSONANCE
from aboveboard.analyses.shared import horizon, spans

WAITS = (
    "hold", "on hold", "on-hold", "onhold", "waiting", "pending", "paused", "parked", "blocked", "suspended", "backlog",
    "deferred", "queued", "stalled", "awaiting parts", "wartet", "wartend", "angehalten", "zurückgestellt", "pausiert",
    "blockiert", "geparkt",
)  # fmt: skip
OVER = (
    "solved", "resolved", "closed", "done", "completed", "complete", "finished", "cancelled", "canceled", "rejected",
    "declined", "delivered", "erledigt", "gelöst", "geschlossen", "abgeschlossen", "storniert", "abgelehnt", "zugestellt",
)  # fmt: skip
"""Statuses in which nothing moves, and those in which nothing more will; any other moves."""


def dissonance(events: Any, *, as_of: datetime | None = None) -> Any:
    """The time for which each pair of faces stood together: table DISSONANCE (see `tables`).

    A face is what `status.changed` last said on a subject, to that audience; a status of no audience is no face. A pair stands
    from when both are known to the next change of either, or to `as_of`. Stretches in which both faces say that it is over
    are left out: they never end. A ledger in which no subject has two faces gives no rows. Nothing is executed.
    """
    timed, now = horizon.until(events, as_of)
    faces = timed.filter(
        timed.type == "status.changed",
        timed.subject.notnull(),
        timed.outcome.notnull(),
        timed.audience.isin(["customer", "internal"]),
    ).select("subject", "at", "id", "outcome", is_shown=timed.audience == "customer")
    stood = _spells(_pairs(_carried(_carried(faces, "shown", faces.is_shown), "inside", ~faces.is_shown)), now)
    return _summed(stood)


def _carried(rows: Any, name: str, says: Any) -> Any:
    """Adds `name`: the status that the rows of one face last said, up to the row itself."""
    marked = rows.mutate(_says=ibis.ifelse(says, 1, 0))
    so_far = ibis.rows_window(group_by="subject", order_by=[marked.at, marked.id], preceding=None, following=0)
    counted = marked.mutate(_turn=marked["_says"].sum().over(so_far))
    said = ibis.ifelse(counted["_says"] == 1, counted.outcome, ibis.null("string"))
    # Within one turn only its first row says anything, so the greatest is that one.
    carried = said.max().over(ibis.window(group_by=["subject", "_turn"]))
    return counted.mutate(**{name: carried}).drop("_says", "_turn")


def _pairs(rows: Any) -> Any:
    """One row per moment at which the pair changed: of events at the same moment the last holds."""
    in_turn = ibis.window(group_by="subject", order_by=[rows.at, rows.id])
    rows = rows.mutate(_next=rows.at.lead().over(in_turn))
    lasting = rows.filter(rows["_next"].isnull() | (rows["_next"] > rows.at))
    again = ibis.window(group_by="subject", order_by=[lasting.at, lasting.id])
    before = lasting.mutate(_shown=lasting.shown.lag().over(again), _inside=lasting.inside.lag().over(again))
    same = (before.shown == before["_shown"]) & (before.inside == before["_inside"])
    return before.filter(~same.fill_null(False)).drop("_next", "_shown", "_inside")


def _spells(pairs: Any, now: Any) -> Any:
    in_turn = ibis.window(group_by="subject", order_by=[pairs.at, pairs.id])
    ended = pairs.mutate(until=pairs.at.lead().over(in_turn).coalesce(now))
    known = ended.filter(ended.shown.notnull(), ended.inside.notnull())
    known = known.filter(~((_state(known.shown) == "over") & (_state(known.inside) == "over")))
    return known.mutate(minutes=spans.minutes(spans.whole_seconds(known.until) - spans.whole_seconds(known.at)))


def _state(status: Any) -> Any:
    low = status.lower()
    return ibis.cases((low.isin(list(WAITS)), "waits"), (low.isin(list(OVER)), "over"), else_="moves")


def _summed(spells: Any) -> Any:
    differs = ibis.ifelse(_state(spells.shown) != _state(spells.inside), 1, 0)
    by_pair = ibis.window(group_by=["shown", "inside"], order_by=[spells.minutes.desc(), spells.subject, spells.at])
    first = spells.subject.first().over(by_pair)
    ranked = spells.mutate(_differs=differs, _first=first)
    pairs = ranked.group_by("shown", "inside").aggregate(
        differs=ranked["_differs"].max() == 1,
        minutes=ranked.minutes.sum(),
        spells_count=ranked.count().cast("int64"),
        subjects_count=ranked.subject.nunique().cast("int64"),
        longest_minutes=ranked.minutes.max(),
        longest_subject=ranked["_first"].max(),
    )
    whole = pairs.minutes.sum().over(ibis.window())
    share = ibis.ifelse(whole > 0, pairs.minutes / whole, ibis.null("float64"))
    return pairs.mutate(share=share).select(*DISSONANCE.columns)
