"""How numbers are said in the cells and figures of a page: short, with the unit, "–" where there is none.

What is the same in a sentence is said by `findings.sentences`; a sentence has room for "40 minutes", a cell for "40 min".
"""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from aboveboard.findings import sentences

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def absent(value: object) -> bool:
    """True for None and NaN: what a table holds where there is no number."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def count(value: float | None) -> str:
    """1567 → "1,567"."""
    return "–" if absent(value) else f"{value:,.0f}"


def number(value: float) -> str:
    """Three significant digits, but never an exponent and never a rounded thousand: 1053.2 → "1,053", 0.0123 → "0.0123"."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) < 1e-6:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(value: float | None, digits: int | None = None) -> str:
    """0.613 → "61 %". Finer near the ends, so that 99.6 % is not called 100 %, nor 99.96 %."""
    if value is None or absent(value):
        return "–"
    if digits is None:
        if 0 < value < 0.001 or 0.999 < value < 1:
            return sentences.percent(value)
        digits = 1 if 0 < value < 0.02 or 0.98 < value < 1 else 0
    return f"{100 * value:.{digits}f} %"


def interval(low: float | None, high: float | None, unit: str = "share") -> str:
    """(0.54, 0.68) → "54–68 %"; empty where either end is absent."""
    if low is None or high is None or absent(low) or absent(high):
        return ""
    if unit == "share":
        fine = low > 0 and high < 1 and (high - low < 0.02 or low > 0.98 or high < 0.02)
        digits = 1 if fine else 0
        return f"{100 * low:.{digits}f}–{100 * high:.{digits}f} %"
    if unit == "minutes":
        return f"{duration(low)} – {duration(high)}"
    if unit == "ratio":
        return f"{number(low)}–{number(high)}"
    return f"{count(low)}–{count(high)}"


def duration(minutes: float | None) -> str:
    """Minutes in the two units a person would use: 200 → "3 h 20 min", 4320 → "3 days"."""
    if minutes is None or absent(minutes):
        return "–"
    sign = "−" if minutes < 0 else ""
    size = abs(minutes)
    if size < 1:
        return f"{sign}{size * 60:.0f} s"
    if size < 60:
        return f"{sign}{size:.0f} min"
    whole = round(size)
    if whole < 48 * 60:
        hours, rest = divmod(whole, 60)
        return f"{sign}{hours} h" + (f" {rest} min" if rest and hours < 10 else "")
    days = size / 1440
    return f"{sign}{days:.1f} days".replace(".0 days", " days") if days < 10 else f"{sign}{days:.0f} days"


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A time as the organisation's clocks show it: "Sat 21 Nov 2026, 16:15"."""
    if value is None:
        return "–"
    local = value.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def day(value: datetime | None, zone: ZoneInfo) -> str:
    """The day alone: "21 Nov 2026"."""
    return "–" if value is None else sentences.day(value, zone)


def plain(name: str | None) -> str:
    """A playbook name as words: hyphens and underscores become spaces."""
    return (name or "").replace("-", " ").replace("_", " ").strip() or "(no name)"


def hour_cell(value: str) -> tuple[int, int]:
    """`<weekday>/<hour>` of the slice hour_weekday as numbers."""
    weekday, hour = value.split("/")
    return int(weekday), int(hour)
