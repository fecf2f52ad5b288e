"""The few pieces of SQL that every statement of a mapping is put together from."""

from __future__ import annotations

from collections.abc import Sequence

LINE, FILE, JSON = "_line", "_file", "_json"
PLACE, LIST = "_place", "_list"  # of an exploded list: which item this is, from 1, and all of its items
FAULTS = {LINE: "BIGINT", FILE: "VARCHAR", "_raw": "VARCHAR", "_fault": "VARCHAR", "_found": "VARCHAR"}


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"


def without_markers(value: str, missing: Sequence[str]) -> str:
    """SQL: the text, or NULL where it is one of the markers for missing (blanks around it do not count)."""
    return f"CASE WHEN trim({value}) IN ({', '.join(map(literal, missing))}) THEN NULL ELSE {value} END"
