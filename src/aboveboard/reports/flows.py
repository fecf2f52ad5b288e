"""Hand-offs as bands from who gives to who takes: thick where much is handed over, red where it gets lost.

Vega-Lite has no mark for a band between two columns, so this drawing is written out. Widths are counts; nothing is scaled by
anything else. At most a dozen bands are drawn, the largest; the rest is said in a line below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from aboveboard.reports import theme, words

MOST = 12
GAP = 10
LEAST = 3.0


@dataclass(frozen=True)
class Band:
    """One flow as drawn: its row, its thickness, and its top edge on either side."""

    row: dict[str, Any]
    size: float
    left: float
    right: float


def largest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The flows worth drawing: most hand-offs first, lost ones counting ten times."""
    return sorted(rows, key=lambda r: -(r["handoffs_count"] + 9 * r["lost_count"]))[:MOST]


def draw(rows: Sequence[dict[str, Any]]) -> theme.Drawing:
    """Both widths of the drawing; `rows` are those of the table handoff_flows for one kind of sender."""
    shown = largest(rows)
    alt = "; ".join(
        f"{r['sender']} to {r['receiver']}: {words.count(r['handoffs_count'])}, {words.count(r['lost_count'])} lost"
        for r in shown[:6]
    )
    return theme.Drawing(_svg(shown, theme.WIDE, alt), _svg(shown, theme.NARROW, alt), alt)


def _svg(rows: Sequence[dict[str, Any]], width: int, alt: str) -> str:
    margin = 170 if width > 500 else 98
    thickness = _thickness(rows)
    left, left_height = _stack(rows, "sender", thickness)
    right, right_height = _stack(rows, "receiver", thickness)
    height = max(left_height, right_height) + 30
    bands = [Band(r, thickness[i], left[i], right[i]) for i, r in enumerate(rows)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" viewBox="0 0 {width} {height:.0f}" '
        f'style="max-width:{width}px" font-size="12">',
        f'<text x="{margin - 14}" y="12" text-anchor="end" fill="var(--soft)">hands over</text>',
        f'<text x="{width - margin + 14}" y="12" fill="var(--soft)">takes over</text>',
        *(_band(band, margin, width) for band in sorted(bands, key=lambda b: b.row["lost_count"] > 0)),
        *_names(bands, "sender", "left", margin, width),
        *_names(bands, "receiver", "right", margin, width),
        "</svg>",
    ]
    return "".join(parts)


def _thickness(rows: Sequence[dict[str, Any]]) -> list[float]:
    most = max(r["handoffs_count"] for r in rows)
    return [max(LEAST, 46.0 * r["handoffs_count"] / most) for r in rows]


def _stack(rows: Sequence[dict[str, Any]], side: str, thickness: Sequence[float]) -> tuple[list[float], float]:
    """Top edges of the bands on one side, grouped by name in order of their size, and the height of the column."""
    totals: dict[str, float] = {}
    for row, size in zip(rows, thickness, strict=True):
        totals[row[side]] = totals.get(row[side], 0.0) + size
    tops = [0.0] * len(rows)
    y = 24.0
    for name in sorted(totals, key=lambda n: -totals[n]):
        inside = 0.0
        for i, row in enumerate(rows):
            if row[side] == name:
                tops[i] = y + inside
                inside += thickness[i]
        y += max(totals[name], 15.0) + GAP
    return tops, y


def _band(band: Band, margin: int, width: int) -> str:
    row = band.row
    x1, x2, middle = margin, width - margin, width / 2
    lost = row["lost_count"] / row["handoffs_count"] if row["handoffs_count"] else 0.0
    says = f"{row['sender']} → {row['receiver']}: {words.count(row['handoffs_count'])} handed over"
    if row["lost_count"]:
        says += f", {words.count(row['lost_count'])} lost ({words.share(lost)})"
    if not words.absent(row["waiting_minutes_median"]):
        says += f", half wait longer than {words.duration(row['waiting_minutes_median'])}"
    top, bottom = band.left, band.left + band.size
    to, under = band.right, band.right + band.size
    colour, opacity = ("broken", 0.6) if lost >= 0.05 else ("accent", 0.35)
    upper = f"M{x1},{top:.1f} C{middle:.0f},{top:.1f} {middle:.0f},{to:.1f} {x2},{to:.1f}"
    lower = f"L{x2},{under:.1f} C{middle:.0f},{under:.1f} {middle:.0f},{bottom:.1f} {x1},{bottom:.1f} Z"
    return (
        f'<path fill="var(--{colour})" fill-opacity="{opacity}" d="{upper} {lower}">'
        f"<title>{escape(says)}</title></path>" + _loss(row, middle, (top + bottom + to + under) / 4, lost)
    )


def _loss(row: dict[str, Any], x: float, y: float, lost: float) -> str:
    """What is lost on a band, written on it, where it is worth a look."""
    if lost < 0.05:
        return ""
    says = f"{words.count(row['lost_count'])} of {words.count(row['handoffs_count'])} lost"
    halo = 'stroke="var(--paper)" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x:.0f}" y="{y + 4:.1f}" text-anchor="middle" font-weight="600" fill="var(--ink)" {halo}>{says}</text>'


def _names(bands: Sequence[Band], side: str, edge: str, margin: int, width: int) -> list[str]:
    groups: dict[str, list[Band]] = {}
    for band in bands:
        groups.setdefault(band.row[side], []).append(band)
    parts = []
    for name, members in groups.items():
        top = min(getattr(b, edge) for b in members)
        size = sum(b.size for b in members)
        x = margin - 6 if edge == "left" else width - margin
        text_x, anchor = (margin - 14, "end") if edge == "left" else (width - margin + 14, "start")
        most = 25 if width > 500 else 14
        label = name if len(name) <= most else name[: most - 1] + "…"
        parts.append(f'<rect x="{x}" y="{top:.1f}" width="6" height="{size:.1f}" fill="var(--ink)"/>')
        parts.append(
            f'<text x="{text_x}" y="{top + max(size, 10) / 2 + 4:.1f}" text-anchor="{anchor}" fill="var(--ink)">'
            f"{escape(label)}<title>{escape(name)}</title></text>"
        )
    return parts
