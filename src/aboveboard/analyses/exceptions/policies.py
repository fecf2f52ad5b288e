"""Which rules work only when someone bends them? A verdict per policy, and per clause, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from aboveboard.analyses.exceptions import doubt, features, harm, judging, margins, tallies
from aboveboard.analyses.exceptions.features import Asked
from aboveboard.analyses.exceptions.margins import Cases
from aboveboard.analyses.exceptions.relaxations import estimate
from aboveboard.analyses.exceptions.requests import UNKNOWN
from aboveboard.analyses.exceptions.suggestions import suggestions
from aboveboard.analyses.exceptions.tables import CLAUSES, POLICIES
from aboveboard.analyses.shared import arrays, discoveries
from aboveboard.analyses.shared.survival import Estimate
from aboveboard.playbook.model import Playbook

RATE = 0.05
"""At most so many of the proposals, and of the claims of harm, are false."""
EVERY_REQUEST, ALWAYS = "every request", "true"
Row = dict[str, Any]
_NOTHING = Estimate(np.nan, np.nan, np.nan)
_NONE: Row = dict.fromkeys(
    ("requests_count", "granted_count", "denied_count", "undecided_count", "levels_count", "climbed_count",
     "climbed_granted_count", "harm_count", "followed_count", "censored_count"), 0
)  # fmt: skip
"""The counts of a rule that nobody asked to bend."""


@dataclass(frozen=True)
class _Judged:
    """One rule: what the table says of it so far, and what the verdict is given by."""

    row: Row
    record: judging.Record


def policies(
    events: Any, requests: Any, ordinary: Any, relaxations: Any, playbook: Playbook, *, as_of: datetime | None = None
) -> Any:
    """One row per policy of the playbook, and per policy that only events speak of: table POLICIES (see `tables`).

    `requests`, `ordinary` and `relaxations` are the tables of those names. The verdict is that of `judging.verdict`; of
    the proposals (“harm is within the margin”, “those above nearly always grant”) over all policies at most 5 % are
    false (Benjamini and Hochberg), and as many of the claims that harm is beyond the margin. Executes.
    """
    confirmed = _confirmed(relaxations)
    said, known = suggestions(events, as_of=as_of), features.asked(requests, events)
    counted, beside = tallies.tallies(requests, "policy"), harm.cells(ordinary, "policy")
    followed, subjects = tallies.harmed(requests, playbook, "policy"), tallies.granted_subjects(requests)
    names = [*playbook.policies, *sorted({key[0] for key in counted} | said.keys() - playbook.policies.keys())]
    judged = []
    for name in dict.fromkeys(names):
        key, policy = (name,), playbook.policies.get(name, UNKNOWN)
        found = _judge(
            counted.get(key),
            followed.get(key),
            beside.get(key),
            policy.harm_margin,
            known.of(known.rows["policy"] == name),
        )
        found.row.update(
            {"policy": name, "says": policy.says or None, "owner": policy.owner, **_unsaid(said.get(name))}
        )
        found.row.update(_exceptions(subjects.get(key), beside.get(key)))
        judged.append(found)
    return arrays.rows_to_table(POLICIES, _with_verdicts(judged, playbook, confirmed))


def clauses(events: Any, requests: Any, ordinary: Any, playbook: Playbook) -> Any:
    """One row per policy and clause that requests name: table CLAUSES, judged as policies are. Executes.

    Clauses are held against the ordinary cases of their policy, and share a false-discovery limit of their own.
    """
    named = requests.filter(requests.clause.notnull())
    by = ("policy", "clause")
    known = features.asked(named, events)
    counted, followed = tallies.tallies(named, *by), tallies.harmed(named, playbook, *by)
    beside = harm.cells(ordinary, "policy")
    judged = []
    for key in counted:
        policy = playbook.policies.get(key[0], UNKNOWN)
        mine = (known.rows["policy"] == key[0]) & (known.rows["clause"] == key[1])
        found = _judge(counted[key], followed.get(key), beside.get(key[:1]), policy.harm_margin, known.of(mine))
        found.row.update({"policy": key[0], "clause": key[1]})
        judged.append(found)
    return arrays.rows_to_table(CLAUSES, _with_verdicts(judged, playbook, {}))


def _confirmed(relaxations: Any) -> Mapping[str, tuple[list[str], list[str]]]:
    """Per policy the confirmed regions: in words, and as conditions."""
    table = arrays.cells(relaxations.filter(relaxations.confirmed).order_by("policy", "number"))
    return {
        key[0]: (part["region"].tolist(), part["condition"].tolist()) for key, part in arrays.groups(table, "policy")
    }


def _unsaid(said: Row | None) -> Row:
    return said or {"suggestions_count": 0, "suggestions_unanswered_count": 0}


def _exceptions(subjects: Row | None, beside: arrays.Cells | None) -> Row:
    """How often an exception is granted among all cases under the policy."""
    if subjects is None or beside is None:
        return {}
    cases = subjects["subjects_count"] + int(beside["cases_count"].sum())
    return arrays.estimate_columns("exception_share", estimate(subjects["granted_subjects_count"], cases))


def _judge(
    counted: Row | None, followed: arrays.Cells | None, beside: arrays.Cells | None, margin: float | None, known: Asked
) -> _Judged:
    counts = _NONE | (counted or {})
    cases, ordinary = harm.effective(followed), harm.compared_with(beside)
    auc, what = _doubt(known)
    record = _record(counts, cases, ordinary, margin, auc)
    row = {
        **counts,
        "harm_margin": margin,
        "compared_with": ("ordinary cases" if ordinary else "none") if counts["granted_count"] else None,
        "ordinary_count": 0 if beside is None else int(beside["cases_count"].sum()),
        "within_margin_p": record.judged.within_p,
        "beyond_margin_p": record.judged.beyond_p,
        "approval_p": _above_p(counts) if record.mostly_above else None,
        "tolerated_harm_share": float(np.clip(record.tolerated, 0, 1)),
        "doubt": what or None,
    }
    shares = {"approval_share": record.approval, "climbed_share": record.climbed, "climbed_approval_share": record.above,
              "harm_share": record.harm, "ordinary_harm_share": ordinary.share() if ordinary else _NOTHING,
              "harm_difference": record.judged.difference, "auc": auc}  # fmt: skip
    for name, share in shares.items():
        row |= arrays.estimate_columns(name, share)
    return _Judged(row, record)


def _record(counts: Row, cases: Cases, ordinary: Cases | None, margin: float | None, auc: Estimate) -> judging.Record:
    decided = counts["granted_count"] + counts["denied_count"]
    approval, after = estimate(counts["granted_count"], decided), cases.share()
    usual = ordinary.share().value if ordinary else 0.0
    return judging.Record(
        decided=decided,
        followed=counts["followed_count"],
        approval=approval,
        climbed=estimate(counts["climbed_count"], counts["levels_count"]),
        above=estimate(counts["climbed_granted_count"], counts["climbed_count"]),
        harm=after,
        judged=margins.judge(cases, ordinary, margin),
        margin=margin,
        auc=auc,
        tolerated=judging.tolerated(approval.value, after.value, usual, margin),
        compared=ordinary is not None,
    )


def _above_p(counts: Row) -> float | None:
    """p that those above the level asked grant at most nine in ten; None where they decided too few."""
    enough = counts["climbed_count"] >= judging.ENOUGH
    return judging.approval_p(counts["climbed_granted_count"], counts["climbed_count"]) if enough else None


def _doubt(known: Asked) -> tuple[Estimate, str]:
    """What the approver's doubt tells, of requests decided above the level asked where there are any, else of all decided."""
    decided = known.rows["outcome"] != "undecided"
    above = decided & np.array([one is not None and one == 1 for one in known.rows["climbed"]], dtype=bool)
    seen = known.of(above if above.any() else decided)
    # Harm that has shown is known, however young the case; no harm is known only of those followed to the end.
    shown = ~np.isnan(seen.rows["harm_minutes"].astype(float))
    harmed = np.where(shown, 1.0, np.where(seen.followed, 0.0, np.nan))
    refused = seen.rows["outcome"] == "denied"
    minutes = seen.rows["waiting_minutes"].astype(float)
    return doubt.discrimination(features.codes(seen), minutes, seen.half, refused, harmed)


