"""A crowd of invented people, some of them known under two customer keys: the test bed of record linkage.

Households share surname, address and often the telephone; some names are common; what was typed twice was typed
with slips. Who is who is known, so that the share found and the share right can be counted.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

_ONSETS = ("b", "br", "c", "d", "dr", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea")
_ENDS = ("", "l", "n", "r", "s", "t", "ck", "nd", "son", "man", "ley", "ton")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"

Details = dict[str, str]


@dataclass(frozen=True)
class Crowd:
    """`details` of every customer key (name, email, phone, postcode; what is unknown is left out), and who is `whose`."""

    details: Mapping[str, Details]
    whose: Mapping[str, int]

    @property
    def same(self) -> set[tuple[str, str]]:
        """The pairs of keys that are one person, the lesser first."""
        keys: dict[int, list[str]] = {}
        for key, person in self.whose.items():
            keys.setdefault(person, []).append(key)
        return {(min(pair), max(pair)) for pair in keys.values() if len(pair) == 2}

    def events(self) -> pa.Table:
        """One `contact.started` event per customer key that says its details."""
        first = datetime(2026, 1, 1, tzinfo=UTC)
        rows = [
            {
                "id": f"contact-{number:07d}",
                "type": "contact.started",
                "time": first + timedelta(minutes=number),
                "recorded_at": first,
                "customer": key,
                "attributes": json.dumps(details),
            }
            for number, (key, details) in enumerate(self.details.items())
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)


def crowd(*, seed: int, persons: int, twice: float = 0.3, typos: float = 0.05, missing: float = 0.1) -> Crowd:
    """Invent `persons` people, the share `twice` of them with a second key.

    In a second key each field is typed with a slip with chance `typos` and left out with chance `missing`; one e-mail
    in ten and one telephone in ten is another one than before. One person in five shares a household with the one before.
    """
    die = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    given, family = _names(die, 400), _names(die, 900)
    details: dict[str, Details] = {}
    whose: dict[str, int] = {}
    last: Details = {}
    for number in range(persons):
        last = _person(die, given, family, last if die.random() < 0.2 else None)
        entries = [last] + ([_again(die, last, typos, missing)] if die.random() < twice else [])
        for entry in entries:
            key = f"key-{die.getrandbits(48):012x}"
            details[key], whose[key] = entry, number
    return Crowd(details, whose)


def _names(die: random.Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = (die.choice(_ONSETS) + die.choice(_VOWELS) for _ in range(die.choice((1, 2, 2))))
        found["".join(syllables) + die.choice(_ENDS)] = None
    return list(found)


def _person(die: random.Random, given: list[str], family: list[str], housemate: Details | None) -> Details:
    first = _common(die, given)
    last = housemate["name"].split()[1] if housemate else _common(die, family)
    phone = "0" + "".join(die.choices(_DIGITS, k=9))
    return {
        "name": f"{first} {last}",
        "email": f"{first}.{last}{die.randrange(1000)}@{die.choice(('mail', 'post', 'letters', 'inbox'))}.example",
        "phone": housemate["phone"] if housemate and die.random() < 0.5 else phone,
        "postcode": housemate["postcode"] if housemate else f"{die.randrange(10_000, 12_000)}",
    }


def _common(die: random.Random, names: list[str]) -> str:
    """A name by its rank: the first in the list are many times as common as the last."""
    return names[int(len(names) * die.random() ** 2)]


def _again(die: random.Random, details: Details, typos: float, missing: float) -> Details:
    entry = dict(details)
    if die.random() < 0.1:
        entry["email"] = f"{''.join(die.choices(_LETTERS, k=9))}@elsewhere.example"
    if die.random() < 0.1:
        entry["phone"] = "0" + "".join(die.choices(_DIGITS, k=9))
    slipped = {field: _slip(die, value) if die.random() < typos else value for field, value in entry.items()}
    return {field: value for field, value in slipped.items() if die.random() >= missing}


def _slip(die: random.Random, text: str) -> str:
    """One letter changed, left out, doubled, or swapped with the next."""
    at = die.randrange(len(text) - 1)
    letter = die.choice(_DIGITS if text[at].isdigit() else _LETTERS)
    return die.choice(
        (
            text[:at] + letter + text[at + 1 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
    )
