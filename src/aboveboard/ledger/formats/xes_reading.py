"""An XES file as a stream of elements → rows of the ledger, trace by trace (`xes` says what becomes of what)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pyarrow as pa

from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import json_text, markup, rows, xes_keys
from aboveboard.ledger.formats.xes_keys import BESIDE, CASE, Node

NAME, SUBJECT, ALONE = "concept:name", "subject", "subject:none"
KEPT = "_kept"  # the attributes of a row, until they become text
OURS: dict[str, Any] = {
    "log": {"xes.version": "1849-2016", "xes.features": "nested-attributes", "xmlns": "http://www.xes-standard.org/"},
    "extensions": [
        {"name": name, "prefix": prefix, "uri": f"http://www.xes-standard.org/{prefix}.xesext"}
        for name, prefix in (
            ("Concept", "concept"),
            ("Time", "time"),
            ("Organizational", "org"),
            ("Lifecycle", "lifecycle"),
            ("Identity", "identity"),
        )
    ],
    "globals": [],
    "classifiers": [{"name": "Activity", "keys": NAME}],
    "attributes": [],
}


def batches(path: Path, zone: tzinfo) -> Iterator[pa.RecordBatch]:
    """Batches of the rows, as soon as there are enough of them. Raises LedgerError with the line (see `xes.read`)."""
    log = _Log(path, zone)
    for _ in markup.stream(path, log.start, log.end):
        while len(log.rows) > rows.BATCH:  # one row at least stays: the last one carries what follows it
            yield rows.batch(_finished(log.rows[: rows.BATCH]))
            del log.rows[: rows.BATCH]
    if log.rows:
        log.finish()
        yield rows.batch(_finished(log.rows))


class _Log:
    """What has been read so far: the open elements, and the rows of the traces that are closed."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self.path, self.zone = path, zone
        self.rows: list[dict[str, Any]] = []
        self.open: list[Node] = []  # the attribute we are in, outermost first
        self.log: dict[str, Any] = {"log": {}, "extensions": [], "globals": [], "classifiers": [], "attributes": []}
        self.owner: list[Node] = []  # where the next attribute belongs: the log's, a global's, the trace's, the event's
        self.attributes: list[Node] = self.owner
        self.trace: list[Node] | None = None
        self.events: list[tuple[list[Node], int]] = []
        self.rootless = True
        self.empty: list[list[dict[str, Any]]] = []
        self.traces = 0
        self.names: dict[str, int] = {}
        self.ids: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if tag in xes_keys.KINDS or (tag == "values" and self.open):
            node = Node(tag, attributes.get("key", ""), attributes.get("value"))
            (self.open[-1].children if self.open else self.owner).append(node)
            self.open.append(node)
        elif tag == "event":
            self.owner = []
            self.events.append((self.owner, line))
        elif tag == "trace":
            self.owner = self.trace = []
        elif tag == "global":
            self.owner = []
            self.log["globals"].append({"scope": attributes.get("scope"), "attributes": self.owner})
        elif tag in ("extension", "classifier"):
            self.log[f"{tag}s"].append(attributes)
        elif tag == "log":
            self.rootless = False
            self.log["log"] = attributes
        if self.rootless:
            raise LedgerError(f"{self.path}, line {line}: not an XES log: its first element is <{tag}>, not <log>.")

    def end(self, tag: str) -> None:
        if tag in xes_keys.KINDS or (tag == "values" and self.open):
            self.open.pop()
        elif tag == "event":
            if self.trace is None:
                self._take([], self.events)
                self.events = []
            self.owner = self.attributes if self.trace is None else self.trace
        elif tag == "trace":
            self._take(self.trace or [], self.events)
            self.trace, self.events, self.owner = None, [], self.attributes
        elif tag == "global":
            self.owner = self.attributes

    def finish(self) -> None:
        """What stood after the last event: traces without events."""
        if self.empty:
            self.rows[-1][KEPT].setdefault(BESIDE, {})["after"] = self.empty

    def _take(self, trace: list[Node], events: list[tuple[list[Node], int]]) -> None:
        self.traces += 1
        if not events:
            self.empty.append([node.json() for node in trace])
            return
        subject, label, rest = self._case(trace, len(events))
        _, shared = xes_keys.decode(rest, self.zone, CASE)
        for position, (nodes, line) in enumerate(events, 1):
            row, attributes = xes_keys.decode(nodes, self.zone)
            if row.get("id") in self.ids:
                attributes["identity:id"] = row.pop("id")
            if "id" not in row:
                row["id"] = self._free(f"{label}/{position}")
            self.ids.add(row["id"])
            if subject is not None:
                row.setdefault("subject", subject)
            row[KEPT] = with_case(shared, attributes)
            row[rows.LINE] = line
            if len(self.ids) == 1:
                self._log_on(row)
            if position == 1 and self.empty:
                row[KEPT].setdefault(BESIDE, {})["before"] = self.empty
                self.empty = []
            self.rows.append(row)

    def _case(self, trace: list[Node], length: int) -> tuple[str | None, str, list[Node]]:
        """The subject of a trace, the label its events' ids begin with, and the attributes that say neither."""
        told = {node.key: node for node in reversed(trace) if node.key in (NAME, SUBJECT, f"{SUBJECT}:json", ALONE)}
        rest = [node for node in trace if told.get(node.key) is not node]
        name = told[NAME].value if NAME in told else None
        label = name or f"#{self.traces}"
        self.names[label] = self.names.get(label, 0) + 1
        label += f"#{self.names[label]}" if self.names[label] > 1 else ""
        if ALONE in told:
            return None, label, rest
        if SUBJECT in told:
            return told[SUBJECT].value, label, rest
        if f"{SUBJECT}:json" in told:
            return str(json_text.loads(told[f"{SUBJECT}:json"].value or "null")), label, rest
        if name is None and length == 1:
            return None, label, rest
        return f"case:{f'#{self.traces}' if name is None else name}", label, rest

    def _free(self, wanted: str) -> str:
        while wanted in self.ids:
            wanted += "'"
        return wanted

    def _log_on(self, row: dict[str, Any]) -> None:
        log = {
            **self.log,
            "globals": [{**g, "attributes": [node.json() for node in g["attributes"]]} for g in self.log["globals"]],
            "attributes": [node.json() for node in self.attributes],
        }
        if log != OURS:
            row[KEPT].setdefault(BESIDE, {})["log"] = log


def with_case(shared: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an event with those of its trace; what stands beside them is joined key by key."""
    if not shared:
        return attributes
    both = {**shared, **attributes}
    if BESIDE in shared:
        ours, mine = shared[BESIDE], attributes.get(BESIDE, {})
        joined = {part: {**ours[part], **mine.get(part, {})} for part in ("types", "children") if part in ours}
        both[BESIDE] = {**mine, **joined}
        if more := ours.get("more"):
            both[BESIDE]["case:more"] = more
    return both


def _finished(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their attributes as text; those that were written whole have it already."""
    for row in found:
        if xes_keys.WHOLE not in row and row[KEPT]:
            row[xes_keys.WHOLE] = json_text.dumps(row[KEPT])
    return found
