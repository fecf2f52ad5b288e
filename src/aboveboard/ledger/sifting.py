"""A CSV file at speed, whatever is wrong with single rows of it: the good rows straight into a part, the others set aside.

DuckDB reads the file in bulk and leaves out every row that it cannot have or that fails a check. How many records there
are is counted from the bytes (`csv_shape`). Where the good rows are all there are, the work is done. Otherwise a second
look says which of the rows read were bad; those, and the rows that DuckDB refused, are found in the file and read with
care, one by one, to say on which line they stand and what is wrong with them.

Nothing of this is believed unless it all fits: rows recorded, rows that failed and rows refused are as many as there
are records, each of the latter two is one record to the careful reader too, and each fails a check there as well. If
not, the answer is None, and the whole file is to be read with care.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from aboveboard.ledger import validation
from aboveboard.ledger.formats import csv, csv_shape, lines
from aboveboard.ledger.limits import Limits
from aboveboard.ledger.recording import Recording
from aboveboard.ledger.sql import literal

_MOST_FLAWED = 100_000
"""Rows that are read one by one at most; with more, reading all of them so is not much slower."""


@dataclass(frozen=True)
class Sifted:
    """Files in the working folder: `good` events, and `flawed` rows as `Query.checked` has them (None: there are none)."""

    good: Path
    flawed: Path | None
    stamped: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sifter:
    """A UTF-8 file to be sifted. `query` makes the checks of rows, given SQL for them and the types of their columns."""

    recording: Recording
    path: Path
    dialect: csv.Dialect
    limits: Limits
    query: Callable[[str, dict[str, str]], validation.Query]

    def sifted(self) -> Sifted | None:
        """Sift the file. Raises duckdb.Error where DuckDB can make nothing of it."""
        self.recording.connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(csv_shape.of, self.path, self.dialect.delimiter, self.limits.row_bytes)
            query = self._query(csv.Flawed.KEPT)
            good = self.recording.copied_as_written(query.good, "staged.parquet")
            shape = coming.result()
        if shape and shape.spaced:
            return None
        if shape and shape.stray is not None and (sifted := self._sifted(query, good, shape)):
            return sifted
        if shape and not shape.stray and shape.stray is not None:
            return None  # the count holds, and DuckDB has another
        return self._by_lines(query, good)

    def _by_lines(self, query: validation.Query, good: Path) -> Sifted | None:
        """Where quotes stand that are none (12" pipe): still at speed, if every line is a record."""
        if csv_shape.is_spaced(self.path, self.dialect.delimiter):
            return None
        shape = csv_shape.of(self.path, self.dialect.delimiter, self.limits.row_bytes, quoted=False)
        return self._sifted(query, good, shape) if shape else None

    def _sifted(self, query: validation.Query, good: Path, shape: csv_shape.Shape) -> Sifted | None:
        refused = self._refused()
        missing = shape.records - self._before - pq.read_metadata(good).num_rows
        if missing == 0 and not refused and not shape.stray:
            return Sifted(good, None, query.stamped)
        if not 0 < missing <= _MOST_FLAWED or len(refused) > missing:
            return None
        failed = self._failed(query) if missing > len(refused) else []
        if len(failed) + len(refused) != missing:
            return None
        places = csv_shape.extents(self.path, shape, accepted=failed, refused=refused, skipped=self._before)
        return self._with_flaws(good, places, shape) if places else None

    @property
    def _before(self) -> int:
        """Records that are no rows: the header, and a line that names the separator."""
        return 2 if self.dialect.before else 1

    def _query(self, flawed: csv.Flawed) -> validation.Query:
        return self.query(csv.table(self.path, self.dialect, flawed), dict.fromkeys(self.dialect.header, "VARCHAR"))

    def _refused(self) -> list[int]:
        """The bytes before which DuckDB's reader says the rows are that it refused: up to a line end too early."""
        found = self.recording.connection.execute(
            "SELECT DISTINCT line_byte_position - 1 FROM reject_errors"
        ).fetchall()
        return [int(position) for (position,) in found]

    def _failed(self, query: validation.Query) -> list[int]:
        """The places, among the rows that DuckDB reads, of those that fail a check."""
        verdicts = self.recording.copied(query.verdicts, "verdicts.parquet")
        rows = f"read_parquet({literal(str(verdicts))}, file_row_number=true)"
        found = self.recording.connection.execute(
            f"SELECT file_row_number FROM {rows} WHERE _check IS NOT NULL"  # noqa: S608 (a quoted literal)
        ).fetchall()
        return [int(place) for (place,) in found]

    def _with_flaws(self, good: Path, places: list[csv_shape.Extent], shape: csv_shape.Shape) -> Sifted | None:
        if not all(any(p.start <= stray < p.end for p in places) for stray in shape.stray or ()):
            return None
        some = csv.read_some(self.path, self.dialect, places, self.limits)
        if some is None:
            return None
        notes: tuple[str, ...] = ()
        if not some.sound:
            encoding = lines.encoding(self.path)
            if not encoding.codec.startswith("utf-8"):
                return None
            notes = (encoding.note,) if encoding.note else ()
        flawed = self._checked(some.rows)
        ((told, counted),) = self.recording.connection.execute(
            "SELECT count(*), count(_check) FROM read_parquet(?)", [str(flawed)]
        ).fetchall()
        return Sifted(good, flawed, "id" not in self.dialect.header, notes) if told == counted else None

    def _checked(self, rows: object) -> Path:
        connection: duckdb.DuckDBPyConnection = self.recording.connection
        connection.register("flawed", rows)
        types = {name: type_ for name, type_, *_ in connection.execute("DESCRIBE flawed").fetchall()}
        return self.recording.copied(self.query("flawed", types).checked, "flawed.parquet")
