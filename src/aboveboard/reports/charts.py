"""Every chart of the report and of a notebook, each a function from table rows to an Altair chart of a given width.

No arithmetic of their own beyond choosing a unit for an axis: intervals, limits and shares come from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from aboveboard.reports import theme, words

Row = dict[str, Any]

SHARE_AXIS = alt.Axis(format="%", title=None, tickCount=5)


def _data(rows: Sequence[Row]) -> alt.Data:
    return alt.Data(values=list(rows))


def _either(channel: Any, test: str, then: Any, otherwise: Any) -> Any:
    """The value `then` where `test` holds of the datum. (Altair's own condition is a dict whose class it has to seek.)"""
    return channel(otherwise, condition={"test": test, "value": then})


def _floor(rows: Sequence[Row], *names: str) -> float:
    """Lower end of a share axis: zero, unless everything lies so high that nothing could be told apart."""
    lowest = min((row[n] for row in rows for n in names if not words.absent(row[n])), default=0.0)
    return 0.0 if lowest < 0.6 else max(0.0, round(lowest - 0.05, 1))


def trend(rows: Sequence[Row], objective: float | None, zone: ZoneInfo, width: int) -> alt.LayerChart:
    """Kept share by period with Laney p′ limits; periods outside them stand out; the objective is a labelled line."""
    points = [
        {
            "day": row["period_start_at"].astimezone(zone).strftime("%Y-%m-%dT00:00:00"),
            "kept": row["kept_share"],
            "low": row["limit_low"],
            "high": row["limit_high"],
            "signal": bool(row["signal"]),
            "says": f"{words.day(row['period_start_at'], zone)}: "
            f"{words.share(row['kept_share'])} of {words.count(row['ended_count'])}",
        }
        for row in rows
        if row["ended_count"]
    ]
    floor = _floor(points, "kept", "low")
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=4 if width < 500 else 8, labelOverlap=True))
    y = alt.Y("kept:Q", scale=alt.Scale(domain=[floor, 1], clamp=True), axis=SHARE_AXIS)
    base = alt.Chart(_data(points), width=width, height=200).encode(x=x)
    layers: list[Any] = [
        base.mark_area(color=theme.BAND, interpolate="step").encode(
            y=alt.Y("low:Q", scale=alt.Scale(domain=[floor, 1], clamp=True), axis=SHARE_AXIS), y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=theme.ACCENT, strokeWidth=1.5).encode(y=y),
        base.mark_point(size=34, filled=True, opacity=1).encode(
            y=y,
            color=_either(alt.ColorValue, "datum.signal", theme.SIGNAL, theme.ACCENT),
            shape=_either(alt.ShapeValue, "datum.signal", "diamond", "circle"),
            size=_either(alt.SizeValue, "datum.signal", 90, 30),
            description=alt.Description("says:N"),
        ),
    ]
    if objective is not None and not words.absent(objective):
        line = alt.Chart(_data([{"objective": objective, "says": f"objective {words.share(objective)}"}]))
        layers.append(line.mark_rule(color=theme.INK, strokeDash=[4, 4]).encode(y=alt.Y("objective:Q")))
        layers.append(
            line.mark_text(align="right", baseline="bottom", dy=-3, color=theme.INK, fontSize=12).encode(
                y=alt.Y("objective:Q"), x=alt.value("width"), text=alt.Text("says:N")
            )
        )
    return alt.layer(*layers)


