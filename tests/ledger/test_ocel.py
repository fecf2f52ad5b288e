"""OCEL 2.0 in JSON, SQLite and XML: three spellings of one log, read alike, kept whole and written again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import ocel_json, ocel_sqlite, ocel_xml, rows

FORMATS: dict[str, ModuleType] = {"a.jsonocel": ocel_json, "a.sqlite": ocel_sqlite, "a.xmlocel": ocel_xml}
START = "1970-01-01T00:00:00Z"


def changed(name: str, time: str, value: Any) -> dict[str, Any]:
    return {"name": name, "time": time, "value": value}


def related(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"objectId": object_id, "qualifier": qualifier} for object_id, qualifier in pairs]


FOREIGN: dict[str, Any] = {
    "objectTypes": [
        {"name": "Customers", "attributes": []},
        {"name": "item", "attributes": [{"name": "price", "type": "float"}, {"name": "fragile", "type": "boolean"}]},
        {"name": "order", "attributes": [{"name": "state", "type": "string"}, {"name": "ready", "type": "time"}]},
        {"name": "never seen", "attributes": [{"name": "x", "type": "integer"}]},
    ],
    "eventTypes": [
        {"name": "place order", "attributes": [{"name": "n", "type": "integer"}, {"name": "at", "type": "time"}]},
        {"name": "pick item", "attributes": []},
    ],
    "objects": [
        {"id": "c1", "type": "Customers", "attributes": [], "relationships": []},
        {
            "id": "o1",
            "type": "order",
            "attributes": [
                changed("state", START, "new"),
                changed("ready", START, "2024-01-02T00:00:00Z"),
                changed("state", "2024-01-03T00:00:00Z", "paid"),
            ],
            "relationships": related(("i1", "has"), ("i2", "has"), ("i1", "has")),
        },
        {"id": "i1", "type": "item", "attributes": [changed("price", START, 2.5), changed("fragile", START, True)]},
        {"id": "i2", "type": "item", "attributes": [], "relationships": []},
        {"id": "alone", "type": "item", "attributes": [changed("price", START, 1.0)], "relationships": []},
    ],
    "events": [
        {
            "id": "e1",
            "type": "place order",
            "time": "2024-01-01T10:00:00+02:00",
            "attributes": [
                {"name": "n", "value": 3},
                {"name": "at", "value": "2024-01-01T09:00:00Z"},
                {"name": "text", "value": "please"},
            ],
            "relationships": related(("c1", "by"), ("i1", "of"), ("i2", "of"), ("o1", "it"), ("o1", "it")),
        },
        {"id": "e2", "type": "place order", "time": "2024-01-01 11:00:00", "relationships": related(("o1", ""))},
        {"id": "e3", "type": "pick item", "time": "2024-01-01T12:00:00Z", "relationships": related(("i2", ""), ("gone", ""))},
        {"id": "e4", "type": "pick item", "time": "2024-01-01T13:00:00Z", "relationships": related(("x", "team"))},
    ],
}  # fmt: skip


def read(path: Path, **options: Any) -> list[dict[str, Any]]:
    return pa.Table.from_batches(list(FORMATS[f"a{path.suffix}"].read(path, **options)), rows.READ_SCHEMA).to_pylist()


def said(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"_line": None, "attributes": json.loads(row["attributes"] or "{}")} for row in found]


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.jsonocel"
    path.write_text(json.dumps(FOREIGN, indent=1), encoding="utf-8")
    return path


def test_the_subject_is_what_there_is_one_of(foreign: Path) -> None:
    first, second, picked, told = read(foreign)
    assert (first["subject"], first["customer"], first["text"]) == ("order:o1", "c1", "please")
    assert (second["subject"], picked["subject"]) == ("order:o1", "item:i2")
    assert (told["subject"], told["team"]) == (None, "x")
    assert first["time"] == datetime(2024, 1, 1, 8, tzinfo=UTC)
    assert second["time"] == datetime(2024, 1, 1, 11, tzinfo=UTC)
    assert read(foreign, timezone="Europe/Berlin")[1]["time"] == datetime(2024, 1, 1, 10, tzinfo=UTC)


def test_every_relation_change_and_type_is_kept_once(foreign: Path) -> None:
    first, second, picked, _ = (row["attributes"] for row in said(read(foreign)))
    beside = first["ocel"]
    assert beside["relationships"] == [["c1", "by"], ["i1", "of"], ["i2", "of"], ["o1", "it"], ["o1", "it"]]
    assert [kept["id"] for kept in beside["objects"]] == ["alone", "c1", "i1", "i2", "o1"]
    order = beside["objects"][-1]
    assert [(c["name"], c["value"]) for c in order["attributes"]][-1] == ("state", "paid")
    assert order["relationships"] == related(("i1", "has"), ("i2", "has"), ("i1", "has"))
    assert beside["types"]["object"]["never seen"] == {"x": "integer"}
    assert beside["types"]["event"]["place order"] == {"n": "integer", "at": "time"}
    assert beside["offset"] == "+02:00"
    assert (first["n"], "objects" in second["ocel"], picked["ocel"]["relationships"]) == (
        3,
        False,
        [["i2", ""], ["gone", ""]],
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_foreign_log_goes_through_every_format(name: str, foreign: Path, tmp_path: Path) -> None:
    found = pa.Table.from_batches(list(ocel_json.read(foreign)), rows.READ_SCHEMA)
    FORMATS[name].write(found, tmp_path / name)
    assert said(read(tmp_path / name)) == said(found.to_pylist())
    if name == "a.jsonocel":
        assert_same_log(json.loads((tmp_path / name).read_text(encoding="utf-8")))


def assert_same_log(written: dict[str, Any]) -> None:
    def by_name(things: list[dict[str, Any]], key: str = "name") -> dict[str, Any]:
        return {thing[key]: thing for thing in things}

    declared = by_name(written["objectTypes"])
    assert declared.pop("object") == {"name": "object", "attributes": []}  # of "gone", which the log forgot to declare
    assert declared == by_name(FOREIGN["objectTypes"])
    objects = by_name(written["objects"], "id")
    for meant in FOREIGN["objects"]:
        assert objects[meant["id"]]["type"] == meant["type"]
        assert len(objects[meant["id"]]["attributes"]) == len(meant["attributes"])
        assert objects[meant["id"]]["relationships"] == meant.get("relationships", [])
    for event, meant in zip(written["events"], FOREIGN["events"], strict=True):
        assert (event["id"], event["type"], event["relationships"]) == (
            meant["id"],
            meant["type"],
            meant["relationships"],
        )


@pytest.mark.parametrize("name", FORMATS)
def test_columns_are_objects_with_qualifiers(name: str, tmp_path: Path) -> None:
    when = datetime(2024, 1, 1, tzinfo=UTC)
    row = {"id": "1", "type": "order.paid", "time": when, "recorded_at": when, "subject": "order:1", "customer": "c",
           "channel": "web", "touchpoint": "shop", "team": "t", "employee": "e", "rule": "promise:p", "value": 2.0,
           "due": when, "outcome": "done", "attributes": '{"level": "lead", "n": 2, "says": {"order": "paid"}}'}  # fmt: skip
    FORMATS[name].write(pa.Table.from_pylist([row], schema=columns.SCHEMA), tmp_path / name)
    items = list(FORMATS[name].scan(tmp_path / name))
    event = items[-1]
    assert {(r.qualifier, r.object) for r in event.relations} == {
        ("subject", "order:1"), ("customer", "customer:c"), ("channel", "channel:web"), ("touchpoint", "touchpoint:shop"),
        ("team", "team:t"), ("employee", "employee:e"), ("rule", "rule:promise:p"),
    }  # fmt: skip
    declared = next(item for item in items if getattr(item, "name", "") == "order.paid").attributes
    assert {key: declared[key] for key in ("value", "due", "level", "n")} == {
        "value": "float", "due": "time", "level": "string", "n": "integer",
    }  # fmt: skip
    assert {k: v for k, v in said(read(tmp_path / name))[0].items() if v is not None} == row | {
        "attributes": json.loads(row["attributes"])
    }


def test_json_may_come_in_any_order_and_on_one_line(tmp_path: Path, foreign: Path) -> None:
    turned = tmp_path / "turned.jsonocel"
    turned.write_text("\ufeff" + json.dumps(dict(reversed(FOREIGN.items()))), encoding="utf-8")
    mine, theirs = said(read(turned)), said(read(foreign))
    assert [row["subject"] for row in mine] == [row["subject"] for row in theirs]
    assert [row["attributes"]["ocel"]["relationships"] for row in mine[:3]] == [
        row["attributes"]["ocel"]["relationships"] for row in theirs[:3]
    ]


def test_lines_are_told(foreign: Path) -> None:
    lines = foreign.read_text(encoding="utf-8").splitlines()
    for row in read(foreign):
        assert f'"id": "{row["id"]}"' in lines[row["_line"]]  # the brace stands one line above


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            '{"events": [\n{"id": "1", "type": "x", "time": "2024-01-01"',
            r"line 2: not well-formed JSON: the file is cut short",
        ),
        ('{"events": [\n{"id": "1" "type": "x"}]}' + " " * 200, r"line 2: not well-formed JSON"),
        ('{"events": [{"type": "x"}]}', r"line 1.*'id' is missing"),
        ('{"events": [7]}', r"line 1: this is no OCEL 2.0 element of `events`"),
        ('{"events": [' + "[" * 100_000, r"nested too deeply"),
        ("[]", r"not a JSON object"),
        ('{"events": []} x', r"something follows"),
        ('{"ocel:events": {}}', r"OCEL 1.0"),
    ],
)
def test_what_is_wrong_in_json_is_said_with_its_line(text: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonocel"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=error):
        read(path)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as db, db:
        db.execute("CREATE TABLE event (ocel_id TEXT)")
    with pytest.raises(LedgerError, match="no table object"):
        read(tmp_path / "other.sqlite")
    (tmp_path / "not.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 4096)
    with pytest.raises(LedgerError, match="cannot be read"):
        read(tmp_path / "not.sqlite")


def test_an_event_that_no_table_knows_is_not_lost(tmp_path: Path, foreign: Path) -> None:
    path = tmp_path / "a.sqlite"
    ocel_sqlite.write(pa.Table.from_batches(list(ocel_json.read(foreign))), path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM event_PickItem WHERE ocel_id = 'e3'")
    found = {row["id"]: row["time"] for row in read(path)}
    assert found.keys() == {"e1", "e2", "e3", "e4"}
    assert found["e3"] is None
