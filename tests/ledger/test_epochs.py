"""Moments as whole numbers since 1970: DuckDB gives what plain Python gives, before 1970 too."""

from __future__ import annotations

from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pytest

from aboveboard.ledger import epochs

EDGES = {
    datetime(1970, 1, 1, tzinfo=UTC): 0,
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC): -1,
    datetime(2026, 11, 21, 16, 15, 0, 250_000, tzinfo=UTC): 1_795_277_700_250_000,
    datetime(1000, 1, 1, tzinfo=UTC): -30_610_224_000_000_000,
    datetime(9999, 12, 31, tzinfo=UTC): 253_402_214_400_000_000,
}


def test_python_counts_from_1970() -> None:
    assert [epochs.micros_of(moment) for moment in EDGES] == list(EDGES.values())
    assert [epochs.moment_of(micros) for micros in EDGES.values()] == list(EDGES)
    assert epochs.seconds_of(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_duckdb_counts_the_same() -> None:
    rows = pa.table({"at": pa.array([*EDGES, None], pa.timestamp("us", "UTC")), "micros": [*EDGES.values(), None]})
    table = ibis.duckdb.connect().create_table("t", rows)
    asked = table.select(
        micros=epochs.micros(table["at"]), seconds=epochs.seconds(table["at"]), at=epochs.moment(table["micros"])
    )
    found = asked.to_pyarrow()
    assert found["micros"].to_pylist() == rows["micros"].to_pylist()
    assert found["seconds"].to_pylist() == [*(epochs.seconds_of(moment) for moment in EDGES), None]
    assert found["at"].cast(pa.timestamp("us", "UTC")).equals(rows["at"])


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        epochs.micros_of(datetime(2026, 11, 21))  # noqa: DTZ001 - that is the point
