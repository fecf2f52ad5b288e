"""Mappings: from the files of somebody's export to ledger events.

    mapping = read("olist")                      # one that ships, by name; or the path of a YAML file
    rows = mapping.rows(["export/"])             # a DuckDB relation, streamed: ledger columns as text, and `_line`

`docs/reference/mapping.md` says what the YAML may hold.
"""

# ruff: noqa: S608  (statements are put together from checked parts)

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb

from aboveboard.playbook.problems import Problem
from aboveboard.sources import files as exports
from aboveboard.sources import model, reading, statements
from aboveboard.sources.files import Table
from aboveboard.sources.problems import FilesError, MappingError, meant
from aboveboard.sources.sql import FAULTS, quoted
from aboveboard.sources.statements import Statement

__all__ = ["FilesError", "Mapping", "MappingError", "Opened", "Problem", "parse", "read", "shipped"]


@dataclass(frozen=True)
class Opened:
    """A mapping over files: staged, locked, every block bound. `close` gives memory and disk back."""

    mapping: model.Mapping
    connection: duckdb.DuckDBPyConnection
    tables: ReadOnly[str, Table]
    statements: tuple[Statement, ...]
    faulty: int
    unused: tuple[str, ...]

    def rows(self) -> duckdb.DuckDBPyRelation:
        """The events of all blocks; nothing is computed until the relation is read."""
        parts = [statement.select for statement in self.statements]
        if self.faulty:
            # Lines that are no rows: the ledger refuses them, with the reason, and counts them.
            parts.append(f"SELECT {', '.join(map(quoted, FAULTS))} FROM _faulty")
        return self.connection.sql(" UNION ALL BY NAME ".join(parts))

    def close(self) -> None:
        """Close the private database."""
        self.connection.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Mapping(model.Mapping):
    """A checked mapping that can be laid over files."""

    def open(self, files: Iterable[Path | str], *, memory: str = "2GB") -> Opened:
        """Stage the files, shut the database off, and bind every block.

        `files` are files, folders or zips, or `alias=path`. `memory` is what DuckDB may hold before it spills to disk.
        Raises FilesError for files that cannot be read, MappingError where the mapping does not fit them.
        """
        said: list[model.Block | model.Export] = [*self.blocks, *self.files.values()]
        guarded = any(expression.may_fail for part in said for expression in part.expressions)
        staged = exports.stage(
            self.files,
            files,
            timezone=self.timezone,
            missing=self.missing,
            memory=memory,
            place=self.file,
            guarded=guarded,
        )
        tables = dict(staged.tables)
        problems: list[Problem] = []
        bound: list[Statement] = []
        try:
            for export in self.files.values():
                if export.of:
                    tables[export.alias] = statements.derive(staged.connection, self, export, tables)
            for block in self.blocks:
                try:
                    bound.append(statements.bind(staged.connection, self, block, tables))
                except MappingError as error:
                    problems.extend(error.problems)
            if problems:
                raise MappingError(dict.fromkeys(problems))
        except MappingError:
            staged.connection.close()
            raise
        return Opened(self, staged.connection, tables, tuple(bound), staged.faulty, tuple(staged.unused))

    def rows(self, files: Iterable[Path | str], *, memory: str = "2GB") -> duckdb.DuckDBPyRelation:
        """The events in the files as a relation that streams: ledger columns (but `recorded_at`) as text, `_line` and `_file`;
        lines that are no rows come with `_fault`.

        Times and dues are ISO 8601 in UTC; a text that no date format fits stays as it was, for the ledger to refuse.
        """
        return self.open(files, memory=memory).rows()


def read(path_or_name: Path | str) -> Mapping:
    """Return the mapping in the file, or the shipped one of that name. Raises MappingError with every problem."""
    path = Path(path_or_name)
    if str(path_or_name) in (names := shipped()):
        return parse(names[str(path_or_name)].read_text(encoding="utf-8"), file=f"{path_or_name} (shipped)")
    if not path.is_file():
        hint = meant(str(path_or_name), names, otherwise="Shipped")
        raise MappingError(
            [Problem(str(path), 0, "There is no such mapping, neither a file nor a shipped one.", hint=hint)]
        )
    try:
        return parse(path.read_text(encoding="utf-8-sig"), file=str(path))
    except (OSError, UnicodeError) as error:
        raise MappingError([Problem(str(path), 0, f"The mapping cannot be read: {error}.")]) from None


def parse(text: str, *, file: str = "<text>") -> Mapping:
    """Return the mapping in the text."""
    plain = reading.read(text, file=file)
    return Mapping(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})


def shipped() -> dict[str, Path]:
    """The mappings that come with the package: name → file."""
    folder = resources.files("aboveboard.sources") / "shipped"
    return {
        Path(str(item)).stem: Path(str(item))
        for item in sorted(folder.iterdir(), key=str)
        if str(item).endswith(".yaml")
    }
