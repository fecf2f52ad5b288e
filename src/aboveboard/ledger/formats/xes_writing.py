"""Rows of a ledger → an XES document, trace by trace; what is in doubt is proved by reading it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aboveboard.ledger import columns
from aboveboard.ledger.formats import json_text, markup, rows, xes_keys, xes_reading
from aboveboard.ledger.formats.xes_keys import BESIDE, CASE, Node
from aboveboard.ledger.formats.xes_reading import ALONE, NAME, OURS, SUBJECT

_TAKEN = (NAME, SUBJECT, f"{SUBJECT}:json", ALONE)


def document(table: pa.Table) -> Iterator[str]:
    """The text of the file, in pieces."""
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
        attributes = xes_reading.with_case(xes_keys.decode(shared, zone, CASE)[1], attributes)
        if apart:
            attributes.setdefault(BESIDE, {}).update(apart)
        same = json_text.canonical(attributes) == json_text.canonical(kept)
        return nodes if same and all(again.get(key) == row[key] for key in row) else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _bare(node: Node) -> str:
    return node.key.removesuffix(xes_keys.AS_JSON) if node.kind == "string" else node.key
