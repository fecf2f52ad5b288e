"""What one need cost the customer: contacts, channels and restarts, counted per need."""

from __future__ import annotations

from typing import Any

import ibis

MOST = 20
"""So many names a list in a cell may hold; the counts beside it are of all."""


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


def listed(table: Any, *, by: str, value: str, order: list[str], joint: str, name: str) -> Any:
    """One row per `by`: its values, in order, joined into one text of at most twenty names.

    Ranks and one `max` per rank instead of an ordered list, which not every engine can join in a given order.
    """
    ranked = table.mutate(rank=ibis.row_number().over(group_by=by, order_by=[table[column] for column in order]))
    columns = {f"at_{rank}": ranked[value].max(where=ranked["rank"] == rank) for rank in range(MOST)}
    wide = ranked.filter(ranked["rank"] < MOST).group_by(by).aggregate(**columns)
    text = wide.at_0
    for rank in range(1, MOST):
        text = text + ibis.coalesce(joint + wide[f"at_{rank}"], "")
    return wide.select(by, **{name: text})


def _differs(value: Any, last: Any) -> Any:
    return (value != last).fill_null(False)
