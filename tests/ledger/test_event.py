"""The check of one event is the check of a row: what the one lets through, the other records as the very same."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.ledger import columns, event, intake

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
texts = st.one_of(
    st.none(), st.text(alphabet=st.characters(codec="utf-8"), max_size=5), st.sampled_from(["\x00", "a\x01", " "])
)
moments = st.timedeltas(timedelta(days=-50_000), timedelta(days=70_000)).map(lambda since: NOW + since)
plain = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=4))
json = st.recursive(plain, lambda inner: st.lists(inner, max_size=2))
names = [
    one.name for one in fields(event.Event) if one.name not in ("id", "type", "time", "value", "due", "attributes")
]
events = st.builds(
    event.Event,
    id=st.text(alphabet="abc", min_size=1, max_size=3),
    type=st.one_of(st.text(max_size=4), st.sampled_from(["visit.started", "x\x07", "t" * 201])),
    time=moments,
    value=st.one_of(st.none(), st.floats(width=32, allow_nan=False, allow_infinity=False)),
    due=st.one_of(st.none(), moments),
    attributes=st.dictionaries(st.text(alphabet="abcé", min_size=1, max_size=3), json, max_size=2),
    **dict.fromkeys(names, texts),
)


def row_of(one: event.Event) -> dict[str, Any] | None:
    try:
        return dict(zip(columns.NAMES, event.row(one, recorded_at=NOW), strict=True))
    except event.EventError:
        return None


@given(st.lists(events, min_size=1, max_size=20, unique_by=lambda one: one.id))
@settings(max_examples=12)
def test_one_event_is_judged_as_a_row_is(tmp_path_factory: pytest.TempPathFactory, many: list[event.Event]) -> None:
    bare = [{one.name: getattr(held, one.name) for one in fields(held)} for held in many]
    for row in bare:
        row["attributes"] = dumps(row["attributes"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    table = pa.Table.from_pylist([row | {"recorded_at": NOW} for row in bare], schema=columns.SCHEMA)
    receipt = intake.take(table, into=tmp_path_factory.mktemp("ledger") / "led", recorded_at=NOW)
    recorded = pq.read_table(receipt.part).to_pylist() if receipt.part else []
    held = [row for row in map(row_of, many) if row is not None]
    assert [row["id"] for row in recorded] == [row["id"] for row in held]
    for from_file, by_hand in zip(recorded, held, strict=True):
        said = {name: value for name, value in from_file.items() if value not in (None, "", "{}")}
        assert said == {name: value for name, value in by_hand.items() if value is not None}


GOOD = event.Event(id="a", type="message.sent", time=NOW, text="Good day.", audience="customer")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"time": datetime(2026, 1, 1)}, "time has no time zone"),  # noqa: DTZ001 - that is the point
        ({"due": datetime(2300, 1, 1, tzinfo=UTC)}, "due lies before 1900 or after 2199"),
        ({"text": None}, "message.sent needs text"),
        ({"text": "a\x00"}, "text holds a NUL"),
        ({"text": "\ud83d"}, "half a character"),
        ({"value": float("nan")}, "value is not a number"),
        ({"attributes": {"a": {1, 2}}}, "nothing that JSON can hold"),
        ({"attributes": {"a": float("inf")}}, "nothing that JSON can hold"),
        ({"id": ""}, "it has no id"),
        ({"type": " "}, "it has no type"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(event.EventError, match=says):
        event.row(replace(GOOD, **change), recorded_at=NOW)
