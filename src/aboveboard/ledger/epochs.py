"""Moments as whole numbers since 1970-01-01 00:00 UTC, the same on every engine and in Python.

The engines' own arithmetic with times is not used: Spark rounds, DuckDB asks its time zone library for every row. Each
engine has a function that gives whole microseconds, and sums of integers are the same everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis

from aboveboard.ledger import engine_functions

SECOND = 1_000_000
"""Microseconds in a second: the unit of `micros`."""

START = datetime(1970, 1, 1, tzinfo=UTC)

Integer = Any  # an ibis IntegerValue: ibis ships no types
Moment = Any  # an ibis TimestampValue

_MICROSECOND = timedelta(microseconds=1)
_duckdb_micros = engine_functions.unary("epoch_us", engine_functions.MOMENT, "int64")
_spark_micros = engine_functions.unary("unix_micros", engine_functions.MOMENT, "int64")
_postgres_part = engine_functions.binary("date_part", ("string", engine_functions.MOMENT), "float64")
_duckdb_moment = engine_functions.unary("make_timestamptz", "int64", engine_functions.MOMENT)
_spark_moment = engine_functions.unary("timestamp_micros", "int64", engine_functions.MOMENT)
_postgres_moment = engine_functions.unary("to_timestamp", "float64", engine_functions.MOMENT)


def micros(moment: Moment) -> Integer:
    """Return the microseconds since 1970 of an ibis timestamp, as int64; NULL where it is NULL."""
    engine = ibis.get_backend(moment).name
    if engine == "duckdb":
        return _duckdb_micros(moment)
    if engine == "pyspark":
        return _spark_micros(moment)
    # A double holds microseconds exactly until the year 2255.
    return (_postgres_part("epoch", moment) * SECOND).round().cast("int64")


def seconds(moment: Moment) -> Integer:
    """Return the whole seconds since 1970 of an ibis timestamp, rounded down (also before 1970); NULL where it is NULL."""
    return micros(moment) // SECOND


def moment(micros: Integer) -> Moment:
    """Return the ibis timestamp in UTC that lies so many microseconds after 1970: the inverse of `micros`."""
    engine = ibis.get_backend(micros).name
    if engine == "duckdb":
        return _duckdb_moment(micros)
    if engine == "pyspark":
        return _spark_moment(micros)
    # As floats: PostgreSQL divides whole numbers into whole numbers.
    return _postgres_moment(micros.cast("float64") / SECOND)


def micros_of(moment: datetime) -> int:
    """Return what `micros` gives, for one moment in plain Python. Raises TypeError where it has no time zone."""
    return (moment - START) // _MICROSECOND


def seconds_of(moment: datetime) -> int:
    """Return what `seconds` gives, for one moment in plain Python. Raises TypeError where it has no time zone."""
    return micros_of(moment) // SECOND


def moment_of(micros: int) -> datetime:
    """Return what `moment` gives, in plain Python."""
    return START + timedelta(microseconds=micros)
