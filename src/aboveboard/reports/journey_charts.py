"""Scores, distance from perfection, drivers and the queue of small steps: charts from the rows of the journey tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from aboveboard.playbook.model import Measure
from aboveboard.reports import charts, theme, words

Row = Mapping[str, Any]


def said(row: Row, value: float | None) -> str:
    """A score as one would say it: NPS "+23", CSAT "64 %", a mean "3.7"."""
    if value is None or words.absent(value):
        return "–"
    if row["unit"] == "points":
        return f"{value:+.0f}".replace("-", "−")
    return words.share(value) if row["unit"] == "share" else f"{value:.2f}"


def ends(row: Row, measure: Measure) -> tuple[float, float]:
    """The ends of the axis of a score."""
    return {"points": (-100.0, 100.0), "share": (0.0, 1.0)}.get(row["unit"], measure.scale)


def scores(rows: Sequence[Row], measure: Measure, width: int, *, middle: float | None) -> alt.LayerChart:
    """One line per part of a slice: its score with the interval; parts that differ from the rest are red, or green."""
    points = [
        {
            "name": row["value"],
            "estimate": row["score"],
            "low": row["score_low"],
            "high": row["score_high"],
            "stands_out": bool(row["differs"]),
            "better": middle is not None and (row["score"] > middle) == (measure.high_is in ("good", "easy")),
            "label": f"{said(row, row['score'])} from {words.count(row['answers_count'])}",
            "says": f"{row['value']}: {said(row, row['score'])} from {row['answers_count']} answers",
        }
        for row in rows
    ]
    format = {"points": "+.0f", "share": "%"}.get(rows[0]["unit"], ".0f")
    return charts.estimates(points, width, domain=ends(rows[0], measure), format=format, middle=middle)


def distance(rows: Sequence[Row], zone: ZoneInfo, width: int) -> alt.LayerChart:
    """Distance from perfection by period with control limits; 0, at the bottom, is perfect. Periods outside stand out."""
    points = [
        {
            "day": row["period_start_at"].astimezone(zone).strftime("%Y-%m-%dT00:00:00"),
            "distance": row["distance"],
            "low": row["limit_low"],
            "high": row["limit_high"],
            "center": row["center"],
            "signal": bool(row["signal"]),
            "open": not row["complete"],
            "says": f"{words.day(row['period_start_at'], zone)}: {row['distance']:.0f} from {row['answers_count']} answers",
        }
        for row in rows
    ]
    top = max([10.0, *(max(p["distance"], 0 if words.absent(p["high"]) else p["high"]) for p in points)])
    scale = alt.Scale(domain=[0, min(100.0, top * 1.05)], nice=False)
    axis = alt.Axis(format=".0f", title=None, tickCount=5)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=4 if width < 500 else 8, labelOverlap=True))
    y = alt.Y("distance:Q", scale=scale, axis=axis)
    base = alt.Chart(alt.Data(values=points), width=width, height=180).encode(x=x)
    band = base.transform_filter("isValid(datum.low)").mark_area(color=theme.BAND, interpolate="step")
    return alt.layer(
        band.encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2=alt.Y2("high:Q")),
        base.mark_line(color=theme.SOFT, strokeDash=[4, 4], strokeWidth=1).encode(y=alt.Y("center:Q", scale=scale)),
        base.mark_line(color=theme.ACCENT, strokeWidth=1.5).encode(y=y),
        base.mark_point(filled=True, opacity=1).encode(
            y=y,
            color=alt.ColorValue(theme.ACCENT, condition={"test": "datum.signal", "value": theme.SIGNAL}),
            shape=alt.ShapeValue("circle", condition={"test": "datum.signal", "value": "diamond"}),
            size=alt.SizeValue(30, condition={"test": "datum.signal", "value": 90}),
            opacity=alt.OpacityValue(1, condition={"test": "datum.open", "value": 0.45}),
            description=alt.Description("says:N"),
        ),
    )


def drivers(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per driver, the greatest share first; those that add nothing of their own are grey by their word."""
    points = [
        {
            "name": driver_name(row),
            "estimate": row["share"],
            "low": row["share_low"],
            "high": row["share_high"],
            "stands_out": False,
            "label": f"{words.share(row['share'])} at {row['driver_score']:.0f}" if row["drives"] else "not shown",
            "says": f"{driver_name(row)}: {words.share(row['share'])} of what is explained, rated {row['driver_score']:.0f} of 100",
        }
        for row in rows
    ]
    top = max(row["share_high"] for row in rows)
    return charts.estimates(points, width, domain=(0, min(1.0, top * 1.05)), format="%", middle=0)


def driver_name(row: Row) -> str:
    """A touchpoint by its name, a promise by what it is."""
    return f"{words.plain(row['driver'])} kept" if row["driver_measure"] == "kept" else str(row["driver"])


def queue(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per change in the order of the queue: what it would spare each week; those that fit are coloured."""
    points = [
        {
            "name": f"{row['rank']}. {step_name(row)}",
            "estimate": row["spared_weekly"],
            "low": row["spared_weekly_low"],
            "high": row["spared_weekly_high"],
            "stands_out": False,
            "label": f"{words.number(row['spared_weekly'])} for {days(row['effort_days'])}",
            "says": f"{row['says']} About {words.number(row['spared_weekly'])} a week for {days(row['effort_days'])}",
        }
        for row in rows
    ]
    top = max(row["spared_weekly_high"] for row in rows)
    return charts.estimates(points, width, domain=(0, top * 1.05 or 1.0), format=".0f" if top >= 5 else ".1f")


def step_name(row: Row) -> str:
    """The kind of change is long and the same for several: what it is about says more."""
    return words.plain(str(row["about"]).split(":", 1)[-1].split("/")[-1].removeprefix("touchpoint "))


def days(effort: float) -> str:
    """Effort in words: "half a day", "1 day", "5 days"."""
    if effort == 0.5:
        return "half a day"
    return f"{effort:g} day{'' if effort == 1 else 's'}"
