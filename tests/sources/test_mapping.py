"""Mappings over small files: what comes out, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aboveboard.sources import mapping
from aboveboard.sources.problems import FilesError, MappingError

HEAD = "source: shop\ntimezone: America/New_York\nfiles: {f: {name: '*.csv', key: id}}\n"


def rows(text: str, folder: Path, **files: str) -> list[dict[str, Any]]:
    """The events that a mapping makes of CSV files, in the order of their ids."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    with mapping.parse(text).open([folder]) as opened:
        table = opened.rows().to_arrow_table()
    return sorted(table.to_pylist(), key=lambda row: (str(row["id"]), str(row["time"])))


def one(expression: str, folder: Path, *, column: str = "text", row: str = "1,2026-01-01,x") -> Any:
    """What an expression makes of the file `id,at,a`."""
    (row_made,) = rows(f'{HEAD}events: {{t: {{time: at, {column}: "{expression}"}}}}', folder, f=f"id,at,a\n{row}\n")
    return row_made[column]


def problems(text: str, folder: Path | None = None, **files: str) -> str:
    with pytest.raises(MappingError) as caught:
        rows(text, folder, **files) if folder else mapping.parse(text)
    return str(caught.value)


# -- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "written", "time"),
    [
        ("iso", "2026-07-01 10:00:00", "2026-07-01T14:00:00.000000Z"),
        ("iso", "2026-01-01T10:00", "2026-01-01T15:00:00.000000Z"),
        ("iso", "2026-01-01T10:00:00.25+02:00", "2026-01-01T08:00:00.250000Z"),
        ("iso", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.000000Z"),
        ("iso", "2026-01-01", "2026-01-01T05:00:00.000000Z"),
        ("'%d/%m/%Y %H:%M'", "2/1/2026 09:30", "2026-01-02T14:30:00.000000Z"),
        ("'%m/%d/%Y %I:%M:%S %p'", "01/02/2026 12:30:00 AM", "2026-01-02T05:30:00.000000Z"),
        ("['%d.%m.%Y', iso]", "2026-01-02", "2026-01-02T05:00:00.000000Z"),
        ("'%a %b %d %H:%M:%S %z %Y'", "Sat Jan 03 10:00:00 +0000 2026", "2026-01-03T10:00:00.000000Z"),
        ("epoch", "1767225600", "2026-01-01T00:00:00.000000Z"),
        ("epoch_ms", "1767225600500", "2026-01-01T00:00:00.500000Z"),
        # The hour that autumn has twice is the first; the hour that spring leaves out is counted on.
        ("iso", "2026-11-01 01:30:00", "2026-11-01T05:30:00.000000Z"),
        ("iso", "2026-03-08 02:30:00", "2026-03-08T07:30:00.000000Z"),
        # What no format fits goes on as it was written, for the ledger to refuse.
        ("iso", "yesterday", "yesterday"),
        ("'%d/%m/%Y'", "31/02/2026", "31/02/2026"),
        ("iso", "", None),
    ],
)
def test_a_time_is_read_by_the_formats_and_the_zone(tmp_path: Path, dates: str, written: str, time: str | None) -> None:
    text = f"{HEAD}dates: {dates}\nevents: {{t: {{time: at}}}}"
    (row,) = rows(text, tmp_path, f=f'id,at\n1,"{written}"\n')
    assert row["time"] == time


@pytest.mark.parametrize(
    ("due", "dates", "written", "end"),
    [
        ("d", "iso", "2026-08-01", "2026-08-02T03:59:59.999999Z"),
        ("d", "iso", "2026-08-01 00:00:00", "2026-08-01T04:00:00.000000Z"),
        ("cast(d as date)", "iso", "2026-08-01 00:00:00", "2026-08-02T03:59:59.999999Z"),
        ("d", "'%d/%m/%Y'", "1/8/2026", "2026-08-02T03:59:59.999999Z"),
        ("d", "['%d/%m/%Y %H:%M', '%d/%m/%Y', iso]", "1/8/2026 10:00", "2026-08-01T14:00:00.000000Z"),
        # The day on which the clock goes back lasts twenty-five hours, and ends in winter time.
        ("d", "iso", "2026-11-01", "2026-11-02T04:59:59.999999Z"),
    ],
)
def test_a_due_that_is_a_date_alone_ends_with_its_day(
    tmp_path: Path, due: str, dates: str, written: str, end: str
) -> None:
    text = f"{HEAD}dates: {dates}\nevents: {{t: {{time: \"'2026-01-01T00:00:00Z'\", due: {due}}}}}"
    (row,) = rows(text, tmp_path, f=f"id,d\n1,{written}\n")
    assert row["due"] == end


