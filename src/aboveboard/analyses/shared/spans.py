"""Lengths of time, the same to the second on every engine: on the wall clock and on a calendar's open hours.

Timestamps become whole microseconds since 1970 by each engine's own function and every sum is made of integers, because
the engines' interval arithmetic differs (Spark rounds, DuckDB asks its time zone library for every row).
"""

from __future__ import annotations

from typing import Any

import ibis

SECOND = 1_000_000
"""Microseconds in a second: the unit of `micros`."""


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC', 6)",), "int64"))
def _duckdb_micros(moment): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="unix_micros", signature=(("timestamp('UTC', 6)",), "int64"))
def _spark_micros(moment): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="date_part", signature=(("string", "timestamp('UTC', 6)"), "float64"))
def _postgres_part(part, moment): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="make_timestamptz", signature=(("int64",), "timestamp('UTC', 6)"))
def _duckdb_moment(micros): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timestamp_micros", signature=(("int64",), "timestamp('UTC', 6)"))
def _spark_moment(micros): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="to_timestamp", signature=(("float64",), "timestamp('UTC', 6)"))
def _postgres_moment(seconds): ...  # type: ignore[no-untyped-def]


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
    engine = ibis.get_backend(count).name
    if engine == "duckdb":
        return _duckdb_moment(count)
    if engine == "pyspark":
        return _spark_moment(count)
    return _postgres_moment(count.cast("float64") / SECOND)


def whole_seconds(count: Any) -> Any:
    """Microseconds cut down to whole seconds (towards the past), still counted in microseconds."""
    return (count // SECOND) * SECOND


def minutes_between(start: Any, end: Any) -> Any:
    """Minutes from `start` to `end`, both `micros`, each cut to its whole second; below zero where `end` is earlier."""
    return (whole_seconds(end) - whole_seconds(start)) / (60.0 * SECOND)
