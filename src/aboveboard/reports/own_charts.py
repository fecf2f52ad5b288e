"""One employee's own record: the weeks, what was expected of them, the limits, and where it says something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from aboveboard.reports import theme, words

Row = dict[str, Any]
_SHARE = alt.Axis(format="%", title=None, tickCount=5)


def chart(weeks: Sequence[Row], person: Row, zone: ZoneInfo, width: int) -> alt.LayerChart:
    """`weeks` are one employee's rows of `own_charts`, `person` the row of `people`.

    The band holds what the weeks would do by themselves; the line through it is what was expected of their contacts. A week below
    it, or in which the sum of what is missing has climbed over its limit, stands out; so does the moment of the verdict.
    """
    points = [_point(week, zone) for week in weeks]
    floor = _floor(points)
    scale = alt.Scale(domain=[floor, 1], clamp=True)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=3 if width < 500 else 7, labelOverlap=True))
    base = alt.Chart(alt.Data(values=points), width=width, height=200).encode(x=x)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=scale, axis=_SHARE)

    layers: list[Any] = [
        base.mark_area(color=theme.BAND, interpolate="step-after").encode(y=y("low"), y2=alt.Y2("high")),
        base.mark_line(color=theme.SOFT, strokeWidth=1, strokeDash=[3, 3], interpolate="step-after").encode(
            y=y("expected")
        ),
        base.mark_line(color=theme.ACCENT, strokeWidth=1.5).encode(y=y("share")),
        base.mark_point(filled=True, opacity=1).encode(
            y=y("share"),
            color=alt.ColorValue(theme.ACCENT, condition={"test": "datum.stands", "value": theme.SIGNAL}),
            shape=alt.ShapeValue("circle", condition={"test": "datum.stands", "value": "diamond"}),
            size=alt.SizeValue(22, condition={"test": "datum.stands", "value": 80}),
            description=alt.Description("says:N"),
        ),
    ]
    if not words.absent(person["since"]):
        layers += _since(person, zone)
    return alt.layer(*layers)


def alt_text(weeks: Sequence[Row], person: Row, zone: ZoneInfo) -> str:
    """What the chart shows, in words."""
    first, last = words.day(weeks[0]["start_at"], zone), words.day(weeks[-1]["start_at"], zone)
    said = f"Share of contacts resolved, week by week, from {first} to {last}, with its limits"
    return said if words.absent(person["since"]) else f"{said}; {person['verdict']}, {words.day(person['since'], zone)}"


def _point(week: Row, zone: ZoneInfo) -> Row:
    stands = week["outside"] or week["alarm"]
    because = " – the sum has climbed over its limit" if week["alarm"] else " – below the limit" if stands else ""
    return {
        "day": week["start_at"].astimezone(zone).strftime("%Y-%m-%dT00:00:00"),
        "share": week["resolved_share"],
        "expected": week["expected_share"],
        "low": week["limit_low_share"],
        "high": week["limit_high_share"],
        "stands": bool(stands),
        "says": f"{words.day(week['start_at'], zone)}: {words.share(week['resolved_share'])} of {words.count(week['n'])}, "
        f"{words.share(week['expected_share'])} expected{because}",
    }


def _floor(points: Sequence[Row]) -> float:
    lowest = min(min(point["share"], point["low"]) for point in points)
    return 0.0 if lowest < 0.6 else max(0.0, round(lowest - 0.05, 1))


def _since(person: Row, zone: ZoneInfo) -> list[Any]:
    """The moment of the verdict: a line with a word."""
    word = "one day" if person["verdict"] == "isolated" else "since about"
    said = f"{word} {words.day(person['since'], zone)}"
    line = alt.Chart(
        alt.Data(values=[{"day": person["since"].astimezone(zone).strftime("%Y-%m-%dT00:00:00"), "says": said}])
    )
    return [
        line.mark_rule(color=theme.INK, strokeDash=[4, 4]).encode(x="day:T"),
        line.mark_text(align="right", dx=-6, baseline="bottom", fontSize=12, color=theme.INK).encode(
            x="day:T", y=alt.value(196), text="says:N"
        ),
    ]
