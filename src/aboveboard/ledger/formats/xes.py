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

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.ledger import columns
from aboveboard.ledger.errors import LedgerError
from aboveboard.ledger.formats import json_text, markup, packing, rows, xes_keys
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


def read(path: Path, *, timezone: str = "UTC") -> Iterator[pa.RecordBatch]:
    """Batches of the ledger's columns and `_line`, the line of the event's element; times without offset in `timezone`.

    Raises LedgerError with the line for a file that is cut short, not XES, or built to do harm.
    """
    log = _Log(path, ZoneInfo(timezone))
    for _ in markup.stream(path, log.start, log.end):
        while len(log.rows) > rows.BATCH:  # one row at least stays: the last one carries what follows it
            yield rows.batch(_finished(log.rows[: rows.BATCH]))
            del log.rows[: rows.BATCH]
    if log.rows:
        log.finish()
        yield rows.batch(_finished(log.rows))


def write(events: pa.Table | pa.RecordBatchReader, path: Path) -> None:
    """Write a ledger as XES; packed if the name ends in `.gz`."""
    table = events.read_all() if isinstance(events, pa.RecordBatchReader) else events
    with packing.writing(path) as out:
        for piece in _document(table):
            out.write(piece)


class _Log:
    """What has been read so far: the open elements, and the rows of the traces that are closed."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
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
            row[KEPT] = _with_case(shared, attributes)
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


def _with_case(shared: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
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


def _document(table: pa.Table) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    log: dict[str, Any] | None = None
    for trace in _Traces(table):
        if log is None:
            log = trace.take_log()
            yield from _head(log)
        yield from trace.xml()
    if log is None:
        yield from _head(OURS)
    yield "</log>\n"


def _head(log: dict[str, Any]) -> Iterator[str]:
    yield markup.tag("log", log["log"]) + "\n"
    for kind in ("extension", "classifier"):
        if kind == "classifier":
            for scope in log["globals"]:
                inside = "".join(Node.of(node).xml() for node in scope["attributes"])
                yield f"  {markup.tag('global', {'scope': scope['scope']})}{inside}</global>\n"
        for attributes in log[f"{kind}s"]:
            yield f"  {markup.tag(kind, attributes, close=True)}\n"
    for node in log["attributes"]:
        yield f"  {Node.of(node).xml()}\n"


class _Traces:
    """The events of a table by subject, in the order in which the subjects first appear; those without stand alone."""

    def __init__(self, table: pa.Table) -> None:
        count = table.num_rows
        subject = table["subject"].combine_chunks() if "subject" in table.column_names else pa.nulls(count, pa.string())
        codes = np.asarray(subject.dictionary_encode().indices.fill_null(-1)) if count else np.array([], dtype=int)
        codes = np.where(codes < 0, np.arange(count) + count, codes)
        _, firsts, places = np.unique(codes, return_index=True, return_inverse=True)
        self.places = firsts[places] if count else codes
        order = np.argsort(self.places, kind="stable")
        self.table, self.places = table.take(order), self.places[order]
        self.subjects = set(pc.unique(subject).to_pylist())
        self.names: set[str] = set()

    def __iter__(self) -> Iterator[_Trace]:
        waiting: list[dict[str, Any]] = []
        place, number = -1, 0
        for batch in self.table.to_batches(max_chunksize=rows.BATCH):
            for row in batch.to_pylist():
                if self.places[number] != place and waiting:
                    yield self._trace(waiting, last=False)
                    waiting = []
                place = self.places[number]
                number += 1
                waiting.append(row)
        if waiting:
            yield self._trace(waiting, last=True)

    def _trace(self, found: list[dict[str, Any]], *, last: bool) -> _Trace:
        return _Trace(found, self._name(found[0]), last)

    def _name(self, row: dict[str, Any]) -> str:
        """A name for the trace that no other has: the subject without `case:`, or the event's id for one alone."""
        subject = row.get("subject")
        bare = None if subject is None else subject.removeprefix("case:")
        name = (
            (row.get("id") or "event") if subject is None else bare if bare and bare not in self.subjects else subject
        )
        name = markup.mended(name)
        while name in self.names:
            name += "'"
        self.names.add(name)
        return name


