"""Which customer keys are one person? Probabilistic record linkage with a band for a person to look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.episodes import fellegi_sunter
from aboveboard.analyses.episodes.fellegi_sunter import MISSING, Levels
from aboveboard.analyses.episodes.likeness import jaro_winkler, one_slip, sounds
from aboveboard.analyses.episodes.people import FIELDS, Person, people
from aboveboard.analyses.episodes.tables import LINKS
from aboveboard.analyses.shared import horizon

LINKED, CLERICAL = 0.95, 0.5
LARGEST_BLOCK = 100
OWNED_BY_AT_MOST = 5
_SAMPLE, _SEED = 40_000, 1969
_LEVELS = ("differs", "close", "exact")
_CLOSE_NAME = 0.88
_TYPES = {"string": pa.string(), "float64": pa.float64()}
_SCHEMA = pa.schema([(field.name, _TYPES[field.kind]) for field in LINKS.fields])

Pair = tuple[int, int]


def links(events: Any, *, as_of: datetime | None = None) -> Any:
    """Find pairs of customer keys that are, or may be, one person: table LINKS (see `tables`).

    Executes one query (`people`); what follows works on one record per customer key in memory. No name, address or
    number leaves it: only keys and which fields agreed.
    """
    timed, _ = horizon.until(events, as_of)
    return ibis.memtable(pa.Table.from_pylist(linked(people(timed)), schema=_SCHEMA))


def linked(persons: Sequence[Person]) -> list[dict[str, Any]]:
    """The pairs of at least 0.5 probability, sorted by their keys; the same whatever the order of `persons`.

    The model takes the fields for independent, and in a household they are not: housemates share surname, postcode and
    often the telephone. So a probability of 0.95 is not enough to be `linked`: the e-mail must agree, or the given name
    with something else; the given names must not clearly differ, and of e-mail and telephone at most one may. What
    fails only that is `clerical`. Different given names without a common e-mail are housemates, and not in the list.
    """
    known = _own(sorted(persons, key=lambda person: person.key))
    pairs = sorted(_candidates(known))
    if not pairs:
        return []
    patterns = np.array([_compare(known[a], known[b]) for a, b in pairs], dtype=np.int64)
    model = _learned(known, patterns)
    rows = zip(pairs, patterns, model.probabilities(patterns), model.weights(patterns), strict=True)
    return [
        {
            "left": known[a].key,
            "right": known[b].key,
            "probability": float(probability),
            "weight": float(weight),
            "band": band,
            "because": _because(pattern),
        }
        for (a, b), pattern, probability, weight in rows
        if (band := _band(probability, pattern))
    ]


def _own(persons: Sequence[Person]) -> list[Person]:
    """Without the e-mails and numbers that many keys share: a switchboard or an info@ address is nobody's own."""
    held = {name: Counter(getattr(person, name) for person in persons) for name in ("email", "phone")}

    def kept(name: str, value: str | None) -> str | None:
        return None if held[name][value] > OWNED_BY_AT_MOST else value

    return [
        Person(p.key, p.given, p.family, kept("email", p.email), kept("phone", p.phone), p.postcode) for p in persons
    ]


def _candidates(persons: Sequence[Person]) -> set[Pair]:
    """Pairs (places in `persons`) that share a blocking key. A key of more than a hundred tells nobody apart."""
    blocks: Mapping[tuple[str, ...], list[int]] = defaultdict(list)
    for place, person in enumerate(persons):
        for key in _keys(person):
            blocks[key].append(place)
    small = (block for block in blocks.values() if 1 < len(block) <= LARGEST_BLOCK)
    return {pair for block in small for pair in combinations(block, 2)}


def _keys(person: Person) -> Iterator[tuple[str, ...]]:
    """Ids first; then ways of meeting that survive a slip in any one field."""
    if person.email:
        yield "email", person.email
        yield "mailbox", person.email.partition("@")[0]
    if person.phone:
        yield "phone", person.phone
    if person.family and person.postcode:
        yield "family at", sounds(person.family), person.postcode
    if person.given and person.postcode:
        yield "given at", person.given, person.postcode
    if person.given and person.family:
        yield "name", person.given[0], sounds(person.family)
        yield "full name", person.given, person.family


def _compare(one: Person, other: Person) -> list[int]:
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in FIELDS)
    return [MISSING if not (a and b) else _level(name, a, b) for name, a, b in pairs]


def _level(name: str, one: str, other: str) -> int:
    if one == other:
        return 2
    if name in ("given", "family"):
        initial = min(len(one), len(other)) == 1 and one[0] == other[0]
        return int(initial or jaro_winkler(one, other) >= _CLOSE_NAME)
    return int(one_slip(one, other))


def _learned(persons: Sequence[Person], patterns: Levels) -> fellegi_sunter.Model:
    met, met_counts = np.unique(patterns, axis=0, return_counts=True)
    unmet, unmet_counts = np.unique(_strangers(persons), axis=0, return_counts=True)
    return fellegi_sunter.learn(
        met,
        met_counts.astype(float),
        unmet,
        unmet_counts.astype(float),
        levels=[len(_LEVELS)] * len(FIELDS),
        pairs=len(persons) * (len(persons) - 1) / 2,
    )


def _strangers(persons: Sequence[Person]) -> Levels:
    """Patterns of random pairs, for the chance of agreeing by accident. Those alike in three fields are likely one person.

    Seeded: the same events give the same links.
    """
    drawn = np.random.default_rng(_SEED).integers(0, len(persons), size=(_SAMPLE, 2)).tolist()
    patterns = (_compare(persons[a], persons[b]) for a, b in drawn if a != b)
    apart = [pattern for pattern in patterns if sum(level > 0 for level in pattern) < 3]
    return np.array(apart, dtype=np.int64).reshape(-1, len(FIELDS))


def _band(probability: float, pattern: Levels) -> str | None:
    """The band of a pair; None where it belongs in no list."""
    at = dict(zip(FIELDS, pattern.tolist(), strict=True))
    housemates = at["given"] == 0 and at["email"] < 1
    if probability < CLERICAL or housemates:
        return None
    return "linked" if probability >= LINKED and _is_personal(at) else "clerical"


def _is_personal(at: Mapping[str, int]) -> bool:
    """Something of one's own agrees, and at most one thing of one's own speaks against it."""
    agreeing = sum(level > 0 for level in at.values())
    against = [name for name in ("given", "email", "phone") if at[name] == 0]
    own = at["email"] == 2 or (agreeing >= 2 and (at["given"] > 0 or at["email"] > 0))
    return own and "given" not in against and len(against) < 2


def _because(pattern: Levels) -> str:
    named = zip(FIELDS, pattern.tolist(), strict=True)
    says = {"given": "given name", "family": "family name", "email": "e-mail"}
    return ", ".join(f"{says.get(name, name)} {_LEVELS[level]}" for name, level in named if level != MISSING)
