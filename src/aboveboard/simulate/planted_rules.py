"""Large rule books with planted conflicts: everything else in them can be kept together, so that what must be found is known."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SITUATION = """situation:
  hour: {type: number, min: 0, max: 24}
  amount: {type: money, min: 0, max: 5000}
  items: {type: integer, min: 1, max: 1000}
  age_days: {type: integer, min: 0, max: 400}
  gold: {type: boolean}
  express: {type: boolean}
  channel: {type: enumeration, options: [web, phone, store, chat, field]}
  region: {type: enumeration, options: [north, south, east, west, islands, abroad]}
  reason: {type: enumeration, options: [late, broken, unwanted, other]}
  ready_at: {type: number, min: 0, max: 96, decision: true}
  refund: {type: money, min: 0, max: 10000, decision: true}
  answer: {type: enumeration, options: [grant, partly, refuse], decision: true}
"""
FACTS = 12
_EVERY = 5
"""One conflict is planted for so many dozen rules."""


@dataclass(frozen=True)
class Book:
    """The text of a playbook, and the sets of rules in it that cannot all be kept."""

    text: str
    planted: frozenset[frozenset[str]]


def book(seed: int, rules: int) -> Book:
    """A book of so many rules over twelve facts, three of them ours to choose."""
    random = Random(seed)  # noqa: S311 - an invented book
    lines: list[str] = []
    planted: list[frozenset[str]] = []
    for number in range(max(2, rules // (12 * _EVERY))):
        names, written = (_pair, _triple)[number % 2](random, number)
        planted.append(frozenset(f"policy:{name}" for name in names))
        lines += written
    count = sum(line.startswith("  p") for line in lines)
    lines += [line for number in range(rules - count) for line in _peaceful(random, number)]
    return Book(SITUATION + "policies:\n" + "\n".join(lines) + "\n", frozenset(planted))


def _policy(name: str, when: str | None, then: str) -> list[str]:
    lines = [f"  {name}:", f"    says: Rule {name}.", "    requires:", f'      - then: "{then}"']
    return lines if when is None else [*lines, f'        when: "{when}"']


def _slice(number: int) -> str:
    """Each conflict has a place of its own, so that no two meet."""
    return f"items between {10 * number + 1} and {10 * number + 9}"


def _pair(random: Random, number: int) -> tuple[list[str], list[str]]:
    names = [f"planted-{number}-{part}" for part in "ab"]
    here, gap = _slice(number), random.choice((1, 2, 4))
    if random.random() < 0.5:
        thens = f"ready_at <= hour + {20 - gap}", f"ready_at >= hour + {20 + gap}"
    else:
        thens = f"refund <= {1000 - 100 * gap}", f"refund >= {1000 + 100 * gap}"
    whens = f"{here} and gold", f"{here} and age_days > {random.randrange(10, 200)}"
    return names, [
        line for name, when, then in zip(names, whens, thens, strict=True) for line in _policy(name, when, then)
    ]


def _triple(random: Random, number: int) -> tuple[list[str], list[str]]:
    names = [f"planted-{number}-{part}" for part in "abc"]
    here = _slice(number)
    whens = f"{here} and channel in ('web', 'phone')", f"{here} and hour > {random.randrange(8, 20)}", here
    thens = "refund <= amount + 300", "refund >= amount + 250", "refund <= 500 or refund >= 2000"
    return names, [
        line for name, when, then in zip(names, whens, thens, strict=True) for line in _policy(name, when, then)
    ]


def _peaceful(random: Random, number: int) -> list[str]:
    """A rule that leaves room for all others: ready a day on, a hundred back, a part of it granted."""
    kind = random.randrange(6)
    then = (
        f"ready_at >= hour + {random.randrange(0, 10) / 10}",
        f"ready_at <= hour + {random.randrange(50, 72)}",
        f"refund >= {random.randrange(0, 80)}",
        f"refund <= {random.randrange(2000, 5000)} + amount",
        "answer <> 'refuse'",
        "answer in ('grant', 'partly') or refund >= 50",
    )[kind]
    return _policy(f"rule-{number}", " and ".join(_literal(random) for _ in range(random.randint(1, 3))), then)


def _literal(random: Random) -> str:
    kind = random.randrange(7)
    return (
        f"hour {random.choice(('>', '<='))} {random.randrange(1, 47) / 2}",
        f"amount >= {random.randrange(1, 50) * 50}",
        f"age_days {random.choice(('<', '>='))} {random.randrange(5, 390)}",
        random.choice(("gold", "not gold", "express", "not express")),
        f"channel in ('web', '{random.choice(('phone', 'store', 'chat', 'field'))}')",
        f"region {random.choice(('=', '<>'))} '{random.choice(('north', 'south', 'east', 'west', 'islands', 'abroad'))}'",
        f"reason <> '{random.choice(('late', 'broken', 'unwanted', 'other'))}'",
    )[kind]
