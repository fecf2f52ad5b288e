"""What a mapping would make of some files, before anything is imported: per block and column, counts and examples."""

# ruff: noqa: S608  (statements are put together from checked parts)

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from aboveboard.playbook.problems import Problem
from aboveboard.sources import mapping as mappings
from aboveboard.sources.mapping import MappingError, Opened
from aboveboard.sources.sql import quoted
from aboveboard.sources.statements import Statement

EXAMPLES = 3
_LOOKED_AT = 2_000  # rows that examples are taken from
_LONGEST_EXAMPLE = 60


@dataclass(frozen=True)
class ColumnReport:
    """One column of one block: values that came out, rows without one, up to three different examples.

    `unread` counts texts that no date format fits (of `time` and `due`) and values that could not be computed; the ledger
    would reject those rows.
    """

    name: str
    filled: int
    missing: int
    unread: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class BlockReport:
    """One block: rows read from its file, rows that `where` and `changed` left out, events per type, its columns.

    `undecided` counts rows among the events of which `where` could not be computed; the ledger would reject them.
    """

    name: str
    file: str
    read: int
    events: int
    types: Mapping[str, int]
    columns: tuple[ColumnReport, ...]
    undecided: int = 0

    @property
    def left_out(self) -> int:
        return self.read - self.events


@dataclass(frozen=True)
class DryRun:
    """The whole: `faulty` counts lines that are no rows, `unused` names files that no alias asked for."""

    source: str
    files: Mapping[str, tuple[str, ...]]
    blocks: tuple[BlockReport, ...]
    faulty: int
    unused: tuple[str, ...]

    @property
    def events(self) -> int:
        return sum(block.events for block in self.blocks)

    @property
    def unread(self) -> int:
        """Times and dues that no date format fits, and values that could not be computed."""
        return sum(block.undecided + sum(column.unread for column in block.columns) for block in self.blocks)

    def as_json(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        return {"events": self.events, "unread": self.unread, **asdict(self)}


def run(mapping: mappings.Mapping, files: Iterable[Path | str]) -> DryRun:
    """Return the report. Raises FilesError and MappingError as opening does; imports nothing."""
    with mapping.open(files) as opened:
        return report(opened)


def report(opened: Opened) -> DryRun:
    """Return the report of a mapping that is open over its files."""
    blocks = tuple(_block(opened, statement) for statement in opened.statements)
    files = {table.alias: tuple(table.files) for table in opened.tables.values()}
    return DryRun(opened.mapping.source, files, blocks, opened.faulty, opened.unused)


def _block(opened: Opened, statement: Statement) -> BlockReport:
    block, con = statement.block, opened.connection
    filled = {name: sql for name, sql in statement.columns.items() if name not in ("source", "attributes")}
    if "attributes" in block.columns:
        filled["attributes"] = statement.columns["attributes"]
    if filled["id"] == "NULL":
        del filled["id"]
    filled.update(statement.attributes)
    counted = [f"count({sql})" for sql in filled.values()]
    refusals = {name: sql for name, sql in statement.fails.items() if name != "where"}
    refusals |= {name: f"({sql}) OR ({refusals.get(name, 'false')})" for name, sql in statement.unread.items()}
    unread = [f"count(*) FILTER (WHERE {sql})" for sql in refusals.values()]
    try:
        (read,) = _row(con, f"SELECT count(*) FROM {statement.rows}")
        events, *counts = _row(con, f"SELECT {', '.join(['count(*)', *counted, *unread])} FROM {statement.filtered}")
        (undecided,) = _row(
            con, f"SELECT count(*) FILTER (WHERE {statement.fails.get('where', 'false')}) FROM {statement.filtered}"
        )
        types = con.execute(
            f"SELECT CAST({statement.columns['type']} AS VARCHAR) AS type, count(*) FROM {statement.filtered} "
            "GROUP BY ALL ORDER BY count(*) DESC, type"
        ).fetchall()
    except duckdb.Error as error:
        message = f"{block.name}: DuckDB says: {str(error).splitlines()[0][:300]}"
        raise MappingError([Problem(opened.mapping.file, block.line, message)]) from None
    per_column = dict(zip(filled, counts, strict=False))
    refused = dict(zip(refusals, counts[len(filled) :], strict=True))
    examples = _examples(con, statement, filled)
    return BlockReport(
        block.name,
        block.source_file,
        read,
        events,
        {str(kind): number for kind, number in types},
        tuple(
            ColumnReport(name, number, events - number, refused.get(name, 0), examples[name])
            for name, number in per_column.items()
        ),
        undecided,
    )


def _examples(
    con: duckdb.DuckDBPyConnection, statement: Statement, columns: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Different values from the first rows, in the order in which they come."""
    listed = ", ".join(
        f"left(CAST({sql} AS VARCHAR), {_LONGEST_EXAMPLE}) AS {quoted(name)}" for name, sql in columns.items()
    )
    rows = con.execute(f"SELECT {listed} FROM {statement.filtered} LIMIT {_LOOKED_AT}").fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(columns):
        seen = dict.fromkeys(str(row[place]) for row in rows if row[place] is not None)
        found[name] = tuple(list(seen)[:EXAMPLES])
    return found


def _row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = con.execute(sql).fetchone()
    assert row is not None
    return tuple(row)
