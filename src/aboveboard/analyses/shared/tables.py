"""How an analysis states what it gives: a table's name, its question, and what each column holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "int64", "float64", "boolean", "timestamp", "date"]


@dataclass(frozen=True)
class Field:
    """One column of an analysis table. `meaning` states the unit, and when the value is absent."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class TableSpec:
    """One analysis table, written as `<name>.parquet`. `key` are the columns that tell its rows apart."""

    name: str
    question: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)
