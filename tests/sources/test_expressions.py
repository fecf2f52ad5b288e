"""The allow-list: what a mapping may say, and that nothing else gets through."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.sources import expressions, functions
from aboveboard.sources.problems import MappingError


@pytest.mark.parametrize(
    "text",
    [
        "a",
        '"2010 Census"',
        "a.b.c.d.e",
        "'order:' || a",
        "coalesce(a, b)",
        "case when a > 1 then 'x' else b end",
        "a::int",
        "cast(a as decimal(10, 2))",
        "trim(lower(a))",
        "a not in ('x', 'y')",
        "a is not null and not b",
        "moment(a)",
        "previous(a)",
        "first(a)",
        "a between 1 and 2",
        "date_diff('day', moment(a), moment(b))",
        "a ->> 'org:group'",
        "moment(a) + interval 3 hours",
        "strftime(moment(a), '%Y')",
        "regexp_extract(a, 'x(.)', 1)",
        "-a * 2 % 3",
        "date '2026-01-01'",
    ],
)
def test_honest_expressions_pass(text: str) -> None:
    assert expressions.parse(text, place="x").text == text


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('/etc/passwd')",
        "read_text('x')",
        "read_blob('x')",
        "parquet_scan('x')",
        "glob('*')",
        "getenv('HOME')",
        "current_setting('x')",
        "getvariable('x')",
        "(select 1)",
        "a in (select 1)",
        "exists (select 1)",
        "(values (1))",
        "from 'x'",
        "select 1",
        "copy a to 'x'",
        "attach 'x'",
        "detach x",
        "pragma x",
        "install x",
        "load x",
        "set x = 1",
        "call x()",
        "export database 'x'",
        "import database 'x'",
        "create table x (a int)",
        "drop table x",
        "vacuum",
        "a; b",
        "count(*)",
        "sum(a)",
        "lag(a) over ()",
        "unnest(a)",
        "list(a)",
        "a[1]",
        "[1, 2]",
        "{'a': 1}",
        "list_transform(a, x -> x)",
        "now()",
        "today()",
        "random()",
        "uuid()",
        "nextval('x')",
        "repeat(a, 9)",
        "range(9)",
        "lpad(a, 9, 'x')",
        "printf('%9d', a)",
        "format('{}', a)",
        "$1",
        "?",
        "*",
        "a.*",
        "columns('x')",
        "a as b",
        "cast(a as foo)",
        "cast(a as int[])",
        "cast(a as struct(b int))",
        "a collate x",
        "query('x')",
        "query_table('x')",
        "duckdb_settings()",
        "sql_auto_complete('x')",
        "",
        ";",
        "'",
        "(",
        "--",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(MappingError):
        expressions.parse(text, place="x")


def test_no_function_of_duckdb_passes_but_those_on_the_list() -> None:
    """Every function that DuckDB has, called with one and with two columns."""
    known = {row[0] for row in duckdb.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()}
    passed = set()
    for name in sorted(known):
        if not name.isidentifier():
            continue
        for call in (f"{name}(a)", f"{name}(a, b)"):
            try:
                expressions.parse(call, place="x")
            except MappingError:
                continue
            passed.add(name)
    assert passed - set(functions.NAMES) <= OTHER_NAMES


# What DuckDB calls the functions on the list besides.
OTHER_NAMES = {
    *(
        "len",
        "char_length",
        "character_length",
        "strlen",
        "substr",
        "mid",
        "ucase",
        "lcase",
        "prefix",
        "suffix",
        "instr",
    ),
    *(
        "datediff",
        "datetrunc",
        "ceiling",
        "dayofmonth",
        "date_part",
        "datepart",
        "mod",
        "ifnull",
        "first_value",
        "last_value",
    ),
    *("json_extract_path", "json_extract_path_text"),
}


def test_an_error_names_block_column_line_and_what_may_be_used() -> None:
    with pytest.raises(MappingError) as caught:
        expressions.parse("trimm(a)", place="order.placed.text", file="m.yaml", line=7)
    said = str(caught.value)
    assert said.startswith("m.yaml:7: order.placed.text: the function `trimm` may not be used")
    assert "Did you mean `trim`?" in said


@given(st.text(alphabet="abc'\"();,.*-+<>=|[]{}$?:%_ \n0159/\\", max_size=60))
def test_any_text_is_an_expression_or_a_mapping_error(text: str) -> None:
    try:
        expressions.parse(text, place="x")
    except MappingError as error:
        assert error.problems


def test_a_path_keeps_its_names_and_a_key_with_a_colon_stays_whole() -> None:
    (column,) = expressions.columns(expressions.parse("via.source.from", place="x").tree)
    assert expressions.parts(column) == ("via", "source", "from")
    tree = expressions.parse("a ->> 'org:group'", place="x").tree
    assert "'org:group'" in tree.sql(dialect=expressions.MappingDialect)