# -- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "row", "made"),
    [
        ("a || '!'", "1,2026-01-01,x", "x!"),
        ("a + 1", "1,2026-01-01,41", "42.0"),
        ("case when a > 9 then 'much' else 'little' end", "1,2026-01-01,10", "much"),
        ("case when a > 9 then 'much' else 'little' end", "1,2026-01-01,many", "little"),
        ("cast(a as int)", "1,2026-01-01,seven", None),
        ("date_diff('day', at, a)", "1,2026-01-01,2026-01-05", "4"),
        ("extract(hour from a)", "1,2026-01-01,2026-01-05T12:00:00Z", "7"),
        ("strftime(a, '%d.%m.')", "1,2026-01-01,2026-02-05", "05.02."),
        ("a ->> 'org:group'", '1,2026-01-01,"{""org:group"": ""V5""}"', "V5"),
        ("a.b.c", '1,2026-01-01,"{""b"": {""c"": ""deep""}}"', "deep"),
        ("a ->> 'b'", "1,2026-01-01,no json", None),
        ("a / 0", "1,2026-01-01,1", "inf"),
        ("coalesce(a, 'none')", "1,2026-01-01,", "none"),
    ],
)
def test_text_columns_behave_as_their_reader_expects(
    tmp_path: Path, expression: str, row: str, made: str | None
) -> None:
    assert one(expression, tmp_path, row=row) == made


def test_words_for_missing_are_missing_everywhere(tmp_path: Path) -> None:
    text = (
        f"{HEAD}missing: ['?', NULL]\nevents: {{t: {{time: at, text: a, team: b, outcome: \"coalesce(a, 'none')\"}}}}"
    )
    made = rows(
        text.replace("NULL]", "'NULL']"), tmp_path, f="id,at,a,b\n1,2026-01-01,?, NULL \n2,2026-01-01,what?,x\n"
    )
    assert [(row["text"], row["team"], row["outcome"]) for row in made] == [
        (None, None, "none"),
        ("what?", "x", "what?"),
    ]


def test_ids_are_the_declared_key_and_the_same_again(tmp_path: Path) -> None:
    text = f"{HEAD}events: {{a.b: {{time: at}}}}"
    first = rows(text, tmp_path, f="id,at\n7,2026-01-01\n")
    assert [row["id"] for row in first] == ["shop:a.b:7"]
    assert rows(text, tmp_path, f="id,at\n7,2026-01-01\n") == first


def test_without_a_key_the_ledger_gives_the_id(tmp_path: Path) -> None:
    (row,) = rows("source: s\nfiles: {f: f.csv}\nevents: {t: {time: at}}", tmp_path, f="at\n2026-01-01\n")
    assert row["id"] is None


def test_every_block_has_what_every_says_unless_it_says_otherwise(tmp_path: Path) -> None:
    text = f"""{HEAD}
every: {{time: at, channel: "'web'", team: a, attributes: {{x: a, y: "'all'"}}}}
events:
  one: {{}}
  two: {{channel: "'store'", team: null, attributes: {{x: "'mine'", z: id}}}}
"""
    made = rows(text, tmp_path, f="id,at,a\n1,2026-01-01,q\n")
    assert [(row["type"], row["channel"], row["team"], row["attributes"]) for row in made] == [
        ("one", "web", "q", '{"x":"q","y":"all"}'),
        ("two", "store", None, '{"x":"mine","y":"all","z":"1"}'),
    ]


def test_attributes_hold_what_is_there_and_are_nothing_where_nothing_is(tmp_path: Path) -> None:
    text = f"{HEAD}events: {{t: {{time: at, attributes: {{n: cast(a as int), 'a \"b\"': b}}}}}}"
    made = rows(text, tmp_path, f='id,at,a,b\n1,2026-01-01,5,"say ""x"""\n2,2026-01-01,,\n')
    assert [row["attributes"] for row in made] == ['{"n":5,"a \\"b\\"":"say \\"x\\""}', None]


def test_the_type_may_be_an_expression_and_a_name_may_be_told_apart(tmp_path: Path) -> None:
    text = f"{HEAD}events: {{any: {{time: at, type: \"'x.' || a\"}}, note.written (second): {{time: at}}}}"
    made = rows(text, tmp_path, f="id,at,a\n1,2026-01-01,y\n")
    assert {row["type"] for row in made} == {"x.y", "note.written"}


