"""What each step adds, step by step and context by context, as one drawing per procedure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from aboveboard.analyses.procedures import advice, saying
from aboveboard.reports import theme, words

Row = dict[str, Any]

LOOKS = {
    advice.KEEP: ("circle", theme.KEPT, "keep"),
    advice.CONDITIONAL: ("triangle-up", theme.LATE, "conditional"),
    advice.DROP: ("cross", theme.BROKEN, "drop"),
    advice.UNKNOWN: ("diamond", theme.CANCELLED, "not enough data"),
}
"""Shape, colour and word of each advice: none of the three has to be told apart alone."""
_NAME = "slice(datum.value, indexof(datum.value, '|') + 1)"
_OF_A_STEP = "indexof(datum.value, '|– ') < 0"


def effects(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per row of the table `steps`, in the order given: the effect, its interval and the advice in a word.

    A step's contexts stand under it. The band around nothing holds what is not worth having.
    """
    most, extent, label_width = (15, 104, 96) if width < 500 else (26, 190, 120)
    points = [_point(number, row, most) for number, row in enumerate(rows)]
    scale = alt.Scale(domain=_domain(rows), nice=False, range=[0, alt.ExprRef(f"width - {label_width}")])
    y = alt.Y("line:N", sort=[point["line"] for point in points], title=None, axis=_names(extent))
    base = alt.Chart(alt.Data(values=points), width=width, height=alt.Step(26)).encode(y=y)
    axis = alt.Axis(format="+.1f", title=None, tickCount=3 if width < 500 else 6, labelFlush=True)
    x = alt.X("effect:Q", scale=scale, axis=axis)
    known = base.transform_filter("isValid(datum.effect)")
    colour = alt.Color("colour:N", scale=None)
    layers: list[Any] = [
        *_nothing(rows, scale),
        known.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
            x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"), color=colour
        ),
        known.mark_point(size=70, filled=True, opacity=1).encode(
            x=x, color=colour, shape=alt.Shape("shape:N", scale=None), description=alt.Description("says:N")
        ),
        base.mark_text(align="right", color=theme.SOFT, fontSize=11).encode(x=alt.value("width"), text="word:N"),
    ]
    return alt.layer(*layers)


def _point(number: int, row: Row, most: int) -> Row:
    step = row["step"].removeprefix(f"{row['procedure']}/")
    name = words.plain(step) if row["context"] == "all" else f"– {row['context']}"
    shape, colour, word = LOOKS[row["advice"]]
    known = not words.absent(row["effect"])
    return {
        "line": f"{number}|{name if len(name) <= most else name[: most - 1].rstrip() + '…'}",
        "effect": row["effect"],
        "low": row["effect_low"],
        "high": row["effect_high"],
        "shape": shape,
        "colour": colour,
        "word": f"{saying.points(row['effect'])} {word}" if known and most > 20 else word,
        "says": row["says"],
    }


def _names(extent: int) -> alt.Axis:
    weight = {"condition": {"test": _OF_A_STEP, "value": 600}, "value": 400}
    return alt.Axis(
        labelExpr=_NAME,
        labelFontWeight=weight,
        labelColor=theme.INK,
        minExtent=extent,
        maxExtent=extent,
        labelLimit=extent,
    )


def _nothing(rows: Sequence[Row], scale: alt.Scale) -> list[alt.Chart]:
    """The line of no effect, and the band of effects not worth having."""
    least = min((row["worth_from"] for row in rows if not words.absent(row["worth_from"])), default=0.0)
    data = alt.Chart(alt.Data(values=[{"none": 0, "from": -least, "to": least}]))
    return [
        data.mark_rect(color=theme.BAND, opacity=0.6).encode(x=alt.X("from:Q", scale=scale), x2=alt.X2("to:Q")),
        data.mark_rule(color=theme.SOFT).encode(x=alt.X("none:Q", scale=scale)),
    ]


def _domain(rows: Sequence[Row]) -> list[float]:
    ends = [
        row[name] for row in rows for name in ("effect_low", "effect_high", "worth_from") if not words.absent(row[name])
    ]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = 0.06 * (high - low or 1.0)
    return [low - room, high + room]
