"""One node of the YAML → one checked value, by the kind that the key table names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from aboveboard.ledger import attributes
from aboveboard.playbook import (
    claims,
    conditions,
    durations,
    formulas,
    keys,
    opening_hours,
    public_holidays,
    yaml_nodes,
)
from aboveboard.playbook.model import Place, Requirement
from aboveboard.playbook.problems import Problem, nearest
from aboveboard.playbook.yaml_nodes import MappingNode, Node, Pair, ScalarNode, SequenceNode

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
_LANGUAGE = re.compile(r"[a-z]{2}")
_TRUTHS = {"true": True, "false": False}


class Refused(Exception):  # noqa: N818 - it is not raised beyond this package: the problem is already noted
    """A value is wrong and the problem is noted; the entry that needs it cannot be built."""


class Facts:
    """What conditions of `requires` may speak of: the facts' types, and the options of enumerations."""

    def __init__(self) -> None:
        self.columns: dict[str, str] = {}
        self.options: dict[str, tuple[str, ...]] = {}


class Values:
    """Reads nodes of one file into values. What is wrong is noted in `problems` and raised as Refused."""

    def __init__(self, file: str, problems: list[Problem], zone: ZoneInfo, calendars: set[str], facts: Facts) -> None:
        self.file, self.problems, self.zone = file, problems, zone
        self.calendars, self.facts, self.touchpoints = calendars, facts, frozenset[str]()

    def read(self, key: keys.Key, node: Node, where: str) -> Any:
        """Return the value of a key; raise Refused where it is wrong. `where` is its path, for the message."""
        return _READ[key.kind](self, key, node, where)

    def refuse(self, node: Node, message: str, suggestion: str | None = None) -> Refused:
        """Note a problem at a node and return what to raise."""
        self.problems.append(Problem(self.file, yaml_nodes.line(node), message, suggestion))
        return Refused()

    def place(self, line: int) -> Place:
        """Return a place in this file."""
        return Place(self.file, line)

    def fields(self, section: keys.Section, node: Node, where: str) -> dict[str, Any]:
        """Return the values of one entry's keys, unknown, double and missing keys refused. All problems are noted."""
        bad = False
        meant: set[str | None] = set()
        found: dict[str, Any] = {}
        for pair in self.mapping(node, f"{where}: {section.one}"):
            key = section.by_name.get(pair.key)
            try:
                if key is None:
                    meant.add(nearest(pair.key, list(section.by_name)))
                    raise self._unknown(pair, section.by_name, where, section.one)
                if yaml_nodes.resolved(pair.value) == "null":
                    # The mark of an empty value stands where the next one starts: point at the key.
                    self.problems.append(Problem(self.file, pair.line, f"{where}.{pair.key} is empty"))
                    raise Refused
                found[pair.key] = self.read(key, pair.value, f"{where}.{pair.key}")
            except Refused:
                bad = True
        written = {pair.key for pair in yaml_nodes.pairs(node)} | meant
        for missing in (key for key in section.keys if key.required and key.name not in written):
            self.refuse(node, f"{where}: {section.one} needs `{missing.name}`: {KINDS[missing.kind]}")
            bad = True
        if bad:
            raise Refused
        return found

    def _unknown(self, pair: Pair, known: Mapping[str, Any], where: str, one: str) -> Refused:
        near = nearest(pair.key, list(known))
        message = f"{where}: {one} has no key {pair.key!r}; it knows {', '.join(known)}"
        self.problems.append(Problem(self.file, pair.line, message, near))
        return Refused()

    def mapping(self, node: Node, what: str) -> list[Pair]:
        """Return the pairs of a mapping; keys written twice are noted and left out."""
        if not isinstance(node, MappingNode):
            raise self.refuse(node, f"{what} is written as keys and values, not as {_shape(node)}")
        seen: dict[str, int] = {}
        kept = []
        for pair in yaml_nodes.pairs(node):
            if pair.key in seen:
                message = f"{what}: {pair.key!r} stands here twice, first in line {seen[pair.key]}"
                self.problems.append(Problem(self.file, pair.line, message))
                continue
            seen[pair.key] = pair.line
            kept.append(pair)
        return kept

    def sequence(self, node: Node, where: str) -> list[Node]:
        """Return the items of a list."""
        if not isinstance(node, SequenceNode):
            raise self.refuse(node, f"{where} is a list, and this is {_shape(node)}")
        return list(node.value)

    def scalar(self, node: Node, where: str, kind: str) -> str:
        """Return a plain value as written."""
        if not isinstance(node, ScalarNode):
            raise self.refuse(node, f"{where} is {kind}, and this is {_shape(node)}")
        written = str(node.value).strip()
        if not written or yaml_nodes.resolved(node) == "null":
            raise self.refuse(node, f"{where} is empty: it is {kind}")
        return written

    def text(self, key: keys.Key, node: Node, where: str) -> str:
        return self.scalar(node, where, KINDS[key.kind])

    def texts(self, _key: keys.Key, node: Node, where: str) -> tuple[str, ...]:
        found: list[str] = []
        for item in self.sequence(node, where):
            word = self.scalar(item, where, "a list of texts")
            if word in found:
                raise self.refuse(item, f"{where}: {word!r} stands here twice")
            found.append(word)
        return tuple(found)

    def timezone(self, _key: keys.Key, node: Node, where: str) -> ZoneInfo:
        name = self.scalar(node, where, KINDS["timezone"])
        if name not in available_timezones():
            near = nearest(name, sorted(available_timezones()))
            raise self.refuse(node, f"{where}: {name!r} is no time zone; write an IANA name, as Europe/Berlin", near)
        return ZoneInfo(name)

    def currency(self, _key: keys.Key, node: Node, where: str) -> str:
        code = self.scalar(node, where, KINDS["currency"])
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise self.refuse(node, f"{where}: {code!r} is no currency; write its three capital letters, as EUR")
        return code

    def hours(self, _key: keys.Key, node: Node, where: str) -> dict[int, tuple[Any, ...]]:
        found: dict[int, tuple[Any, ...]] = {}
        for pair in self.mapping(node, where):
            with self._noting(pair.value, where):
                days = opening_hours.weekdays(pair.key)
            twice = [opening_hours.DAYS[day - 1] for day in days if day in found]
            if twice:
                raise self.refuse(pair.value, f"{where}: {', '.join(twice)} stands here twice")
            found |= dict.fromkeys(days, self._spans(pair.value, where))
        if not any(found.values()):
            raise self.refuse(node, f"{where}: it is never open")
        return {day: spans for day, spans in sorted(found.items()) if spans}

    def _spans(self, node: Node, where: str) -> tuple[Any, ...]:
        with self._noting(node, where):
            return opening_hours.spans(self.scalar(node, where, 'hours: "10:00-20:00"'))

    def hours_by_date(self, _key: keys.Key, node: Node, where: str) -> dict[date, tuple[Any, ...]]:
        found = {}
        for pair in self.mapping(node, where):
            found[self._date(pair.value, pair.key, where)] = self._spans(pair.value, where)
        return found

    def dates(self, _key: keys.Key, node: Node, where: str) -> frozenset[date]:
        items = self.sequence(node, where)
        return frozenset(self._date(item, self.scalar(item, where, "a date"), where) for item in items)

    def _date(self, node: Node, written: str, where: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise self.refuse(node, f"{where}: {written!r} is no date; write 2026-12-24") from None

    def holidays(self, _key: keys.Key, node: Node, where: str) -> str:
        with self._noting(node, where):
            return public_holidays.check(self.scalar(node, where, KINDS["holidays"]))

    def condition(self, _key: keys.Key, node: Node, where: str) -> conditions.Condition:
        written = self.scalar(node, where, "a condition in SQL")
        with self._noting(node, where):
            return conditions.parse(written, timezone=self.zone, place=self.place(yaml_nodes.line(node)))

    def expression(self, _key: keys.Key, node: Node, where: str) -> conditions.Expression:
        written = self.scalar(node, where, "an expression in SQL")
        with self._noting(node, where):
            return conditions.parse_expression(written, timezone=self.zone, place=self.place(yaml_nodes.line(node)))

    def formula(self, _key: keys.Key, node: Node, where: str) -> formulas.Formula:
        written = self.scalar(node, where, KINDS["formula"])
        with self._noting(node, where):
            return formulas.parse(written, timezone=self.zone, place=self.place(yaml_nodes.line(node)))

    def words_by_language(self, key: keys.Key, node: Node, where: str) -> dict[str, tuple[str, ...]]:
        found = {}
        for pair in self.mapping(node, where):
            if not _LANGUAGE.fullmatch(pair.key):
                raise self.refuse(
                    pair.value, f"{where}: {pair.key!r} is no language; write its two letters, as in en or de"
                )
            found[pair.key] = self.texts(key, pair.value, f"{where}.{pair.key}")
            for item, words in zip(self.sequence(pair.value, where), found[pair.key], strict=True):
                with self._noting(item, f"{where}.{pair.key}"):
                    claims.pattern(words)
        return found

    def duration(self, _key: keys.Key, node: Node, where: str) -> tuple[Node, str]:
        """A duration is read once the entry's calendar is known: the node and the text are kept until then."""
        return node, self.scalar(node, where, KINDS["duration"])

    def moment_column(self, _key: keys.Key, node: Node, where: str) -> str:
        name = self.scalar(node, where, KINDS["moment_column"])
        if name.startswith("attributes."):
            with self._noting(node, where):
                attributes.check(name.removeprefix("attributes."))
            return name
        return self._column(node, name, "timestamp", where)

    def text_column(self, _key: keys.Key, node: Node, where: str) -> str:
        return self._column(node, self.scalar(node, where, KINDS["text_column"]), "text", where)

    def _column(self, node: Node, name: str, kind: str, where: str) -> str:
        able = [column for column, held in conditions.LEDGER.items() if held == kind]
        if name not in able:
            raise self.refuse(node, f"{where}: {name!r} is not one of {', '.join(able)}", nearest(name, able))
        return name

    def calendar(self, _key: keys.Key, node: Node, where: str) -> str:
        name = self.scalar(node, where, KINDS["calendar"])
        if name not in self.calendars:
            known = ", ".join(sorted(self.calendars)) or "none"
            near = nearest(name, sorted(self.calendars))
            raise self.refuse(node, f"{where}: there is no calendar {name!r}; there are: {known}", near)
        return name

    def share(self, key: keys.Key, node: Node, where: str) -> float:
        written = self.scalar(node, where, KINDS["share"])
        percent = _PERCENT.fullmatch(written)
        number = float(percent[1]) / 100 if percent else self.number(key, node, where)
        if not 0 <= number <= 1:
            near = f"{number:g} %" if 1 < number <= 100 and not percent else None
            raise self.refuse(node, f"{where}: {written} is no share, which lies between 0 and 1 (0 % and 100 %)", near)
        return number

    def number(self, key: keys.Key, node: Node, where: str) -> float:
        """A finite number in ordinary digits."""
        written = self.scalar(node, where, KINDS[key.kind])
        if yaml_nodes.resolved(node) not in ("int", "float") or not _NUMBER.fullmatch(written):
            raise self.refuse(node, f"{where} is {KINDS[key.kind]}, and this is {written!r}")
        return float(written)

    def money_by_level(self, key: keys.Key, node: Node, where: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for pair in self.mapping(node, where):
            amount = self.number(key, pair.value, f"{where}.{pair.key}")
            if amount < 0:
                raise self.refuse(pair.value, f"{where}.{pair.key}: an amount is not below zero")
            if found and amount < max(found.values()):
                raise self.refuse(pair.value, f"{where}.{pair.key}: levels go from the lowest to the highest")
            found[pair.key] = amount
        return found

    def boolean(self, _key: keys.Key, node: Node, where: str) -> bool:
        written = self.scalar(node, where, KINDS["boolean"])
        if written not in _TRUTHS:
            raise self.refuse(node, f"{where} is true or false, and this is {written!r}")
        return _TRUTHS[written]

    def scale(self, key: keys.Key, node: Node, where: str) -> tuple[float, float]:
        ends = [self.number(key, item, where) for item in self.sequence(node, where)]
        if len(ends) != 2 or ends[0] >= ends[1]:
            raise self.refuse(node, f"{where} is the lowest and the highest answer: [1, 5]")
        return ends[0], ends[1]

    def choice(self, key: keys.Key, node: Node, where: str) -> str:
        word = self.scalar(node, where, "one of " + ", ".join(key.choices))
        if word not in key.choices:
            near = nearest(word, key.choices)
            raise self.refuse(node, f"{where}: {word!r} is not one of {', '.join(key.choices)}", near)
        return word

    def requirements(self, _key: keys.Key, node: Node, where: str) -> tuple[Requirement, ...]:
        items = self.sequence(node, where)
        return tuple(self._requirement(item, f"{where}[{number}]") for number, item in enumerate(items, start=1))

    def _requirement(self, node: Node, where: str) -> Requirement:
        found: dict[str, conditions.Condition] = {}
        for pair in self.mapping(node, where):
            if pair.key not in keys.REQUIREMENT.by_name:
                raise self._unknown(pair, keys.REQUIREMENT.by_name, where, keys.REQUIREMENT.one)
            found[pair.key] = self._over_facts(pair.value, f"{where}.{pair.key}")
        if "then" not in found:
            raise self.refuse(node, f"{where}: a requirement needs `then`")
        return Requirement(found["then"], found.get("when"))

    def _over_facts(self, node: Node, where: str) -> conditions.Condition:
        written = self.scalar(node, where, "a condition over the facts of the situation")
        with self._noting(node, where):
            return conditions.parse(
                written,
                columns=self.facts.columns,
                options=self.facts.options,
                timezone=self.zone,
                place=self.place(yaml_nodes.line(node)),
                called="fact",
            )

    def amount(self, _key: keys.Key, node: Node, where: str) -> conditions.Expression:
        written = self.scalar(node, where, KINDS["amount"])
        with self._noting(node, where):
            found = conditions.parse_expression(
                written,
                columns=self.facts.columns,
                options=self.facts.options,
                timezone=self.zone,
                place=self.place(yaml_nodes.line(node)),
            )
        if found.type not in ("number", "unknown"):
            raise self.refuse(node, f"{where} is {KINDS['amount']}, and this is a {found.type}")
        return found

    def steps(self, _key: keys.Key, node: Node, where: str) -> list[tuple[Pair, dict[str, Any]]]:
        return [(pair, self.fields(keys.STEP, pair.value, f"{where}.{pair.key}")) for pair in self.mapping(node, where)]

    def journey(self, key: keys.Key, node: Node, where: str) -> tuple[str, ...]:
        found = []
        for item in self.sequence(node, where):
            word = self.scalar(item, where, KINDS[key.kind])
            if word not in self.touchpoints:
                near = nearest(word, sorted(self.touchpoints))
                raise self.refuse(item, f"{where}: {word!r} is not among the touchpoints", near)
            found.append(word)
        return tuple(found)

    def patterns(self, key: keys.Key, node: Node, where: str) -> dict[str, tuple[str, ...]]:
        return {pair.key: self.texts(key, pair.value, f"{where}.{pair.key}") for pair in self.mapping(node, where)}

    @contextmanager
    def _noting(self, node: Node, where: str) -> Iterator[None]:
        """Turn an error of a reader further down into a problem at this node."""
        try:
            yield
        except conditions.ConditionError as error:
            at = "" if error.at is None else f" (character {error.at + 1} of: {error.excerpt})"
            raise self.refuse(node, f"{where}: {error.message}{at}", error.suggestion) from None
        except (
            attributes.AttributeKeyError,
            claims.WordsError,
            durations.DurationError,
            opening_hours.HoursError,
            public_holidays.UnknownHolidaysError,
        ) as error:
            raise self.refuse(node, f"{where}: {error}", getattr(error, "suggestion", None)) from None


KINDS = keys.KINDS
_READ: dict[keys.Kind, Callable[[Values, keys.Key, Node, str], Any]] = {
    "text": Values.text,
    "texts": Values.texts,
    "timezone": Values.timezone,
    "currency": Values.currency,
    "hours": Values.hours,
    "hours_by_date": Values.hours_by_date,
    "holidays": Values.holidays,
    "dates": Values.dates,
    "condition": Values.condition,
    "expression": Values.expression,
    "duration": Values.duration,
    "moment_column": Values.moment_column,
    "text_column": Values.text_column,
    "calendar": Values.calendar,
    "share": Values.share,
    "number": Values.number,
    "money_by_level": Values.money_by_level,
    "boolean": Values.boolean,
    "scale": Values.scale,
    "choice": Values.choice,
    "requirements": Values.requirements,
    "steps": Values.steps,
    "touchpoints": Values.journey,
    "patterns": Values.patterns,
    "formula": Values.formula,
    "words_by_language": Values.words_by_language,
    "amount": Values.amount,
}


def _shape(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "keys and values"
    return "a list" if isinstance(node, SequenceNode) else "a plain value"
