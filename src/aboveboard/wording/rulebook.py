"""The rules that apply: those that ship (`rules/*.toml`), those of the playbook, without those that are switched off."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aboveboard.playbook.problems import nearest
from aboveboard.wording.errors import WordingError
from aboveboard.wording.lexicon import codes
from aboveboard.wording.model import Rule, Wordings

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook, WordingRule

FOLDER = Path(__file__).parent / "rules"
ORDER = (
    "indebting",
    "conspiratorial",
    "airing-grievances",
    "hiding-behind-policy",
    "insisting",
    "guessing",
    "blaming-another-team",
    "contempt",
)


@cache
def shipped() -> tuple[Rule, ...]:
    """The rules that ship, in the order in which they are listed."""
    return tuple(_rule(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))) for name in ORDER)


def known(name: str, rules: tuple[Rule, ...]) -> str:
    """`name`, where one of the rules has it; raises WordingError, with the nearest, where none has."""
    ids = [rule.id for rule in rules]
    if name in ids:
        return name
    near = nearest(name, ids)
    meant = f" (did you mean {near}?)" if near else ""
    raise WordingError(f"there is no wording rule {name!r}{meant}; there are {', '.join(ids)}")


def of(playbook: Playbook | None) -> tuple[tuple[Rule, ...], Mapping[str, str]]:
    """The rules with the playbook's own, and what it switches off: rule → reason. Raises WordingError, with the place."""
    if playbook is None or not playbook.wording:
        return shipped(), {}
    rules, off = list(shipped()), {}
    for entry in playbook.wording.values():
        place = f"{entry.place.file}:{entry.place.line}"
        if entry.patterns:
            if any(rule.id == entry.name for rule in shipped()):
                raise WordingError(f"{place}: wording.{entry.name}: a rule that ships has that name; choose another")
            rules.append(_own(entry, place))
    for entry in playbook.wording.values():
        if entry.off is not None:
            try:
                off[known(entry.name, tuple(rules))] = entry.off
            except WordingError as error:
                raise WordingError(f"{entry.place.file}:{entry.place.line}: {error}") from None
    return tuple(rules), off


def _own(entry: WordingRule, place: str) -> Rule:
    for language in entry.patterns:
        if language not in codes():
            raise WordingError(
                f"{place}: wording.{entry.name}.patterns: there are no rules in {language!r}; there are {', '.join(codes())}"
            )
    wordings = {
        language: Wordings(entry.better, tuple(patterns), tuple(entry.exceptions.get(language, ())))
        for language, patterns in entry.patterns.items()
    }
    return Rule(entry.name, entry.says, entry.why, entry.audience, entry.severity, wordings)


def _rule(held: dict[str, Any]) -> Rule:
    wordings = {code: _wordings(held[code]) for code in codes() if code in held}
    return Rule(held["id"], held["name"], held["why"], held["audience"], held["severity"], wordings)


def _wordings(held: dict[str, Any]) -> Wordings:
    return Wordings(
        held["better"],
        tuple(held["patterns"]),
        tuple(held.get("exceptions", ())),
        tuple(held.get("redeemed", ())),
        tuple((one["find"], one["to"]) for one in held.get("rewrites", ())),
        tuple(held.get("flagged", ())),
        tuple(held.get("fine", ())),
    )