def _with_verdicts(
    judged: Sequence[_Judged], playbook: Playbook, confirmed: Mapping[str, tuple[list[str], list[str]]]
) -> Iterable[Row]:
    """The rows with verdict and reason, the false-discovery limits held over all of them together."""
    within, always = _stands(judged, "within_margin_p", "approval_p")
    (beyond,) = _stands(judged, "beyond_margin_p")
    for found, is_within, is_always, is_beyond in zip(judged, within, always, beyond, strict=True):
        words, conditions = confirmed.get(found.row["policy"], ([], []))
        verdict = judging.verdict(found.record, within=is_within, always=is_always, beyond=is_beyond, regions=words)
        said = {"verdict": verdict.word, "why": verdict.why}
        yield {**found.row, **said, **_proposal(found, verdict, words, conditions, playbook)}


def _stands(judged: Sequence[_Judged], *columns: str) -> list[list[bool]]:
    """Which claims hold at the false-discovery rate, all columns counted as one family; what cannot be asked does not count."""
    p = np.array([[_asked(found, column) for found in judged] for column in columns], dtype=float)
    return [list(map(bool, row)) for row in discoveries.benjamini_hochberg(p.ravel(), rate=RATE).reshape(p.shape)]


def _asked(found: _Judged, column: str) -> float:
    p = found.row[column]
    enough = found.record.followed >= judging.ENOUGH or column != "within_margin_p"
    return float(p) if p is not None and enough and found.record.decided >= judging.ENOUGH else float("nan")


def _proposal(
    found: _Judged, verdict: judging.Verdict, words: list[str], conditions: list[str], playbook: Playbook
) -> Row:
    policy = playbook.policies.get(found.row["policy"], UNKNOWN)
    if verdict.word == judging.PUSH:
        lowest = next(iter(policy.authority), None)
        moved = {"proposed_level": lowest, "proposed_limit": found.row.get("cost_p95")}
        return {**moved, "region": EVERY_REQUEST, "condition": ALWAYS}
    if verdict.word != judging.CHANGE:
        return {}
    if not verdict.in_regions:
        return {"region": EVERY_REQUEST, "condition": ALWAYS}
    return {"region": "; or ".join(words), "condition": _either(conditions)}


def _either(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else " or ".join(f"({one})" for one in conditions)
