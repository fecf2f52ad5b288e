"""Whose are the differences? One bar per outcome: the system's part, the person's part, and what is left to chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = Mapping[str, Any]
LOOKS = {
    "system": ("system", theme.ACCENT, theme.PAPER),
    "both": ("cannot be told", theme.OPEN, theme.PAPER),
    "employee": ("person", theme.LATE, theme.INK),
    "chance": ("none of these", theme.BAND, theme.INK),
}
"""What is written on each part, its colour, and the colour of the words on it, from left to right."""
ROOM = {True: 0.17, False: 0.34}
"""A part narrower than this share of the bar carries no words (on a wide page, on a phone)."""
_WHOLE = 0.32
"""From this share on the system's part says in full what it is, on a wide page."""


def bars(outcomes: Mapping[str, Sequence[Row]], width: int) -> alt.LayerChart:
    """`outcomes`: per name of an outcome its rows of `variance`, one per part (see LOOKS); parts without a row are not drawn.

    The thin line is the interval of where the system's part ends; the column at the right that of the person's.
    """
    wide = width > 500
    parts = [part for name, rows in outcomes.items() for part in _parts(name, rows, wide)]
    ends = [
        {"outcome": name, "low": row["low"], "high": row["high"]}
        for name, rows in outcomes.items()
        for row in rows
        if row["side"] == "system"
    ]
    persons = [
        {"outcome": name, "label": f"person {words.interval(row['low'], row['high'])}"}
        for name, rows in outcomes.items()
        for row in rows
        if row["side"] == "employee"
    ]
    extent, label_width = (140, 116) if wide else (92, 88)
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent)
    y = alt.Y("outcome:N", title=None, sort=list(outcomes), axis=axis)
    # The person's part is often too narrow for words: its interval stands in a column of its own.
    scale = alt.Scale(domain=[0, 1], range=[0, alt.ExprRef(f"width - {label_width}")])
    x = alt.X("from:Q", scale=scale, axis=alt.Axis(format="%", title=None, tickCount=4 if wide else 2, labelFlush=True))
    base = alt.Chart(alt.Data(values=parts), width=width, height=alt.Step(44)).encode(y=y)
    whiskers = alt.Chart(alt.Data(values=ends)).encode(y=y, x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"))
    said = alt.Chart(alt.Data(values=persons)).encode(y=y, x=alt.value("width"), text="label:N")
    return alt.layer(
        base.mark_bar(height=24).encode(
            x=x, x2=alt.X2("to:Q"), color=alt.Color("colour:N", scale=None), description=alt.Description("says:N")
        ),
        base.mark_text(align="left", dx=6, fontSize=11).encode(
            x=x, text="label:N", color=alt.Color("ink:N", scale=None)
        ),
        whiskers.mark_rule(strokeWidth=2, color=theme.INK, yOffset=17),
        said.mark_text(align="right", fontSize=11, color=theme.SOFT),
    )


def _parts(outcome: str, rows: Sequence[Row], wide: bool) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    start = 0.0
    by_side = {row["side"]: row for row in rows}
    for side, (word, colour, ink) in LOOKS.items():
        if side not in by_side:
            continue
        share = by_side[side]["share"]
        between = words.interval(by_side[side]["low"], by_side[side]["high"])
        parts.append(
            {
                "outcome": outcome,
                "from": start,
                "to": min(start + share, 1.0),
                "colour": colour,
                "ink": ink,
                "label": f"{_called(side, share, wide)} {words.share(share)}" if share >= ROOM[wide] else "",
                "says": f"{outcome}: {word} {words.share(share)} ({between})",
            }
        )
        start += share
    return parts


def _called(side: str, share: float, wide: bool) -> str:
    return "the system’s share:" if side == "system" and wide and share >= _WHOLE else LOOKS[side][0]
