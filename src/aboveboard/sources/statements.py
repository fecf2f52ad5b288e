"""One block of a mapping, bound to the staged files → the SELECT that yields its events."""

# ruff: noqa: S608  (names are quoted, and expressions come from checked trees only)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from aboveboard.ledger import columns as ledger
from aboveboard.playbook.problems import Problem
from aboveboard.sources import model, moments
from aboveboard.sources.expressions import Expression
from aboveboard.sources.files import Table
from aboveboard.sources.problems import MappingError
from aboveboard.sources.scope import Scope
from aboveboard.sources.sql import FILE, JSON, LINE, LIST, PLACE, literal, quoted

COLUMNS: tuple[str, ...] = tuple(name for name in ledger.NAMES if name != "recorded_at")


@dataclass(frozen=True)
class Statement:
    """A bound block: `rows` (FROM and joins), `where`, and the SQL of each ledger column it fills.

    `unread` is, for `time` and `due`, SQL that is true where the source holds a text that no date format fits. `fails` is,
    for `where` and each column that a value could break, SQL that is true where it did: such a row goes to the ledger with
    `_fault`, to be rejected and counted.
    """

    block: model.Block
    rows: str
    where: str | None
    columns: Mapping[str, str]
    unread: Mapping[str, str]
    attributes: Mapping[str, str]
    fails: Mapping[str, str]
    table: str

    @property
    def select(self) -> str:
        """The events: every ledger column but `recorded_at`, as text, `_line` and `_file`."""
        made = {name: self.columns.get(name, "NULL") for name in COLUMNS}
        listed = ", ".join(f"CAST({sql} AS VARCHAR) AS {quoted(name)}" for name, sql in made.items())
        told = (
            f"WHEN {sql} THEN {literal(f'{self.block.name}.{name} cannot be computed')}"
            for name, sql in self.fails.items()
        )
        fault = f", CASE {' '.join(told)} END AS _fault" if self.fails else ""
        return f"SELECT {listed}, {self.table}.{LINE}, {self.table}.{FILE}{fault} FROM {self.filtered}"

    @property
    def filtered(self) -> str:
        """FROM clause and WHERE."""
        return self.rows + (f" WHERE {self.where}" if self.where else "")


def bind(
    connection: duckdb.DuckDBPyConnection, mapping: model.Mapping, block: model.Block, tables: Mapping[str, Table]
) -> Statement:
    """Return the statement. Raises MappingError for unknown columns, joins that find two rows, and wrong types."""
    table = tables[block.source_file]
    joined = [tables[join.right] for join in block.joins]
    exploded = block.explode[0] if block.explode else None
    scope = Scope(table, joined, dates=mapping.dates, missing=mapping.missing, exploded=exploded)
    made = _gather(scope, block)
    conditions = [*made["where"], *_changes(scope, block)]
    key = _key(scope, mapping, block)
    rows = _rows(connection, mapping, block, tables, scope)
    kinds = _types(connection, mapping, block, rows, conditions, {**made["columns"], **made["attributes"]})
    fails = _guard(block, made, conditions)
    sql = {name: _as_text(name, value, kinds[name], mapping) for name, value in made["columns"].items()}
    unread: dict[str, str] = {
        name: f"({made['columns'][name]}) IS NOT NULL AND {_moment(name, made['columns'][name], kinds[name], mapping)} IS NULL"
        for name in ("time", "due")
        if name in made["columns"]
    }
    attributes = {name: _json(made["attributes"][name], kinds[name]) for name in made["attributes"]}
    defaults = {
        "id": key,
        "type": literal(block.name.split(" ")[0]),
        "source": literal(mapping.source),
        "attributes": _object({name.removeprefix("attributes."): value for name, value in attributes.items()}),
    }
    where = " AND ".join(f"({condition})" for condition in conditions) or None
    return Statement(block, rows, where, {**defaults, **sql}, unread, attributes, fails, quoted(table.alias))


