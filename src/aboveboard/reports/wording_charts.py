"""Which policy breeds which words, drawn: the share of messages with its interval, and the others' share beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt

from aboveboard.reports import charts, theme, words

Row = dict[str, Any]


def bred(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per policy and wording; a tick marks the share among all other messages. Those that breed it are red."""
    most, extent, label_width = (11, 142, 66) if width < 500 else (22, 270, 120)
    points = [
        {
            "line": number,
            "share": row["share"],
            "low": row["share_low"],
            "high": row["share_high"],
            "others": None if words.absent(row["other_share"]) else row["other_share"],
            "bred": bool(row["differs"]),
            "label": f"{words.count(row['remarked_count'])} of {words.count(row['messages_count'])}",
            "says": f"{row['policy']}, {row['rule']}: {words.count(row['remarked_count'])} of "
            f"{words.count(row['messages_count'])} messages, interval {words.interval(row['share_low'], row['share_high'])}",
        }
        for number, row in enumerate(rows)
    ]
    top = max(point["high"] for point in points)
    # The labels stand in a column of their own at the right, so the scale ends before it.
    scale = alt.Scale(domain=[0, top], range=[0, alt.ExprRef(f"width - {label_width}")])
    # Shortened names may be alike, so that the lines are told apart by number and only labelled by name.
    names = [
        f"{charts.short(words.plain(row['policy']), most)}: {charts.short(words.plain(row['rule']), most)}"
        for row in rows
    ]
    label = f"{json.dumps(names)}[datum.value]"
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent, labelExpr=label)
    y = alt.Y("line:O", title=None, axis=axis)
    x = alt.X("share:Q", scale=scale, axis=alt.Axis(format="%", title=None, tickCount=4, labelFlush=True))
    base = alt.Chart(alt.Data(values=points), width=width, height=alt.Step(26)).encode(y=y)
    colour = alt.ColorValue(theme.ACCENT, condition={"test": "datum.bred", "value": theme.SIGNAL})
    return alt.layer(
        base.mark_rule(strokeWidth=5, opacity=0.3, strokeCap="round").encode(
            x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"), color=colour
        ),
        base.mark_tick(color=theme.SOFT, thickness=2, height=16).encode(x=alt.X("others:Q", scale=scale)),
        base.mark_point(size=64, filled=True, opacity=1).encode(
            x=x, color=colour, description=alt.Description("says:N")
        ),
        base.mark_text(align="right", color=theme.SOFT, fontSize=11).encode(
            x=alt.value("width"), text=alt.Text("label:N")
        ),
    )
