"""What must come out of a story, and what must not: read from `expected.yaml` and held against results.

The file says, in a few words of YAML:

    story: two-phones
    as_of: 2025-11-20T20:45:00-05:00            # when everything is judged
    moments: {before: 2025-11-20T18:40:00-05:00}  # other moments, by name
    expect:
      - says: After 19:15 the promise is broken.  # one plain sentence
        moment: before                            # absent: at `as_of`
        needs: exceptions                         # an analysis that may not be there yet (TOPICS)
        table: promises                           # a table of the results, or `events`
        where: {subject: "order:7716"}            # which rows are meant
        expect: {outcome: broken}                 # what each of them must hold
        count: 1                                  # how many rows are meant; absent: at least one
      - says: There is a finding.
        finding: {kind: promise.at-risk, about: {promise: pick-up}}
    never:
      - says: …                                   # no row, no finding may match

A value in `where`, `expect`, `count` and `finding` is compared as it stands (`null`: absent; `any`: present), or by one
of the words in `WORDS`: `{at_least: 3}`, `{one_of: [a, b]}`, `{not: shift}`, `{matches: "tomorrow"}`, `{holds: [a, b]}`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aboveboard.findings.model import Finding
from aboveboard.ledger import moments
from aboveboard.ledger.errors import AboveboardError

# What an expectation may wait for, and the tables by which its arrival is seen.
TOPICS: dict[str, tuple[str, ...]] = {
    "exceptions": ("policies", "denials", "abuse"),
    "procedures": ("steps", "insistence"),
    "claims": ("claims",),
    "escalations": ("escalations",),
    "wording": ("wording",),
    "attribution": ("variance", "effects", "people", "substitution"),
    "journeys": ("journeys",),
    "voice": ("themes",),
    "problems": ("problems",),
    "fixes": ("fixes",),
    "money": ("value_at_stake",),
    "prover": ("conflicts",),
}
KEYS = frozenset({"says", "moment", "needs", "table", "where", "expect", "count", "finding"})
ANY = "any"
NOW = "as_of"


class ExpectationError(AboveboardError):
    """An `expected.yaml` cannot be read: says which file, which expectation, and what is wrong with it."""


@dataclass(frozen=True)
class Expectation:
    """One sentence that must hold (or, under `never`, whose rows must not exist). Exactly one of `table` and `finding` is set."""

    says: str
    never: bool = False
    moment: str = NOW
    needs: str | None = None
    table: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    count: Any = None
    finding: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Story:
    """Everything that is expected of one story. `moments` always holds `as_of`; all its times know their zone."""

    name: str
    moments: Mapping[str, datetime]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True)
class Answer:
    """Whether an expectation is met; `because` says in words what was found, or what is missing."""

    expectation: Expectation
    state: Literal["met", "not met", "not yet"]
    because: str


def read(path: Path) -> Story:
    """Read `expected.yaml`. Raises `ExpectationError` for what is not in the form above."""
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise ExpectationError(f"{path}: cannot be read: {error}") from error
    if not isinstance(tree, dict) or "as_of" not in tree:
        raise ExpectationError(f"{path}: says no `as_of`; write the moment at which the story is judged")
    moments = {NOW: tree["as_of"], **tree.get("moments", {})}
    expectations = [_expectation(item, path, moments, never=False) for item in tree.get("expect", [])]
    expectations += [_expectation(item, path, moments, never=True) for item in tree.get("never", [])]
    return Story(
        str(tree.get("story", path.parent.name)),
        {name: _moment(value, path, name) for name, value in moments.items()},
        tuple(expectations),
    )


def _expectation(item: Any, path: Path, moments: Mapping[str, Any], *, never: bool) -> Expectation:
    if not isinstance(item, dict) or "says" not in item:
        raise ExpectationError(f"{path}: an expectation must say in `says` what it expects: {item!r}")
    place = f"{path}, “{item['says']}”"
    if unknown := sorted(set(item) - KEYS):
        raise ExpectationError(f"{place}: unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    if ("table" in item) == ("finding" in item):
        raise ExpectationError(f"{place}: name either a `table` or a `finding`")
    if item.get("needs") not in {None, *TOPICS}:
        raise ExpectationError(f"{place}: needs {item['needs']!r}; known are {', '.join(TOPICS)}")
    if item.get("moment", NOW) not in moments:
        raise ExpectationError(f"{place}: no moment {item['moment']!r} under `moments`")
    return Expectation(never=never, **item)


def _moment(value: Any, path: Path, name: str) -> datetime:
    if isinstance(value, str):
        value = moments.moment_of(value, ZoneInfo("UTC")) or value
    if not isinstance(value, datetime):
        raise ExpectationError(f"{path}: {name} is {value!r}; write a time such as 2025-11-20T18:40:00-05:00")
    # Some readers of YAML turn a time with an offset into UTC and drop the zone.
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def judge(expectation: Expectation, tables: Mapping[str, pa.Table], findings: Iterable[Finding]) -> Answer:
    """Hold one expectation against the results at its moment.

    "not yet" is the answer where `needs` names a topic whose tables are not all among `tables`.
    """
    if expectation.needs and (missing := [name for name in TOPICS[expectation.needs] if name not in tables]):
        return Answer(expectation, "not yet", f"needs {expectation.needs}: no table {', '.join(missing)} yet")
    if expectation.finding is not None:
        rows = [_as_row(finding) for finding in findings]
        return _counted(expectation, [row for row in rows if _agrees(row, expectation.finding)], "findings")
    assert expectation.table is not None
    if expectation.table not in tables:
        return Answer(expectation, "not met", f"there is no table {expectation.table}")
    table = tables[expectation.table]
    asked = [*expectation.where, *expectation.expect]
    if absent := [name for name in asked if name not in table.column_names]:
        return Answer(expectation, "not met", f"table {expectation.table} has no column {absent[0]}")
    rows = [row for row in table.select(list(dict.fromkeys(asked))).to_pylist() if _agrees(row, expectation.where)]
    return _counted(expectation, rows, f"rows of {expectation.table}")


def _as_row(finding: Finding) -> dict[str, Any]:
    return {"kind": finding.kind, "about": dict(finding.about), "owner": finding.owner, "sentence": finding.sentence}


def _counted(expectation: Expectation, rows: Sequence[Mapping[str, Any]], what: str) -> Answer:
    """Compare the number of matching rows, and what each of them holds."""
    if expectation.never:
        wrong = [row for row in rows if _agrees(row, expectation.expect)]
        says = f"{len(wrong)} {what}, such as {dict(wrong[0])}" if wrong else f"none among the {what}"
        return Answer(expectation, "not met" if wrong else "met", says)
    wanted = {"at_least": 1} if expectation.count is None else expectation.count
    if not _same(len(rows), wanted):
        return Answer(expectation, "not met", f"{len(rows)} {what}, expected {_in_words(wanted)}")
    for row in rows:
        for name, value in expectation.expect.items():
            if not _same(row[name], value):
                return Answer(expectation, "not met", f"{name} is {row[name]!r}, expected {_in_words(value)}")
    return Answer(expectation, "met", f"{len(rows)} {what}")


def _agrees(row: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return all(_same(row.get(name), value) for name, value in pattern.items())


def _holds(value: Any, parts: Any) -> bool:
    found = value if isinstance(value, list | tuple | Mapping) else str(value)
    return all(part in found for part in (parts if isinstance(parts, list) else [parts]))


# The words of the little language: what was found, and what was asked for.
WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, bound: bool(value >= bound),
    "at_most": lambda value, bound: bool(value <= bound),
    "one_of": lambda value, options: any(_same(value, option) for option in options),
    "matches": lambda value, pattern: re.search(pattern, str(value)) is not None,
    "holds": _holds,
}


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and wanted.keys() == {"not"}:
        return not _same(value, wanted["not"])
    if isinstance(wanted, dict) and wanted and wanted.keys() <= WORDS.keys():
        return value is not None and all(WORDS[word](value, argument) for word, argument in wanted.items())
    if isinstance(wanted, dict):
        return isinstance(value, Mapping) and _agrees(value, wanted)
    if wanted is None or value is None:
        return value is None and wanted is None
    if wanted == ANY:
        return True
    if isinstance(value, float) and isinstance(wanted, int | float):
        return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(value, datetime) and isinstance(wanted, datetime):
        return value == (wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC))
    return bool(value == wanted)


def _in_words(wanted: Any) -> str:
    if isinstance(wanted, dict):
        return " and ".join(f"{word.replace('_', ' ')} {_in_words(value)}" for word, value in wanted.items())
    if wanted is None:
        return "absent"
    return wanted.isoformat() if isinstance(wanted, date) else str(wanted)