def derive(
    connection: duckdb.DuckDBPyConnection, mapping: model.Mapping, export: model.Export, tables: Mapping[str, Table]
) -> Table:
    """Create the table of an `of` file: one row per `one_per`, the first in `order`, with its totals. Returns it."""
    table = tables[str(export.of)]
    scope = Scope(table, [], dates=mapping.dates, missing=mapping.missing)
    kept = Table(export.alias, dict(table.columns), table.json, table.present, table.files)
    if not table.present:
        connection.execute(f"CREATE TABLE {quoted(export.alias)} AS SELECT * FROM {quoted(table.alias)}")
        return kept
    groups = ", ".join(_calm(scope, expression) for expression in export.one_per)
    order = ", ".join([*(_calm(scope, expression) for expression in export.order), f"{quoted(table.alias)}.{LINE}"])
    totals = {name: scope.sql(expression) for name, expression in export.totals.items()}
    added = "".join(f", {_over(sql, groups)} AS {quoted(name)}" for name, sql in totals.items())
    numbered = (
        f"SELECT *{added}, row_number() OVER (PARTITION BY {groups} ORDER BY {order}) AS _n FROM {quoted(table.alias)}"
    )
    statement = f"CREATE TABLE {quoted(export.alias)} AS SELECT * EXCLUDE (_n) FROM ({numbered}) WHERE _n = 1"
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        message = f"files.{export.alias}: DuckDB says: {_first_line(error)}"
        raise MappingError([Problem(mapping.file, export.line, message)]) from None
    described = connection.execute(f"DESCRIBE {quoted(export.alias)}").fetchall()
    kept.columns = {str(name): str(kind) for name, kind, *_ in described if name not in (LINE, FILE, JSON)}
    return kept


def _over(total: str, groups: str) -> str:
    """`(sum(x))` → `sum(x) OVER (…)`: the aggregate stands alone in its brackets, else it is refused by DuckDB."""
    return f"{total.removeprefix('(').removesuffix(')')} OVER (PARTITION BY {groups})"


def _gather(scope: Scope, block: model.Block) -> dict[str, dict[str, str]]:
    """The SQL of every expression of the block; all unknown columns are named at once."""
    problems: list[Problem] = []
    made: dict[str, dict[str, str]] = {"columns": {}, "attributes": {}, "where": {}}

    def add(part: str, name: str, expression: Expression) -> None:
        try:
            made[part][name] = scope.sql(expression)
        except MappingError as error:
            problems.extend(error.problems)

    for name, expression in block.columns.items():
        add("columns", name, expression)
    for name, expression in block.attributes.items():
        add("attributes", f"attributes.{name}", expression)
    for number, expression in enumerate(block.where):
        add("where", str(number), expression)
    if problems:
        raise MappingError(problems)
    return {**made, "where": dict.fromkeys(made["where"].values(), "")}


def _guard(block: model.Block, made: dict[str, dict[str, str]], conditions: list[str]) -> dict[str, str]:
    """Make what a value could break give nothing instead, in place; returns the SQL that tells where that happened."""
    fails: dict[str, str] = {}
    if any(expression.may_fail for expression in (*block.where, *block.changed)):
        whole = f"try(coalesce(CAST({' AND '.join(f'({condition})' for condition in conditions)} AS BOOLEAN), false))"
        fails["where"] = f"{whole} IS NULL"
        conditions[:] = [f"{whole} IS DISTINCT FROM false"]  # a row of which nobody can say goes on, to be rejected
    named = {**block.columns, **{f"attributes.{key}": value for key, value in block.attributes.items()}}
    for part in ("columns", "attributes"):
        for name, value in made[part].items():
            if named[name].may_fail:
                # In a list, a value that is missing and one that failed can be told apart.
                fails[name] = f"try([{value}]) IS NULL"
                made[part][name] = f"try([{value}])[1]"
    return fails


def _calm(scope: Scope, expression: Expression) -> str:
    """SQL of a key, group or order: nothing where a value breaks it."""
    return f"try({scope.sql(expression)})" if expression.may_fail else scope.sql(expression)


