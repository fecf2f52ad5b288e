"""The labelled conversations, and how claims that were found are scored against them.

`docs/measures/claims-labels.md` says how the labels came about. A label and a finding meet where subject, message and
claim are the same; a claim type stands once per message, with the worst of its verdicts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aboveboard.analyses.shared import intervals

LABELS = Path(__file__).resolve().parent.parent / "tests" / "labels"
VERDICTS = ("contradicted", "not yet", "unverifiable", "supported")
"""From the worst to the best: of two claims of a type in one message the first of these stands."""

Place = tuple[str, int]
"""A message: the subject that is its conversation, and how far down it stands."""
Claims = Mapping[tuple[str, int, str], str]
"""Subject, message and claim type → verdict."""


@dataclass(frozen=True)
class Label:
    """One row of a file of labels; `claim` is empty where the message claims nothing."""

    run: int
    place: Place
    claim: str
    verdict: str
    note: str

    @property
    def half(self) -> str:
        """Even runs may be looked at while patterns are written; odd ones are held out."""
        return "held out" if self.run % 2 else "development"


@dataclass(frozen=True)
class Score:
    """How often what was found is right, and how much of what is there was found."""

    labelled: int
    found: int
    right: int

    @property
    def precision(self) -> str:
        """right ÷ found with its 95 % Wilson interval."""
        return ratio(self.right, self.found)

    @property
    def recall(self) -> str:
        """right ÷ labelled with its 95 % Wilson interval."""
        return ratio(self.right, self.labelled)


def read(name: str) -> list[Label]:
    """The labels of `tests/labels/<name>.csv`."""
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Label(int(row["run"]), (row["subject"], int(row["message"])), row["claim"], row["verdict"], row["note"])
            for row in csv.DictReader(file)
        ]


def of(labels: Iterable[Label]) -> dict[tuple[str, int, str], str]:
    """The claims in the labels."""
    return {(*label.place, label.claim): label.verdict for label in labels if label.claim}


def worst(found: Iterable[tuple[str, int, str, str]]) -> dict[tuple[str, int, str], str]:
    """Subject, message, claim and verdict of everything found → one verdict per claim type and message."""
    made: dict[tuple[str, int, str], str] = {}
    for subject, message, claim, verdict in found:
        key = (subject, message, claim)
        made[key] = min(made.get(key, VERDICTS[-1]), verdict, key=VERDICTS.index)
    return made


def score(labelled: Claims, found: Claims, claim: str | None = None, verdict: str | None = None) -> Score:
    """Count the claims of one type (all where None) and one verdict (any where None) on both sides and on both at once."""

    def wanted(claims: Claims) -> set[tuple[str, int, str]]:
        return {key for key, said in claims.items() if claim in (None, key[2]) and verdict in (None, said)}

    one, other = wanted(labelled), wanted(found)
    return Score(len(one), len(other), len(one & other))


def within(claims: Claims, places: Iterable[Place]) -> dict[tuple[str, int, str], str]:
    """The claims made in these messages alone."""
    known = set(places)
    return {key: verdict for key, verdict in claims.items() if key[:2] in known}


def kappa(first: Iterable[str], second: Iterable[str]) -> float:
    """Cohen's kappa: agreement of two lists of categories beyond what their frequencies give by chance.

    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37–46.
    1 where both lists hold one and the same category throughout. Raises ValueError where the lists differ in length or
    are empty.
    """
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        raise ValueError("there is nothing to agree on: give two lists with at least one entry")
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    kinds = {kind for pair in pairs for kind in pair}
    by_chance = sum(sum(a == k for a, _ in pairs) * sum(b == k for _, b in pairs) for k in kinds) / len(pairs) ** 2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def ratio(count: int, n: int) -> str:
    """A share with its interval, or that there is nothing to count."""
    if not n:
        return "–"
    low, high = (float(side[0]) for side in intervals.wilson(np.array([count]), np.array([n])))
    return f"{count / n:.2f} [{low:.2f}, {high:.2f}]"
