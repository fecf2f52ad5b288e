"""What holds of a version before it is stored, and how two versions differ: in lines, and in words by entry.

Texts go in, for people compare what they wrote; `playbook.reader` has the last word on whether a text is a playbook.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import keys, reader, yaml_nodes
from aboveboard.playbook.model import Playbook
from aboveboard.playbook.problems import PlaybookError, Problem

ABOUT = keys.Section("about", "the organisation", "Who speaks here, and what customers meet.", keys.PLAIN)
"""The keys that stand at the top of a playbook themselves, taken as one entry."""
BEGINNING = "organisation: Our organisation\ntimezone: UTC\n"
"""What the first playbook begins as."""
_NOTHING: Mapping[str, Any] = {}


class PlaybookVersionError(AboveboardError):
    """A version cannot be made, or none is in force; the text says why and what to do."""

    exit_code = 2


class MovedOnError(PlaybookVersionError):
    """Somebody else published meanwhile: `latest` is the version that whoever asked has not seen."""

    def __init__(self, latest: int) -> None:
        self.latest = latest
        super().__init__(
            f"Version {latest} was published meanwhile. Look at what it changed, then bring your changes together with it."
        )


@dataclass(frozen=True)
class Line:
    """A line of a difference. `mark` is " " for both, "-" for the old alone, "+" for the new alone, "…" for lines left out."""

    mark: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True)
class KeyChange:
    """What stood at a key and what stands there now, as text; None where nothing did or does."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class EntryChange:
    """An entry that was added, removed or changed: `how`. `says` is what it says now, or said before it went."""

    section: str
    name: str
    how: str
    says: str
    keys: tuple[KeyChange, ...]


@dataclass(frozen=True)
class Said:
    """A key of an entry with its value, plain and as text."""

    key: keys.Key
    value: Any
    text: str

    @property
    def percent(self) -> str:
        """A share as people say it; empty for anything else."""
        return f"{self.value * 100:g} %" if self.key.kind == "share" and isinstance(self.value, (int, float)) else ""


@dataclass(frozen=True)
class Entry:
    """An entry as it was written: its name, the line it stands on, and its keys in the order of the key table."""

    name: str
    line: int
    said: tuple[Said, ...]

    @property
    def says(self) -> str:
        """Its own words; empty where it has none."""
        return next((each.text for each in self.said if each.key.name == "says"), "")

    @property
    def holds(self) -> tuple[Said, ...]:
        """All it holds beside its own words."""
        return tuple(each for each in self.said if each.key.name != "says")

    def speaks_of(self, words: str) -> bool:
        """Whether the words stand anywhere in it."""
        held = " ".join([self.name, *(each.text for each in self.said)]).lower()
        return words.lower() in held


def checked(text: str) -> tuple[Playbook | None, tuple[Problem, ...]]:
    """The playbook that a text is, and what is wrong with it: one of the two."""
    try:
        return reader.read(_as_text(text)), ()
    except PlaybookError as error:
        return None, error.problems


def storable(*texts: str) -> None:
    """Raise PlaybookVersionError for a text that no database takes: with a zero byte, or half a character."""
    for text in texts:
        if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            raise PlaybookVersionError("There is something in this text that is no text. Is it the right file?")


def section(name: str) -> keys.Section | None:
    """The section of this name; `about` is what stands at the top itself."""
    return next((each for each in (ABOUT, *keys.SECTIONS) if each.name == name), None)


def contents(text: str) -> dict[str, list[Entry]]:
    """Every section with its entries, as written; sections without any are there and empty. Nothing of what is no YAML."""
    root = yaml_nodes.compose(yaml_nodes.Source("<text>", text))
    top = _pairs(root if not isinstance(root, Problem) else None)
    found = {ABOUT.name: [_entry(ABOUT, ABOUT.name, 0, top)] if top else []}
    for each in keys.SECTIONS:
        held = _pairs(top[each.name].value) if each.name in top else {}
        found[each.name] = [_entry(each, name, pair.line, _pairs(pair.value)) for name, pair in held.items()]
    return found


