"""What XES files say, column by column; what foreign logs hold beyond the columns is kept and goes out again."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import rows, xes

FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="?"/></global>
  <classifier name="Both" keys="concept:name lifecycle:transition"/>
  <float key="spread" value="7.5"><float key="Ann" value="0.25"/></float>
  <trace><string key="concept:name" value="empty"/></trace>
  <trace>
    <string key="concept:name" value="7"/>
    <int key="amount" value="12"/>
    <date key="opened" value="2024-01-01T00:00:00+01:00"/>
    <event>
      <string key="concept:name" value="Accept it"/>
      <date key="time:timestamp" value="2024-03-31T16:59:42.5+02:00"/>
      <string key="org:resource" value="Ann"/>
      <string key="org:group" value="North"/>
      <string key="org:role" value="lead"/>
      <string key="lifecycle:transition" value="complete"/>
      <id key="identity:id" value="f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>
      <boolean key="urgent" value="true"/>
      <int key="count" value="3"/>
      <float key="cost:total" value="2.50"/>
      <id key="ref" value="0f81d4fa-7dec-11d0-a765-00a0c91e6bf6"/>
      <string key="device" value="phone"><string key="maker" value="X"><int key="model" value="9"/></string></string>
      <list key="parts"><values><string key="p" value="a"/><string key="p" value="b"/></values></list>
      <string key="customer" value="C1"/>
      <string key="value" value="not a number"/>
      <string key="device" value="said twice"/>
    </event>
    <event>
      <string key="concept:name" value="Close"/>
      <date key="time:timestamp" value="2024-04-01T08:00:00Z"/>
      <string key="org:role" value="clerk"/>
      <string key="identity:id" value="f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>
      <int key="value" value="5"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="7"/>
    <event><string key="concept:name" value="Again"/><date key="time:timestamp" value="2024-04-02T08:00:00"/></event>
  </trace>
  <trace>
    <event><date key="time:timestamp" value="yesterday"/></event>
  </trace>
  <trace><string key="concept:name" value="also empty"/></trace>
</log>
"""


def rows_of(path: Path, **options: Any) -> list[dict[str, Any]]:
    return pa.Table.from_batches(list(xes.read(path, **options)), rows.READ_SCHEMA).to_pylist()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.xes"
    path.write_text(FOREIGN, encoding="utf-8")
    return path


def test_standard_keys_become_columns(foreign: Path) -> None:
    first, second, again, odd = rows_of(foreign)
    assert (first["type"], first["subject"], first["employee"], first["team"]) == (
        "Accept it",
        "case:7",
        "Ann",
        "North",
    )
    assert (first["outcome"], first["customer"], first["value"]) == ("complete", "C1", None)
    assert first["time"] == datetime(2024, 3, 31, 14, 59, 42, 500_000, UTC)
    assert (second["team"], second["value"]) == ("clerk", 5.0)
    assert (again["subject"], odd["subject"]) == ("case:7", None)
    assert [row["_line"] for row in (first, second, again, odd)] == [12, 30, 40, 43]


def test_ids_are_the_files_own_where_unique_and_places_otherwise(foreign: Path) -> None:
    assert [row["id"] for row in rows_of(foreign)] == ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "7/2", "7#2/1", "#4/1"]
    assert rows_of(foreign) == rows_of(foreign)


def test_types_nesting_lists_doubles_and_the_log_are_kept(foreign: Path) -> None:
    kept = json.loads(rows_of(foreign)[0]["attributes"])
    assert (kept["urgent"], kept["count"], kept["cost:total"], kept["org:role"]) == (True, 3, 2.5, "lead")
    assert (kept["case:amount"], kept["case:opened"]) == (12, "2024-01-01T00:00:00+01:00")
    assert [item["value"] for item in kept["parts"]] == ["a", "b"]
    beside = kept["xes"]
    assert beside["types"] == {"case:opened": "date", "ref": "id", "parts": "list"}
    assert beside["children"]["device"][0]["children"] == [{"type": "int", "key": "model", "value": "9"}]
    assert beside["more"] == [{"type": "string", "key": "device", "value": "said twice"}]
    assert beside["offsets"] == {"time:timestamp": "+02:00"}
    assert beside["log"]["attributes"][0]["children"] == [{"type": "float", "key": "Ann", "value": "0.25"}]
    assert beside["log"]["classifiers"] == [{"name": "Both", "keys": "concept:name lifecycle:transition"}]
    assert beside["before"] == [[{"type": "string", "key": "concept:name", "value": "empty"}]]


