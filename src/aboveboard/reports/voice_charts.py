"""What customers speak about, drawn: a bar per theme, cut by how it is meant; and discontent week by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt

from aboveboard.reports import charts, theme, words

Row = dict[str, Any]
_LOOKS = (("negative", theme.BROKEN), ("other", theme.CANCELLED), ("positive", theme.KEPT))


def themes(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One bar per row of the table `themes`, as long as its texts are many: negative, neither, positive."""
    most, extent, label_width = (18, 130, 60) if width < 500 else (40, 270, 110)
    # Shortened names may be alike: lines are told apart by number and labelled by name.
    points = [part for number, row in enumerate(rows) for part in _parts(number, row)]
    names = [charts.short(row["theme"], most) for row in rows]
    labels = [
        {
            "line": number,
            "label": f"{words.count(row['texts_count'])}"
            + (f", {words.share(row['negative_count'] / row['texts_count'], 0)} negative" if width >= 500 else ""),
        }
        for number, row in enumerate(rows)
    ]
    listed = "[" + ", ".join(f'"{_quoted(name)}"' for name in names) + "][datum.value]"
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent, labelExpr=listed)
    y = alt.Y("line:O", title=None, axis=axis)
    top = max(row["texts_count"] for row in rows)
    scale = alt.Scale(domain=[0, top], range=[0, alt.ExprRef(f"width - {label_width}")])
    colour = alt.Color(
        "meant:N", scale=alt.Scale(domain=[name for name, _ in _LOOKS], range=[look for _, look in _LOOKS]), legend=None
    )
    base = alt.Chart(alt.Data(values=points), width=width, height=alt.Step(26)).encode(y=y)
    return alt.layer(
        base.mark_bar(height=16).encode(
            x=alt.X("from:Q", scale=scale, axis=None),
            x2=alt.X2("to:Q"),
            color=colour,
            description=alt.Description("says:N"),
        ),
        alt.Chart(alt.Data(values=labels), width=width)
        .mark_text(align="right", color=theme.SOFT, fontSize=11)
        .encode(y=y, x=alt.value("width"), text=alt.Text("label:N")),
    )


def _parts(number: int, row: Row) -> list[Row]:
    counts = {"negative": row["negative_count"], "positive": row["positive_count"]}
    counts["other"] = row["texts_count"] - sum(counts.values())
    start, found = 0, []
    for name, _ in _LOOKS:
        found.append(
            {
                "line": number,
                "meant": name,
                "from": start,
                "to": start + counts[name],
                "says": f"{row['theme']}: {words.count(counts[name])} of {words.count(row['texts_count'])} "
                + ("neither" if name == "other" else name),
            }
        )
        start += counts[name]
    return found


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def weeks(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """The share of negative texts by week, with its interval; rows of `voice_by` of the cut week."""
    points = [
        {
            "week": f"{row['value']}T00:00:00",
            "share": row["negative_share"],
            "low": row["negative_share_low"],
            "high": row["negative_share_high"],
            "says": f"Week of {_day(row['value'])}: {words.share(row['negative_share'])} of "
            f"{words.count(row['sentiment_count'])} texts negative",
        }
        for row in rows
    ]
    x = alt.X(
        "week:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=4 if width < 500 else 8, labelOverlap=True)
    )
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.Data(values=points), width=width, height=180).encode(x=x)
    return alt.layer(
        base.mark_area(color=theme.BAND).encode(
            y=alt.Y("low:Q", scale=scale, axis=charts.SHARE_AXIS), y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=theme.ACCENT, strokeWidth=1.5).encode(
            y=alt.Y("share:Q", scale=scale, axis=charts.SHARE_AXIS)
        ),
        base.mark_point(size=30, filled=True, opacity=1, color=theme.ACCENT).encode(
            y=alt.Y("share:Q", scale=scale, axis=charts.SHARE_AXIS), description=alt.Description("says:N")
        ),
    )


def _day(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.day} {day:%b %Y}"
