"""What a case may have in common with others: who served it, under which rule, where and when."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.engines import ledgers
from aboveboard.ledger import attributes, local_time
from aboveboard.playbook.model import Playbook

EMPLOYEE = "employee"
NAMES = (EMPLOYEE, "team", "policy", "promise", "channel", "product", "touchpoint", "situation", "hour", "vendor")
"""Every component, in the order of the tables."""
BAND = 2
"""Hours of the day are taken two at a time."""
_POLICY = "policy:"


def of_events(events: Any) -> dict[str, Any]:
    """The components of ledger events (with their `band`) as text columns, absent where the event says nothing.

    The product is `attributes.product`, the situation `attributes.situation`: what the case was like before anybody served. The
    vendor is `attributes.vendor`; where that is only `true`, the team is the vendor.
    """
    vendor = attributes.text(events, "vendor")
    rule = events.rule
    return {
        EMPLOYEE: events.employee,
        "team": events.team,
        "policy": ibis.cases((rule.startswith(_POLICY), rule.substr(len(_POLICY)))),
        "channel": events.channel,
        "product": attributes.text(events, "product"),
        "touchpoint": events.touchpoint,
        "situation": attributes.text(events, "situation"),
        "hour": events.band.cast("string"),
        "vendor": ibis.cases((vendor == "true", events.team), (vendor == "false", ibis.null("string")), else_=vendor),
    }


def with_band(events: Any, playbook: Playbook) -> Any:
    """The events with `band` (which two hours of the local day it was, 0 to 11) and `day` (local days since 1970)."""
    edges = ledgers.arrow(events.aggregate(first=events.time.min(), last=events.time.max())).to_pylist()[0]
    if edges["first"] is None:
        return events.mutate(band=ibis.literal(0, type="int64"), day=ibis.literal(0, type="int64"))
    # The fewer years, the quicker local time is found.
    shown = local_time.local(events.time, playbook.timezone, edges["first"].year - 1, edges["last"].year + 1)
    day = (shown / 86_400).floor().cast("int64")
    return events.mutate(band=((shown - day * 86_400) / (BAND * 3600)).floor().cast("int64"), day=day)


def readable(name: str, level: str) -> str:
    """A level as it is shown: the band 4 as "08–10", all else as it is."""
    if name != "hour":
        return level
    start = BAND * int(level)
    return f"{start:02d}–{start + BAND:02d}"
