"""XES (IEEE 1849), `.xes` and `.xes.gz`: a log of traces of events, read as a stream and written one trace per subject.

Reading. One row per event; `xes_keys` says which attribute goes where. The trace's `concept:name` is the case: subject
`case:<name>`, and `case:#<n>` (its place among the traces) where a trace of several events has no name; a trace
attribute `subject`, as we write it, wins. An event's id is its `identity:id` where no earlier event had the same, else
`<case>/<position in the trace>`; a second trace of the same name counts on as `<case>#2/…`, and is the same subject.

What belongs to the whole log (extensions, globals, classifiers, attributes of the log, where they differ from those
that we write) is kept once, on the first event: `attributes.xes.log`. Traces without events stand in
`attributes.xes.before` of the next event, or `attributes.xes.after` of the last one. Comments, and elements that are
not of the standard, are not kept; neither is anything of a log without a single event.

Writing. Events without a subject get a trace of their own, marked `subject:none`. An attribute `case:…` that all events
of a trace share goes back to the trace. The ledger that is read again equals the one written, but for the order of the
rows (sorted by trace). The table is held in memory while it is sorted into traces.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from aboveboard.ledger.formats import packing, xes_reading, xes_writing


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns and `_line`, the line of the event's element; times without offset in `timezone`.

    Raises LedgerError with the line for a file that is cut short, not XES, or built to do harm.
    """
    yield from xes_reading.batches(path, ZoneInfo(timezone))


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger as XES; packed if the name ends in `.gz`."""
    table = events.read_all() if isinstance(events, pa.RecordBatchReader) else events
    with packing.writing(path) as out:
        for piece in xes_writing.document(table):
            out.write(piece)