def _changes(scope: Scope, block: model.Block) -> list[str]:
    """`changed`: the value is there, and is not the one of the row before."""
    made = []
    for expression in block.changed:
        value = scope.sql(expression)
        made.append(f"({value} IS NOT NULL AND {value} IS DISTINCT FROM {scope.window('previous', value)})")
    return [" OR ".join(made)] if made else []


def _key(scope: Scope, mapping: model.Mapping, block: model.Block) -> str:
    """The id by default: source, block and the declared key. NULL without a key: the ledger then digests the event."""
    export = mapping.files[block.source_file]
    named = export.key or export.one_per
    if not named:
        return "NULL"
    values = [f"coalesce(CAST({_calm(scope, expression)} AS VARCHAR), '')" for expression in named]
    if block.explode:
        values.append(f"CAST({quoted(block.explode[0])}.{PLACE} AS VARCHAR)")
    return f"{literal(f'{mapping.source}:{block.name}:')} || concat_ws(':', {', '.join(values)})"


def _rows(
    connection: duckdb.DuckDBPyConnection,
    mapping: model.Mapping,
    block: model.Block,
    tables: Mapping[str, Table],
    scope: Scope,
) -> str:
    """FROM: the file (with its look-backs), the files it looks up, the list it takes apart."""
    export, table = mapping.files[block.source_file], tables[block.source_file]
    rows = quoted(table.alias)
    exploded = scope.sql(block.explode[1]) if block.explode else None
    joins = _joins(connection, mapping, block, tables, scope)
    if scope.windows:
        if not (export.per and export.order):
            message = f"{block.name}: `previous` and its like need `per` and `order` under files.{export.alias}."
            raise MappingError([Problem(mapping.file, block.line, message)])
        per = ", ".join(_calm(scope, expression) for expression in export.per)
        order = ", ".join([*(_calm(scope, expression) for expression in export.order), f"{quoted(table.alias)}.{LINE}"])
        over = f"PARTITION BY {per} ORDER BY {order}"
        looks = ", ".join(f"{call.replace('{rows}', over)} AS {quoted(name)}" for name, call in scope.windows.items())
        rows = f"(SELECT *, {looks} FROM {quoted(table.alias)})"
    parts = [f"{rows} AS {quoted(table.alias)}", *joins]
    if exploded and block.explode:
        listed = f"(SELECT json_extract(TRY_CAST({exploded} AS JSON), '$[*]') AS {LIST})"
        items = f"SELECT unnest({LIST}) AS {JSON}, generate_subscripts({LIST}, 1) AS {PLACE}, {LIST} FROM {listed}"
        parts.append(f"CROSS JOIN LATERAL ({items}) AS {quoted(block.explode[0])}")
    return " ".join(parts)


def _joins(
    connection: duckdb.DuckDBPyConnection,
    mapping: model.Mapping,
    block: model.Block,
    tables: Mapping[str, Table],
    scope: Scope,
) -> list[str]:
    """The joins that the block's columns ask for, and those on the way to them."""
    wanted = set(scope.used)
    for join in reversed(block.joins):
        if join.right in wanted:
            wanted.add(join.left)
    made = []
    for join in (join for join in block.joins if join.right in wanted):
        left, right = tables[join.left], tables[join.right]
        if not right.present:
            continue
        sides = [(_side(mapping, join, left, a), _side(mapping, join, right, b)) for a, b in join.pairs]
        _refuse_doubles(connection, mapping, join, [b for _, b in sides])
        equal = " AND ".join(f"{a} = {b}" for a, b in sides)
        made.append(f"LEFT JOIN {quoted(join.right)} AS {quoted(join.right)} ON {equal}")
    return made


def _side(mapping: model.Mapping, join: model.Join, table: Table, column: str) -> str:
    from aboveboard.sources import expressions

    text = f'{table.alias}."{column}"'
    expression = expressions.parse(text, place="joins", file=mapping.file, line=join.line)
    return Scope(table, [], dates=mapping.dates, missing=mapping.missing).sql(expression)


