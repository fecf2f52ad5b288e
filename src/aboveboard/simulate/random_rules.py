"""Playbooks of random rules over facts with few values, small enough that every situation and every choice can be looked at."""

from __future__ import annotations

from random import Random

_RELATIONS = ("=", "<>", "<", "<=", ">", ">=")
WORDS = ("cash", "card", "voucher")


def playbook(random: Random, *, most_rules: int = 6, nulls: bool = True) -> str:
    """The text of a playbook: two or three facts of the world, one or two decisions, three rules and more."""
    facts: dict[str, str] = {}
    for number in range(random.randint(2, 3)):
        facts[f"w{number}"] = random.choice(("integer", "boolean", "enumeration"))
    for number in range(random.randint(1, 2)):
        facts[f"d{number}"] = random.choice(("integer", "integer", "boolean", "enumeration"))
    lines = ["situation:", *(f"  {name}: {{{_fact(name, kind)}}}" for name, kind in facts.items())]
    for section, one in (("promises", "p"), ("policies", "r")):
        lines.append(f"{section}:")
        for number in range(random.randint(1, most_rules // 2)):
            lines += _rule(random, f"{one}{number}", facts, promise=section == "promises", nulls=nulls)
    return "\n".join(lines) + "\n"


def _fact(name: str, kind: str) -> str:
    values = {"integer": ", min: 0, max: 3", "boolean": "", "enumeration": f", options: [{', '.join(WORDS)}]"}[kind]
    return f"type: {kind}{values}{', decision: true' if name.startswith('d') else ''}"


def _rule(random: Random, name: str, facts: dict[str, str], *, promise: bool, nulls: bool) -> list[str]:
    world = {each: kind for each, kind in facts.items() if each.startswith("w")}
    lines = [f"  {name}:", f"    says: Rule {name}."]
    if promise:
        lines += ["    starts: type = 'a'", "    kept_by: type = 'b'", "    within: 1 hour"]
    lines.append("    requires:")
    for _ in range(random.choice((1, 1, 1, 2))):
        lines.append(f'      - then: "{condition(random, facts, 1, nulls)}"')
        if random.random() < 0.7:
            lines.append(f'        when: "{condition(random, world if random.random() < 0.8 else facts, 1, nulls)}"')
    return lines


def condition(random: Random, facts: dict[str, str], depth: int, nulls: bool = True) -> str:
    """A random condition over facts, in SQL."""
    if depth and random.random() < 0.5:
        one, other = condition(random, facts, depth - 1, nulls), condition(random, facts, depth - 1, nulls)
        return random.choice(
            (f"({one}) and ({other})", f"({one}) or ({other})", f"not ({one})", f"({one}) = ({other})")
        )
    name = random.choice(list(facts))
    kind = facts[name]
    if nulls and random.random() < 0.06:
        return f"{name} is {random.choice(('', 'not '))}null"
    if kind == "boolean":
        return random.choice((name, f"not {name}"))
    if kind == "enumeration":
        word = f"'{random.choice(WORDS)}'"
        return random.choice((f"{name} = {word}", f"{name} <> {word}", f"{name} in ({word}, '{random.choice(WORDS)}')"))
    return f"{name} {random.choice(_RELATIONS)} {_amount(random, name, facts)}"


def _amount(random: Random, name: str, facts: dict[str, str]) -> str:
    others = [each for each, kind in facts.items() if kind == "integer" and each != name]
    number = random.randint(0, 3)
    if not others or random.random() < 0.5:
        return random.choice((str(number), f"{number} / 2"))
    other = random.choice(others)
    return random.choice((other, f"{other} + {number}", f"{number} - {other}", f"2 * {other} - {number}"))
