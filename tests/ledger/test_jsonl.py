"""JSON lines: what is written reads back exactly; attributes are objects where that loses nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tidy import events_of, ledgers, quick

from aboveboard.ledger import columns
from aboveboard.ledger.formats import jsonl

ONE = {
    "id": "1",
    "type": "a",
    "time": datetime(2026, 1, 1, tzinfo=UTC),
    "recorded_at": datetime(2026, 1, 2, tzinfo=UTC),
}


@quick
@ledgers
def test_round_trip(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("jsonl")
    jsonl.write(table, folder / "events.jsonl")
    assert events_of(folder / "events.jsonl", folder / "ledger") == table.to_pylist()


@pytest.mark.parametrize(
    "attributes", ['{"a":1}', '{"a": 1}', '{"a":1,"a":2}', '{"a":1e5}', '{"a":100000000000000000000000}']
)
def test_attributes_keep_their_very_text(attributes: str, tmp_path: Path) -> None:
    jsonl.write(pa.Table.from_pylist([{**ONE, "attributes": attributes}], schema=columns.SCHEMA), tmp_path / "e.jsonl")
    written = json.loads((tmp_path / "e.jsonl").read_text())["attributes"]
    assert isinstance(written, dict) == (attributes in ('{"a":1}', '{"a":100000000000000000000000}'))
    assert events_of(tmp_path / "e.jsonl", tmp_path / "ledger")[0]["attributes"] == attributes


def test_other_keys_become_attributes(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text(
        '{"type": "a", "time": "2026-01-01", "colour": "red", "n": {"m": null}, "attributes": {"colour": "kept"}}\n'
    )
    (event,) = events_of(path, tmp_path / "ledger")
    assert json.loads(event["attributes"]) == {"colour": "kept", "n": {"m": None}}
