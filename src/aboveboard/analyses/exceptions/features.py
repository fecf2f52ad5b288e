"""What was known of a request when it was made: the columns and attributes of the asking event, as conditions and codes.

Every feature can be said in the playbook's own language (`channel = 'web'`, `cast(attributes.amount as double) <= 50`),
and the engine reads it exactly as such a condition would, so that a region found here means the same when it is written down.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from aboveboard.analyses.shared import arrays
from aboveboard.engines import ledgers
from aboveboard.ledger import attributes
from aboveboard.playbook.conditions import Expression
from aboveboard.playbook.expressions import tree

COLUMNS = ("channel", "touchpoint", "team")
OUTCOMES = frozenset(
    {"level", "authority", "outcome", "decision", "decided", "decided_by", "granted", "denied", "approved", "approved_by",
     "approver", "employee", "agent", "by", "evidence", "harm", "harmed", "problem", "says", "shows"}
)  # fmt: skip
"""Keys that say what came of a request, or who dealt with it: no rule can be written on those."""
MOST_KEYS, MOST_VALUES = 20, 12
LEAST_SEEN = 20
"""A key or a value seen less often is no feature."""
DECILES = np.arange(0.1, 1.0, 0.1)


@dataclass(frozen=True)
class Feature:
    """One thing known of a request: `node` reads it, `name` says it; `values` are texts (object) or numbers (NaN absent)."""

    name: str
    node: tree.Node
    values: arrays.Array

    @property
    def is_number(self) -> bool:
        return self.values.dtype != object


@dataclass(frozen=True)
class Test:
    """One condition on one feature: in words, and what it compares with. `feature` is the place of it among the features."""

    words: str
    feature: int
    relation: tree.Relation
    bound: str | float

    def node(self, found: Asked) -> tree.Node:
        """The condition as the playbook's language has it."""
        kind: tree.Type = "text" if isinstance(self.bound, str) else "number"
        return tree.Comparison(self.relation, found.features[self.feature].node, tree.Constant(self.bound, kind))

    def meets(self, found: Asked) -> arrays.Array:
        """Which requests meet it; what a request does not say meets nothing."""
        values = found.features[self.feature].values
        if self.relation == "<=":
            return np.asarray(values <= self.bound)
        if self.relation == ">":
            return np.asarray(values > self.bound)
        if self.relation == "=":
            return np.asarray(values == self.bound, dtype=bool)
        return np.array([value is not None and value != self.bound for value in values], dtype=bool)


@dataclass(frozen=True)
class Asked:
    """The requests of which the asking was written down: columns of REQUESTS as arrays, `value` as asked, and features."""

    rows: arrays.Cells
    features: tuple[Feature, ...]

    def of(self, mask: arrays.Array) -> Asked:
        """Only some of them."""
        rows = {name: column[mask] for name, column in self.rows.items()}
        return Asked(rows, tuple(Feature(f.name, f.node, f.values[mask]) for f in self.features))

    @property
    def followed(self) -> arrays.Array:
        """Which were granted, and followed to the end of the policy's `harm_within`."""
        return np.array([one is not None and one == 1 for one in self.rows["followed"]], dtype=bool)

    @property
    def harmed(self) -> arrays.Array:
        """Of those followed, which came to harm."""
        return np.asarray(self.followed & ~np.isnan(self.rows["harm_minutes"].astype(float)))

    @property
    def half(self) -> arrays.Array:
        """0 or 1 by a hash of the subject: all that happens to one subject is on one side, on every run and engine."""
        return np.array([crc32(subject.encode()) & 1 for subject in self.rows["subject"]], dtype=int)


_NEEDED = (
    "event",
    "policy",
    "clause",
    "subject",
    "outcome",
    "cost",
    "climbed",
    "waiting_minutes",
    "harm_minutes",
    "followed",
)


def asked(requests: Any, events: Any) -> Asked:
    """Fetch the requests (table `requests`) with what their events say. Executes: two small queries, one row per request."""
    written = requests.filter(requests.asked_at.notnull()).select(*_NEEDED)
    telling = events.filter(events.type == "exception.requested").select("id", "value", "attributes", *COLUMNS)
    joined = written.inner_join(telling, written.event == telling.id).drop("id")
    keys = _keys(ledgers.arrow(joined.select("attributes"))["attributes"])
    readers = {f"{kind}_{place}": _reader(key, kind) for place, key in enumerate(keys) for kind in ("text", "number")}
    wide = joined.mutate(**{name: reader.to_ibis(joined) for name, reader in readers.items()})
    table = arrays.cells(wide.drop("attributes").order_by("event"))
    rows = {name: table[name] for name in (*_NEEDED, "value")}
    return Asked(rows, tuple(_columns(table)) + tuple(_attributes(table, keys)))


