"""Counts and sums by texts: the same over many rows, where DuckDB groups by numbers of the texts, as over few."""

from __future__ import annotations

from collections import defaultdict

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aboveboard.engines import compiled, ledgers

AWKWARD = ["", "'", "o'clock", '"quoted"', "null", "é", None]
Sums = dict[tuple[str | None, ...], tuple[float, ...]]


def rows(levels: list[str | None], others: int) -> pa.Table:
    """3,000 rows of two texts and a number that now and then is absent."""
    random = np.random.default_rng(3)
    y = [None if random.random() < 0.1 else float(random.integers(-4, 5)) for _ in range(3000)]
    first = [levels[number] for number in random.integers(len(levels), size=3000)]
    second = [f"team {number}" for number in random.permutation(np.arange(3000) % others)]
    return pa.table({"a": pa.array(first, pa.string()), 'a "b"': second, "y": pa.array(y, pa.float64())})


def by_loop(table: pa.Table) -> Sums:
    held: dict[tuple[str | None, ...], list[float]] = defaultdict(list)
    for *key, y in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
        held[tuple(key)] += [] if y is None else [y]
    return {key: (len(each), sum(each), sum(y * y for y in each)) for key, each in held.items()}


def said(found: pa.Table) -> Sums:
    return {
        (row["a"], row['a "b"']): (row["n"], row["total"] or 0.0, row["squares"] or 0.0) for row in found.to_pylist()
    }


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize(
    ("levels", "others"),
    [(AWKWARD, 5), ([f"e{number}" for number in range(1500)], 1500), ([None], 3)],
    ids=["awkward texts", "more levels than codes", "nobody known"],
)
def test_sums_are_those_of_a_loop(tmp_path, levels, others, few):  # type: ignore[no-untyped-def]
    table = rows(levels, others)
    pq.write_table(table, tmp_path / "rows.parquet")
    backend = ibis.duckdb.connect()
    if few:
        compiled.expect(backend, table.num_rows)
    opened = backend.read_parquet(tmp_path / "rows.parquet")
    before = backend.con.execute("select current_setting('perfect_ht_threshold')").fetchone()
    assert said(ledgers.sums_by(opened, ["a", 'a "b"'], "y")) == by_loop(table)
    assert backend.con.execute("select current_setting('perfect_ht_threshold')").fetchone() == before
    backend.disconnect()
