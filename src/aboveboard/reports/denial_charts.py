"""Refusals by rule, cut by the evidence behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = Mapping[str, Any]

ROOM_BEHIND = 0.6
"""Behind a bar shorter than this share of the longest there is room for words."""

EVIDENCE = {
    "safety": ("safety", theme.KEPT),
    "law": ("law", theme.OPEN),
    "impossible": ("cannot be done", theme.CANCELLED),
    "abuse": ("abuse found", theme.AT_RISK),
    "without": ("no evidence", theme.BROKEN),
}
"""What is written on each part, and its colour; the stem of its count's column is the key."""


def by_rule(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One bar per rule, as long as its refusals; parts carry count and word, or have them behind a bar that is short."""
    longest = max(row["denials_count"] for row in rows)
    extent = 112 if width < 500 else 190
    room = 110 / (width - extent)
    parts = [part for row in rows for part in _parts(row, longest, room)]
    order = [words.plain(row["policy"]) for row in rows]
    base = alt.Chart(alt.Data(values=parts), width=width, height=alt.Step(30)).encode(
        y=alt.Y(
            "rule:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent - 20),
        )
    )
    x = alt.X("from:Q", title="refusals", axis=alt.Axis(tickCount=4, format=",d", tickMinStep=1))
    names = [name for name, _ in EVIDENCE.values()]
    colours = [colour for _, colour in EVIDENCE.values()]
    colour = alt.Color("evidence:N", scale=alt.Scale(domain=names, range=colours), legend=None)
    return alt.layer(
        base.mark_bar(height=18).encode(x=x, x2=alt.X2("to:Q"), color=colour, description=alt.Description("says:N")),
        base.mark_text(align="left", dx=5, color=theme.PAPER, fontSize=11).encode(x=x, text=alt.Text("label:N")),
        base.mark_text(align="left", dx=5, color=theme.SOFT, fontSize=11).encode(
            x=alt.X("to:Q"), text=alt.Text("behind:N")
        ),
    )


def _parts(row: Row, longest: int, room: float) -> list[dict[str, Any]]:
    """The stretches of one bar; a stretch that has no room for its words shows them on hover alone."""
    parts: list[dict[str, Any]] = []
    start = 0
    for stem, (name, _) in EVIDENCE.items():
        count = row[f"{stem}_count"]
        if count:
            says = f"{words.count(count)} {name}"
            parts.append(
                {
                    "rule": words.plain(row["policy"]),
                    "evidence": name,
                    "from": start,
                    "to": start + count,
                    "label": says if count / longest > room else "",
                    "behind": "",
                    "says": f"{words.plain(row['policy'])}: {says}, of {words.count(row['denials_count'])}",
                }
            )
        start += count
    small = [f"{words.count(part['to'] - part['from'])} {part['evidence']}" for part in parts if not part["label"]]
    if parts and start < ROOM_BEHIND * longest:
        parts[-1]["behind"] = ", ".join(small)
    return parts
