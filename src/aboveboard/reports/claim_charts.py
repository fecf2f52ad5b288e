"""Claims as drawings: what became of them by what was claimed, how sure that is, and which faces a status had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from aboveboard.reports import charts, theme, words
from aboveboard.reports.charts import SHARE_AXIS, unit_of

Row = dict[str, Any]
VERDICTS = {
    "supported": ("borne out", theme.KEPT),
    "not_yet": ("not yet", theme.OPEN),
    "unverifiable": ("cannot be told", theme.CANCELLED),
    "contradicted": ("contradicted", theme.BROKEN),
}
"""What a verdict is called, and its colour; in the order of the bar."""


def verdicts(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """One bar per claim, cut by verdict; each part carries its count and word where there is room."""
    parts = [part for row in rows for part in _parts(row)]
    order, extent = [words.plain(row["claim"]) for row in rows], _extent(width)
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent)
    base = alt.Chart(alt.Data(values=parts), width=width, height=alt.Step(30)).encode(
        y=alt.Y("claim:N", title=None, sort=order, axis=axis)
    )
    x = alt.X("from:Q", axis=SHARE_AXIS, scale=alt.Scale(domain=[0, 1]))
    names, colours = zip(*VERDICTS.values(), strict=True)
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=None)
    return alt.layer(
        base.mark_bar(height=18).encode(x=x, x2=alt.X2("to:Q"), color=colour, description=alt.Description("says:N")),
        base.mark_text(align="left", dx=5, color=theme.PAPER, fontSize=11).encode(x=x, text=alt.Text("label:N")),
    )


def _parts(row: Row) -> list[Row]:
    total, start, parts = row["claims_count"], 0, []
    for name, (verdict, _) in VERDICTS.items():
        n = row[f"{name}_count"]
        if n:
            label = f"{n:,} {verdict}" if n / total > 0.2 else f"{n:,}" if n / total > 0.06 else ""
            parts.append(
                {
                    "claim": words.plain(row["claim"]),
                    "verdict": verdict,
                    "from": start / total,
                    "to": (start + n) / total,
                    "label": label,
                    "says": f"{words.plain(row['claim'])}: {n:,} of {total:,} {verdict}",
                }
            )
        start += n
    return parts


def borne_out(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """Of those that can be told: the share borne out, with its interval, per claim."""
    points = [
        {
            "name": words.plain(row["claim"]),
            "estimate": row["true_share"],
            "low": row["true_share_low"],
            "high": row["true_share_high"],
            "stands_out": False,
            "label": f"{words.share(row['true_share'])} of {words.count(_known(row))}",
            "says": f"{words.plain(row['claim'])}: {words.share(row['true_share'])} of {words.count(_known(row))} borne out, "
            f"interval {words.interval(row['true_share_low'], row['true_share_high'])}",
        }
        for row in rows
    ]
    return charts.estimates(points, width, domain=(0, 1), format="%")


def faces(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """How long each pair of faces stood together; those that do not say the same stand out."""
    size, unit = unit_of(max(row["minutes"] for row in rows))
    bars = [
        {
            "pair": f"{row['shown']} | {row['inside']}",
            "time": row["minutes"] / size,
            "differs": bool(row["differs"]),
            "label": f"{words.duration(row['minutes'])}, {words.count(row['subjects_count'])}",
            "says": f"shown {row['shown']} while inside {row['inside']}: {words.duration(row['minutes'])} in "
            f"{words.count(row['spells_count'])} stretches, {words.count(row['subjects_count'])} subjects",
        }
        for row in rows
    ]
    extent, label_width = _extent(width), 96
    scale = alt.Scale(domainMin=0, range=[0, alt.ExprRef(f"width - {label_width}")])
    axis = alt.Axis(labelColor=theme.INK, minExtent=extent, maxExtent=extent, labelLimit=extent)
    base = alt.Chart(alt.Data(values=bars), width=width, height=alt.Step(26)).encode(
        y=alt.Y("pair:N", title=None, sort=[bar["pair"] for bar in bars], axis=axis)
    )
    colour = alt.ColorValue(theme.ACCENT, condition={"test": "datum.differs", "value": theme.SIGNAL})
    return alt.layer(
        base.mark_bar(height=16, cornerRadiusEnd=2).encode(
            x=alt.X("time:Q", scale=scale, title=unit), color=colour, description=alt.Description("says:N")
        ),
        base.mark_text(align="right", color=theme.SOFT, fontSize=11).encode(
            x=alt.value("width"), text=alt.Text("label:N")
        ),
    )


def _known(row: Row) -> int:
    return int(row["supported_count"] + row["contradicted_count"])


def _extent(width: int) -> int:
    return 96 if width < 500 else 168
