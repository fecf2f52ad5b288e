"""What COPY is given reads back as it was, on a real server: text of any kind, absent values, moments, numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.ledger import copy_text

texts = (
    st.none()
    | st.sampled_from(("\\N", "\\.", "a\n\\.\nb", "\\\\N\t", "", "\r\n", "\\x41", '"', "日é"))
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=9)
)
moments = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.none() | st.floats(allow_nan=False)
SCHEMA = pa.schema([("text", pa.string()), ("time", pa.timestamp("us", "UTC")), ("value", pa.float64())])


@given(rows=st.lists(st.tuples(texts, moments, numbers), max_size=20))
@settings(max_examples=40)
def test_what_is_written_is_read(postgres: str, rows: list[tuple[str | None, datetime | None, float | None]]) -> None:
    import psycopg

    batch = pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)
    with psycopg.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute("set time zone 'UTC'")
        cursor.execute("create temp table t (n serial, text text, time timestamptz, value double precision)")
        with cursor.copy("copy t (text, time, value) from stdin") as copy:
            copy.write(copy_text.of(batch))
        found = cursor.execute("select text, time, value from t order by n").fetchall()
        connection.rollback()
    assert found == rows
