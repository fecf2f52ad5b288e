"""What one need cost the customer: contacts, channels and restarts, counted per need."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.analyses.shared.listing import listed


def effort(contacts: Any) -> Any:
    """One row per need: need, contacts_count, channels_count, channels (in order of first use, joined by ` → `), restarts_count.

    A restart is a contact on another channel, or with another team, than the one before; an unknown channel or team
    is not another one.
    """
    in_turn = ibis.window(group_by="need", order_by=[contacts.at, contacts.event])
    moved = contacts.mutate(
        elsewhere=_differs(contacts.channel, contacts.channel.lag().over(in_turn))
        | _differs(contacts.team, contacts.team.lag().over(in_turn))
    )
    counted = moved.group_by("need").aggregate(
        contacts_count=moved.count(),
        channels_count=moved.channel.nunique(),
        restarts_count=moved.elsewhere.ifelse(1, 0).sum().cast("int64"),
    )
    used = contacts.filter(contacts.channel.notnull())
    first = used.group_by("need", "channel").aggregate(since=used.at.min())
    named = listed(first, by="need", value="channel", order=["since", "channel"], joint=" → ", name="channels")
    return counted.left_join(named, "need").select(*counted.columns, "channels")


def _differs(value: Any, last: Any) -> Any:
    return (value != last).fill_null(False)
