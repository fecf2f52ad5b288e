"""The remarks, each with the event that holds the words."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.words.reading import Read
from aboveboard.analyses.words.tables import WORDING

_TEXTS = ("of_text", "of_audience", "rule", "words", "better", "why", "language")
_SCHEMA = pa.schema([*((name, pa.string()) for name in _TEXTS), ("start", pa.int64()), ("end", pa.int64())])


def wording(read: Read) -> Any:
    """Table WORDING (see `tables`) of what `reading.read` gave: a text that was sent often has its remarks as often."""
    if not read.remarks:
        return rows_to_table(WORDING, [])
    found = ibis.memtable(pa.Table.from_pylist(read.remarks, schema=_SCHEMA))
    joined = read.said.inner_join(found, (read.said.text == found.of_text) & (read.said.audience == found.of_audience))
    return joined.select(*WORDING.columns)