def test_lines_are_those_of_the_file_even_after_line_breaks_in_quotes(tmp_path: Path) -> None:
    text = f"{HEAD}events: {{t: {{time: at, text: a}}}}"
    made = rows(text, tmp_path, f='id,at,a\n1,2026-01-01,"two\nlines"\n2,2026-01-01,x\n')
    assert [row["_line"] for row in made] == [2, 4]


# -- joins, derived files, histories ---------------------------------------------------------------------------------

ORDERS = "id,customer,at\n1,c1,2026-01-01\n2,c2,2026-01-02\n3,c9,2026-01-03\n"
CUSTOMERS = "key,person,city\nc1,anna,rome\nc2,ben,oslo\n"
ITEMS = "order_id,line,price\n1,2,5\n1,1,10.5\n2,1,3\n"


def test_a_join_follows_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    text = """
source: shop
files: {orders: orders.csv, customers: customers.csv, items: items.csv}
joins: [orders.customer = customers.key, items.order_id = orders.id]
events: {t: {from: items, time: at, customer: person, team: customers.city, value: price, id: order_id || '/' || line}}
"""
    made = rows(text, tmp_path, orders=ORDERS, customers=CUSTOMERS, items=ITEMS)
    assert [(row["id"], row["customer"], row["team"]) for row in made] == [
        ("1/1", "anna", "rome"), ("1/2", "anna", "rome"), ("2/1", "ben", "oslo"),
    ]  # fmt: skip


def test_a_row_that_finds_nothing_stays_with_nothing(tmp_path: Path) -> None:
    text = """
source: shop
files: {orders: {name: orders.csv, key: id}, customers: customers.csv}
joins: [orders.customer = customers.key]
events: {t: {from: orders, time: at, customer: person}}
"""
    made = rows(text, tmp_path, orders=ORDERS, customers=CUSTOMERS)
    assert [row["customer"] for row in made] == ["anna", "ben", None]


def test_one_per_keeps_the_first_row_and_adds_up_the_rest(tmp_path: Path) -> None:
    text = """
source: shop
files:
  orders: {name: orders.csv, key: id}
  items: items.csv
  basket: {of: items, one_per: order_id, order: cast(line as int), totals: {total: sum(price), lines: count(*)}}
joins: [orders.id = basket.order_id]
events: {t: {from: orders, time: at, value: basket.total, attributes: {first: basket.price, lines: basket.lines}}}
"""
    made = rows(text, tmp_path, orders=ORDERS, items=ITEMS)
    assert [(row["value"], row["attributes"]) for row in made] == [
        ("15.5", '{"first":"10.5","lines":2}'), ("3.0", '{"first":"3","lines":1}'), (None, None),
    ]  # fmt: skip


HISTORY = "n,step,state,at\n" + "".join(
    f"{case},{step},{state},2026-01-0{step}\n"
    for case, states in {"A": ["new", "new", "open", "", "open"], "B": ["open"]}.items()
    for step, state in enumerate(states, start=1)
)


def history(block: Mapping[str, str]) -> str:
    lines = "\n".join(f"    {key}: {value}" for key, value in block.items())
    return (
        f"source: s\nfiles: {{log: {{name: '*.csv', per: n, order: step, key: [n, step]}}}}\nevents:\n  t:\n{lines}\n"
    )


def test_changed_gives_a_row_where_the_value_is_new(tmp_path: Path) -> None:
    made = rows(history({"changed": "state", "time": "at", "outcome": "state"}), tmp_path, log=HISTORY)
    assert [(row["id"], row["outcome"]) for row in made] == [
        ("s:t:A:1", "new"), ("s:t:A:3", "open"), ("s:t:A:5", "open"), ("s:t:B:1", "open"),
    ]  # fmt: skip


def test_rows_before_and_after_can_be_asked_for(tmp_path: Path) -> None:
    block = {
        "time": "at",
        "where": "step = 2 or n = 'B'",
        "text": "concat_ws('|', previous(state), next(state), first(at), last(at))",
    }
    made = rows(history(block), tmp_path, log=HISTORY)
    assert [row["text"] for row in made] == ["new|open|2026-01-01|2026-01-05", "2026-01-01|2026-01-01"]


# -- other formats ---------------------------------------------------------------------------------------------------


