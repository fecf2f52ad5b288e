"""What did one need cost the customer? One row per episode."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.episodes.contacts import contacts
from aboveboard.analyses.episodes.contradictions import contradictions as _contradictions
from aboveboard.analyses.episodes.effort import effort
from aboveboard.analyses.episodes.handoffs import handoffs as _handoffs
from aboveboard.analyses.episodes.members import members as _members
from aboveboard.analyses.episodes.repeats import WINDOW, resolutions
from aboveboard.analyses.episodes.tables import EPISODES
from aboveboard.analyses.shared import horizon
from aboveboard.analyses.shared.listing import listed
from aboveboard.ledger import epochs

_COUNTS = (
    "contacts_count", "channels_count", "restarts_count", "handoffs_count", "lost_handoffs_count", "returns_count",
    "contradictions_count",
)  # fmt: skip


def episodes(
    events: Any,
    *,
    members: Any | None = None,
    handoffs: Any | None = None,
    contradictions: Any | None = None,
    links: Any | None = None,
    window: timedelta = WINDOW,
    as_of: datetime | None = None,
) -> Any:
    """Sum each episode up: table EPISODES (see `tables`), as a query; every event is in exactly one episode.

    `members`, `handoffs` and `contradictions` are the tables of those names; what is not given is worked out with its
    defaults (`members` with `links`). `window` is the FCR window. `repeat_within_window` is absent where nothing was
    called resolved, or where the customer has not come back and the window is not over by `as_of`.
    `as_of` defaults to the last time in the events.
    """
    held = _members(events, links=links, as_of=as_of) if members is None else members
    hops = _handoffs(events, members=held, as_of=as_of) if handoffs is None else handoffs
    said = _contradictions(events, as_of=as_of) if contradictions is None else contradictions
    timed, _ = horizon.until(events, as_of)
    found = _spans(timed, held)
    parts = (
        _subjects(timed, held),
        effort(contacts(events, held, as_of=as_of)).rename(episode="need"),
        _handovers(hops, held),
        _said(said, held),
        _repeated(resolutions(events, members=held, window=window, as_of=as_of)),
    )
    joined = found
    for part in parts:
        columns = [*joined.columns, *(name for name in part.columns if name != "episode")]
        joined = joined.left_join(part, "episode").select(*columns)
    return _shaped(joined)


def _spans(timed: Any, members: Any) -> Any:
    needs = members.select(event="event", episode="episode", person="customer")
    rows = timed.mutate(event=timed.id).inner_join(needs, "event")
    return rows.group_by("episode").aggregate(
        customer=rows.person.min(),
        start=rows["at"].min(),
        end=rows["at"].max(),
        events_count=rows.count(),
        teams_count=rows.team.nunique(),
        contact_minutes=rows.value.sum(where=rows.type == "contact.ended"),
    )


def _subjects(timed: Any, members: Any) -> Any:
    named = timed.filter(timed.subject.notnull()).select(event="id", subject="subject")
    touched = named.inner_join(members.select("event", "episode"), "event").select("episode", "subject").distinct()
    return listed(touched, by="episode", value="subject", order=["subject"], joint=", ", name="subjects")


def _handovers(handoffs: Any, members: Any) -> Any:
    rows = handoffs.inner_join(members.select("event", "episode"), "event")
    among_teams = rows.between != "channel"
    return rows.group_by("episode").aggregate(
        handoffs_count=rows.count(),
        lost_handoffs_count=rows.lost.ifelse(1, 0).sum().cast("int64"),
        returns_count=(rows.returned & among_teams).ifelse(1, 0).sum().cast("int64"),
    )


def _said(contradictions: Any, members: Any) -> Any:
    rows = contradictions.select(event="first_event").inner_join(members.select("event", "episode"), "event")
    return rows.group_by("episode").aggregate(contradictions_count=rows.count())


def _repeated(resolutions: Any) -> Any:
    summed = resolutions.group_by("need").aggregate(
        came=resolutions.repeated.ifelse(1, 0).max(), unwatched=resolutions.watched.ifelse(0, 1).max()
    )
    unknown = (summed.came == 0) & (summed.unwatched == 1)
    return summed.select(
        episode="need", repeat_within_window=ibis.ifelse(unknown, ibis.null("boolean"), summed.came == 1)
    )


def _shaped(joined: Any) -> Any:
    filled = joined.mutate(**{name: joined[name].fill_null(0).cast("int64") for name in _COUNTS})
    times = filled.contacts_count + filled.restarts_count + filled.returns_count + filled.lost_handoffs_count
    return filled.mutate(
        started_at=epochs.moment(filled.start),
        ended_at=epochs.moment(filled.end),
        elapsed_minutes=horizon.minutes_between(filled.start, filled.end),
        effort=times.cast("float64"),
    ).select(*EPISODES.columns)
