"""What was found, held against what was planted: recall, false discoveries, and the innocent who were accused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aboveboard.simulate.truth import Truth, compares

Said = tuple[str, Mapping[str, str]]
"""A finding's kind and what it is about. (Findings stand above this layer; these two are all that is needed.)"""


@dataclass(frozen=True)
class Score:
    """`found` and `missed` are names of causes that a finding should tell of; `false` are comparing findings that no
    planted cause explains; `accused` are those of them that name an innocent place."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    told: int
    false: tuple[Said, ...]
    accused: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Share of the planted causes that were found; 1 where none was planted."""
        planted = len(self.found) + len(self.missed)
        return len(self.found) / planted if planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the comparing findings that a planted cause explains; 1 where nothing was said."""
        return 1 - len(self.false) / self.told if self.told else 1.0


def score(truth: Truth, said: Iterable[Said]) -> Score:
    """Hold findings, as (kind, about), against the truth. Causes that wait for another analysis are left out."""
    findings = list(said)
    visible = [cause for cause in truth.causes if cause.finds and not cause.needs]
    found = {cause.name for cause in visible if any(_tells(cause.finds, one) for one in findings)}
    claims = [one for one in findings if compares(*one)]
    false = tuple(one for one in claims if truth.cause_of(*one) is None)
    accused = {name for _, about in claims for name in truth.innocent if _names(about, name)}
    return Score(
        found=tuple(cause.name for cause in visible if cause.name in found),
        missed=tuple(cause.name for cause in visible if cause.name not in found),
        told=len(claims),
        false=false,
        accused=tuple(sorted(accused)),
    )


def _tells(wanted: Said | None, one: Said) -> bool:
    return (
        wanted is not None and one[0] == wanted[0] and all(one[1].get(key) == value for key, value in wanted[1].items())
    )


def _names(about: Mapping[str, str], name: str) -> bool:
    return any(name in value.split(" ↔ ") for value in about.values())
