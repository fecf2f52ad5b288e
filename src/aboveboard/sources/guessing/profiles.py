"""What stands in the columns of some files: counts, kinds, keys, and which file looks up which."""

# ruff: noqa: S608  (names go through `quoted`, texts through `literal`)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from aboveboard.sources import files as exports
from aboveboard.sources import model
from aboveboard.sources.guessing import dates
from aboveboard.sources.problems import FilesError
from aboveboard.sources.sql import literal, quoted, without_markers
from aboveboard.sources.unpacking import Found, found

MARKERS = ("?", "NULL", "null", "(null)", "N/A", "n/a", "#N/A", "NaN", "nan", "\\N")
SAMPLE_ROWS = 50_000
SAMPLE_VALUES = 3_000
_CONTAINED = 0.9


@dataclass(frozen=True)
class Column:
    """One column of a sample: `unique` over the whole file; `numeric` if nearly every value is a number."""

    name: str
    filled: int
    distinct: int
    numeric: bool
    length: float
    words: float
    date: dates.DateFormat | None
    unique: bool
    examples: tuple[str, ...]


@dataclass
class File:
    """One file: the alias for the mapping, its rows (of the sample), its columns by name."""

    alias: str
    file: Found
    rows: int
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def dated(self) -> list[Column]:
        return [column for column in self.columns.values() if column.date]

    @property
    def keys(self) -> list[Column]:
        """Columns that tell the rows apart, names that look like keys first."""
        unique = [column for column in self.columns.values() if column.unique and not column.date]
        return sorted(
            unique, key=lambda column: not re.search(r"(^|_| )(id|number|no|nr|key|ref)$", column.name.lower())
        )


@dataclass
class Profiles:
    """All files together; `markers` are words that stand for missing; `joins` are (file, column, file, column)."""

    connection: duckdb.DuckDBPyConnection
    files: list[File]
    markers: tuple[str, ...]
    joins: list[tuple[str, str, str, str]]

    def file(self, alias: str) -> File:
        return next(file for file in self.files if file.alias == alias)

    def constant_within(self, alias: str, group: str, column: str) -> bool:
        """Whether the column never changes among rows of equal `group` (of the sample)."""
        value = without_markers(quoted(column), ("", *self.markers))
        row = self.connection.execute(
            f"SELECT max(n) FROM (SELECT count(DISTINCT {value}) AS n FROM {_sample(alias)} GROUP BY {quoted(group)})"
        ).fetchone()
        return bool(row and row[0] is not None and row[0] <= 1)


def look(paths: Sequence[Path | str]) -> Profiles:
    """Read the files and describe them. Raises FilesError for what cannot be read, or is an event log already."""
    given = found(paths)
    aliases = _aliases([file.name for file in given])
    declared = {alias: model.Export(alias, 0, pattern=file.name) for alias, file in zip(aliases, given, strict=True)}
    named = [f"{alias}={file.path}" for alias, file in zip(aliases, given, strict=True)]
    if any(file.member for file in given):
        named = [str(path) for path in paths]
    staged = exports.stage(declared, named, timezone="UTC", missing=("",))
    for table in staged.tables.values():
        if table.json:
            hint = "Start from a shipped one: `aboveboard sources show zendesk`."
            raise FilesError(f"{table.files[0]}: a mapping for JSON cannot be guessed yet. {hint}")
    markers = _markers(staged)
    files = [_file(staged, alias, file, markers) for alias, file in zip(aliases, given, strict=True)]
    profiles = Profiles(staged.connection, files, markers, [])
    profiles.joins = _joins(profiles)
    return profiles


def _sample(alias: str) -> str:
    return f"(SELECT * FROM {quoted(alias)} LIMIT {SAMPLE_ROWS})"


def _aliases(names: Sequence[str]) -> list[str]:
    """Short names for files: what all of them begin or end with goes, as in `olist_…_dataset.csv`."""
    stems = [re.sub(r"\W+", "_", Path(name.lower().removesuffix(".gz")).stem).strip("_") for name in names]
    parts = [stem.split("_") for stem in stems]
    many = len(parts) > 2
    common = [word for word in {w for p in parts for w in p} if many and sum(word in p for p in parts) > len(parts) / 2]
    shortened = ["_".join(w for w in p if w not in common) or "_".join(p) for p in parts]
    safe = [name if name and not name[0].isdigit() else f"file_{name}" for name in shortened]
    return [name if safe.index(name) == place else f"{name}_{place + 1}" for place, name in enumerate(safe)]


