"""Small changes that the other analyses suggest, each with what it would spare customers: the input of the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aboveboard.playbook.model import Playbook

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

SAY, WHERE, NO, CONDITIONAL, DROP, RULE, AUTHORITY, TOUCHPOINT = (
    "promise what can be kept",
    "do there as elsewhere",
    "let a no be an answer",
    "make the step conditional",
    "drop the step",
    "change the rule",
    "push authority down",
    "mend the touchpoint",
)
EFFORTS: Mapping[str, float] = {
    SAY: 1.0, NO: 1.0, CONDITIONAL: 1.0, DROP: 1.0, RULE: 2.0, AUTHORITY: 2.0, WHERE: 5.0, TOUCHPOINT: 5.0,
}  # fmt: skip
"""Days of work that a change of each kind is taken to need where nobody says otherwise. Ours: put your own in their place."""
PLACES = ("team", "channel", "touchpoint")
ENOUGH = 20
_ADVICE = {"make conditional": CONDITIONAL, "drop": DROP}
"""What the table `steps` advises, and the kind of change that it is."""


@dataclass(frozen=True)
class Candidate:
    """One change. Of `reach` people in the whole record the share `spared` would be spared a breakdown (`error`: posterior
    standard deviation). `rule` is what suggestions about it name; steps with the same `group` are alternatives.
    """

    kind: str
    about: str
    says: str
    owner: str | None
    rule: str | None
    group: str
    reach: float
    spared: float
    error: float


def candidates(rows: Rows, playbook: Playbook) -> Iterator[Candidate]:
    """Every candidate that the tables hold; `rows` maps their names to their rows, a missing one suggests nothing."""
    yield from _of_promises(rows, playbook)
    yield from _of_steps(rows)
    yield from _of_policies(rows)
    yield from _of_touchpoints(rows)


def shrunk(gaps: Any, variances: Any) -> tuple[Any, Any]:
    """Differences pulled towards nothing by how little they vary beyond chance: posterior means and variances.

    Normal model with a prior around no difference, its variance by moments (DerSimonian, R. and Laird, N. (1986). Controlled
    Clinical Trials 7, 177–188): of many parts the one that looks worst is partly the unluckiest.
    """
    weight = 1 / variances
    spread = (weight * gaps**2).sum() - len(gaps)
    prior = max(0.0, float(spread / weight.sum()))
    return gaps * prior / (prior + variances), prior * variances / (prior + variances)


def _of_promises(rows: Rows, playbook: Playbook) -> Iterator[Candidate]:
    slices = rows.get("promise_slices", ())
    for whole in (row for row in slices if row["slice"] == "all" and row["ended_count"] >= ENOUGH):
        name, entry = whole["promise"], playbook.promises.get(whole["promise"])
        owner, rule = (entry.owner, entry.rule) if entry else (None, f"promise:{name}")
        common: dict[str, Any] = {"owner": owner, "rule": rule, "group": rule}
        honest = _first(rows, "deliverability", promise=name, slice="all")
        if honest and honest["verdict"] == "not deliverable" and honest["honest"]:
            share, error = _share(whole["missed_count"], whole["ended_count"])
            yield Candidate(
                SAY, rule, _promise(honest["honest"]),
                reach=float(whole["ended_count"]), spared=max(0.0, share - (1 - honest["objective"])), error=error, **common,
            )  # fmt: skip
        for cut in PLACES:
            parts = [
                row for row in slices if row["promise"] == name and row["slice"] == cut and row["value"] != "(none)"
            ]
            for part, spared, error in _worse(parts, whole, "missed_count", "ended_count"):
                if part["differs"]:
                    at = f"{cut} {part['value']}"
                    yield Candidate(
                        WHERE, f"{rule} at {at}", f"Look for what differs at {at}, and do there as elsewhere.",
                        reach=float(part["ended_count"]), spared=spared, error=error, **common,
                    )  # fmt: skip


def _promise(honest: str) -> str:
    if honest == "no time at all":  # as the table `deliverability` has it
        return "Promise no time until it is found what goes wrong."
    return f"Promise what can be kept: {honest}."


def _of_steps(rows: Rows) -> Iterator[Candidate]:
    for row in (row for row in rows.get("steps", ()) if row["context"] == "all" and row["visits_count"] >= ENOUGH):
        rule, reach = f"step:{row['step']}", float(row["visits_count"])
        common: dict[str, Any] = {"owner": row["owner"], "rule": rule, "reach": reach}
        again = _first(rows, "insistence", step=row["step"])
        if again:
            share, error = _share(again["visits_count"], row["visits_count"])
            yield Candidate(
                NO, rule, "Say in the procedure that a no completes the step.",
                group=f"{rule} no", spared=share, error=error, **common,
            )  # fmt: skip
        if row["advice"] in _ADVICE:
            kind = _ADVICE[row["advice"]]
            parts = [one for one in rows["steps"] if one["step"] == row["step"] and one["advice"] == row["advice"]]
            idle = [one for one in parts if one["context"] != "all"] or [row]
            share, error = _share(sum(one["declined_count"] for one in idle), row["visits_count"])
            says = f"Make it due only where `{row['proposed_when']}`." if kind == CONDITIONAL else "Drop it."
            yield Candidate(kind, rule, says, group=f"{rule} due", spared=share, error=error, **common)


def _of_policies(rows: Rows) -> Iterator[Candidate]:
    for row in rows.get("policies", ()):
        reach = float(row["requests_count"] + (row["ordinary_count"] or 0))
        if row["verdict"] not in (RULE, AUTHORITY) or reach < ENOUGH:
            continue
        share, error = _share(row["requests_count"], reach)
        says = f"Allow at once: {row['region']}." if row["region"] else f"Let {row['proposed_level']} decide."
        if row["verdict"] == RULE and not row["region"]:
            says = "Change the rule, as its exceptions do no harm."
        rule = f"policy:{row['policy']}"
        yield Candidate(row["verdict"], rule, says, row["owner"], rule, rule, reach, share, error)


def _of_touchpoints(rows: Rows) -> Iterator[Candidate]:
    rated = [row for row in rows.get("touchpoints", ()) if row["good_count"] is not None]
    told = [{**row, "poor": row["answers_count"] - row["good_count"]} for row in rated]
    for measure in dict.fromkeys(row["measure"] for row in told):
        parts = [row for row in told if row["measure"] == measure]
        whole = {name: sum(row[name] for row in parts) for name in ("poor", "answers_count")}
        for part, spared, error in _worse(parts, whole, "poor", "answers_count"):
            if part["differs"] and part["score"] < part["rest_score"]:
                place = part["touchpoint"]
                yield Candidate(
                    TOUCHPOINT, f"touchpoint {place} on {measure}",
                    f"Read what customers wrote of “{place}”, and mend what it names.",
                    None, None, f"touchpoint {place}", float(part["answers_count"]), spared, error,
                )  # fmt: skip


def _worse(parts: Sequence[Row], whole: Row, bad: str, of: str) -> Iterator[tuple[Row, float, float]]:
    """Parts with a greater bad share than the rest: the part, by how much (shrunken), and the posterior deviation."""
    known = [row for row in parts if ENOUGH <= row[of] <= whole[of] - ENOUGH]
    if not known:
        return
    here, there = zip(
        *((_share(r[bad], r[of]), _share(whole[bad] - r[bad], whole[of] - r[of])) for r in known), strict=True
    )
    gaps = np.array([one[0] - other[0] for one, other in zip(here, there, strict=True)])
    variances = np.array([one[1] ** 2 + other[1] ** 2 for one, other in zip(here, there, strict=True)])
    means, left = shrunk(gaps, variances)
    for row, gap, variance in zip(known, means, left, strict=True):
        if gap > 0:
            yield row, float(gap), float(np.sqrt(variance))


def _share(count: float, n: float) -> tuple[float, float]:
    """Posterior mean and standard deviation of a share under Jeffreys' prior."""
    a, b = count + 0.5, n - count + 0.5
    return a / (a + b), float(np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))))


def _first(rows: Rows, table: str, **equal: Any) -> Row | None:
    return next((row for row in rows.get(table, ()) if all(row[name] == value for name, value in equal.items())), None)
