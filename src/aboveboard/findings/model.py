"""What a finding is: a row of an analysis that somebody should act on, said in one plain sentence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """The number behind the sentence.

    `estimate`, `low`, `high` are in `unit` ("share", "minutes", "count", "points", "ratio"); `low` and `high` are the 95 %
    interval, None where none applies (a plain count). `n` is how many cases the estimate rests on.
    `method` names the estimator and `reference` its publication or standard.
    """

    n: int
    estimate: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    method: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Finding:
    """One sentence, its evidence, the events behind it, who owns it and what to do.

    `kind` is a dotted word for the sort of finding ("promise.not-deliverable"); `about` holds the few keys that say
    which one it is ({"promise": "pick-up-in-3-hours"}). The two together are the identity: run again next week on
    more data and the same cause has the same `id`, whatever its numbers. `weight` orders findings: roughly, how many
    customers were let down. `table` and `where` lead from the finding to its rows.
    """

    kind: str
    about: Mapping[str, str]
    sentence: str
    evidence: Evidence
    action: str
    owner: str | None = None
    weight: float = 0.0
    events: tuple[str, ...] = ()
    table: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Twelve hex digits of SHA-256 over kind and about: stable across runs, data and machines."""
        key = json.dumps([self.kind, sorted(self.about.items())], ensure_ascii=False)
        return hashlib.sha256(key.encode()).hexdigest()[:12]

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, **asdict(self)}


@dataclass(frozen=True)
class Kind:
    """One kind of finding. `about` are the keys that, with the kind, make its identity."""

    name: str
    meaning: str
    said_when: str
    about: tuple[str, ...]
    table: str