def said(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without lines, and attributes as what they say: the order of their members means nothing."""
    return [row | {"_line": None, "attributes": json.loads(row["attributes"] or "{}")} for row in found]


def again(path: Path) -> Path:
    written = path.with_name("again.xes")
    xes.write(pa.Table.from_batches(list(xes.read(path)), rows.READ_SCHEMA), written)
    return written


def test_two_traces_of_one_name_are_one_subject_and_lose_nothing(foreign: Path) -> None:
    found = rows_of(foreign)
    assert said(rows_of(again(foreign))) == said(found)


def test_a_foreign_log_goes_out_as_it_came(foreign: Path, tmp_path: Path) -> None:
    foreign.write_text("8".join(FOREIGN.rsplit("7", 1)), encoding="utf-8")
    found = rows_of(foreign)
    assert found[2]["subject"] == "case:8"
    assert said(rows_of(again(foreign))) == said(found)
    text = (tmp_path / "again.xes").read_text(encoding="utf-8")
    for piece in (
        '<int key="amount" value="12"/>',
        '<date key="opened" value="2024-01-01T00:00:00+01:00"/>',
        '<float key="spread" value="7.5"><float key="Ann" value="0.25"/></float>',
        '<date key="time:timestamp" value="2024-03-31T16:59:42.500+02:00"/>',
        '<list key="parts"><values><string key="p" value="a"/><string key="p" value="b"/></values></list>',
        '<trace><string key="concept:name" value="also empty"/></trace>',
        '<string key="device" value="said twice"/>',
        '<string key="org:role" value="clerk"/>',
        '<int key="value" value="5"/>',
    ):
        assert piece in text


def test_a_time_without_an_offset_is_read_in_the_zone_given(foreign: Path) -> None:
    assert rows_of(foreign)[2]["time"] == datetime(2024, 4, 2, 8, tzinfo=UTC)
    assert rows_of(foreign, timezone="America/New_York")[2]["time"] == datetime(2024, 4, 2, 12, tzinfo=UTC)


def test_a_time_that_is_none_is_left_to_the_checks_and_not_lost(foreign: Path) -> None:
    odd = rows_of(foreign)[3]
    assert (odd["time"], odd["type"]) == (None, None)
    assert json.loads(odd["attributes"])["time:timestamp"] == "yesterday"


def test_a_ledger_goes_out_one_trace_per_subject(tmp_path: Path) -> None:
    when = datetime(2024, 1, 1, tzinfo=UTC)
    told = [("1", "order:1"), ("2", None), ("3", "case:order:1"), ("4", "order:1"), ("5", None)]
    events = pa.Table.from_pylist(
        [{"id": i, "type": "order.paid", "time": when, "recorded_at": when, "subject": s} for i, s in told],
        schema=columns.SCHEMA,
    )
    xes.write(events, tmp_path / "ledger.xes")
    text = (tmp_path / "ledger.xes").read_text(encoding="utf-8")
    assert text.count("<trace>") == 4
    assert {row["id"]: row["subject"] for row in rows_of(tmp_path / "ledger.xes")} == dict(told)


def test_a_packed_log_is_the_same_bytes_each_time(foreign: Path, tmp_path: Path) -> None:
    found = pa.Table.from_batches(list(xes.read(foreign)), rows.READ_SCHEMA)
    packed = []
    for name in ("a.xes.gz", "b.xes.gz"):
        xes.write(found, tmp_path / name)
        packed.append((tmp_path / name).read_bytes())
    assert packed[0] == packed[1]
    assert gzip.decompress(packed[0]).startswith(b"<?xml")


@pytest.mark.parametrize("cut", [60, 900, 1500, len(FOREIGN) - 5])
def test_a_log_cut_short_is_an_error_with_its_line(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.xes"
    path.write_text(FOREIGN[:cut], encoding="utf-8")
    with pytest.raises(LedgerError, match=r"line \d+.*ends before"):
        rows_of(path)


@pytest.mark.slow
def test_bpi_2013_whole(real_data: Path) -> None:
    found = pa.Table.from_batches(list(xes.read(real_data / "bpic2013" / "incidents.xes.gz")))
    assert found.num_rows == 65_533
    assert [len(found[name].unique()) for name in ("id", "subject", "team")] == [65_533, 7_554, 649]
    first = found.slice(0, 1).to_pylist()[0]
    assert first["time"] == datetime(2010, 3, 31, 14, 59, 42, tzinfo=UTC)  # 16:59:42+02:00
    assert (first["type"], first["outcome"], first["team"], first["employee"]) == (
        "Accepted", "In Progress", "V30", "Frederic",
    )  # fmt: skip


@pytest.mark.slow
def test_helpdesk_whole_and_out_again(real_data: Path, tmp_path: Path) -> None:
    found = pa.Table.from_batches(list(xes.read(real_data / "helpdesk" / "helpdesk.xes.gz"))).drop(["_line"])
    assert (found.num_rows, len(found["subject"].unique()), len(found["type"].unique())) == (21_348, 4_580, 14)
    xes.write(found, tmp_path / "again.xes")
    assert pa.Table.from_batches(list(xes.read(tmp_path / "again.xes"))).drop(["_line"]).equals(found)
