"""One SQL expression of a mapping: parsed, checked against the allow-list, and kept as a tree.

The text never reaches DuckDB: what runs is written out again from the checked tree (`statements`), with every
name quoted and every cast forgiving. So a mapping can compute over its columns, and do nothing else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from aboveboard.playbook.problems import Problem
from aboveboard.sources import functions
from aboveboard.sources.problems import MappingError, meant

LONGEST = 8_000
_OURS = {functions.MOMENT, functions.PLACE, *functions.ROWS}


class MappingDialect(DuckDB):  # type: ignore[misc]
    """DuckDB's SQL, except that the right side of `->` and `->>` stays the text it was: `'org:group'` is one key."""

    def to_json_path(self, path: Any) -> Any:
        return path


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, its tree, and where it stands (`block.column`, file and line)."""

    text: str
    tree: Any
    place: str
    file: str
    line: int

    @property
    def may_fail(self) -> bool:
        """Whether a value could break it while it runs, as a cell that is no regular expression breaks `regexp_matches`."""
        return any(
            isinstance(node, exp.Func) and not isinstance(node, functions.NEVER_FAIL) and _called(node) not in _OURS
            for node in self.tree.walk()
        )

    def problem(self, message: str, hint: str = "") -> Problem:
        """A problem that points here."""
        return Problem(self.file, self.line, f"{self.place}: {message}", hint=hint)


def parse(text: str, *, place: str, file: str = "<text>", line: int = 0, totals: bool = False) -> Expression:
    """Return the checked expression.

    `place` names block and column for errors; `totals` allows `sum`, `count`, `min`, `max`, `avg` as well.
    Raises MappingError naming the offending piece and what may be written instead.
    """

    def wrong(message: str, hint: str = "") -> MappingError:
        return MappingError([Problem(file, line, f"{place}: {message}", hint=hint)])

    if len(text) > LONGEST:
        raise wrong(f"an expression of {len(text):,} characters; at most {LONGEST:,} are read.")
    try:
        trees = _trees(text)
        tree = trees[0] if len(trees) == 1 else None
        if len(trees) > 1:
            raise wrong("one expression is expected; `;` begins another statement.", "Text with a `;` goes in quotes.")
        if tree is None:
            raise wrong("there is no expression here.")
        for node in tree.walk():
            if refusal := _refusal(node, totals=totals):
                raise wrong(*refusal)
        return Expression(text, tree, place, file, line)
    except SqlglotError as error:
        first = str(error).splitlines()[0].split(". Line")[0]
        raise wrong(
            f"`{_short(text)}` is not a SQL expression ({first}).", "Fixed words need quotes: `\"'web'\"`."
        ) from None
    except RecursionError:
        raise wrong("this expression is nested too deeply.") from None


def rows_function(node: Any) -> str | None:
    """ "previous", "next", "first" or "last" where the node calls one; None otherwise."""
    name = _called(node)
    return name if name in functions.ROWS else None


def is_moment(node: Any) -> bool:
    """Whether the node is a call of `moment`."""
    return _called(node) == functions.MOMENT


def is_place(node: Any) -> bool:
    """Whether the node is a call of `place`."""
    return _called(node) == functions.PLACE


def parts(node: Any) -> tuple[str, ...] | None:
    """The names of a column such as `via.source.from`, outermost first; None where the node is not one."""
    if isinstance(node, exp.Column):
        return tuple(part.name for part in node.parts)
    if isinstance(node, exp.Dot):
        left, right = parts(node.this), node.expression
        return (*left, right.name) if left and isinstance(right, exp.Identifier) else None
    return None


def columns(tree: Any) -> list[Any]:
    """The column nodes of a tree, the longest paths only (`a.b.c` is one, not three)."""
    found: list[Any] = []
    queue = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, exp.Column | exp.Dot):
            found.append(node)
        else:
            queue.extend(reversed(list(node.iter_expressions())))
    return found


def _trees(text: str) -> list[Any]:
    """The statements in the text. sqlglot warns on statements it does not know; we refuse those ourselves."""
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        return list(sqlglot.parse(text, dialect=MappingDialect))
    finally:
        logger.disabled = before


def _called(node: Any) -> str | None:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    if isinstance(node, exp.First):
        return "first"
    if isinstance(node, exp.Last):
        return "last"
    return None


def _refusal(node: Any, *, totals: bool) -> tuple[str, str] | None:
    """Why the node may not stand in a mapping, and what may; None where it may."""
    kind = type(node)
    if kind is exp.DataType:
        known = isinstance(node.this, exp.DataType.Type) and node.this.name in functions.TYPES
        if not known or any(isinstance(inner, exp.DataType) for inner in node.expressions):
            return (
                f"the type `{_sql(node)}` is not known here.",
                f"Known: {', '.join(sorted(functions.TYPES)).lower()}.",
            )
        return None
    if kind is exp.Dot:
        return None if parts(node) else (f"`{_sql(node)}` is not a path of names.", "")
    if kind is exp.In and (node.args.get("query") or node.args.get("unnest")):
        return _no_query()
    if kind is exp.Star:
        return None if totals and isinstance(node.parent, exp.Count) else ("`*` is not a column.", "")
    if kind in functions.ATOMS or kind in functions.OPERATORS:
        return None
    if isinstance(node, exp.Query | exp.Subquery | exp.Exists | exp.Table):
        return _no_query()
    name = _called(node)
    if name in _OURS:
        return None if len(_arguments(node)) == 1 else (f"`{name}` takes one column.", "")
    if name in functions.BY_NAME or kind in functions.KNOWN.values():
        return None
    if totals and kind in functions.TOTALS.values():
        return None
    if isinstance(node, exp.Func):
        written = name or str(node.sql_name()).lower()
        known_names = (*functions.NAMES, *(functions.TOTALS if totals else ()))
        return f"the function `{written}` may not be used in a mapping.", meant(
            written, known_names, otherwise="It may use"
        )
    return f"`{_short(_sql(node))}` ({kind.__name__.lower()}) may not stand in a mapping.", "Write one SQL expression."


def _no_query() -> tuple[str, str]:
    return "a query inside an expression is not allowed.", "Declare the other file under `joins`, or use `one_per`."


def _arguments(node: Any) -> list[Any]:
    return list(node.expressions) if isinstance(node, exp.Anonymous) else [node.this, *node.expressions]


def _sql(node: Any) -> str:
    return str(node.sql(dialect=MappingDialect))


def _short(text: str, width: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"
