"""Where a conflict bites, over the two facts that decide it, with the real cases as points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = dict[str, Any]

LOOKS = {
    "kept": ("circle", theme.KEPT, 16),
    "late": ("triangle-up", theme.LATE, 34),
    "broken": ("cross", theme.BROKEN, 34),
    "at risk": ("diamond", theme.AT_RISK, 30),
    "open": ("diamond", theme.OPEN, 24),
    "cancelled": ("square", theme.CANCELLED, 14),
}
"""Shape, colour and size of each outcome: none has to be told apart by colour alone."""
_CLOCK = "(datum.value % 24) + ':00' + (datum.value >= 24 ? ' next day' : '')"
_ROWS = 24


def region(boxes: Sequence[Row], cases: Sequence[Row], width: int) -> alt.LayerChart:
    """The boxes of one conflict as shaded ground, the cases as points. With one fact alone the points are spread upward by lot."""
    first = boxes[0]
    flat = first["y_fact"] is None
    points = [_point(number, row, flat) for number, row in enumerate(cases)]
    ends_x, ends_y = _domain("x", boxes, points), [0.0, 1.0] if flat else _domain("y", boxes, points)
    x = _axis(alt.X, "x", first, ends_x, width)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1])) if flat else _axis(alt.Y, "y", first, ends_y, width)
    ground = [
        {
            "x": _end(box["x_low"], ends_x[0]), "x2": _end(box["x_high"], ends_x[1]),
            "y": 0 if flat else _end(box["y_low"], ends_y[0]), "y2": 1 if flat else _end(box["y_high"], ends_y[1]),
        }
        for box in boxes
    ]  # fmt: skip
    shaded = alt.Chart(alt.Data(values=ground), width=width, height=120 if flat else 260)
    shaded = shaded.mark_rect(
        color=theme.SIGNAL, opacity=0.14, stroke=theme.SIGNAL, strokeOpacity=0.9, strokeWidth=1, clip=True
    )
    # The words stand at that side of the region which has room for them.
    right = ground[0]["x"] + ground[0]["x2"] > ends_x[0] + ends_x[1]
    label = alt.Chart(alt.Data(values=[{**ground[0], "says": "cannot all be kept"}])).mark_text(
        align="right" if right else "left",
        baseline="top",
        dx=-6 if right else 6,
        dy=6,
        fontWeight=600,
        color=theme.SIGNAL,
    )
    layers: list[Any] = [shaded.encode(x=x, x2="x2:Q", y=y, y2="y2:Q")]
    if points:
        dots = alt.Chart(alt.Data(values=points)).mark_point(filled=True, opacity=0.55, clip=True)
        layers.append(
            dots.encode(
                x=x,
                y=y,
                shape=alt.Shape("shape:N", scale=None),
                color=alt.Color("colour:N", scale=None),
                size=alt.Size("size:Q", scale=None),
                description=alt.Description("says:N"),
            )
        )
    layers.append(label.encode(x=alt.X("x2:Q" if right else "x:Q"), y=alt.Y("y2:Q"), text="says:N"))
    return alt.layer(*layers)


def _point(number: int, row: Row, flat: bool) -> Row:
    shape, colour, size = LOOKS.get(row["outcome"] or "open", LOOKS["open"])
    place = (number * 7 % _ROWS + 0.5) / _ROWS
    where = "in" if row["inside"] else "outside"
    return {
        "x": row["x"], "y": place if flat else row["y"], "shape": shape, "colour": colour, "size": size,
        "says": f"{row['event']}: {row['outcome']}, {where} the region",
    }  # fmt: skip


def _domain(name: str, boxes: Sequence[Row], points: Sequence[Row]) -> list[float]:
    """The ends of an axis: all that is drawn, and a little room."""
    values = [point[name] for point in points if not words.absent(point[name])]
    ends = [box[f"{name}_{end}"] for box in boxes for end in ("low", "high")]
    held = [*values, *(end for end in ends if not words.absent(end))] or [0.0, 1.0]
    low, high = min(held), max(held)
    room = (high - low or 1.0) * 0.06  # the last label of a narrow axis needs half its width
    return [low - room, high + room]


def _axis(channel: Any, name: str, first: Row, ends: list[float], width: int) -> Any:
    clock = {"labelExpr": _CLOCK, "tickMinStep": 1} if first[f"{name}_clock"] else {}
    axis = alt.Axis(
        title=words.plain(first[f"{name}_fact"]),
        tickCount=4 if width < 500 else 8,
        grid=False,
        labelFlush=True,
        **clock,
    )
    return channel(f"{name}:Q", scale=alt.Scale(domain=ends, nice=False), axis=axis)


def _end(value: float | None, edge: float) -> float:
    return edge if words.absent(value) else float(value or 0)
