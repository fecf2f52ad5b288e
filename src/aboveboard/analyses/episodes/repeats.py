"""How often does the customer have to come back after he was told it was resolved?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.episodes.contacts import contacts
from aboveboard.analyses.episodes.members import members as _members
from aboveboard.analyses.episodes.tables import REPEATS
from aboveboard.analyses.shared import horizon
from aboveboard.analyses.shared.shares import share, wilson

WINDOW = timedelta(days=7)
SLICES = ("team", "channel", "touchpoint")
_NOT_RESOLVED = ("unresolved", "abandoned")
_CAME_BACK, _RESOLVED = 0, 1


def repeats(
    events: Any, *, members: Any | None = None, window: timedelta = WINDOW, as_of: datetime | None = None
) -> Any:
    """First contact resolution: table REPEATS (see `tables`), as a query; slices all, team, channel, touchpoint.

    Of what was called resolved and has a full `window` behind it by `as_of` (the rest is censored: left out of
    both counts), the share after which the customer did not come back on the same episode. Keep `window` within the
    gap by which `members` joins, or what comes back late is already another episode.
    A slice's value is absent from the table where the resolving event does not say it.
    """
    found = resolutions(events, members=members, window=window, as_of=as_of)
    full = found.filter(found.watched)
    whole = full.mutate(slice=ibis.literal("all"), value=ibis.literal("all"))
    parts = [full.mutate(slice=ibis.literal(name), value=full[name]) for name in SLICES]
    rows = ibis.union(*(part.select("slice", "value", "repeated") for part in (whole, *parts)))
    said = rows.filter(rows.value.notnull())
    summed = said.group_by("slice", "value").aggregate(
        resolved_count=said.count(), repeat_count=said.repeated.ifelse(1, 0).sum().cast("int64")
    )
    good = summed.resolved_count - summed.repeat_count
    low, high = wilson(good, summed.resolved_count)
    return summed.mutate(
        window_days=ibis.literal(window / timedelta(days=1)),
        fcr_share=share(good, summed.resolved_count),
        fcr_share_low=low,
        fcr_share_high=high,
    ).select(*REPEATS.columns)


def resolutions(
    events: Any, *, members: Any | None = None, window: timedelta = WINDOW, as_of: datetime | None = None
) -> Any:
    """One row per time that an episode was called resolved.

    Columns: event, need (the episode), at (microseconds), team, channel, touchpoint, repeated, watched.
    Resolved: `contact.ended` with outcome resolved, or `case.closed` (unless unresolved or abandoned). Called resolved
    twice in a row, without the customer in between, counts once, at the first. `repeated`: a contact or `case.reopened`
    followed, later than the moment itself and within `window`. `watched`: the whole window lies before `as_of`.
    """
    now = horizon.until(events.select("time"), as_of)[1]
    held = _members(events, as_of=as_of) if members is None else members
    patience = horizon.width(window, name="window")
    rows = _calls_and_returns(events, held, as_of)
    in_turn = [rows.at, rows.kind, rows.event]
    last = ibis.window(group_by="need", order_by=in_turn)
    following = ibis.window(group_by="need", order_by=in_turn, following=(1, None))
    seen = rows.mutate(
        before=rows.kind.lag().over(last), next_at=rows.at.min(where=rows.kind == _CAME_BACK).over(following)
    )
    first = seen.filter(seen.kind == _RESOLVED, seen.before.isnull() | (seen.before == _CAME_BACK))
    return first.select(
        "event",
        "need",
        "at",
        *SLICES,
        repeated=(first.next_at - first.at <= patience).fill_null(False),
        watched=first.at + patience <= now,
    )


def _calls_and_returns(events: Any, members: Any, as_of: datetime | None) -> Any:
    """Resolutions and the customer's returns on one line of time; at equal times he was there before it was resolved."""
    columns = ("event", "need", "at", *SLICES)
    timed, _ = horizon.until(events.filter(events.type.isin(["contact.ended", "case.closed", "case.reopened"])), as_of)
    ended = (timed.type == "contact.ended") & (timed.outcome == "resolved")
    closed = (timed.type == "case.closed") & ~timed.outcome.isin(_NOT_RESOLVED).fill_null(False)
    needs = members.select(event="event", need="episode")
    marks = timed.filter(ended | closed | (timed.type == "case.reopened")).mutate(event=timed.id)
    marks = marks.inner_join(needs, "event")
    kind = ibis.ifelse(marks.type == "case.reopened", _CAME_BACK, _RESOLVED).cast("int64")
    came = contacts(events, members, as_of=as_of).select(*columns).mutate(kind=ibis.literal(_CAME_BACK, type="int64"))
    return ibis.union(marks.mutate(kind=kind).select(*columns, "kind"), came)
