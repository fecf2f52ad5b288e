"""Public holidays by name: a country (`US`), a part of one (`DE-BY`), or an exchange (`XNYS`)."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from aboveboard.ledger.errors import AboveboardError


class UnknownHolidaysError(AboveboardError):
    """No holidays are known under this name. `suggestion` is the nearest name that is known."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


def is_holiday(name: str, day: date) -> bool:
    """Say whether the date is a public holiday there (days observed in lieu included)."""
    return day in _holidays(name)


def check(name: str) -> str:
    """Return the name; raise UnknownHolidaysError where no holidays are known under it."""
    _holidays(name)
    return name


@lru_cache(maxsize=64)
def _holidays(name: str) -> Any:
    # The library costs a tenth of a second to load: only calendars that name holidays pay.
    import holidays
    from holidays.utils import list_supported_countries, list_supported_financial

    countries, exchanges = list_supported_countries(), list_supported_financial()
    country, _, part = name.partition("-")
    if name in exchanges:
        return holidays.financial_holidays(name)
    if country not in countries:
        near = get_close_matches(name.upper(), [*countries, *exchanges], n=1)
        raise UnknownHolidaysError(
            f"no holidays are known for {name!r}: name a country (US), a part of it (DE-BY) or an exchange (XNYS)",
            near[0] if near else None,
        )
    if part and part not in countries[country]:
        known = ", ".join(countries[country]) or "none"
        near = get_close_matches(part.upper(), countries[country], n=1)
        raise UnknownHolidaysError(
            f"{country} has no part {part!r}; known are {known}", f"{country}-{near[0]}" if near else None
        )
    return holidays.country_holidays(country, subdiv=part or None)
