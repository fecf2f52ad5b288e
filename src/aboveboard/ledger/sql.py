"""Values and names as SQL text. Everything that comes from outside goes into a query through one of these."""

from __future__ import annotations


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
