"""Why not? What cannot be done is forbidden where a rule is the reason, and not possible where the world is.

*I am unable to cancel it* says neither by itself. The reason stands in the same sentence, or in the one before or after it:
*this is a saver fare*; *the system is down*. A reason of the world in the refusal's own sentence goes before a rule beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from aboveboard.analyses.claims.extraction import patterns, sentences
from aboveboard.analyses.claims.extraction.patterns import Candidate, Grounds

FORBIDDEN, IMPOSSIBLE = "policy-forbids", "not-possible"
Place = tuple[int, int]


def candidates(plain_text: str, code: str, own: Iterable[tuple[str, re.Pattern[str]]] = ()) -> list[Candidate]:
    """What `patterns.candidates` proposes, each refusal with the claim that its reason makes of it.

    Words that a playbook adds (`own`) keep the claim that the playbook gives them.
    """
    found = patterns.candidates(plain_text, code, own)
    if not any(one.claim == IMPOSSIBLE for one in found):
        return found
    grounds = patterns.language(code).grounds
    ruled = _ruled(plain_text, found, grounds)
    return [_settled(one, plain_text, ruled, grounds) for one in found]


def _ruled(text: str, found: Sequence[Candidate], grounds: Grounds) -> Set[Place]:
    """The sentences that give a rule as the reason, and those next to them."""
    forbidden = {one.sentence for one in found if one.claim == FORBIDDEN}
    places = list(sentences.spans(text))
    givers = [n for n, place in enumerate(places) if place in forbidden or grounds.rule.search(text, *place)]
    return {place for n in givers for place in places[max(n - 1, 0) : n + 2]}


def _settled(one: Candidate, text: str, ruled: Set[Place], grounds: Grounds) -> Candidate:
    if one.claim != IMPOSSIBLE or one.pattern.own or one.sentence not in ruled:
        return one
    return one if grounds.world.search(text, *one.sentence) else replace(one, claim=FORBIDDEN)
