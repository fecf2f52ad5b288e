"""How findings speak: numbers, times and lists in plain English, the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

CASES = ("case", "cases")
_PLURALS = {"child": "children", "enquiry": "enquiries", "inquiry": "inquiries", "delivery": "deliveries"}


def percent(share: float) -> str:
    """A share as "61 %"; finer near the ends ("99.8 %", "0.03 %"), so that some is never called all or none."""
    if 0.01 <= share <= 0.99 or share in (0, 1):
        return f"{share * 100:.0f} %"
    if share > 0.5:
        return f"{100 - float(f'{(1 - share) * 100:.1g}'):.10g} %"
    return f"{float(f'{share * 100:.1g}'):.10g} %"


def percent_range(low: float, high: float) -> str:
    """An interval of shares: "54–68 %"; a narrow one with a digit more: "1.8–2.4 %"."""
    start, end = percent(low), percent(high)
    if start == end and low != high:
        start, end = (f"{100 * share:.1f} %" for share in (low, high))
    return end if start == end else f"{start.removesuffix(' %')}–{end}"


def duration(minutes: float) -> str:
    """Minutes as one would say them, to two units at most: "40 minutes", "5 h 10 min", "2 days"."""
    if abs(minutes) < 1:
        return "less than a minute"
    whole = round(abs(minutes))
    if whole < 60:
        return counted(whole, "minute", "minutes")
    if whole < 1440:
        hours, rest = divmod(whole, 60)
        return f"{hours} h {rest} min" if rest else counted(hours, "hour", "hours")
    return counted(round(whole / 1440, 1), "day", "days")


_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹"}


def money(amount: float, currency: str) -> str:
    """An amount in whole units, as one would write it: "£1,035", "1,035 CHF"; a bare number where no currency is named."""
    number = f"{abs(amount):,.0f}"
    told = f"{_SIGNS[currency]}{number}" if currency in _SIGNS else f"{number} {currency}".rstrip()
    return f"−{told}" if round(amount) < 0 else told


def money_range(low: float, high: float, currency: str) -> str:
    """An interval of amounts: "£1,035–1,099", "1,035–1,099 CHF"; one amount where both ends are the same in whole units."""
    start, end = money(low, currency), money(high, currency)
    if start == end:
        return end
    if "−" in start + end:
        return f"{start} to {end}"
    return (
        f"{start}–{end.lstrip(_SIGNS[currency])}"
        if currency in _SIGNS
        else f"{start.removesuffix(currency).rstrip()}–{end}"
    )


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment on the organisation's clocks: "20 Nov 2025 19:15"."""
    return f"{day(at, zone)} {at.astimezone(zone):%H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A day on the organisation's calendar: "20 Nov 2025"."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def counted(number: float, singular: str, plural: str) -> str:
    """ "1 order", "1,412 orders"."""
    return f"{number:,g} {singular if number == 1 else plural}" if number < 1e6 else f"{number:,.0f} {plural}"


def listed(parts: Sequence[str], *, most: int = 5) -> str:
    """ "a", "a and b", "a, b and c"; beyond `most` the rest is counted: "a, b and 7 others"."""
    if len(parts) > most:
        parts = [*parts[: most - 1], f"{len(parts) - most + 1:,} others"]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def quoted(words: str) -> str:
    """What somebody says, in quotation marks, without its full stop: it stands inside a sentence."""
    return f"“{words.strip().removesuffix('.')}”"


def noun(subjects: Iterable[str | None]) -> tuple[str, str]:
    """What the subjects are, singular and plural, where their type says one thing: `order:7716` → order, orders."""
    kinds = {subject.partition(":")[0] if subject and ":" in subject else "" for subject in subjects}
    kind = kinds.pop() if len(kinds) == 1 else ""
    if not kind.isalpha() or not kind.islower():
        return CASES
    return kind, _PLURALS.get(kind, kind + ("es" if kind.endswith(("s", "x", "ch", "sh")) else "s"))


def hours(values: Iterable[int]) -> str:
    """Hours of the day as stretches: 16, 17, 18, 21 → "16:00–19:00 and 21:00–22:00"."""
    stretches: list[list[int]] = []
    for value in sorted(values):
        if stretches and value == stretches[-1][1]:
            stretches[-1][1] = value + 1
        else:
            stretches.append([value, value + 1])
    return listed([f"{start:02d}:00–{end:02d}:00" for start, end in stretches])


def weekday(value: str) -> str:
    """ "1" → "Monday"."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[int(value) - 1]
