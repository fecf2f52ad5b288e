# ruff: noqa: S608 (SQL is built here; values from outside go in through `sql.literal` only)
"""Rows that have been checked become part of a ledger: rejects set aside, ids given, what is known left out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from aboveboard.ledger import columns, store, validation
from aboveboard.ledger.formats import csv
from aboveboard.ledger.receipts import Receipt
from aboveboard.ledger.sql import literal

Progress = Callable[[float], None]
"""Is told the share done, 0 to 1, from time to time."""

_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Recording:
    """One import: a connection that holds its rows, and a ledger held for writing. `name` is what rejects call it."""

    connection: duckdb.DuckDBPyConnection
    writing: store.Writing
    name: str
    recorded_at: datetime
    progress: Progress | None = None

    def copied(self, sql: str, name: str) -> Path:
        """Write what the query gives into a Parquet file of the working folder, in its order."""
        target = self.writing.working / name
        with _watched(self.connection, self.progress):
            self.connection.execute(f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet)")
        return target

    def copied_as_written(self, sql: str, name: str) -> Path:
        """The same, with filters left where the query has them."""
        self.connection.execute("SET disabled_optimizers = 'filter_pushdown'")
        try:
            return self.copied(sql, name)
        finally:
            self.connection.execute("RESET disabled_optimizers")

    def _one(self, sql: str) -> tuple[Any, ...]:
        (row,) = self.connection.execute(sql).fetchall()
        return tuple(row)

    def settle(
        self, staged: Path, *, stamped: bool, checked: bool = False, flawed: Path | None = None,
        notes: tuple[str, ...] = (),
    ) -> Receipt:  # fmt: skip
        """Reject, name, leave out what is known, and put the rest in its place.

        `staged` are rows of `Query.checked`, the bad ones among them, or good events alone; then the bad ones, if there
        are any, are rows of `Query.checked` in `flawed`.
        """
        read = pq.read_metadata(staged).num_rows + (pq.read_metadata(flawed).num_rows if flawed else 0)
        rejected = self._stage(staged, checked=checked, flawed=flawed)
        unnamed = self._tell_apart() if stamped else self._name_the_unnamed()
        recordable, doubled = self._count_known()
        as_staged = not checked and not unnamed and read - rejected == recordable
        fresh = staged if as_staged else self._kept(doubled)
        recorded = pq.read_metadata(fresh).num_rows
        if recorded != recordable:
            raise AssertionError(f"{self.name}: {recorded} events written, {recordable} expected; nothing was recorded")
        by_reason, rejects = self._rejects(rejected)
        receipt_lacking = self._lacking(fresh) if recorded else {}
        part = self.writing.append(fresh) if recorded else None
        return Receipt(
            read, recorded, read - rejected - recorded, rejected,
            rejects=rejects, by_reason=by_reason, lacking=receipt_lacking, notes=notes, part=part,
        )  # fmt: skip

    def _stage(self, staged: Path, *, checked: bool, flawed: Path | None) -> int:
        """Make the good rows a view called `good`, the others one called `bad`, and say how many those are."""
        where = "WHERE _check IS NULL" if checked else ""
        self.connection.execute(
            f"CREATE OR REPLACE VIEW good AS SELECT {', '.join(columns.NAMES)}, file_row_number AS _row "
            f"FROM {_numbered(staged)} {where}"
        )
        if not checked and not flawed:
            return 0
        self.connection.execute(
            f"CREATE OR REPLACE VIEW bad AS SELECT * FROM {_numbered(flawed or staged)} WHERE _check IS NOT NULL"
        )
        return int(self._one("SELECT count(*) FROM bad")[0])

    def _tell_apart(self) -> int:
        """Give identical rows, which have the same made-up id, one each: `…-1`, `…-2`; say how many rows those are."""
        rows, distinct = self._one("SELECT count(*), count(DISTINCT hash(id)) FROM good")
        if rows == distinct:
            self.connection.execute("CREATE OR REPLACE VIEW named AS SELECT * FROM good")
            return 0
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE given AS "
            "SELECT _row, left(id, 32) || '-' || row_number() OVER (PARTITION BY id ORDER BY _row) AS given "
            "FROM good SEMI JOIN (SELECT id FROM good GROUP BY id HAVING count(*) > 1) AS doubled USING (id)"
        )
        self._use_given()
        return int(self._one("SELECT count(*) FROM given")[0])

    def _name_the_unnamed(self) -> int:
        """Give rows without an id one that says what they say, and the how-manieth of its kind the row is."""
        unnamed = int(self._one("SELECT count(*) - count(id) FROM good")[0])
        if not unnamed:
            self.connection.execute("CREATE OR REPLACE VIEW named AS SELECT * FROM good")
            return 0
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE given AS "
            "SELECT _row, said || '-' || row_number() OVER (PARTITION BY said ORDER BY _row) AS given "
            f"FROM (SELECT _row, {validation.content()} AS said FROM good WHERE id IS NULL)"
        )
        self._use_given()
        return unnamed

    def _use_given(self) -> None:
        self.connection.execute(
            "CREATE OR REPLACE VIEW named AS SELECT good.* REPLACE (coalesce(given.given, good.id) AS id) "
            "FROM good LEFT JOIN given ON good._row = given._row"
        )

    def _count_known(self) -> tuple[int, bool]:
        """How many events are new, and whether an id comes twice among the rows themselves.

        Ids are told apart by their 64-bit hash first: where even those all differ, no id comes twice.
        """
        parts = ", ".join(literal(str(part)) for part in self.writing.store.parts())
        already = (
            f"SELECT DISTINCT id FROM named SEMI JOIN (SELECT id FROM read_parquet([{parts}])) AS old USING (id)"
            if parts
            else "SELECT CAST(NULL AS VARCHAR) AS id WHERE false"
        )
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE already AS {already}")
        rows, distinct = self._one("SELECT count(*), count(DISTINCT hash(id)) FROM named")
        doubled = rows != distinct
        counted = "count(DISTINCT id)" if doubled else "count(*)"
        return int(self._one(f"SELECT {counted} FROM named ANTI JOIN already USING (id)")[0]), doubled

    def _kept(self, doubled: bool) -> Path:
        """Write the events that are new: of each id the first row."""
        first = "WHERE _row IN (SELECT min(_row) FROM named GROUP BY id)" if doubled else ""
        events = f"SELECT * FROM named ANTI JOIN already USING (id) {first}"
        return self.copied(f"SELECT {', '.join(columns.NAMES)} FROM ({events})", "fresh.parquet")

    def _rejects(self, rejected: int) -> tuple[dict[str, int], Path | None]:
        """Write the reject file (file, line, column, reason, found, row) and count the reasons.

        People open it in a spreadsheet, so text that looks like a formula has an apostrophe before it.
        """
        if not rejected:
            return {}, None
        checks = validation.checks()
        cases = " ".join(f"WHEN {n} THEN {literal(check.reason)}" for n, check in enumerate(checks) if n)
        places = " ".join(f"WHEN {n} THEN {literal(check.column)}" for n, check in enumerate(checks) if n)
        self.connection.execute(
            "CREATE OR REPLACE VIEW rejected AS SELECT "
            f'coalesce(_file, {literal(self.name)}) AS file, _line AS line, CASE _check {places} END AS "column", '
            f"CASE _check WHEN 0 THEN _fault {cases} END AS reason, {csv.defused('_found')} AS found, "
            f"{csv.defused('_raw')} AS row FROM bad ORDER BY file_row_number"
        )
        target = self.writing.working / "rejects.csv"
        self.connection.execute(f"COPY (FROM rejected) TO {literal(str(target))} (FORMAT csv, HEADER)")
        counts = self.connection.execute(
            "SELECT reason, count(*) FROM rejected GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
        stamp = f"{self.recorded_at:%Y%m%dT%H%M%S}-{_NOT_IN_A_NAME.sub('-', Path(self.name).stem)[:80]}"
        return dict(counts), self.writing.keep_rejects(target, stamp)

    def _lacking(self, fresh: Path) -> dict[str, int]:
        """Count, per type of the vocabulary, the events that lack what their type needs."""
        rows = f"read_parquet({literal(str(fresh))})"
        present = frozenset(row[0] for row in self.connection.execute(f"SELECT DISTINCT type FROM {rows}").fetchall())
        conditions = validation.lacking(present)
        if not conditions:
            return {}
        counted = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions.values())
        found = dict(zip(conditions, self._one(f"SELECT {counted} FROM {rows}"), strict=True))
        return {what: number for what, number in sorted(found.items(), key=lambda pair: -pair[1]) if number}


def _numbered(file: Path) -> str:
    return f"read_parquet({literal(str(file))}, file_row_number=true)"


@contextmanager
def _watched(connection: duckdb.DuckDBPyConnection, progress: Progress | None) -> Iterator[None]:
    """Tell `progress` how far the running query is, four times a second."""
    if progress is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.25):
            share = connection.query_progress()
            if share >= 0:
                progress(min(share / 100, 1.0))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
