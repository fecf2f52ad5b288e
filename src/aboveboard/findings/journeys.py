"""What customers' answers show: the touchpoints at which journeys lose more than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.findings import comparing, sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

MATERIAL = 2.0
"""A touchpoint fewer points below the others than this is no finding, however sure the difference."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "touchpoint.loses-points",
        "Customers rate this touchpoint lower than the others.",
        "20 or more customers on both sides, different from the other touchpoints of the measure at a false-discovery rate of "
        "5 %, and at least 2 of 100 points lower.",
        ("touchpoint", "measure"),
        "touchpoints",
    ),
)
_METHOD = (
    "mean with customers as clusters, Student's t interval; normal test against the others, false-discovery rate 5 %",
    f"Cochran (1977), Sampling Techniques, section 6.4; {comparing.BENJAMINI_HOCHBERG}",
)


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `touchpoints` (a missing table says nothing)."""
    for one in rows(tables, "touchpoints"):
        if one["differs"] and one["rest_score"] - one["score"] >= MATERIAL:
            yield _loses_points(one)


def _loses_points(one: Row) -> Finding:
    score, rest = f"{one['score']:.0f}", f"{one['rest_score']:.0f}"
    answers = sentences.counted(one["answers_count"], "answer", "answers")
    return Finding(
        "touchpoint.loses-points",
        {"touchpoint": one["touchpoint"], "measure": one["measure"]},
        f"{sentences.quoted(one['touchpoint'])} scores {score} of 100 on {one['measure']} "
        f"({one['score_low']:.0f}–{one['score_high']:.0f}, {answers}); the other touchpoints {rest}. It takes "
        f"{sentences.percent(one['points_lost_share'])} of all points lost.",
        Evidence(one["answers_count"], one["score"], "points", one["score_low"], one["score_high"], *_METHOD),
        "Read what customers wrote there, and look at the promises, rules and steps in play at this touchpoint.",
        weight=one["answers_count"] * (one["rest_score"] - one["score"]) / 100,
        table="touchpoints",
        where={"touchpoint": one["touchpoint"], "measure": one["measure"]},
    )
