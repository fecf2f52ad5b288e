"""What low ratings come from, of the system: promises, policies, processes and products. Never about an employee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from aboveboard.findings import sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

LEAST = 20
"""Low ratings of which there must be so many."""
MATERIAL = 0.1
"""A cause whose interval begins below this part of the low ratings is not worth a sentence."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "rating.cause",
        "Much of the low ratings comes from one promise, policy, process or product, whoever served.",
        "20 or more low ratings of a measure; the interval of the cause's mean weight in them begins above one tenth.",
        ("measure", "cause", "name"),
        "ratings",
    ),
)
_METHOD = (
    "mean weight over the low ratings (Shapley's value over the moments before each, frozen when given), normal interval",
    "Shapley (1953), Annals of Mathematics Studies 28, 307–317",
)
_OWN = "touch: "
_SAYS = {
    "promise": "the promise {} not being kept",
    "policy": "what was denied under the policy {}",
    "process": "{}",
    "product": "{} that was sent back",
}


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `ratings` (a missing table says nothing)."""
    low = [row for row in rows(tables, "ratings") if is_low(row, playbook)]
    by_measure: dict[str, set[str]] = defaultdict(set)
    parts: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    for row in low:
        by_measure[row["measure"]].add(row["rating"])
        if row["side"] == "system" and row["name"] and not row["name"].startswith(_OWN):
            parts[row["measure"], row["cause"], row["name"]][row["rating"]] = row["weight"]
    for (measure, cause, name), weights in sorted(parts.items()):
        count = len(by_measure[measure])
        if count >= LEAST:
            yield from _said(playbook, (measure, cause, name), list(weights.values()), count)


def is_low(row: Row, playbook: Playbook) -> bool:
    """Below the measure's good answers (NPS: 0–6), above them where high is bad."""
    measure = playbook.measures.get(row["measure"])
    if measure is None or row["score"] is None:
        return False
    if measure.good_from is None:
        return measure.name == "nps" and bool(row["score"] <= 6)
    return bool(
        row["score"] > measure.good_from if measure.high_is in ("hard", "bad") else row["score"] < measure.good_from
    )


def _said(playbook: Playbook, about: tuple[str, str, str], weights: list[float], count: int) -> Iterator[Finding]:
    measure, cause, name = about
    every = np.append(weights, np.zeros(count - len(weights)))
    mean, reach = float(every.mean()), 1.96 * float(every.std(ddof=1)) / np.sqrt(count)
    least, most = max(mean - reach, 0.0), min(mean + reach, 1.0)
    if least <= MATERIAL:
        return
    entry = (playbook.promises if cause == "promise" else playbook.policies if cause == "policy" else {}).get(name)
    yield Finding(
        "rating.cause",
        {"measure": measure, "cause": cause, "name": name},
        f"Of {count} low answers on {measure}, {sentences.percent(mean)} ({sentences.percent_range(least, most)}) by weight comes "
        f"from {_SAYS[cause].format(name)}; it had part in {len(weights)} of them.",
        Evidence(count, mean, "share", least, most, *_METHOD),
        "Put right what stands behind these answers before speaking with anybody who served: they are rated for it.",
        owner=entry.owner if entry else None,
        weight=mean * count,
        table="ratings",
        where={"measure": measure, "cause": cause, "name": name},
    )
