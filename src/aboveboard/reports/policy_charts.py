"""Rules by what comes of bending them: harm against what is accepted, and what the asking takes and decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = Mapping[str, Any]

VERDICTS = {
    "change the rule": ("change it", theme.ACCENT, "circle"),
    "push authority down": ("move authority", theme.AT_RISK, "triangle-right"),
    "keep and explain": ("keep it", theme.KEPT, "square"),
    "not enough data": ("too little known", theme.CANCELLED, "diamond"),
}
"""What is written beside each rule, its colour and its mark."""


def harm(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One line per rule: the extra harm after exceptions with its interval, and a tick where the owner's margin is.

    An interval left of the tick is within the margin. Rows need harm_difference; axes are cut where nearly all would be lost.
    """
    points = [_harm_point(row) for row in rows]
    end = _end(points)
    extent = 96 if width < 500 else 190
    base = alt.Chart(alt.Data(values=points), width=width, height=alt.Step(30)).encode(
        y=alt.Y(
            "rule:N",
            sort=[point["rule"] for point in points],
            title=None,
            axis=alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent),
        )
    )
    scale = alt.Scale(domain=[min(0.0, *(point["low"] for point in points)), end], clamp=True, nice=False)
    x = alt.X("harm:Q", scale=scale, title="harm above ordinary cases", axis=alt.Axis(format="%", tickCount=5))
    says = alt.Description("says:N")
    layers: list[Any] = [
        base.mark_rule(strokeWidth=6, color=theme.BAND).encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q")),
        base.transform_filter("isValid(datum.margin)")
        .mark_tick(thickness=2, size=18, color=theme.INK)
        .encode(x=alt.X("margin:Q", scale=scale)),
        base.mark_point(size=80, opacity=1, filled=True).encode(x=x, color=_colour(), shape=_shape(), description=says),
    ]
    if width >= 500:
        layers.append(
            base.mark_text(align="right", fontSize=11, dy=-1).encode(
                x=alt.value(width), text=alt.Text("verdict:N"), color=_colour()
            )
        )
    return alt.layer(*layers)


def asking(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """Each rule by how long the asking takes (median) and how often the answer is yes (with interval)."""
    points = [_asking_point(row) for row in rows]
    floor = 0.0 if min(point["low"] for point in points) < 0.6 else 0.5
    scale = alt.Scale(domain=[floor, 1], clamp=True)
    base = alt.Chart(alt.Data(values=points), width=width, height=240).encode(
        x=alt.X("minutes:Q", title="median minutes to the answer", axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=True))
    )  # fmt: skip
    share = alt.Axis(format="%", title=None, tickCount=5)
    return alt.layer(
        base.mark_rule(strokeWidth=5, color=theme.BAND).encode(
            y=alt.Y("low:Q", scale=scale, axis=share), y2=alt.Y2("high:Q")
        ),
        base.mark_point(size=80, opacity=1, filled=True).encode(
            y=alt.Y("approval:Q", scale=scale, axis=share),
            color=_colour(),
            shape=_shape(),
            description=alt.Description("says:N"),
        ),
        base.mark_text(align="left", dx=9, fontSize=11, color=theme.INK).encode(
            y=alt.Y("approval:Q", scale=scale), text=alt.Text("label:N")
        ),
    )


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
        "label": name,
        "minutes": row["waiting_minutes_median"],
        "approval": row["approval_share"],
        "low": row["approval_share_low"],
        "high": row["approval_share_high"],
        "verdict": VERDICTS[row["verdict"]][0],
        "says": f"{name}: {words.share(row['approval_share'])} granted ({between}), {wait} to the answer",
    }


def _colour() -> alt.Color:
    names, colours, _ = zip(*VERDICTS.values(), strict=True)
    return alt.Color("verdict:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=None)


def _shape() -> alt.Shape:
    names, _, shapes = zip(*VERDICTS.values(), strict=True)
    return alt.Shape("verdict:N", scale=alt.Scale(domain=list(names), range=list(shapes)), legend=None)
