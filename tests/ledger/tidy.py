"""Ledgers as an import leaves them, of any content, for the round trips of the formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aboveboard.ledger import columns, intake, store

quick = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

_words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
) | st.sampled_from(
    [
        " ",
        '"',
        '""',
        ",",
        "\n",
        "\r",
        "\r\n",
        "'",
        "=1+1",
        "NULL",
        "null",
        "\\N",
        "\\",
        "\ufeff",
        "\u2028",
        "a\tb",
        "#",
        "1e5",
        "true",
    ]
)
_types = st.text("abc.-_é ", min_size=1, max_size=10).filter(str.strip)
_moments = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _numbers | _words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_words, inner, max_size=2),
    max_leaves=4,
)
_attributes = st.dictionaries(_words, _json, max_size=3).flatmap(
    lambda value: st.sampled_from([json.dumps(value), json.dumps(value, ensure_ascii=False, separators=(",", ":"))])
)


@st.composite
def _tables(draw: st.DrawFn) -> pa.Table:
    by_type = {columns.MOMENT: _moments, pa.float64(): _numbers, pa.string(): _words}
    special = {"type": _types, "attributes": _attributes}
    one = {c.name: special.get(c.name, by_type[c.type]) for c in columns.COLUMNS}
    event = st.fixed_dictionaries(
        {c.name: one[c.name] if c.required else st.none() | one[c.name] for c in columns.COLUMNS}
    )
    return pa.Table.from_pylist(draw(st.lists(event, max_size=5, unique_by=lambda e: e["id"])), schema=columns.SCHEMA)


def ledgers(test: Callable[..., None]) -> Any:
    """Give a test a `table`: any ledger that an import could have left."""
    return given(table=_tables())(test)


def events_of(path: Path, into: Path) -> list[dict[str, Any]]:
    """The events of a file, through the door; every row of it must be good."""
    receipt = intake.take_file(path, into=into, recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert receipt.recorded == receipt.read, receipt
    return [event for part in store.Store(into).parts() for event in pq.read_table(part).to_pylist()]