def _markers(staged: exports.Stage) -> tuple[str, ...]:
    seen: set[str] = set()
    listed = ", ".join(map(literal, MARKERS))
    for table in staged.tables.values():
        texts = [quoted(name) for name, kind in table.columns.items() if kind == "VARCHAR"]
        for start in range(0, len(texts), 20):
            part = texts[start : start + 20]
            values = ", ".join(f"CASE WHEN trim({text}) IN ({listed}) THEN trim({text}) END" for text in part)
            rows = staged.connection.execute(
                f"SELECT DISTINCT unnest([{values}]) AS marker FROM {_sample(table.alias)}"
            ).fetchall()
            seen.update(str(marker) for (marker,) in rows if marker is not None)
    return tuple(marker for marker in MARKERS if marker in seen)


def _file(staged: exports.Stage, alias: str, file: Found, markers: tuple[str, ...]) -> File:
    con = staged.connection
    (rows,) = con.execute(f"SELECT count(*) FROM {quoted(alias)}").fetchone() or (0,)
    made = File(alias, file, int(rows))
    for name in staged.tables[alias].columns:
        made.columns[name] = _column(con, alias, name, ("", *markers))
    return made


def _column(con: duckdb.DuckDBPyConnection, alias: str, name: str, missing: Sequence[str]) -> Column:
    value = without_markers(f"CAST({quoted(name)} AS VARCHAR)", missing)
    source = f"(SELECT {value} AS v FROM {_sample(alias)})"
    filled, distinct, numbers, length, words = con.execute(
        f"SELECT count(v), count(DISTINCT v), count(try_cast(v AS DOUBLE)), coalesce(avg(length(v)), 0), "
        f"coalesce(avg(length(v) - length(replace(v, ' ', '')) + 1), 0) FROM {source}"
    ).fetchone() or (0, 0, 0, 0, 0)
    values = [
        str(v)
        for (v,) in con.execute(
            f"SELECT DISTINCT v FROM {source} WHERE v IS NOT NULL ORDER BY v LIMIT {SAMPLE_VALUES}"
        ).fetchall()
    ]
    unique = False
    if filled and filled == distinct:
        every = con.execute(f"SELECT count(*) = count(DISTINCT {quoted(name)}) FROM {quoted(alias)}").fetchone()
        unique = bool(every and every[0])
    date = dates.found(con, values)
    numeric = bool(filled) and numbers >= 0.98 * filled
    return Column(name, filled, distinct, numeric, float(length), float(words), date, unique, tuple(values[:5]))


def _joins(profiles: Profiles) -> list[tuple[str, str, str, str]]:
    """Which file looks up which: a column of equal name (or `<file>_id` for `id`) whose values stand in a key."""
    made: list[tuple[str, str, str, str]] = []
    for left in sorted(profiles.files, key=lambda file: (not file.dated, -file.rows)):
        for right in profiles.files:
            if right is left:
                continue
            pair = next(
                (pair for key in right.keys for pair in _pairs(left, right, key.name) if _contained(profiles, *pair)),
                None,
            )
            if pair and not _ties(made, left.alias, right.alias):
                made.append(pair)
    return made


def _pairs(left: File, right: File, key: str) -> list[tuple[str, str, str, str]]:
    singular = right.alias.removesuffix("s")
    wanted = {key.lower()} | ({f"{singular}_{key}".lower()} if key.lower() in ("id", "number", "key") else set())
    if key.lower() in ("id", "number", "key", "name"):
        wanted.discard(key.lower())
    return [(left.alias, name, right.alias, key) for name in left.columns if name.lower() in wanted]


def _contained(profiles: Profiles, left: str, column: str, right: str, key: str) -> bool:
    value = without_markers(quoted(column), ("", *profiles.markers))
    row = profiles.connection.execute(
        f"SELECT avg(CASE WHEN v IN (SELECT {quoted(key)} FROM {quoted(right)}) THEN 1.0 ELSE 0.0 END) "
        f"FROM (SELECT DISTINCT {value} AS v FROM {_sample(left)}) WHERE v IS NOT NULL"
    ).fetchone()
    return bool(row and row[0] is not None and row[0] >= _CONTAINED)


def _ties(joins: Sequence[tuple[str, str, str, str]], left: str, right: str) -> bool:
    """Whether a join left → right would make a circle, or a second way between two files."""
    edges = [(a, b) for a, _, b, _ in joins] + [(left, right)]

    def below(start: str) -> list[str]:
        reached: list[str] = []
        waiting = [start]
        while waiting and len(reached) < 1_000:
            here = waiting.pop()
            for a, b in edges:
                if a == here:
                    reached.append(b)
                    waiting.append(b)
        return reached

    return any(start in (down := below(start)) or len(down) != len(set(down)) for start in {a for a, _ in edges})