def heat(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """Share missed by weekday and hour of the start; a cell's number is how many. Cells of fewer than five are faint."""
    cells = []
    for row in rows:
        weekday, hour = words.hour_cell(row["value"])
        missed = row["missed_count"] / row["ended_count"]
        cells.append(
            {
                "weekday": words.WEEKDAYS[weekday - 1],
                "hour": hour,
                "missed": missed,
                "number": str(row["missed_count"]) if row["missed_count"] else "",
                "faint": row["ended_count"] < 5,
                "says": f"{words.WEEKDAYS[weekday - 1]} {hour}:00: {row['missed_count']} of {row['ended_count']} missed",
            }
        )
    hours = list(range(min(c["hour"] for c in cells), max(c["hour"] for c in cells) + 1))
    top = max((c["missed"] for c in cells if not c["faint"]), default=1.0)
    top = max(top, 0.3)  # a promise that is nearly always kept is not painted red where it is least kept
    x = alt.X(
        "hour:O",
        scale=alt.Scale(domain=hours),
        title=None,
        axis=alt.Axis(labelAngle=0, orient="top", labelOverlap=True),
    )
    y = alt.Y("weekday:N", sort=list(words.WEEKDAYS), scale=alt.Scale(domain=list(words.WEEKDAYS)), title=None)
    base = alt.Chart(_data(cells), width=width, height=alt.Step(26)).encode(x=x, y=y)
    layers: list[Any] = [
        base.mark_rect(cornerRadius=3).encode(
            color=alt.Color(
                "missed:Q", scale=alt.Scale(type="quantize", domain=[0, top], range=list(theme.HEAT)), legend=None
            ),
            opacity=_either(alt.OpacityValue, "datum.faint", 0.45, 1),
            description=alt.Description("says:N"),
        )
    ]
    if width > 500 and max(len(c["number"]) for c in cells) <= 3:
        layers.append(
            base.mark_text(fontSize=11).encode(
                text=alt.Text("number:N"),
                color=_either(alt.ColorValue, f"datum.missed > {5 / 7 * top}", theme.PAPER, theme.INK),
            )
        )
    return alt.layer(*layers)


def short(name: str, most: int) -> str:
    """A name of at most so many letters, cut at its end."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def breaks(rows: Sequence[Row], overall: float, width: int) -> alt.LayerChart:
    """Kept share with its interval per team or channel, the overall share as a line; what truly differs is red or green."""
    points = [
        {
            "name": row["value"],
            "estimate": row["kept_share"],
            "low": row["kept_share_low"],
            "high": row["kept_share_high"],
            "stands_out": bool(row["differs"]),
            "better": row["kept_share"] > overall,
            "label": f"{words.share(row['kept_share'])} of {words.count(row['ended_count'])}",
            "says": f"{row['value']}: {words.share(row['kept_share'])} of {words.count(row['ended_count'])} kept, "
            f"interval {words.interval(row['kept_share_low'], row['kept_share_high'])}",
        }
        for row in sorted(rows, key=lambda r: r["kept_share"])
    ]
    return estimates(points, width, domain=(_floor(points, "low"), 1), middle=overall, format="%")


def estimates(
    points: Sequence[Row], width: int, *, domain: tuple[float, float], format: str, middle: float | None = None
) -> alt.LayerChart:
    """One line per point, in the order given: a dot, its interval, and its label in a column at the right.

    A point holds name, estimate, low and high (absent: no interval is drawn), stands_out (drawn in red, or in green where it is
    `better`), label, and says (for those who cannot see it). `middle` is what they are compared with, a dashed line; `domain`
    the ends of the axis.
    """
    most, extent, label_width = (13, 96, 84) if width < 500 else (24, 168, 110)
    shown = [{**point, "name": short(point["name"], most)} for point in points]
    for number, point in enumerate(shown):  # two names that were cut alike are two lines all the same
        point["name"] += "\u200b" * sum(other["name"].rstrip("\u200b") == point["name"] for other in shown[:number])
    # The labels stand in a column of their own at the right, so the scale ends before it.
    scale = alt.Scale(domain=list(domain), range=[0, alt.ExprRef(f"width - {label_width}")])
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent)
    y = alt.Y("name:N", sort=[point["name"] for point in shown], title=None, axis=axis)
    x = alt.X(
        "estimate:Q",
        scale=scale,
        axis=alt.Axis(format=format, title=None, tickCount=2 if width < 500 else 4, labelFlush=True),
    )
    base = alt.Chart(_data(shown), width=width, height=alt.Step(26)).encode(y=y)
    colour = alt.ColorValue(
        theme.ACCENT,
        condition=[
            {"test": "datum.stands_out && datum.better", "value": theme.KEPT},
            {"test": "datum.stands_out", "value": theme.SIGNAL},
        ],
    )
    interval = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=5, opacity=0.3, strokeCap="round")
    layers = [
        interval.encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"), color=colour),
        base.mark_point(size=64, filled=True, opacity=1).encode(
            x=x, color=colour, description=alt.Description("says:N")
        ),
        base.mark_text(align="right", color=theme.SOFT, fontSize=11).encode(
            x=alt.value("width"), text=alt.Text("label:N")
        ),
    ]
    if middle is not None:
        line = alt.Chart(_data([{"middle": middle}])).mark_rule(color=theme.SOFT, strokeDash=[4, 4])
        layers.insert(0, line.encode(x=alt.X("middle:Q", scale=scale)))
    return alt.layer(*layers)


def unit_of(minutes: float) -> tuple[float, str]:
    """The unit an axis of this size is read in: (minutes per unit, its name)."""
    if minutes <= 180:
        return 1.0, "minutes"
    if minutes <= 3 * 1440:
        return 60.0, "hours"
    return 1440.0, "days"


def deliverable(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """By hour of the start: the time within which the objective would be met (with interval), against the time promised."""
    known = [row for row in rows if not words.absent(row["minutes_deliverable"])]
    largest = max(row["minutes_deliverable"] for row in known)
    size, unit = unit_of(largest)
    cap = 1.25 * largest / size
    points = [
        {
            "hour": int(row["value"]),
            "time": row["minutes_deliverable"] / size,
            "low": row["minutes_deliverable"] / size
            if words.absent(row["minutes_deliverable_low"])
            else row["minutes_deliverable_low"] / size,
            "high": cap if words.absent(row["minutes_deliverable_high"]) else row["minutes_deliverable_high"] / size,
            "promised": row["minutes_promised"] / size,
            "bounded": not words.absent(row["minutes_deliverable_high"]),
            "over": row["minutes_deliverable"] > row["minutes_promised"],
            "says": f"made at {row['value']} h: {words.duration(row['minutes_deliverable'])} would hold, "
            f"{words.duration(row['minutes_promised'])} promised, of {words.count(row['starts_count'])}",
        }
        for row in known
    ]
    hours = list(range(min(p["hour"] for p in points), max(p["hour"] for p in points) + 1))
    x = alt.X(
        "hour:O",
        scale=alt.Scale(domain=hours),
        title="hour at which the promise is made",
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
    )
    y = alt.Y("time:Q", title=unit, scale=alt.Scale(domain=[0, cap], clamp=True, nice=False))
    base = alt.Chart(_data(points), width=width, height=200).encode(x=x)
    colour = _either(alt.ColorValue, "datum.over", theme.SIGNAL, theme.KEPT)
    return alt.layer(
        base.mark_rule(strokeWidth=6, strokeCap="round").encode(
            y=alt.Y("low:Q", title=unit),
            y2=alt.Y2("high:Q"),
            color=colour,
            # where the data do not bound it, the interval runs faintly to the edge
            opacity=_either(alt.OpacityValue, "datum.bounded", 0.3, 0.12),
        ),
        base.mark_point(size=60, filled=True, opacity=1).encode(
            y=y,
            color=colour,
            shape=_either(alt.ShapeValue, "datum.over", "diamond", "circle"),
            description=alt.Description("says:N"),
        ),
        base.mark_line(interpolate="step", color=theme.INK, strokeWidth=1.5, strokeDash=[4, 4]).encode(
            y=alt.Y("promised:Q")
        ),
    )


def efforts(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """How many episodes took how many contacts; the last bar gathers all longer ones."""
    base = alt.Chart(_data(rows), width=width, height=180).encode(
        x=alt.X("contacts:O", title="contacts that one need took", sort=None, axis=alt.Axis(labelAngle=0)),
    )
    return alt.layer(
        base.mark_bar(color=theme.ACCENT, cornerRadiusTopLeft=2, cornerRadiusTopRight=2).encode(
            y=alt.Y("episodes:Q", title=None, axis=alt.Axis(tickCount=4, format=",d", tickMinStep=1)),
            description=alt.Description("says:N"),
        ),
        base.mark_text(baseline="bottom", dy=-3, color=theme.SOFT, fontSize=11).encode(
            y=alt.Y("episodes:Q"), text=alt.Text("episodes:Q", format=",")
        ),
    )


def distribution(contacts: Sequence[int], most: int = 8) -> list[Row]:
    """Rows for `efforts`: 1, 2, … and `most`+."""
    counts: dict[str, int] = {}
    for number in contacts:
        label = str(number) if number < most else f"{most}+"
        counts[label] = counts.get(label, 0) + 1
    order = [str(n) for n in range(1, most)] + [f"{most}+"]
    last = max((order.index(label) for label in counts if label in order), default=0)
    return [
        {
            "contacts": label,
            "episodes": counts.get(label, 0),
            "says": f"{counts.get(label, 0):,} episodes of {label} contacts",
        }
        for label in order[: last + 1]
    ]


OUTCOME_COLOURS = {
    "kept": theme.KEPT,
    "late": theme.LATE,
    "broken": theme.BROKEN,
    "at risk": theme.AT_RISK,
    "open": theme.OPEN,
    "cancelled": theme.CANCELLED,
}


def outcomes(counts: Mapping[str, Mapping[str, int]], width: int) -> alt.LayerChart:
    """One bar per promise, cut by outcome; each part carries its count and word where there is room."""
    order = list(OUTCOME_COLOURS)
    rows = []
    for promise, by_outcome in counts.items():
        total = sum(by_outcome.values())
        start = 0
        for outcome in order:
            n = by_outcome.get(outcome, 0)
            if n:
                label = f"{n:,} {outcome}" if n / total > 0.14 else ""
                rows.append(
                    {
                        "promise": promise,
                        "outcome": outcome,
                        "from": start / total,
                        "to": (start + n) / total,
                        "label": label,
                        "says": f"{promise}: {n:,} of {total:,} {outcome}",
                    }
                )
            start += n
    colour = alt.Color("outcome:N", scale=alt.Scale(domain=order, range=list(OUTCOME_COLOURS.values())), legend=None)
    base = alt.Chart(_data(rows), width=width, height=alt.Step(30)).encode(
        y=alt.Y(
            "promise:N", title=None, axis=alt.Axis(labelColor=theme.INK, minExtent=168, maxExtent=168, labelLimit=168)
        )
    )
    x = alt.X("from:Q", axis=alt.Axis(format="%", title=None), scale=alt.Scale(domain=[0, 1]))
    return alt.layer(
        base.mark_bar(height=18).encode(x=x, x2=alt.X2("to:Q"), color=colour, description=alt.Description("says:N")),
        base.mark_text(align="left", dx=5, color=theme.PAPER, fontSize=11).encode(x=x, text=alt.Text("label:N")),
    )
