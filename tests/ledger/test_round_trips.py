"""A ledger written in any format and read again is the same ledger, whatever it holds."""

from __future__ import annotations

import importlib
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aboveboard.ledger import columns
from aboveboard.ledger.formats import rows

FORMATS = {
    "xes": "ledger.xes",
    "xes packed": "ledger.xes.gz",
    "ocel_json": "ledger.jsonocel",
    "ocel_sqlite": "ledger.sqlite",
    "ocel_xml": "ledger.xmlocel",
}
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
typed = st.sampled_from(["order:1", "order:2", "case:A", "A", "customer:c", "case:", ":", "subject:x", "case:case:A"])
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
keys = words | st.sampled_from(
    ["case:a", "case:concept:name", "concept:name", "customer", "attributes", "attributes.text", "text:json", "org:role",
     "a:json", "a", "xes", "ocel", "value", "attributes.attributes.due", "ocel:eid", "says", "time", "type", "id"]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2), max_leaves=4
)
attributes = st.none() | st.dictionaries(keys, values, max_size=4).map(json.dumps) | words


@st.composite
def ledgers(draw: st.DrawFn) -> pa.Table:
    """Any ledger, tidy or not: odd names, odd texts, keys that the formats use themselves."""

    def column(name: str, kind: pa.DataType) -> st.SearchStrategy[Any]:
        if name == "subject":
            return st.none() | typed | words
        if name == "attributes":
            return attributes
        if pa.types.is_timestamp(kind):
            return moments if name in columns.REQUIRED else st.none() | moments
        if pa.types.is_floating(kind):
            return st.none() | st.floats(allow_nan=False)
        return words if name in columns.REQUIRED else st.none() | words

    one = st.fixed_dictionaries({c.name: column(c.name, c.type) for c in columns.COLUMNS})
    found = draw(st.lists(one, max_size=5, unique_by=lambda row: row["id"]))
    return pa.Table.from_pylist(found, schema=columns.SCHEMA)


def module(name: str) -> ModuleType:
    return importlib.import_module(f"aboveboard.ledger.formats.{name.split()[0]}")


def again(name: str, events: pa.Table, folder: Path) -> pa.Table:
    path = folder / FORMATS[name]
    path.unlink(missing_ok=True)
    module(name).write(events, path)
    return pa.Table.from_batches(list(module(name).read(path)), rows.READ_SCHEMA)


def plain(events: pa.Table) -> dict[str, dict[str, Any]]:
    """By id; `attributes` as what its JSON says, for its text may be spaced in another way."""

    def said(text: str | None) -> Any:
        try:
            found = json.loads(text or "")
        except (ValueError, RecursionError):
            return text
        return json.dumps(found, sort_keys=True)

    return {
        row["id"]: {name: said(row[name]) if name == "attributes" else row[name] for name in columns.NAMES}
        for row in events.to_pylist()
    }


def differences(found: pa.Table, meant: pa.Table) -> list[str]:
    mine, theirs = plain(found), plain(meant)
    return [f"only on one side: {id!r}" for id in mine.keys() ^ theirs.keys()] + [
        f"{id!r}.{name}: {mine[id][name]!r} should be {theirs[id][name]!r}"
        for id in mine.keys() & theirs.keys()
        for name in columns.NAMES
        if mine[id][name] != theirs[id][name]
    ]


@pytest.mark.parametrize("name", FORMATS)
@FEW
@given(events=ledgers())
def test_what_is_written_is_read(name: str, events: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert differences(again(name, events, Path(folder)), events) == []
