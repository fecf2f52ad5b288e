"""Read a playbook: one YAML file, or a folder of them, checked whole. Every problem is told, not the first alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aboveboard.playbook import claims, conditions, durations, keys, yaml_nodes
from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.model import (
    Claim,
    Fact,
    Incentive,
    Measure,
    Place,
    Playbook,
    Policy,
    Procedure,
    Promise,
    Step,
    Within,
    WordingRule,
)
from aboveboard.playbook.problems import PlaybookError, Problem, nearest
from aboveboard.playbook.values import Facts, Refused, Values
from aboveboard.playbook.yaml_nodes import MappingNode, Node, Pair, Source

__all__ = ["PlaybookError", "Problem", "read", "sources"]

SUFFIXES = (".yaml", ".yml")
_UTC = ZoneInfo("UTC")
_NAME = re.compile(r"\w(?:[\w. -]*\w)?")
_FACT_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_FACT_TYPES = {"boolean": "boolean", "date": "timestamp", "enumeration": "text", "string": "text"}  # else number


def read(path_or_text: Path | str, *, timezone: ZoneInfo = _UTC) -> Playbook:
    """Return the playbook in a file, in all YAML files of a folder, or in a text.

    A string is a text where it holds a line break or a colon followed by a blank, else a path. `timezone` is that of a
    playbook that names none. Raises PlaybookError with every problem found: file, line, what is wrong, and the nearest
    thing that would do.
    """
    problems: list[Problem] = []
    found = sources(path_or_text, problems)
    book = _Reading(problems, timezone).playbook(found)
    if problems:
        raise PlaybookError(problems)
    return book


def sources(path_or_text: Path | str, problems: list[Problem]) -> list[Source]:
    """Return the files that make up a playbook; what cannot be read is added to `problems`."""
    if isinstance(path_or_text, str) and ("\n" in path_or_text or ": " in path_or_text):
        return [Source("<text>", path_or_text)]
    path = Path(path_or_text)
    if not path.exists():
        problems.append(Problem(str(path), 0, "there is no such file or folder"))
        return []
    files = sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES) if path.is_dir() else [path]
    if not files:
        problems.append(Problem(str(path), 0, "the folder holds no .yaml file"))
    read_ones = [yaml_nodes.source(file, str(file)) for file in files]
    problems += [each for each in read_ones if isinstance(each, Problem)]
    return [each for each in read_ones if isinstance(each, Source)]


@dataclass(frozen=True)
class _Entry:
    """One named entry as it stands in a file."""

    file: str
    pair: Pair


class _Reading:
    """One reading of a playbook: the top levels of all files are laid together first, then each section is read."""

    def __init__(self, problems: list[Problem], timezone: ZoneInfo) -> None:
        self.problems = problems
        self.top: dict[str, list[_Entry]] = {name: [] for name in keys.TOP}
        self.zone = timezone
        self.facts = Facts()
        self.calendars: set[str] = set()
        self.touchpoints: tuple[str, ...] = ()

    def playbook(self, found: list[Source]) -> Playbook:
        """Return the playbook; what could not be read is missing from it and noted as a problem."""
        for source in found:
            self._lay_out(source)
        plain = {key.name: key for key in keys.PLAIN}
        organisation = self._single(plain["organisation"]) or ""
        self.zone = self._single(plain["timezone"]) or self.zone
        calendars = self._section(keys.CALENDARS, self._calendar)
        self.calendars = {entry.pair.key for entry in self._entries("calendars")}
        # A fact that is wrong is told once; the conditions that speak of it are read all the same.
        self.facts.columns = {entry.pair.key: "unknown" for entry in self._entries("situation")}
        situation = self._section(keys.SITUATION, self._fact)
        self.touchpoints = self._touchpoints(plain["touchpoints"])
        return Playbook(
            organisation=organisation,
            timezone=self.zone,
            currency=self._single(plain["currency"]) or "",
            calendars=calendars,
            situation=situation,
            promises=self._section(keys.PROMISES, self._promise),
            policies=self._section(keys.POLICIES, self._policy),
            procedures=self._section(keys.PROCEDURES, self._procedure),
            claims=self._section(keys.CLAIMS, self._claim),
            incentives=self._section(keys.INCENTIVES, self._incentive),
            measures=self._section(keys.MEASURES, self._measure),
            touchpoints=self.touchpoints,
            journeys=self._journeys(plain["journeys"]),
            wording=self._section(keys.WORDING, self._wording),
            files=tuple(source.name for source in found),
        )

    def _lay_out(self, source: Source) -> None:
        root = yaml_nodes.compose(source)
        if isinstance(root, Problem):
            self.problems.append(root)
        elif root is not None:
            values = self._values(source.name)
            try:
                pairs = values.mapping(root, "a playbook")
            except Refused:
                return
            for pair in pairs:
                self._lay(source.name, pair)

    def _lay(self, file: str, pair: Pair) -> None:
        if pair.key not in self.top:
            message = f"a playbook has no key {pair.key!r}; it knows {', '.join(keys.TOP)}"
            self.problems.append(Problem(file, pair.line, message, nearest(pair.key, keys.TOP)))
            return
        if not _empty(pair.value):
            self.top[pair.key].append(_Entry(file, pair))

    def _values(self, file: str) -> Values:
        values = Values(file, self.problems, self.zone, self.calendars, self.facts)
        values.touchpoints = frozenset(self.touchpoints)
        return values

    def _single(self, key: keys.Key) -> Any:
        """A plain top-level value: said once, or in several files alike."""
        said: list[Any] = []
        for entry in self.top[key.name]:
            try:
                value = self._values(entry.file).read(key, entry.pair.value, key.name)
            except Refused:
                continue
            if said and value != said[0]:
                message = f"{key.name}: another file says {said[0]}, this one {value}"
                self.problems.append(Problem(entry.file, entry.pair.line, message))
            said.append(value)
        return said[0] if said else None

    def _touchpoints(self, key: keys.Key) -> tuple[str, ...]:
        found: list[str] = []
        for entry in self.top["touchpoints"]:
            try:
                words = self._values(entry.file).read(key, entry.pair.value, key.name)
            except Refused:
                continue
            for word in (word for word in words if word in found):
                self.problems.append(Problem(entry.file, entry.pair.line, f"touchpoints: {word!r} stands in two files"))
            found += [word for word in words if word not in found]
        return tuple(found)

    def _journeys(self, key: keys.Key) -> dict[str, tuple[str, ...]]:
        found = {}
        for entry in self._entries("journeys"):
            try:
                where = f"journeys.{entry.pair.key}"
                found[entry.pair.key] = self._values(entry.file).read(key, entry.pair.value, where)
            except Refused:
                continue
        return found

    def _entries(self, section: str) -> Iterator[_Entry]:
        """The named entries of a section over all files. It notes nothing twice: problems are told by `_checked`."""
        seen: set[str] = set()
        for part in self.top[section]:
            if isinstance(part.pair.value, MappingNode):
                for pair in yaml_nodes.pairs(part.pair.value):
                    if pair.key not in seen:
                        seen.add(pair.key)
                        yield _Entry(part.file, pair)

    def _section(self, section: keys.Section, build: Callable[[Values, _Entry, dict[str, Any]], Any]) -> dict[str, Any]:
        self._check_names(section.name)
        found = {}
        for entry in self._entries(section.name):
            values = self._values(entry.file)
            where = f"{section.name}.{entry.pair.key}"
            try:
                found[entry.pair.key] = build(values, entry, values.fields(section, entry.pair.value, where))
            except Refused:
                continue
        return found

    def _check_names(self, section: str) -> None:
        """Names are words, and stand once over all files."""
        seen: dict[str, str] = {}
        for part in self.top[section]:
            try:
                pairs = self._values(part.file).mapping(part.pair.value, section)
            except Refused:
                continue
            for pair in pairs:
                if pair.key in seen:
                    message = f"{section}: {pair.key!r} stands also in {seen[pair.key]}"
                    self.problems.append(Problem(part.file, pair.line, message))
                seen[pair.key] = f"{part.file}:{pair.line}"
                if not _NAME.fullmatch(pair.key):
                    message = f"{section}: {pair.key!r} is no name: use letters, digits, '-', '_' and '.'"
                    self.problems.append(Problem(part.file, pair.line, message))

    def _calendar(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Calendar:
        return Calendar(
            entry.pair.key,
            found.get("timezone", self.zone),
            found["open"],
            found.get("holidays"),
            found.get("closed", frozenset()),
            found.get("open_on", {}),
        )

    def _promise(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Promise:
        where = f"promises.{entry.pair.key}"
        if ("within" in found) == ("by" in found):
            both = "both `within` and `by`" if "within" in found else "neither `within` nor `by`"
            raise values.refuse(entry.pair.value, f"{where}: it has {both}; a promise has exactly one of them")
        within = None
        if "within" in found:
            node, written = found.pop("within")
            within = _duration(values, node, written, f"{where}.within", on_calendar="calendar" in found)
        return Promise(entry.pair.key, within=within, place=_place(entry), **found)

    def _policy(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Policy:
        if "harm_within" in found:
            node, written = found["harm_within"]
            where = f"policies.{entry.pair.key}.harm_within"
            found["harm_within"] = _duration(values, node, written, where, on_calendar=False)
        return Policy(entry.pair.key, place=_place(entry), **found)

    def _procedure(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Procedure:
        steps = tuple(
            Step(pair.key, step["kind"], step.get("why"), Place(entry.file, pair.line), step.get("when"))
            for pair, step in found["steps"]
        )
        if not steps:
            raise values.refuse(entry.pair.value, f"procedures.{entry.pair.key}: it has no steps")
        return Procedure(entry.pair.key, found.get("starts"), steps, found.get("owner"), _place(entry))

    def _claim(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Claim:
        claim = Claim(entry.pair.key, place=_place(entry), **found)
        missing = claims.missing(claim)
        if missing:
            needs = " and ".join(f"`{key}`" for key in missing)
            said = f"claims.{claim.name}: no claim of that name ships, so it needs {needs}"
            raise values.refuse(entry.pair.value, said, nearest(claim.name, claims.SHIPPED))
        return claim

    def _incentive(self, _values: Values, entry: _Entry, found: dict[str, Any]) -> Incentive:
        pays = found.pop("for")
        return Incentive(entry.pair.key, condition=pays, place=_place(entry), **found)

    def _measure(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Measure:
        low, high = found["scale"]
        good = found.get("good_from")
        if good is not None and not low <= good <= high:
            said = f"measures.{entry.pair.key}.good_from: {good:g} lies outside the scale {low:g}–{high:g}"
            raise values.refuse(entry.pair.value, said)
        if "objective" in found and good is None:
            said = f"measures.{entry.pair.key}.objective: which answers are good is not said; add `good_from`"
            raise values.refuse(entry.pair.value, said)
        return Measure(entry.pair.key, place=_place(entry), **found)

    def _wording(self, values: Values, entry: _Entry, found: dict[str, Any]) -> WordingRule:
        where = f"wording.{entry.pair.key}"
        if "patterns" in found:
            for missing in [name for name in ("says", "why", "better") if name not in found]:
                raise values.refuse(entry.pair.value, f"{where}: a rule of one's own needs `{missing}`")
        elif "off" not in found:
            raise values.refuse(entry.pair.value, f"{where}: it has neither `off` (a reason) nor `patterns`")
        return WordingRule(entry.pair.key, place=_place(entry), **found)

    def _fact(self, values: Values, entry: _Entry, found: dict[str, Any]) -> Fact:
        name, kind = entry.pair.key, found["type"]
        where = f"situation.{name}"
        fact = Fact(
            name,
            kind,
            found.get("min"),
            found.get("max"),
            found.get("options", ()),
            found.get("decision", False),
            found.get("from"),
            _place(entry),
            found.get("calendar"),
            found.get("decided", False),
            found.get("refuses", ()),
            found.get("says"),
        )
        for message in _wrong(fact):
            raise values.refuse(entry.pair.value, f"{where}: {message}")
        self.facts.columns[name] = _FACT_TYPES.get(kind, "number")
        if fact.options:
            self.facts.options[name] = fact.options
        return fact


def _wrong(fact: Fact) -> Iterator[str]:
    """What does not fit within one fact."""
    held = _FACT_TYPES.get(fact.type, "number")
    if not _usable(fact.name):
        yield f"{fact.name!r} cannot stand in a condition: use small letters, digits and '_', and no word of SQL"
    if held != "number" and (fact.low is not None or fact.high is not None):
        yield f"`min` and `max` go with numbers, and this is a {fact.type}"
    if fact.low is not None and fact.high is not None and fact.low > fact.high:
        yield f"`min` {fact.low:g} is above `max` {fact.high:g}"
    if (fact.type == "enumeration") != bool(fact.options):
        yield "an enumeration, and only that, names its `options`"
    if fact.calendar and (fact.type not in ("number", "time") or fact.low is None or fact.high is None):
        yield "a fact with a `calendar` is hours on one clock: a number or a time with `min` and `max`"
    if (fact.decided or fact.refuses) and not fact.decision:
        yield "`decided` and `refuses` go with a `decision`: what is the world's is not ours to settle"
    if unknown := [word for word in fact.refuses if word not in fact.options]:
        yield f"`refuses` names {unknown[0]!r}, which is not among its options"
    if fact.says is not None and fact.says.count("…") != 1:
        yield "`says` holds one …, where the value is said"
    if fact.source is not None and fact.source.type not in (held, "unknown"):
        yield f"`from` gives a {fact.source.type}, and the fact is a {fact.type}"


def _usable(name: str) -> bool:
    if not _FACT_NAME.fullmatch(name):
        return False
    try:
        return conditions.parse(f"{name} = {name}", columns={name: "number"}).columns == {name}
    except conditions.ConditionError:
        return False


def _duration(values: Values, node: Node, written: str, where: str, *, on_calendar: bool) -> Within:
    try:
        duration = durations.parse(written, on_calendar=on_calendar)
    except durations.DurationError as error:
        raise values.refuse(node, f"{where}: {error}", error.suggestion) from None
    return Within(written, duration.minutes, duration.open_days)


def _place(entry: _Entry) -> Place:
    return Place(entry.file, entry.pair.line)


def _empty(node: Node) -> bool:
    return yaml_nodes.resolved(node) == "null"
