"""Public holidays by name: a country (`US`), a part of one (`DE-BY`), or an exchange (`XNYS`)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.problems import nearest


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
        near = nearest(name, [*countries, *exchanges])
        raise UnknownHolidaysError(
            f"no holidays are known for {name!r}: name a country (US), a part of it (DE-BY) or an exchange (XNYS)",
            near,
        )
    if part and part not in countries[country]:
        known = ", ".join(countries[country]) or "none"
        near = nearest(part, countries[country])
        raise UnknownHolidaysError(
            f"{country} has no part {part!r}; known are {known}", f"{country}-{near}" if near else None
        )
    return holidays.country_holidays(country, subdiv=part or None)
