"""Rules by what comes of bending them: harm against what is accepted, and what the asking takes and decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = Mapping[str, Any]

WIDE = 500
"""Narrower drawings leave out the words at the right; the table has them."""
VERDICTS = {
    "change the rule": ("change it", theme.ACCENT, "circle"),
    "push authority down": ("move authority", theme.AT_RISK, "triangle-right"),
    "keep and explain": ("keep it", theme.KEPT, "square"),
    "not enough data": ("too little known", theme.OPEN, "diamond"),
}
"""What is written beside each rule, its colour and its mark."""
PART = "change a part"


def harm(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per rule: the extra harm after exceptions with its interval, and a tick where the owner's margin is.

    An interval left of the tick is within the margin. Rows need harm_difference; axes are cut where nearly all would be lost.
    """
    points = [_harm_point(row) for row in rows]
    base = _lines(points, width)
    scale = alt.Scale(
        domain=[min(0.0, *(point["low"] for point in points)), _end(points)], range=_span(width), clamp=True, nice=False
    )
    x = alt.X(
        "harm:Q", scale=scale, title="harm above ordinary cases", axis=alt.Axis(format="%", tickCount=_ticks(width))
    )
    return alt.layer(
        base.mark_rule(strokeWidth=6, color=theme.BAND).encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q")),
        base.transform_filter("isValid(datum.margin)")
        .mark_tick(thickness=2, size=18, color=theme.INK)
        .encode(x=alt.X("margin:Q", scale=scale)),
        base.mark_point(size=80, opacity=1, filled=True).encode(
            x=x, color=_colour(), shape=_shape(), description=alt.Description("says:N")
        ),
        *_at_the_right(base, "label", width),
    )


def asking(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per rule: how long until the answer (median, and up to the 90th percentile), and how often it is yes."""
    points = [_asking_point(row) for row in rows]
    base = _lines(points, width)
    longest = max(point["p90"] for point in points)
    scale = alt.Scale(domain=[0, longest], range=_span(width), nice=False)
    x = alt.X(
        "minutes:Q", scale=scale, title="minutes from asking to the answer", axis=alt.Axis(tickCount=_ticks(width))
    )
    return alt.layer(
        base.mark_rule(strokeWidth=6, color=theme.BAND).encode(x=alt.X("minutes:Q", scale=scale), x2=alt.X2("p90:Q")),
        base.mark_point(size=80, opacity=1, filled=True).encode(
            x=x, color=_colour(), shape=_shape(), description=alt.Description("says:N")
        ),
        *_at_the_right(base, "yes", width),
    )


def _span(width: int) -> list[Any]:
    """From clear of the rules' names to clear of the words at the right, in pixels."""
    return [10, alt.ExprRef(f"width - {130 if width >= WIDE else 8}")]


def _ticks(width: int) -> int:
    return 5 if width >= WIDE else 3


def _lines(points: Sequence[Mapping[str, Any]], width: int) -> alt.Chart:
    """A line of its own for each rule, in the order given."""
    extent = 112 if width < WIDE else 190
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent - 20)
    order = [point["rule"] for point in points]
    return alt.Chart(alt.Data(values=list(points)), width=width, height=alt.Step(30)).encode(
        y=alt.Y("rule:N", sort=order, title=None, axis=axis)
    )


def _at_the_right(base: alt.Chart, field: str, width: int) -> list[Any]:
    """Words at the end of each line, where there is room for them."""
    if width < WIDE:
        return []
    told = base.mark_text(align="right", fontSize=11)
    return [told.encode(x=alt.value("width"), text=alt.Text(f"{field}:N"), color=_colour())]


def _harm_point(row: Row) -> dict[str, Any]:
    margin = row["harm_margin"]
    between = words.interval(row["harm_difference_low"], row["harm_difference_high"])
    accepted = "no margin stated" if words.absent(margin) else f"{words.share(margin)} accepted"
    return {
        "rule": words.plain(row["policy"]),
        "harm": row["harm_difference"],
        "low": row["harm_difference_low"],
        "high": row["harm_difference_high"],
        "margin": margin,
        "verdict": VERDICTS[row["verdict"]][0],
        "label": PART
        if row["verdict"] == "change the rule" and row["condition"] != "true"
        else VERDICTS[row["verdict"]][0],
        "says": f"{words.plain(row['policy'])}: {words.share(row['harm_difference'])} ({between}), {accepted}",
    }


def _end(points: Sequence[Mapping[str, Any]]) -> float:
    """The right end of the axis: all margins and all rules, but an interval of a handful of cases may run out of it."""
    inner = max(max(point["harm"], point["margin"] or 0.0) for point in points)
    return float(max(0.02, min(max(point["high"] for point in points), 1.6 * inner + 0.01)))


def _asking_point(row: Row) -> dict[str, Any]:
    between = words.interval(row["approval_share_low"], row["approval_share_high"])
    name, wait = words.plain(row["policy"]), words.duration(row["waiting_minutes_median"])
    return {
        "rule": name,
        "minutes": row["waiting_minutes_median"],
        "p90": row["waiting_minutes_p90"],
        "yes": f"{words.share(row['approval_share'])} yes ({between})",
        "verdict": VERDICTS[row["verdict"]][0],
        "says": f"{name}: {wait} to the answer, {words.share(row['approval_share'])} yes ({between})",
    }


def _colour() -> alt.Color:
    names, colours, _ = zip(*VERDICTS.values(), strict=True)
    return alt.Color("verdict:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=None)


def _shape() -> alt.Shape:
    names, _, shapes = zip(*VERDICTS.values(), strict=True)
    return alt.Shape("verdict:N", scale=alt.Scale(domain=list(names), range=list(shapes)), legend=None)
