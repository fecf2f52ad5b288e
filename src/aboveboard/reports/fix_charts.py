"""A fix as a drawing: the weeks before and after it, and where they would have lain without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from aboveboard.reports import charts, theme, words

Row = Mapping[str, Any]
WEEKS_SHOWN = {True: 52, False: 26}
"""Weeks before the change that are drawn (on a wide page, on a phone)."""


def before_after(rows: Sequence[Row], fix: Row, zone: ZoneInfo, width: int) -> alt.LayerChart:
    """The weeks of one fix (rows of `fix_weeks`, its row of `fixes`): dots are weeks, the dashed line what was expected.

    The band holds 95 of 100 weeks if nothing had been changed. Weeks after the window are hollow: they are watched for a return.
    """
    wide = width > 500
    share = "share" in (fix["measure"] or "")
    points = [_point(row, zone, share) for row in rows if row["week"] >= -WEEKS_SHOWN[wide]]
    top = max([point[name] for point in points for name in ("rate", "high") if not words.absent(point[name])] or [1.0])
    scale = alt.Scale(domain=[0, min(1.0, 1.08 * top) if share else 1.08 * top], nice=False, clamp=True)
    axis = alt.Axis(tickCount=4, title=None if share else "breakdowns a week", format="%" if share else ",~r")
    dates = alt.Axis(format="%-d %b %Y" if wide else "%b %y", tickCount=6 if wide else 3, labelOverlap=True)
    x = alt.X("day:T", title=None, axis=dates)
    y = alt.Y("rate:Q", scale=scale, axis=axis)
    base = alt.Chart(alt.Data(values=points), width=width, height=220).encode(x=x)
    line = base.transform_filter("isValid(datum.expected)").mark_line(color=theme.SOFT, strokeWidth=2)
    expected = alt.Y("expected:Q", scale=scale, axis=axis)
    after = alt.StrokeValue(theme.SOFT, condition={"test": "datum.after", "value": theme.ACCENT})
    return alt.layer(
        base.transform_filter("isValid(datum.high)").mark_area(color=theme.BAND).encode(
            y=alt.Y("low:Q", scale=scale, axis=axis), y2=alt.Y2("high:Q")
        ),
        line.transform_filter("!datum.after").encode(y=expected),
        line.transform_filter("datum.after").mark_line(color=theme.INK, strokeWidth=2, strokeDash=[5, 4]).encode(y=expected),
        base.transform_filter("isValid(datum.rate)").mark_point(size=38, opacity=1, strokeWidth=1.5, filled=False).encode(
            y=y,
            stroke=after,
            fill=alt.FillValue(theme.PAPER, condition=[
                {"test": "!datum.after", "value": theme.SOFT}, {"test": "datum.in_window", "value": theme.ACCENT},
            ]),
            description=alt.Description("says:N"),
        ),
        *_moments(fix, zone, scale),
    )  # fmt: skip


def overview(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """By how much less than expected, with the interval and the verdict in a word; what is not shown to be better stands out."""
    points = [
        {
            "name": name_of(row),
            "estimate": row["reduced_share"],
            "low": None if words.absent(row["reduced_share_low"]) else max(-1.0, row["reduced_share_low"]),
            "high": None if words.absent(row["reduced_share_low"]) else min(1.0, row["reduced_share_high"]),
            "stands_out": row["verdict"] in ("worse", "came back"),
            "label": row["verdict"],
            "says": f"{name_of(row)}: {row['verdict']}. {row['because']}",
        }
        for row in rows
        if not words.absent(row["reduced_share"]) and abs(row["reduced_share"]) <= 1
    ]
    lowest = min(
        [0.0, *(point["low"] for point in points if point["low"] is not None), *(point["estimate"] for point in points)]
    )
    return charts.estimates(points, width, domain=(lowest - 0.02, 1.0), format="%", middle=0.0)


def name_of(row: Row) -> str:
    """The problem of a fix, and where it is in force, in words."""
    name = words.plain((row["problem"] or "").rpartition(":")[2])
    return name if row["part"] == "all" else f"{name}, {row['part']}"


def _point(row: Row, zone: ZoneInfo, share: bool) -> dict[str, Any]:
    rate = row["rate"]
    said = "no case" if words.absent(rate) else words.share(rate) if share else f"{words.number(rate)} breakdowns"
    of = f" of {words.count(row['cases_count'])}" if share else ""
    says = words.share if share else words.number
    without = "" if words.absent(row["expected"]) else f", {says(row['expected'])} expected"
    return {
        "day": row["week_start_at"].astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
        "rate": rate,
        "expected": None if words.absent(row["expected"]) else max(0.0, row["expected"]),
        "low": row["expected_low"] if not words.absent(row["expected"]) else None,
        "high": row["expected_high"],
        "after": bool(row["after"]),
        "in_window": bool(row["in_window"]),
        "says": f"week of {words.day(row['week_start_at'], zone)}: {said}{of}{without}",
    }


def _moments(fix: Row, zone: ZoneInfo, scale: alt.Scale) -> list[alt.Chart]:
    """The change, and where the old rate was noticed to be back, as labelled lines."""
    layers = []
    for column, word, colour in (("released_at", "change", theme.INK), ("came_back_at", "back", theme.SIGNAL)):
        at = fix[column]
        if words.absent(at):
            continue
        data = alt.Chart(alt.Data(values=[{"at": at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"), "word": word}]))
        layers.append(data.mark_rule(color=colour, strokeWidth=1.5).encode(x=alt.X("at:T")))
        layers.append(
            data.mark_text(align="left", baseline="top", dx=4, color=colour, fontSize=12, fontWeight=600).encode(
                x=alt.X("at:T"), y=alt.value(0), text=alt.Text("word:N")
            )
        )
    return layers
