"""The pulse as drawings: each question over time, and teams against one another within a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from aboveboard.reports import charts, theme, words

Row = Mapping[str, Any]
ASKED = {
    "training": "Are you trained for what you do?",
    "tools": "Do you have the tools you need?",
    "system": "Does the system work for you?",
    "help": "Do you get help when you need it?",
}
"""The questions, as a person would ask them."""
_INSET = 0.06
"""Room to the left of each question, of its quarter of the width."""
_SCALE = alt.Scale(domain=[1, 5], nice=False, clamp=True)


def over_time(rows: Sequence[Row], zone: ZoneInfo, width: int) -> alt.LayerChart:
    """The four questions week by week (rows of one team or of all), side by side on one scale, with intervals as bands."""
    wide = width > 500
    first, last = (pick(row["week_start_at"] for row in rows) for pick in (min, max))
    span = (last - first).total_seconds() or 1.0
    points = [_point(row, zone, (row["week_start_at"] - first).total_seconds() / span) for row in rows]
    between = f"{words.day(first, zone)} – {words.day(last, zone)}" if first < last else words.day(first, zone)
    heads = [
        {"place": place + _INSET, "question": question, "between": between if wide or not place else ""}
        for place, question in enumerate(ASKED)
    ]
    base = alt.Chart(alt.Data(values=points), width=width, height=150)
    axis = alt.Axis(values=[1, 2, 3, 4, 5], title=None)
    x = alt.X("place:Q", scale=alt.Scale(domain=[0, len(ASKED)], nice=False), axis=None)
    y, of_one = alt.Y("score:Q", scale=_SCALE, axis=axis), alt.Detail("question:N")
    text = alt.Chart(alt.Data(values=heads)).encode(x=x)
    return alt.layer(
        base.mark_area(color=theme.BAND).encode(
            x=x, y=alt.Y("low:Q", scale=_SCALE, axis=axis), y2=alt.Y2("high:Q"), detail=of_one
        ),
        base.mark_line(color=theme.ACCENT, strokeWidth=2).encode(x=x, y=y, detail=of_one),
        base.mark_point(size=30, filled=True, opacity=1).encode(x=x, y=y, description=alt.Description("says:N")),
        text.mark_text(align="left", baseline="bottom", fontWeight=600).encode(y=alt.value(-4), text="question:N"),
        text.mark_text(align="left", baseline="top", color=theme.SOFT, fontSize=11).encode(
            y=alt.value(156), text="between:N"
        ),
    )


def by_team(rows: Sequence[Row], overall: float, width: int) -> alt.LayerChart:
    """The teams' scores on one question over all weeks, with intervals; the dashed line is all of them together."""
    points = [
        {
            "name": row["team"].strip("()"),
            "estimate": row["score"],
            "low": row["score_low"],
            "high": row["score_high"],
            "stands_out": bool(row["differs"]) and row["score"] < row["rest_score"],
            "label": f"{row['score']:.1f} of 5",
            "says": f"{row['team']}: {row['score']:.1f} of 5, {row['score_low']:.1f}–{row['score_high']:.1f}, "
            f"{words.count(row['answers_count'])} answers",
        }
        for row in rows
    ]
    return charts.estimates(points, width, domain=(1, 5), format="d", middle=overall)


def _point(row: Row, zone: ZoneInfo, share: float) -> dict[str, Any]:
    """A week at its place from the left: so many questions, and the share of the time that has passed."""
    return {
        "question": row["question"],
        "place": list(ASKED).index(row["question"]) + _INSET + (1 - 3 * _INSET) * share,
        "score": row["score"],
        "low": row["score_low"],
        "high": row["score_high"],
        "says": f"{row['question']}, week of {words.day(row['week_start_at'], zone)}: {row['score']:.1f} of 5, "
        f"{words.count(row['answers_count'])} answers",
    }
