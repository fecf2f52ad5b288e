"""The names that the expressions of a block may use, and how each becomes SQL over the staged tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from aboveboard.sources import expressions, functions, moments
from aboveboard.sources.expressions import Expression, MappingDialect
from aboveboard.sources.files import Table
from aboveboard.sources.problems import MappingError, meant
from aboveboard.sources.sql import JSON, LINE, LIST, PLACE, literal, quoted, without_markers

_DATE_FUNCTIONS = (
    exp.DateDiff,
    exp.Day,
    exp.Dayname,
    exp.Extract,
    exp.Month,
    exp.TimeToStr,
    exp.TimestampTrunc,
    exp.TimeToUnix,
    exp.Year,
)
_NAMED_DATE_FUNCTIONS = ("dayofweek", "hour", "isodow", "minute")
_JSON_FUNCTIONS = ("json_array_length", "json_type", "json_extract", "json_extract_string")
_TEXT_FUNCTIONS = (
    exp.Trim,
    exp.SplitPart,
    exp.Substring,
    exp.RegexpExtract,
    exp.Left,
    exp.Right,
    exp.Lower,
    exp.Upper,
    exp.Replace,
)
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)


class Scope:
    """Turns checked expressions into SQL. `windows` gathers the look-backs that the inner query must compute."""

    def __init__(
        self,
        table: Table,
        joined: Sequence[Table],
        *,
        dates: Sequence[str],
        missing: Sequence[str],
        exploded: str | None = None,
    ) -> None:
        self.table, self.joined = table, {other.alias: other for other in joined}
        self.dates, self.missing, self.exploded = dates, missing, exploded
        self.windows: dict[str, str] = {}
        self.used: set[str] = set()

    def sql(self, expression: Expression) -> str:
        """The expression as SQL. Raises MappingError for a name that no file in play has."""
        root = exp.Paren(this=expression.tree.copy())
        if self.exploded:
            self._check_looks(expression, root)
        for node in filter(expressions.is_place, list(root.walk())):
            node.replace(self._place(expression, node))
        for node in expressions.columns(root.this):
            node.replace(self._column(expression, node))
        for node in list(root.walk(bfs=False))[::-1]:
            if node is not root and (better := self._rewritten(expression, node)) is not node:
                node.replace(better)
        return _text(root)

    def window(self, function: str, value: str, over: str = "") -> str:
        """The inner query's column that holds `previous(value)` and its like; returns its name as SQL."""
        last = function in ("first", "last")
        frame = " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING" if last else ""
        call = f"{functions.ROWS[function]}({value}) OVER ({over or '{rows}'}{frame})"
        name = next((name for name, known in self.windows.items() if known == call), None)
        if name is None:
            name = f"_window_{len(self.windows)}"
            self.windows[name] = call
        return f"{quoted(self.table.alias)}.{quoted(name)}"

    # -- names ---------------------------------------------------------------------------------------------------

    def _column(self, expression: Expression, node: Any) -> Any:
        names = expressions.parts(node) or ()
        first, rest = names[0], names[1:]
        if first == self.exploded:
            return _raw(self._key(_item(node, quoted(first)), rest, whole=True), text=True)
        if rest and first == self.table.alias:
            return self._of(expression, self.table, rest)
        if rest and first in self.joined:
            return self._of(expression, self.joined[first], rest)
        open_ended = self.table.json or not self.table.present
        if self._has(self.table, first) or (open_ended and not self._owners(first)):
            return self._of(expression, self.table, names)
        if len(owners := self._owners(first)) == 1:
            return self._of(expression, owners[0], names)
        raise MappingError([self._unknown(expression, first, owners)])

    def _owners(self, name: str) -> list[Table]:
        return [table for table in self.joined.values() if self._has(table, name)]

    @staticmethod
    def _has(table: Table, name: str) -> bool:
        return any(name.lower() == column.lower() for column in table.columns)

    def _of(self, expression: Expression, table: Table, names: Sequence[str]) -> Any:
        if table is not self.table:
            self.used.add(table.alias)
        if not table.present:
            return _raw("CAST(NULL AS VARCHAR)", text=True)
        if not self._has(table, names[0]) and names[0] != LINE:
            if table.json:
                return _raw(self._key(f"{quoted(table.alias)}.{quoted(JSON)}", names), text=True)
            near = meant(names[0], table.columns, otherwise=f"`{table.alias}` has")
            raise MappingError([expression.problem(f"`{table.alias}` has no column `{names[0]}`.", near)])
        column = next((c for c in table.columns if c.lower() == names[0].lower()), names[0])
        sql = f"{quoted(table.alias)}.{quoted(column)}"
        if len(names) > 1:
            return _raw(self._key(f"TRY_CAST({sql} AS JSON)", names[1:]), text=True)
        kind = table.columns.get(column, "BIGINT")
        return _raw(sql, text=kind == "VARCHAR", kind=kind)

    def _key(self, json: str, names: Sequence[str], *, whole: bool = False) -> str:
        """SQL: the text at a path of keys in a JSON value; markers for missing are NULL, as in any column."""
        if not names and whole:
            return f"({json} ->> '$')"
        path = "$" + "".join('."' + name.replace('"', '\\"') + '"' for name in names)
        return f"({without_markers(f'json_extract_string({json}, {literal(path)})', self.missing)})"

    def _unknown(self, expression: Expression, name: str, owners: Sequence[Table]) -> Any:
        if owners:
            both = " or ".join(f"`{table.alias}.{name}`" for table in owners)
            return expression.problem(f"`{name}` stands in more than one file.", f"Say {both}.")
        known = [*self.table.columns, *self.joined, *(c for table in self.joined.values() for c in table.columns)]
        if self.exploded:
            known.append(self.exploded)
        hint = meant(name, known, otherwise=f"`{self.table.alias}` has")
        return expression.problem(
            f"there is no column `{name}` in `{self.table.alias}` or the files it joins.",
            f"{hint} A fixed word is written in single quotes: \"'{name}'\".",
        )

    # -- rewriting -----------------------------------------------------------------------------------------------

    def _rewritten(self, expression: Expression, node: Any) -> Any:
        """The node, or what it becomes so that text columns behave as their reader expects."""
        if name := expressions.rows_function(node):
            value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
            return _raw(
                self._look(expression, name, value), text=_is_text(value), kind=value.meta.get("kind", "VARCHAR")
            )
        if expressions.is_moment(node):
            return _raw(self._moment(node.expressions[0]))
        if type(node) is exp.Cast or type(node) is exp.TryCast:
            return self._cast(node)
        if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
            function = "json_extract_string" if isinstance(node, exp.JSONExtractScalar) else "json_extract"
            value = f"TRY_CAST({_text(node.this)} AS JSON)"
            return _raw(f"{function}({value}, {_text(node.expression)})", text=function == "json_extract_string")
        if isinstance(node, exp.Anonymous) and node.name.lower() in _JSON_FUNCTIONS:
            first = node.expressions[0]
            first.replace(_raw(f"TRY_CAST({_text(first)} AS JSON)"))
            return node
        if isinstance(node, _DATE_FUNCTIONS) or (
            isinstance(node, exp.Anonymous) and node.name.lower() in _NAMED_DATE_FUNCTIONS
        ):
            return self._with_moments(node)
        if isinstance(node, _ARITHMETIC) and any(
            isinstance(side, exp.Interval) for side in (node.this, node.expression)
        ):
            return self._with_moments(node)
        if isinstance(node, exp.Sum | exp.Avg) and _is_text(node.this):
            node.this.replace(_raw(f"TRY_CAST({_text(node.this)} AS DOUBLE)"))
            return node
        if isinstance(node, (*_ARITHMETIC, *_COMPARED)):
            return self._with_numbers(node)
        return node

    def _look(self, expression: Expression, name: str, value: Any) -> str:
        if self.exploded:
            return _text(value)  # the names inside it already mean the other item of the list
        if any(f'"{alias}".' in _text(value) for alias in self.joined):
            raise MappingError([expression.problem(f"`{name}` looks along the rows of `{self.table.alias}` only.")])
        return self.window(name, _text(value))

    def _check_looks(self, expression: Expression, root: Any) -> None:
        """Where a list is taken apart, `previous` and its like look along its items, one step at a time."""
        for look in filter(expressions.rows_function, root.walk()):
            name = expressions.rows_function(look)
            if any(expressions.rows_function(inner) for inner in look.walk() if inner is not look):
                raise MappingError([expression.problem(f"`{name}` may not stand around another look along the list.")])
            names = [expressions.parts(node) or ("",) for node in expressions.columns(look)]
            if not names or any(first != self.exploded for first, *_ in names):
                message = (
                    f"`{name}` looks along the items of the list `{self.exploded}` only, where one is taken apart."
                )
                raise MappingError([expression.problem(message, f"For example {name}({self.exploded}.key).")])

    def _place(self, expression: Expression, node: Any) -> Any:
        if not self.exploded or expressions.parts(node.expressions[0]) != (self.exploded,):
            message = "`place` takes the name of the items of an exploded list"
            hint = f"Say place({self.exploded})." if self.exploded else "This block has no `explode`."
            raise MappingError([expression.problem(f"{message}.", hint)])
        return _raw(f"({quoted(self.exploded)}.{quoted(PLACE)} - 1)", kind="BIGINT")

    def _moment(self, value: Any) -> str:
        kind = value.meta.get("kind", "VARCHAR")
        if kind == "TIMESTAMP WITH TIME ZONE":
            return _text(value)
        if kind.startswith("TIMESTAMP") or kind == "DATE":
            return moments.localised(f"CAST({_text(value)} AS TIMESTAMP)")
        return moments.instant(f"CAST({_text(value)} AS VARCHAR)", self.dates)

    def _cast(self, node: Any) -> Any:
        target = node.to.this.name
        if _is_text(node.this) and target in ("DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ"):
            moment = self._moment(node.this)
            return _raw(f"CAST({moment} AS DATE)" if target == "DATE" else moment)
        return exp.TryCast(this=node.this.copy(), to=node.to.copy())

    def _with_moments(self, node: Any) -> Any:
        for side in list(node.iter_expressions()):
            if _is_text(side) and not isinstance(side, exp.Literal):
                side.replace(_raw(self._moment(side)))
        return node

    def _with_numbers(self, node: Any) -> Any:
        """Text beside a number, or in a sum, is read as a number (NULL where it is none)."""
        numeric = isinstance(node, _ARITHMETIC) or any(_is_number(side) for side in (node.this, node.expression))
        if numeric:
            for side in (node.this, node.expression):
                if _is_text(side):
                    side.replace(_raw(f"TRY_CAST({_text(side)} AS DOUBLE)"))
        return node