def _keys(documents: pa.ChunkedArray) -> list[str]:
    """The keys of the asking events' attributes, as far as they can be read on every engine and say no outcome."""
    seen: Counter[str] = Counter()
    for document in documents.to_pylist():
        seen.update(_held(document))
    known = [
        key for key, count in seen.items() if count >= LEAST_SEEN and key.lower() not in OUTCOMES and _readable(key)
    ]
    return sorted(known, key=lambda key: (-seen[key], key))[:MOST_KEYS]


def _held(document: str | None) -> Iterable[str]:
    try:
        held = json.loads(document or "{}")
    except (ValueError, RecursionError):
        return ()
    return list(held) if isinstance(held, dict) else ()


def _readable(key: str) -> bool:
    try:
        return attributes.check(key) == key
    except attributes.AttributeKeyError:
        return False


def _reader(key: str, kind: str) -> Expression:
    held = tree.Attribute(key)
    return Expression(key, held if kind == "text" else _number(held))


def _number(held: tree.Node) -> tree.Node:
    return tree.Cast(held, "double", ZoneInfo("UTC"), "number")


def _columns(table: arrays.Cells) -> Iterable[Feature]:
    for name in COLUMNS:
        yield Feature(name, tree.Column(name, "text"), table[name])
    yield Feature("value", tree.Column("value", "number"), table["value"].astype(float))


def _attributes(table: arrays.Cells, keys: Sequence[str]) -> Iterable[Feature]:
    for place, key in enumerate(keys):
        text, number = table[f"text_{place}"], table[f"number_{place}"].astype(float)
        said = np.array([value is not None for value in text])
        # Numbers that are few are names: grades, floors, kinds.
        if np.isnan(number[said]).mean() <= 0.05 and len(np.unique(number[~np.isnan(number)])) > 2:
            yield Feature(key, _number(tree.Attribute(key)), number)
        else:
            yield Feature(key, tree.Attribute(key), text)


def tests(found: Asked) -> list[Test]:
    """Every condition on one feature that is worth asking of these requests: each common value, each decile."""
    return [test for place, feature in enumerate(found.features) for test in _tests(place, feature)]


def _tests(place: int, feature: Feature) -> Iterable[Test]:
    if feature.is_number:
        known = feature.values[~np.isnan(feature.values)]
        if len(known) < LEAST_SEEN or known.min() == known.max():
            return
        for edge in sorted({_round(cut) for cut in np.quantile(known, DECILES)}):
            yield Test(f"{feature.name} is at most {edge:g}", place, "<=", edge)
            yield Test(f"{feature.name} is over {edge:g}", place, ">", edge)
        return
    for value in common(feature):
        yield Test(f"{feature.name} is {value}", place, "=", value)
        yield Test(f"{feature.name} is not {value}", place, "<>", value)


def _round(number: float) -> float:
    """Two significant digits: a rule that people can keep in mind."""
    return float(f"{number:.2g}")


def common(feature: Feature) -> list[str]:
    """The texts of a feature that are seen often, if they are most of what is said: free text is no feature."""
    seen = Counter(value for value in feature.values if value is not None)
    most = [(value, count) for value, count in sorted(seen.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]]
    if not seen or sum(count for _, count in most) < 0.8 * sum(seen.values()) or len(seen) < 2:
        return []
    return [value for value, count in most if count >= LEAST_SEEN]


def codes(found: Asked) -> arrays.Array:
    """The features as whole numbers, one column each: the place of a common text, the quarter of a number; −1 absent."""
    columns = [_codes(feature) for feature in found.features]
    return np.column_stack(columns) if columns else np.empty((len(found.rows["event"]), 0), dtype=int)


def _codes(feature: Feature) -> arrays.Array:
    if not feature.is_number:
        places: Mapping[str, int] = {value: place for place, value in enumerate(common(feature))}
        return np.array([places.get(value, -1) for value in feature.values], dtype=int)
    known = feature.values[~np.isnan(feature.values)]
    if not len(known):
        return np.full(len(feature.values), -1)
    quarter = np.searchsorted(np.quantile(known, [0.25, 0.5, 0.75]), feature.values)
    return np.where(np.isnan(feature.values), -1, quarter)


def outside_support(found: Asked, granted: arrays.Array, *, least: int = 5) -> arrays.Array:
    """Which requests are of a kind of which fewer than `least` were granted: a text, or a number beyond what was granted.

    Each feature is looked at by itself; what a request does not say puts it nowhere.
    """
    outside = np.zeros(len(granted), dtype=bool)
    for feature in found.features:
        if feature.is_number:
            held = np.sort(feature.values[granted & ~np.isnan(feature.values)])
            if len(held) >= least:
                outside |= (feature.values < held[least - 1]) | (feature.values > held[-least])
            continue
        if not common(feature):
            continue
        seen = Counter(feature.values[granted])
        outside |= np.array([value is not None and seen[value] < least for value in feature.values], dtype=bool)
    return outside
