"""Opening a ledger: what is read where it lies, what is checked first, and what is refused."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aboveboard.engines import Ledger, ledgers, read
from aboveboard.engines.errors import EngineError
from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError

NOON = datetime(2026, 3, 29, 12, 0, 0, 123_456, tzinfo=UTC)


def events(*ids: str, **filled: object) -> pa.Table:
    empty = dict.fromkeys(columns.NAMES)
    rows = [{**empty, "id": i, "type": "order.paid", "time": NOON, "recorded_at": NOON, **filled} for i in ids]
    return pa.Table.from_pylist(rows, schema=columns.SCHEMA)


def ids_of(ledger: Ledger) -> list[str]:
    return sorted(ledger.arrow(ledger.events.select("id"))["id"].to_pylist())


def test_a_parquet_file_of_the_ledgers_shape_is_read_where_it_lies(tmp_path: Path) -> None:
    pq.write_table(events("1", "2"), tmp_path / "events.parquet")
    with read(tmp_path / "events.parquet") as ledger:
        assert ids_of(ledger) == ["1", "2"]
        assert ledger.receipts == ()
        assert ledger.events.columns == columns.NAMES


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    pq.write_table(events("1").select(["id", "type", "time", "recorded_at"]), tmp_path / "events.parquet")
    with read(tmp_path / "events.parquet") as ledger:
        (row,) = ledger.arrow(ledger.events).to_pylist()
    assert row == {**dict.fromkeys(columns.NAMES), "id": "1", "type": "order.paid", "time": NOON, "recorded_at": NOON}


def test_a_folder_may_mix_what_is_clean_with_what_is_not(tmp_path: Path) -> None:
    pq.write_table(events("1"), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("id,type,time\n2,order.ready,2026-03-29 15:00\n3,order.ready,yesterday\n")
    with read(tmp_path, timezone="Europe/Berlin") as ledger:
        assert ids_of(ledger) == ["1", "2"]
        (receipt,) = ledger.receipts
        assert (receipt.read, receipt.recorded, receipt.rejected) == (2, 1, 1)
        (time,) = ledger.arrow(ledger.events.filter(ledger.events.id == "2").select("time"))["time"].to_pylist()
    assert time == datetime(2026, 3, 29, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "table",
    [
        events("1").set_column(0, "id", pa.array([None], pa.string())),
        events("1").append_column("mood", pa.array(["good"])),
        events("1").set_column(2, "time", pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us"))),
    ],
    ids=["absent id", "further column", "time without zone"],
)
def test_other_parquet_is_checked_first(tmp_path: Path, table: pa.Table) -> None:
    pq.write_table(table, tmp_path / "events.parquet")
    assert not ledgers.is_clean(tmp_path / "events.parquet")
    with read(tmp_path / "events.parquet") as ledger:
        assert sum(receipt.read for receipt in ledger.receipts) == 1


def test_parquet_without_statistics_is_not_taken_on_trust(tmp_path: Path) -> None:
    pq.write_table(events("1"), tmp_path / "events.parquet", write_statistics=False)
    assert not ledgers.is_clean(tmp_path / "events.parquet")


def test_kept_tables_and_rows_keep_absent_numbers_absent() -> None:
    with Ledger.of(events("1", value=None)) as ledger:
        kept = ledger.keep(ledger.events.mutate(twice=ledger.events.value * 2), "doubled")
        assert ledger.arrow(kept.select("twice", "time")).to_pylist() == [{"twice": None, "time": NOON}]


def test_postgres_keeps_texts_times_and_absence(postgres: str) -> None:
    odd = 'comma, "quote"\nline ☎ \\N '
    with Ledger.of(events("1", text=odd, team="", value=0.1), engine="postgres", url=postgres) as ledger:
        (row,) = ledger.arrow(ledger.events).to_pylist()
    assert (row["text"], row["team"], row["channel"], row["value"], row["time"]) == (odd, "", None, 0.1, NOON)


def test_postgres_orders_text_as_the_other_engines_do(postgres: str) -> None:
    with Ledger.of(events("a", "B", "Ä"), engine="postgres", url=postgres) as ledger:
        (extremes,) = ledger.arrow(
            ledger.events.aggregate(low=ledger.events.id.min(), high=ledger.events.id.max())
        ).to_pylist()
    assert extremes == {"low": "B", "high": "Ä"}


def test_postgres_does_not_compare_each_row_with_each(postgres: str) -> None:
    """Its planner takes what a window ranks first for one row, where it is all of them."""
    with Ledger.of(events(*map(str, range(2_000)), customer="c"), engine="postgres", url=postgres) as ledger:
        place = ibis.row_number().over(group_by="id", order_by="time")
        kept = ledger.keep(ledger.events.mutate(place=place), "placed_ids")
        ranked = ledger.events.mutate(place=place)
        first = ranked.filter(ranked.place == 0, ranked.customer.length() + 1 == 2, ranked.id.length() + 1 < 9)
        both = first.select("id").inner_join(first.select("id", "customer"), "id")
        connection = ibis.get_backend(kept).con
        plan = [row[0] for row in connection.execute(f"explain {ibis.to_sql(both)}")]
        columns_known = connection.execute("select count(*) from pg_stats where tablename = 'placed_ids'").fetchone()
    assert not any("Nested Loop" in line for line in plan) and any("Join" in line for line in plan)
    assert columns_known[0] > 0, "what was kept has no statistics"


def test_an_existing_postgres_table_is_opened(postgres: str) -> None:
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            "create table helpdesk (id text, type varchar(40), time timestamptz, recorded_at timestamptz)"
        )
        connection.execute("insert into helpdesk values ('1', 'case.opened', %s, %s)", (NOON, NOON))
    with read(postgres, table="helpdesk") as ledger:
        (row,) = ledger.arrow(ledger.events).to_pylist()
    assert (row["id"], row["type"], row["time"], row["due"]) == ("1", "case.opened", NOON, None)
    with pytest.raises(EngineError, match="no_such"):
        read(postgres, table="no_such")


def test_errors_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LedgerError, match=r"missing\.csv"):
        read(tmp_path / "missing.csv")
    with pytest.raises(LedgerError, match="no file"):
        read(tmp_path)
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(LedgerError, match=r"cut\.parquet"):
        read(tmp_path / "cut.parquet")
    with pytest.raises(EngineError, match="there are duckdb, postgres, spark"):
        Ledger.of(events("1"), engine="oracle")  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="cannot be reached"):
        Ledger.of(events("1"), engine="postgres", url="postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match=r"aboveboard\[spark\]"):
        Ledger.of(events("1"), engine="spark")


def test_spark_without_java_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="Spark is not installed")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="Java 17"):
        Ledger.of(events("1"), engine="spark")