def test_json_lines_pages_and_lists_are_read_alike(tmp_path: Path) -> None:
    text = """
source: desk
files: {t: {name: '*.json*', records: tickets, key: id}}
events: {t: {time: at, channel: via.channel, attributes: {tags: tags}}}
"""
    ticket = '{"id": 1, "at": "2026-01-01", "via": {"channel": "web"}, "tags": ["a"]}'
    contents = {
        "lines.jsonl": ticket,
        "page.json": f'{{"tickets": [{ticket}], "end_of_stream": true}}',
        "pretty.json": f'{{\n  "tickets": [\n {ticket}\n ]\n}}',
        "list.json": f"[{ticket}]",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        with mapping.parse(text).open([tmp_path / name]) as opened:
            (row,) = opened.rows().to_arrow_table().to_pylist()
        assert (row["id"], row["channel"], row["attributes"]) == ("desk:t:1", "web", '{"tags":"[\\"a\\"]"}'), name


def test_explode_takes_a_list_apart(tmp_path: Path) -> None:
    text = """
source: desk
files: {a: {name: '*.jsonl', key: id}}
events: {t: {explode: {event: events}, time: at, type: event.type, text: event.value.words, where: event.type <> 'skip'}}
"""
    (tmp_path / "a.jsonl").write_text(
        '{"id": 1, "at": "2026-01-01", "events": [{"type": "x", "value": {"words": "hi"}}, {"type": "skip"}, {"type": "y"}]}\n'
        '{"id": 2, "at": "2026-01-01", "events": []}\n'
    )
    with mapping.parse(text).open([tmp_path]) as opened:
        made = sorted(opened.rows().to_arrow_table().to_pylist(), key=lambda row: row["id"])
    assert [(row["id"], row["type"], row["text"]) for row in made] == [
        ("desk:t:1:1", "x", "hi"),
        ("desk:t:1:3", "y", None),
    ]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    from datetime import date, datetime

    # No zone on purpose: a wall-clock time is what many warehouses hold.
    table = pa.table({"at": [datetime(2026, 1, 1, 10)], "due": [date(2026, 1, 3)], "n": [2.5]})  # noqa: DTZ001
    pq.write_table(table, tmp_path / "f.parquet")
    text = "source: s\ntimezone: America/New_York\nfiles: {f: '*.parquet'}\nevents: {t: {time: at, due: due, value: n * 2}}"
    with mapping.parse(text).open([tmp_path]) as opened:
        (row,) = opened.rows().to_arrow_table().to_pylist()
    assert (row["time"], row["due"], row["value"]) == (
        "2026-01-01T15:00:00.000000Z",
        "2026-01-04T04:59:59.999999Z",
        "5.0",
    )


def test_an_optional_file_that_is_absent_leaves_its_columns_empty(tmp_path: Path) -> None:
    text = """
source: shop
files: {orders: {name: orders.csv, key: id}, notes: {name: notes.csv, optional: true}}
joins: [orders.id = notes.order_id]
events: {t: {from: orders, time: at, text: notes.words}, n: {from: notes, time: at}}
"""
    made = rows(text, tmp_path, orders=ORDERS)
    assert [(row["type"], row["text"]) for row in made] == [("t", None)] * 3


# -- what is wrong, and where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sorce: x\nfiles: {}\nevents: {}", "1: `sorce` is not a key of a mapping. Did you mean `source`?"),
        (f"{HEAD}events: {{t: {{tiem: at}}}}", "4: `tiem` is not a key of a block of events. Did you mean `time`?"),
        (f"{HEAD}events: {{t: {{team: a}}}}", "`time` is missing"),
        (f"{HEAD}events: {{t: {{time: at, from: g}}}}", "`from: g` is not one of the files"),
        (f"{HEAD}dates: d/m/Y\nevents: {{t: {{time: at}}}}", "4: `d/m/Y` is not a date format"),
        (f"{HEAD}joins: [f.a = f.b]\nevents: {{t: {{time: at}}}}", "in a circle: f → f"),
        (f"{HEAD}joins: [f.a > g.b]\nevents: {{t: {{time: at}}}}", "is not a join"),
        (f"{HEAD}events: {{t: {{time: at, changed: a}}}}", "`per`"),
        (
            "source: s\ntimezone: America/New_Yrok\nfiles: {f: x}\nevents: {t: {time: at}}",
            "Did you mean `America/New_York`?",
        ),
        ("source: s\nfiles: {f: {name: x, formt: csv}}\nevents: {t: {time: at}}", "`formt` is not a key of a file"),
        ("source: s\nfiles: {f: {of: g, one_per: a}}\nevents: {t: {time: at}}", "`of: g` is not one of the files"),
        (
            "source: s\nfiles: {f: x, g: {of: f, one_per: a, totals: {t: a}}}\nevents: {t: {from: f, time: at}}",
            "one total is expected",
        ),
    ],
)
def test_a_wrong_mapping_is_named_with_its_line(text: str, says: str) -> None:
    assert says in problems(text)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    said = problems(f"{HEAD}timezoen: x\nevents:\n  t:\n    time: now()\n    text: (select 1)\n").splitlines()
    assert [line.split(":")[1] for line in said] == ["4", "7", "8"]


