"""Switches in a file: `aboveboard: allow RULE -- reason` in a comment, for one line or, as `allow-file`, for the whole file.

Comments of Markdown and HTML (`<!-- -->`), of Jinja (`{# #}`), of Liquid (`{% comment %}`), of C (`/* */`, `//`), and from
`#` to the end of the line. A switch that stands on a line with other words is for that line; one that stands alone is for
the next line that holds words. Several rules are parted by commas.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from aboveboard.playbook.problems import nearest
from aboveboard.wording.model import Remark

UNKNOWN, UNREASONED, UNUSED = "switch-unknown-rule", "switch-without-reason", "switch-unused"
WHYS = {
    UNKNOWN: "It switches nothing off: no rule has that name.",
    UNREASONED: "Whoever reads the file later wants to know why these words stand; without a reason nothing is switched off.",
    UNUSED: "What it was for is gone, and it would hide the next remark on that line.",
}
_BODY = r"aboveboard:\s*(?P<verb>allow(?:-file)?)\b(?P<rest>[^\n]*?)"
_COMMENTS = tuple(
    re.compile(opening + r"\s*" + _BODY + closing)
    for opening, closing in (
        (r"<!--", r"\s*-->"),
        (r"\{#-?", r"\s*-?#\}"),
        (r"\{%-?\s*comment\s*-?%\}", r"\s*\{%-?\s*endcomment\s*-?%\}"),
        (r"/\*", r"\s*\*/"),
        (r"(?<![\w:/])(?:#|//)", r"\s*(?=\r?\n|$)"),
    )
)


@dataclass
class Switch:
    """One switch: the rules it names, its reason, where it stands in the file, and the stretch that it is for.

    `reach` is None where it is for the whole file. `used` gathers the rules that it silenced.
    """

    rules: tuple[str, ...]
    reason: str
    start: int
    end: int
    reach: tuple[int, int] | None
    used: set[str] = field(default_factory=set)

    def holds(self, rule: str, at: int) -> bool:
        return bool(self.reason) and rule in self.rules and (self.reach is None or self.reach[0] <= at < self.reach[1])


def find(text: str) -> list[Switch]:
    """The switches of a file, in their order."""
    found: list[Switch] = []
    for form in _COMMENTS:
        for match in form.finditer(text):
            if not any(switch.start <= match.start() < switch.end for switch in found):
                found.append(_switch(text, match))
    return sorted(found, key=lambda switch: switch.start)


def blanked(text: str, switches: Iterable[Switch]) -> str:
    """The text with blanks where switches stand, so that they are no words; nothing else moves."""
    for switch in switches:
        text = text[: switch.start] + " " * (switch.end - switch.start) + text[switch.end :]
    return text


def applied(remarks: Iterable[Remark], switches: Collection[Switch]) -> list[Remark]:
    """The remarks that no switch silences; switches that silence one know it."""
    kept = []
    for remark in remarks:
        holding = [switch for switch in switches if switch.holds(remark.rule, remark.start)]
        for switch in holding:
            switch.used.add(remark.rule)
        if not holding:
            kept.append(remark)
    return kept


def remarks(text: str, switches: Iterable[Switch], known: Collection[str], silent: Collection[str]) -> Iterator[Remark]:
    """What is wrong with the switches themselves, after `applied`: unknown rule, no reason, nothing to silence.

    `silent` are rules that are off anyway, of which no switch is called unused.
    """
    for switch in switches:
        strange = [rule for rule in switch.rules if rule not in known]
        for rule in strange:
            near = nearest(rule, known)
            yield _remark(text, switch, UNKNOWN, f"Did you mean {near}?" if near else f"There are {', '.join(known)}.")
        if not switch.rules:
            yield _remark(text, switch, UNKNOWN, f"Name a rule: {', '.join(known)}.")
        elif not switch.reason:
            yield _remark(text, switch, UNREASONED, "Add the reason: aboveboard: allow RULE -- why these words stand.")
        else:
            unused = [r for r in switch.rules if r in known and r not in switch.used and r not in silent]
            if unused:
                yield _remark(text, switch, UNUSED, f"Take {', '.join(unused)} out of the switch.")


def _switch(text: str, match: re.Match[str]) -> Switch:
    named, _, reason = match["rest"].partition(" -- ")
    if not reason and named.strip().startswith("-- "):
        named, reason = "", named.strip()[3:]
    rules = tuple(name.strip() for name in named.split(",") if name.strip())
    reach = None if match["verb"] == "allow-file" else _reach(text, *match.span())
    return Switch(rules, reason.strip(), match.start(), match.end(), reach)


def _reach(text: str, start: int, end: int) -> tuple[int, int]:
    """Its own line where other words stand on it, else the next line that is not blank."""
    first, last = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    if (text[first:start] + text[end:last]).strip():
        return first, last
    after = last + 1
    while after < len(text) and not text[after : _line_end(text, after)].strip():
        after = _line_end(text, after) + 1
    return after, _line_end(text, after)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _remark(text: str, switch: Switch, rule: str, better: str) -> Remark:
    words = text[switch.start : switch.end].strip()
    return Remark(rule, switch.start, switch.end, words, WHYS[rule], better, "", "warning")