class _Trace:
    """The events of one subject, ready to be written."""

    def __init__(self, found: list[dict[str, Any]], name: str, last: bool) -> None:
        self.rows, self.name, self.last = found, name, last
        self.kept = [json_text.loads_object(row.get("attributes")) for row in found]
        self.log: dict[str, Any] = {}

    def take_log(self) -> dict[str, Any]:
        """What the first event of the ledger keeps about the whole log, or else what we write in its place."""
        try:
            self.log = (self.kept[0] or {})[BESIDE]["log"]
            "".join(_head(self.log))
        except (KeyError, TypeError, ValueError, AttributeError):
            self.log = {}
        return self.log or OURS

    def xml(self) -> Iterator[str]:
        shared = _shared(self.kept)
        before, after = self._empty("before", 0), self._empty("after", -1) if self.last else []
        yield from (_empty_trace(nodes) for nodes in before)
        yield "  <trace>\n"
        yield from (f"    {node.xml()}\n" for node in [*self._named(), *shared])
        for number, (row, kept) in enumerate(zip(self.rows, self.kept, strict=True)):
            apart: dict[str, Any] = {"log": self.log} if number == 0 and self.log else {}
            apart |= {"before": before} if number == 0 and before else {}
            apart |= {"after": after} if number == len(self.rows) - 1 and after else {}
            yield _event(row, kept, shared, apart)
        yield "  </trace>\n"
        yield from (_empty_trace(nodes) for nodes in after)

    def _named(self) -> list[Node]:
        subject = self.rows[0].get("subject")
        named = [Node("string", NAME, self.name)]
        if subject is None:
            named.append(Node("boolean", ALONE, "true"))
        elif subject != f"case:{self.name}":
            plain = markup.legal(subject)
            text = subject if plain else json_text.dumps_ascii(subject)
            named.append(Node("string", SUBJECT if plain else f"{SUBJECT}:json", text))
        return named

    def _empty(self, part: str, number: int) -> list[Any]:
        try:
            found = (self.kept[number] or {})[BESIDE][part]
            "".join(_empty_trace(nodes) for nodes in found)
        except (KeyError, TypeError, ValueError, AttributeError):
            return []
        return list(found)


def _empty_trace(nodes: Iterable[Any]) -> str:
    return "  <trace>" + "".join(Node.of(node).xml() for node in nodes) + "</trace>\n"


def _shared(kept: list[dict[str, Any] | None]) -> list[Node]:
    """The attributes of the trace: `case:…` with the same value, type and children on every event."""
    first = kept[0]
    if first is None or not any(key.startswith(CASE) for key in first):
        return []

    def told(attributes: dict[str, Any] | None, key: str) -> Any:
        beside = (attributes or {}).get(BESIDE, {})
        return (
            key in (attributes or {}),
            (attributes or {}).get(key),
            beside.get("types", {}).get(key),
            beside.get("children", {}).get(key),
        )

    nodes = []
    for key in (key for key in first if key.startswith(CASE) and key.removeprefix(CASE) not in _TAKEN):
        try:
            _, value, kind, children = what = told(first, key)
            if all(json_text.canonical(told(other, key)) == json_text.canonical(what) for other in kept[1:]):
                bare = key.removeprefix(CASE)
                node = xes_keys.member(bare, value, kind)
                if node.key == bare:
                    node.children += [Node.of(child) for child in children or []]
                nodes.append(node)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return nodes


_TAKEN = (NAME, SUBJECT, f"{SUBJECT}:json", ALONE)


def _event(row: dict[str, Any], kept: dict[str, Any] | None, shared: list[Node], apart: dict[str, Any]) -> str:
    """The event's element, without what its trace or the log says for it; proved by reading it again where in doubt."""
    text = row.get("attributes")
    told = {key: row.get(key) for key in columns.NAMES if key not in ("subject", "attributes")}
    nodes = None
    if kept is not None:
        nodes = _proved(told, kept, shared, apart)
    if nodes is None:
        nodes = xes_keys.encode(told, {}) if text is None else xes_keys.whole(told, text)
    return "    <event>" + "".join(node.xml() for node in nodes) + "</event>\n"


def _proved(row: dict[str, Any], kept: dict[str, Any], shared: list[Node], apart: dict[str, Any]) -> list[Node] | None:
    """The attributes of the event, if reading them gives the event back; None if not."""
    taken = {CASE + _bare(node) for node in shared}
    beside = kept.get(BESIDE)
    own = {key: value for key, value in kept.items() if key not in taken}
    if isinstance(beside, dict):
        own[BESIDE] = {part: value for part, value in beside.items() if part not in apart}
    try:
        nodes = xes_keys.encode(row, own)
        if beside is None:
            return nodes
        zone = ZoneInfo("UTC")
        again, attributes = xes_keys.decode(nodes, zone)
        attributes = _with_case(xes_keys.decode(shared, zone, CASE)[1], attributes)
        if apart:
            attributes.setdefault(BESIDE, {}).update(apart)
        same = json_text.canonical(attributes) == json_text.canonical(kept)
        return nodes if same and all(again.get(key) == row[key] for key in row) else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _bare(node: Node) -> str:
    return node.key.removesuffix(xes_keys.AS_JSON) if node.kind == "string" else node.key