def _item(node: Any, alias: str) -> str:
    """SQL: the JSON of the item of a list, or of the one that a `previous` or its like around the name asks for."""
    look, above = None, node.parent
    while above is not None and look is None:
        look, above = expressions.rows_function(above), above.parent
    if look is None:
        return f"{alias}.{quoted(JSON)}"
    here = f"{alias}.{quoted(PLACE)}"
    at = {"previous": f"{here} - 1", "next": f"{here} + 1", "first": "1", "last": "-1"}[look]
    return f"{alias}.{quoted(LIST)}[{at}]"  # NULL beyond either end


def _raw(sql: str, *, text: bool = False, kind: str | None = None) -> Any:
    """SQL that is ready, as a node of the tree; `text` and `kind` say what it yields."""
    node = exp.Var(this=sql)
    node.meta["text"], node.meta["kind"] = text, kind or ("VARCHAR" if text else "")
    return node


def _text(node: Any) -> str:
    return str(node.sql(dialect=MappingDialect, comments=False))


def _is_text(node: Any) -> bool:
    if isinstance(node, exp.Var):
        return bool(node.meta.get("text"))
    if isinstance(node, exp.Paren | exp.Coalesce | exp.Nullif):
        return _is_text(node.this)
    return isinstance(node, _TEXT_FUNCTIONS)


def _is_number(node: Any) -> bool:
    inner = node.this if isinstance(node, exp.Neg | exp.Paren) else node
    return (isinstance(inner, exp.Literal) and not inner.is_string) or isinstance(inner, _ARITHMETIC)
