"""Where does work wait or get lost between hands? One row per hand-off between teams, vendors or channels."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.episodes import seen, told
from aboveboard.analyses.episodes.contacts import contacts
from aboveboard.analyses.episodes.tables import HANDOFFS
from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes, epochs

LOST_AFTER = timedelta(days=2)
_COLUMNS = ("subject", "customer", "event", "sender", "receiver", "sent", "received", "returned", "between", "basis")


def handoffs(
    events: Any,
    *,
    members: Any | None = None,
    as_of: datetime | None = None,
    lost_after: timedelta = LOST_AFTER,
    acts: Collection[str] | None = None,
) -> Any:
    """Find the hand-offs in the events: table HANDOFFS (see `tables`), as a query.

    Between teams: what `handoff.sent` and `handoff.received` say (basis `told`); on subjects without any
    `handoff.sent`, successive acts by different teams (basis `seen`), so that none is counted twice. `acts` are the
    event types that count as acts; None is every event with a team. Between channels: successive contacts of one need
    (the episode where `members` is given, else the subject or the customer) on different channels.

    A hand-off of which either team is known as a vendor (any of its events carries `attributes.vendor` true) is
    `between` vendor. `lost_after` is how long a receiver has: a told hand-off received later than that counts as
    lost, and one not yet received does once `as_of` is past it; one that was only seen is never called lost.
    `as_of` defaults to the last time in the events; what came later does not count.
    """
    # Each part narrows the events before they are timed, so that an engine reads for each only the columns and rows it
    # needs; timed once for all, they would be held whole in memory.
    written = horizon.until(events.filter(events.type.isin([told.SENT, told.RECEIVED])), as_of)[0]
    acting = horizon.until(seen.acting(events, acts), as_of)[0]
    unwritten = acting.anti_join(told.subjects(written), "subject")
    found = ibis.union(
        _named(told.between_teams(written), between="team", basis="told"),
        _named(seen.between_teams(unwritten), between="team", basis="seen"),
        _named(seen.between_channels(contacts(events, members, as_of=as_of)), between="channel", basis="seen"),
    )
    now = horizon.until(events.select("time"), as_of)[1]
    marked = _with_vendors(found, events, as_of)
    return _shaped(marked, now, horizon.width(lost_after, name="lost_after"))


def _named(hops: Any, *, between: str, basis: str) -> Any:
    return hops.mutate(between=ibis.literal(between), basis=ibis.literal(basis)).select(*_COLUMNS)


def _with_vendors(found: Any, events: Any, as_of: datetime | None) -> Any:
    # Most events do not speak of vendors: the plain search spares them being read as JSON.
    telling = events.filter(events.team.notnull(), events.attributes.contains('"vendor"'))
    spoken = horizon.until(telling, as_of)[0]
    vendors = spoken.filter(attributes.text(spoken, "vendor") == "true").select(vendor="team").distinct()
    ours = found.left_join(vendors.view(), [("sender", "vendor")]).rename(sending_vendor="vendor")
    ours = ours.left_join(vendors.view(), [("receiver", "vendor")])
    outside = (ours.between == "team") & (ours.sending_vendor.notnull() | ours.vendor.notnull())
    return ours.mutate(between=ibis.ifelse(outside, "vendor", ours.between))


def _shaped(found: Any, now: Any, patience: int) -> Any:
    deadline = found.sent + patience
    late = (found.received.isnull() | (found.received > deadline)) & (deadline < now)
    # Of an act by the next team nobody knows when the work was given away: it may have been parked, not lost.
    known = found.basis == "told"
    return found.mutate(
        sent_at=epochs.moment(found.sent),
        received_at=epochs.moment(found.received),
        waiting_minutes=horizon.minutes_between(found.sent, ibis.coalesce(found.received, now)),
        lost=known & late,
    ).select(*HANDOFFS.columns)
