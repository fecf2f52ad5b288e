"""What letting customers down costs, and what they do: one line per cause with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from aboveboard.findings import money
from aboveboard.reports import charts, words

Row = Mapping[str, Any]


def cause_name(row: Row) -> str:
    """The promise's or the problem's name as words; the key of a problem that was found begins with what went wrong."""
    kind, _, name = str(row["cause"]).partition(":")
    return f"problem {words.plain(name).removeprefix('promise missed ')}" if kind == "problem" else words.plain(name)


def stakes(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """Value at stake of each cause; those whose interval lies above nothing are red."""
    points = [
        {
            "name": cause_name(row),
            "estimate": row["value"],
            "low": row["low"],
            "high": row["high"],
            "stands_out": row["verdict"] == "costs",
            "label": money.amount(row["value"]),
            "says": f"{cause_name(row)}: {money.amount(row['value'])} ({money.amount(row['low'])} to "
            f"{money.amount(row['high'])})",
        }
        for row in rows
    ]
    low, high = min([0.0, *(row["low"] for row in rows)]), max([0.0, *(row["high"] for row in rows)])
    room = 0.05 * ((high - low) or 1.0)
    domain = (low - (room if low < 0 else 0), high + room)
    return charts.estimates(points, width, domain=domain, format=",.0f", middle=0)


def changes(rows: Sequence[Row], width: int) -> alt.LayerChart:
    """What is done more or less by those let down than by customers like them: rows of one unit."""
    points = [
        {
            "name": f"{row['outcome']}: {cause_name(row)}",
            "estimate": row["effect"],
            "low": row["effect_low"],
            "high": row["effect_high"],
            "stands_out": row["verdict"] in ("more", "less"),
            "label": f"{100 * row['effect']:+.0f} of 100".replace("-", "−"),
            "says": f"{row['outcome']} after {cause_name(row)}: {100 * row['effect']:+.0f} of 100 customers",
        }
        for row in rows
    ]
    reach = max([0.05, *(abs(row[end]) for row in rows for end in ("effect_low", "effect_high"))]) * 1.05
    return charts.estimates(points, width, domain=(-reach, reach), format="+.0%", middle=0)