def entry(text: str, section: str, name: str) -> Entry | None:
    """One entry as written; None where there is none of that name."""
    return next((each for each in contents(text).get(section, ()) if each.name == name), None)


def written(value: Any) -> str:
    """A plain value as people would type it: a list of words one by line, what is nested as YAML."""
    if isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value):
        return "\n".join(map(written, value))
    if isinstance(value, (list, dict)):
        return _block(value)
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def changes(old: str, new: str) -> list[EntryChange]:
    """What changed from one text to another, entry by entry, in the order of the sections."""
    before, after = contents(old), contents(new)
    return [change for name in before for change in _changes(name, before[name], after[name])]


def lines(old: str, new: str, *, around: int = 3) -> list[Line]:
    """The lines that differ, with some lines around them; none where nothing does."""
    a, b = old.splitlines(), new.splitlines()
    found: list[Line] = []
    groups = list(SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(around))
    for number, group in enumerate(groups):
        if number or group[0][1]:
            found.append(Line("…", None, None, ""))
        for tag, low, high, first, last in group:
            if tag == "equal":
                found += [Line(" ", low + n + 1, first + n + 1, a[low + n]) for n in range(high - low)]
            else:
                found += [Line("-", n + 1, None, a[n]) for n in range(low, high)]
                found += [Line("+", None, n + 1, b[n]) for n in range(first, last)]
    if groups and groups[-1][-1][2] < len(a):
        found.append(Line("…", None, None, ""))
    return found


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Both changes of `base` together, line by line; None where they touch the same lines, or lines beside one another."""
    held = base.splitlines(keepends=True)
    hunks = sorted({*_hunks(held, mine), *_hunks(held, theirs)})
    if any(second[0] <= first[1] for first, second in pairwise(hunks)):
        return None
    for start, end, put in reversed(hunks):
        held[start:end] = put
    return "".join(held)


def _hunks(held: list[str], other: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The stretches of `held` that were replaced, each with what stands there now."""
    now = other.splitlines(keepends=True)
    for tag, low, high, first, last in SequenceMatcher(None, held, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield low, high, tuple(now[first:last])


def _changes(section: str, before: list[Entry], after: list[Entry]) -> Iterator[EntryChange]:
    old, new = {each.name: each for each in before}, {each.name: each for each in after}
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        differing = tuple(_key_changes(one, other))
        if differing:
            how = "added" if one is None else "removed" if other is None else "changed"
            shown = other or one
            yield EntryChange(section, name, how, shown.says if shown else "", differing)


def _key_changes(one: Entry | None, other: Entry | None) -> Iterator[KeyChange]:
    old = {each.key.name: each for each in one.said} if one else {}
    new = {each.key.name: each for each in other.said} if other else {}
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before is None or after is None or before.value != after.value:
            yield KeyChange(name, before.text if before else None, after.text if after else None)
    if not old and not new and (one is None) != (other is None):
        yield KeyChange("", None, None)


def _entry(section: keys.Section, name: str, line: int, held: Mapping[str, yaml_nodes.Pair]) -> Entry:
    said = []
    for key in section.keys:
        if key.name in held:
            value = yaml_nodes.plain(held[key.name].value)
            if value is not None:
                said.append(Said(key, value, written(value)))
    return Entry(name, line, tuple(said))


def _pairs(node: Any) -> dict[str, yaml_nodes.Pair]:
    if not isinstance(node, yaml_nodes.MappingNode):
        return {}
    return {pair.key: pair for pair in yaml_nodes.pairs(node)}


def _block(value: Any) -> str:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 2**20
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    sink = io.StringIO()
    writer.dump(value, sink)
    return sink.getvalue().strip().removesuffix("\n...").strip()


def _as_text(text: str) -> str:
    """The reader takes a text without a line break for a path."""
    return text if "\n" in text else f"{text}\n"