def test_a_longer_circle_of_joins_is_named() -> None:
    text = "source: s\nfiles: {a: a, b: b, c: c}\njoins:\n- a.x = b.x\n- b.x = c.x\n- c.x = a.x\nevents: {t: {from: a, time: x}}"
    assert "a → b → c → a" in problems(text)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("{time: at, text: aa}", "t.text: there is no column `aa` in `f` or the files it joins. Did you mean `a`?"),
        ("{time: at, text: web}", "\"'web'\""),
        ("{time: at, text: f.nothing}", "`f` has no column `nothing`"),
        ("{time: at, text: previous(a)}", "need `per` and `order`"),
        ("{time: at, where: extract(hour from 5) = 1}", "t.where"),
    ],
)
def test_a_mapping_that_does_not_fit_its_files_is_named_with_its_place(tmp_path: Path, block: str, says: str) -> None:
    assert says in problems(f"{HEAD}events:\n  t: {block}\n", tmp_path, f="id,at,a\n1,2026-01-01,x\n")


def test_a_column_in_two_joined_files_must_be_told_apart(tmp_path: Path) -> None:
    text = """
source: s
files: {a: a.csv, b: b.csv, c: c.csv}
joins: [a.x = b.x, a.x = c.x]
events: {t: {from: a, time: at, text: words}}
"""
    said = problems(text, tmp_path, a="x,at\n1,2026-01-01\n", b="x,words\n1,y\n", c="x,words\n1,z\n")
    assert "`b.words` or `c.words`" in said


def test_a_file_that_no_alias_finds_is_named(tmp_path: Path) -> None:
    text = "source: s\nfiles: {a: a.csv, b: b.csv}\nevents: {t: {from: a, time: at}}"
    assert "none of the files is called `b.csv`" in problems(text, tmp_path, a="at\n2026-01-01\n")


def test_alias_and_path_name_a_file_outright(tmp_path: Path) -> None:
    (tmp_path / "odd name.txt").write_text("at\n2026-01-01\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    text = "source: s\nfiles: {a: a.csv, b: b.csv}\nevents: {t: {from: a, time: at}}"
    with mapping.parse(text).open([f"a={tmp_path / 'odd name.txt'}", tmp_path / "b.csv"]) as opened:
        assert len(opened.rows().fetchall()) == 1


def test_an_unknown_mapping_suggests_a_shipped_one() -> None:
    with pytest.raises(MappingError, match="Did you mean `olist`"):
        mapping.read("olits")


# -- the locked room -------------------------------------------------------------------------------------------------


def test_the_database_of_a_mapping_is_shut_off(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("id,at\n1,2026-01-01\n")
    (tmp_path / "secret.txt").write_text("secret")
    with mapping.parse(f"{HEAD}events: {{t: {{time: at}}}}").open([tmp_path / "f.csv"]) as opened:
        for statement in (
            f"SELECT * FROM read_text('{tmp_path / 'secret.txt'}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'other.db'}'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                opened.connection.execute(statement)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv", "secret.txt"]


def test_more_rows_than_memory_spill_to_disk(tmp_path: Path) -> None:
    text = f"{HEAD}events: {{t: {{time: at, text: a}}}}"
    rows = "SELECT range AS id, '2026-01-01' AS at, md5(range::text) || md5((range + 1)::text) AS a FROM range(400000)"
    with duckdb.connect() as connection:  # of its own: what others left in the one that all share is no matter
        connection.sql(rows).write_csv(str(tmp_path / "f.csv"))
    with mapping.parse(text).open([tmp_path], memory="64MB") as opened:
        reader = opened.rows().to_arrow_reader(20_000)
        assert sum(batch.num_rows for batch in reader) == 400_000


def test_a_folder_without_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="No file was given"):
        mapping.parse(f"{HEAD}events: {{t: {{time: at}}}}").open([tmp_path])
