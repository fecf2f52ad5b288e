"""Problems as drawings: when each struck, how many at a time, and who of those struck ever said a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt

from aboveboard.reports import theme, words

Row = Mapping[str, Any]
VOICES = {
    "complained": ("complained", theme.BROKEN, theme.PAPER),
    "asked": ("said something else", theme.LATE, theme.INK),
    "silent": ("never said a word", theme.CANCELLED, theme.INK),
}
"""What each voice is called, its colour, and the colour of the words on it; in the order of the bar."""
_NAME = "slice(datum.value, indexof(datum.value, '|') + 1)"


def label(number: int, row: Row, width: int) -> str:
    """One problem in a few words, with its number so that no two are the same."""
    said = f"{words.plain(row['promise'] or row['kind'] or row['problem'])}: {row['region'] or 'on record'}"
    most = 38 if width > 500 else 18
    return f"{number}|{said if len(said) <= most else said[: most - 1].rstrip() + '…'}"


def over_time(rows: Sequence[Row], struck: Sequence[tuple[int, date, int]], width: int) -> alt.LayerChart:
    """One line per problem: the stretch from its first to its last case, and a dot per week, its area how many were struck.

    `struck` are (place in `rows`, first day of the week, cases).
    """
    names = [label(number, row, width) for number, row in enumerate(rows)]
    dots: list[dict[str, Any]] = [
        {
            "problem": names[place],
            "week": week.isoformat(),
            "cases": count,
            "says": f"{words.count(count)} in the week from {week.day} {week:%b %Y}",
        }
        for place, week, count in struck
    ]
    weeks: dict[str, list[str]] = {}
    for dot in dots:
        weeks.setdefault(str(dot["problem"]), []).append(str(dot["week"]))
    spans = [{"problem": name, "from": min(its), "to": max(its)} for name, its in weeks.items()]
    y = alt.Y("problem:N", sort=names, title=None, axis=_names(width))
    ticks = alt.Axis(title=None, labelFlush=True, tickCount=6 if width > 500 else 3)
    base = alt.Chart(alt.Data(values=dots), width=width, height=alt.Step(30)).encode(y=y)
    most = max((int(dot["cases"]) for dot in dots), default=1)
    return alt.layer(
        alt.Chart(alt.Data(values=spans))
        .mark_rule(strokeWidth=14, color=theme.BAND, strokeCap="round")
        .encode(y=y, x=alt.X("from:T", axis=ticks), x2=alt.X2("to:T")),
        base.mark_circle(color=theme.BROKEN, opacity=0.85).encode(
            x=alt.X("week:T", axis=ticks),
            size=alt.Size("cases:Q", scale=alt.Scale(domain=[0, most], range=[0, 320]), legend=None),
            description=alt.Description("says:N"),
        ),
    )


def voices(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One bar per problem: those struck, by the loudest that each of them ever said."""
    names = [label(number, row, width) for number, row in enumerate(rows)]
    most = max((row["affected_count"] for row in rows), default=1)
    parts = [part for name, row in zip(names, rows, strict=True) for part in _parts(name, row, most, width)]
    y = alt.Y("problem:N", sort=names, title=None, axis=_names(width))
    x = alt.X("from:Q", scale=alt.Scale(domain=[0, most]), axis=alt.Axis(title=None, tickCount=4, labelFlush=True))
    base = alt.Chart(alt.Data(values=parts), width=width, height=alt.Step(30)).encode(y=y)
    return alt.layer(
        base.mark_bar(height=18).encode(
            x=x, x2=alt.X2("to:Q"), color=alt.Color("colour:N", scale=None), description=alt.Description("says:N")
        ),
        base.mark_text(align="left", dx=5, fontSize=11).encode(
            x=x, text="label:N", color=alt.Color("ink:N", scale=None)
        ),
    )


def _parts(name: str, row: Row, most: int, width: int) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    start, room = 0, most * (1 if width > 500 else 2.2)
    for voice, (word, colour, ink) in VOICES.items():
        count = row[f"{voice}_count"]
        if count:
            told = f"{count:,} {word}"
            shown = told if count > 0.013 * len(told) * room else f"{count:,}" if count > 0.05 * room else ""
            parts.append({
                "problem": name, "from": start, "to": start + count, "colour": colour, "ink": ink, "label": shown,
                "says": f"{told}, of {row['affected_count']:,}",
            })  # fmt: skip
        start += count
    return parts


def _names(width: int) -> alt.Axis:
    extent = 270 if width > 500 else 128
    return alt.Axis(labelExpr=_NAME, labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent)
