"""Lengths of time, the same to the second on every engine: on the wall clock and on a calendar's open hours.

Timestamps become whole microseconds since 1970 by each engine's own function and every sum is made of integers, because
the engines' interval arithmetic differs (Spark rounds, DuckDB asks its time zone library for every row).
"""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.ledger import local_time

SECOND = 1_000_000
"""Microseconds in a second: the unit of `micros`."""


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC', 6)",), "int64"))
def _duckdb_micros(moment): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="unix_micros", signature=(("timestamp('UTC', 6)",), "int64"))
def _spark_micros(moment): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="date_part", signature=(("string", "timestamp('UTC', 6)"), "float64"))
def _postgres_part(part, moment): ...  # type: ignore[no-untyped-def]


def micros(moment: Any) -> Any:
    """Microseconds since 1970-01-01 UTC of a timestamp column bound to an engine, as int64; absent where it is absent."""
    engine = ibis.get_backend(moment).name
    if engine == "duckdb":
        return _duckdb_micros(moment)
    if engine == "pyspark":
        return _spark_micros(moment)
    # A double holds microseconds exactly until the year 2255.
    return (_postgres_part("epoch", moment) * SECOND).round().cast("int64")


def moment(count: Any) -> Any:
    """The timestamp (UTC) that lies `count` microseconds after 1970; the inverse of `micros`."""
    return local_time.from_micros(count)


def whole_seconds(count: Any) -> Any:
    """Microseconds cut down to whole seconds (towards the past), still counted in microseconds."""
    return (count // SECOND) * SECOND


def minutes(length: Any) -> Any:
    """A length in microseconds as minutes, float64."""
    # Cast first: Spark would read the divisor as a decimal and round the quotient to ten places.
    return length.cast("float64") / (60 * SECOND)