def _refuse_doubles(
    connection: duckdb.DuckDBPyConnection, mapping: model.Mapping, join: model.Join, keys: Sequence[str]
) -> None:
    listed = ", ".join(keys)
    present = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    double = connection.execute(
        f"SELECT {listed}, count(*) FROM {quoted(join.right)} WHERE {present} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if double:
        value, count = ", ".join(map(str, double[:-1])), double[-1]
        message = f"joins: `{join.text}` finds {count} rows of `{join.right}` for {value}; a join looks up one."
        columns = ", ".join(b for _, b in join.pairs)
        hint = f"Join a file that says `of: {join.right}` and `one_per: [{columns}]` instead."
        raise MappingError([Problem(mapping.file, join.line, message, hint=hint)])


def _types(
    connection: duckdb.DuckDBPyConnection,
    mapping: model.Mapping,
    block: model.Block,
    rows: str,
    conditions: Sequence[str],
    values: Mapping[str, str],
) -> dict[str, str]:
    """The DuckDB type of each value; an expression that DuckDB cannot bind is named with its line."""
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in values.items())
    where = "".join(f" AND ({condition})" for condition in conditions)
    try:
        described = connection.execute(f"DESCRIBE SELECT {listed} FROM {rows} WHERE true{where}").fetchall()
    except duckdb.Error as error:
        raise MappingError(list(_blame(connection, mapping, block, rows, values, error))) from None
    return {str(name): str(kind) for name, kind, *_ in described}


def _blame(
    connection: duckdb.DuckDBPyConnection,
    mapping: model.Mapping,
    block: model.Block,
    rows: str,
    values: Mapping[str, str],
    error: duckdb.Error,
) -> list[Problem]:
    """Try the values one by one; what fails is to blame, else it is `where` or `changed`."""
    named = {**block.columns, **{f"attributes.{key}": value for key, value in block.attributes.items()}}
    problems = []
    for name, sql in values.items():
        try:
            connection.execute(f"DESCRIBE SELECT {sql} FROM {rows}")
        except duckdb.Error as own:
            problems.append(named[name].problem(f"`{named[name].text}`: DuckDB says: {_first_line(own)}"))
    if problems:
        return problems
    return [e.problem(f"`{e.text}`: DuckDB says: {_first_line(error)}") for e in (*block.where, *block.changed)] or [
        Problem(mapping.file, block.line, f"{block.name}: DuckDB says: {_first_line(error)}")
    ]


def _moment(name: str, value: str, kind: str, mapping: model.Mapping) -> str:
    """SQL: the value of `time` or `due` as a moment; a `due` that is a date alone is the end of that day."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return value
    if kind == "DATE" and name == "due":
        return moments.localised(moments.end_of_day(value))
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return moments.localised(f"CAST({value} AS TIMESTAMP)")
    return moments.instant(f"CAST({value} AS VARCHAR)", mapping.dates, ends_day=name == "due")


def _as_text(name: str, value: str, kind: str, mapping: model.Mapping) -> str:
    if name in ("time", "due"):
        read = moments.written(_moment(name, value, kind, mapping))
        # What no format fits goes on as it was written: the ledger refuses the row and shows the words.
        return f"coalesce({read}, CAST({value} AS VARCHAR))"
    if name == "attributes":
        return f"nullif(CAST(TRY_CAST({value} AS JSON) AS VARCHAR), '{{}}')"
    return f"CAST({value} AS INTEGER)" if name == "value" and kind == "BOOLEAN" else value


def _json(value: str, kind: str) -> str:
    return moments.written(value) if kind == "TIMESTAMP WITH TIME ZONE" else value


def _object(values: Mapping[str, str]) -> str:
    """SQL: a JSON object of the values that are there; NULL where none is."""
    if not values:
        return "NULL"
    members = ", ".join(
        f"CASE WHEN {value} IS NOT NULL THEN to_json({literal(name)}) || ':' || to_json({value}) END"
        for name, value in values.items()
    )
    return f"nullif('{{' || concat_ws(',', {members}) || '}}', '{{}}')"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
