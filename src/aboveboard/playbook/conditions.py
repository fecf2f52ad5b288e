"""Conditions: SQL text, read and checked once, then an Ibis expression or a plain Python predicate.

>>> late = parse("type = 'order.paid' and local_hour(time) >= 16.5", timezone=ZoneInfo("America/New_York"))
>>> sorted(late.columns)
['time', 'type']
>>> from datetime import UTC, datetime
>>> late.to_python()({"type": "order.paid", "time": datetime(2026, 11, 20, 22, 0, tzinfo=UTC)})
True
>>> parse("chanel = 'web'")
Traceback (most recent call last):
aboveboard.playbook.expressions.errors.ConditionError: unknown column 'chanel' (character 1 of: chanel = 'web') \
(did you mean channel?)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from aboveboard.ledger import columns as ledger_columns
from aboveboard.playbook.expressions import parse as parsing
from aboveboard.playbook.expressions import to_ibis, to_python, to_sql
from aboveboard.playbook.expressions.errors import ConditionError
from aboveboard.playbook.expressions.tree import Attribute, Column, Node, Type, walk

__all__ = ["LEDGER", "Condition", "ConditionError", "Expression", "parse", "parse_expression"]


def _kind(column: ledger_columns.Column) -> str:
    if column.name == "attributes":
        return "attributes"
    if pa.types.is_timestamp(column.type):
        return "timestamp"
    return "number" if pa.types.is_floating(column.type) else "text"


LEDGER: Mapping[str, str] = {column.name: _kind(column) for column in ledger_columns.COLUMNS}
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Expression:
    """A checked expression: `sql` as written, `tree` as understood, `place` where it stands in a playbook."""

    sql: str
    tree: Node
    place: Any = field(default=None, compare=False)

    @property
    def type(self) -> Type:
        """What it gives: text, number, boolean, timestamp; unknown for a bare NULL."""
        return self.tree.type

    @property
    def columns(self) -> frozenset[str]:
        """The columns (or facts) it reads; any `attributes.<key>` counts as the column `attributes`."""
        names = {node.name for node in walk(self.tree) if isinstance(node, Column)}
        return frozenset(names | ({"attributes"} if self.attributes else set()))

    @property
    def attributes(self) -> frozenset[str]:
        """The keys of `attributes` it reads."""
        return frozenset(node.key for node in walk(self.tree) if isinstance(node, Attribute))

    def to_ibis(self, table: Any) -> Any:
        """Return it as an ibis expression over a table that has the columns, on DuckDB, PostgreSQL or Spark."""
        return to_ibis.expression(self.tree, table)

    def to_python(self) -> Callable[[Mapping[str, Any]], Any]:
        """Return it as a function of one row (column → value, absent or None is NULL); None is NULL."""
        return to_python.function(self.tree)

    def to_sql(self) -> str:
        """Return it as SQL in one spelling, which parses to the same tree."""
        return to_sql.text(self.tree)


@dataclass(frozen=True)
class Condition(Expression):
    """An expression that is true, false or unknown. An event meets it only where it is true."""

    def to_python(self) -> Callable[[Mapping[str, Any]], bool | None]:
        """Return it as a predicate of one row with SQL's three values; None is unknown."""
        return to_python.function(self.tree)


def parse(
    sql: str,
    *,
    columns: Mapping[str, str] = LEDGER,
    timezone: ZoneInfo = UTC,
    options: Mapping[str, tuple[str, ...]] | None = None,
    place: Any = None,
    called: str = "column",
) -> Condition:
    """Read a condition and check it against the columns.

    `columns` maps each name to text, number, boolean, timestamp (or `attributes`); `options` says what an enumerated
    one may hold; `called` is the word for a column in messages. `timezone` is that of `local_hour` and of times written
    without an offset. Raises ConditionError.
    """
    node = parsing.parse(sql, parsing.Scope(columns, timezone, options or {}, called))
    if node.type != "boolean":
        raise ConditionError(f"a condition must be true or false, and this is a {node.type}", sql=sql)
    return Condition(sql, node, place)


def parse_expression(
    sql: str,
    *,
    columns: Mapping[str, str] = LEDGER,
    timezone: ZoneInfo = UTC,
    options: Mapping[str, tuple[str, ...]] | None = None,
    place: Any = None,
) -> Expression:
    """Read an expression of any type, as `parse` does for conditions."""
    return Expression(sql, parsing.parse(sql, parsing.Scope(columns, timezone, options or {})), place)
