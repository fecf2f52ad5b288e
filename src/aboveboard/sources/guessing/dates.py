"""Which date formats the values of a column speak for, and whether they leave a doubt (day or month first?)."""

# ruff: noqa: S608  (values and names go through `literal` and `quoted`)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from aboveboard.sources.sql import literal

_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %B %Y", "%B %d, %Y"),
)
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f")
_OTHERS = ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%d %H.%M.%S")
_FORMATS = (*(day + clock for day in _DAYS for clock in _CLOCKS), *_OTHERS)
_SWAPPED = {"%d/%m": "%m/%d", "%m/%d": "%d/%m", "%d-%m": "%m-%d", "%m-%d": "%d-%m"}
_ENOUGH = 0.98  # of the values; the rest are typing errors, which the dry run will show


@dataclass(frozen=True)
class DateFormat:
    """A format that fits, the one that fits as well with day and month exchanged (None: decided), and the proof.

    `proof` is a value that only this order can read; `midnight` says that no value has a time of day.
    """

    pattern: str
    rival: str | None
    proof: str | None
    midnight: bool


def found(connection: duckdb.DuckDBPyConnection, values: Sequence[str]) -> DateFormat | None:
    """The format of these different values; None where they are not dates."""
    sample = [value.strip() for value in values if value.strip()]
    if not sample or sum(any(c.isdigit() for c in v) and 6 <= len(v) <= 40 for v in sample) < _ENOUGH * len(sample):
        return None
    if all(value.replace(".", "", 1).lstrip("-").isdigit() for value in sample):
        return None
    shares = _shares(connection, sample)
    # `%y` would read the first two digits of a full year: longer patterns come first, so the first best wins.
    best = max(shares, key=lambda pattern: shares[pattern])
    if shares[best] < _ENOUGH:
        return None
    midnight = _midnight(connection, sample, best)
    swapped = next((best.replace(a, b) for a, b in _SWAPPED.items() if a in best), None)
    rival = swapped if swapped and shares.get(swapped, 0) >= shares[best] else None
    proof = None if rival or not swapped else _proof(connection, sample, best, swapped)
    return DateFormat(best, rival, proof, midnight)


def _shares(connection: duckdb.DuckDBPyConnection, sample: Sequence[str]) -> dict[str, float]:
    iso = (
        "count(*) FILTER (regexp_matches(v, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') AND try_cast(v AS TIMESTAMPTZ) IS NOT NULL)"
    )
    tried = [iso, *(f"count(try_strptime(v, {literal(pattern)}))" for pattern in _FORMATS)]
    row = connection.execute(f"SELECT {', '.join(tried)} FROM (SELECT unnest(?) AS v)", [list(sample)]).fetchone() or ()
    return {pattern: hits / len(sample) for pattern, hits in zip(("iso", *_FORMATS), row, strict=True)}


def _read(pattern: str) -> str:
    return "try_cast(v AS TIMESTAMP)" if pattern == "iso" else f"try_strptime(v, {literal(pattern)})::TIMESTAMP"


def _midnight(connection: duckdb.DuckDBPyConnection, sample: Sequence[str], pattern: str) -> bool:
    read = _read(pattern)
    row = connection.execute(
        f"SELECT coalesce(bool_and({read} = date_trunc('day', {read})), false) FROM (SELECT unnest(?) AS v)",
        [list(sample)],
    ).fetchone()
    return bool(row and row[0])


def _proof(connection: duckdb.DuckDBPyConnection, sample: Sequence[str], pattern: str, swapped: str) -> str | None:
    """A value that the pattern reads and its rival does not: one of its numbers is above twelve."""
    row = connection.execute(
        f"SELECT min(v) FROM (SELECT unnest(?) AS v) WHERE {_read(pattern)} IS NOT NULL AND {_read(swapped)} IS NULL",
        [list(sample)],
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else None
