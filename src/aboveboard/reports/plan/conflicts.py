"""Conflicts: which rules cannot all be kept, proved once, then laid over the promises that were made."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aboveboard.analyses import conflicts
from aboveboard.reports.plan.job import Job, Step

if TYPE_CHECKING:
    from aboveboard.prover import Proof


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Real cases are read where promises were followed before."""

    @cache
    def proof() -> Proof:
        return conflicts.proof(job.playbook, as_of=job.as_of)

    return [
        Step(
            "conflicts",
            "which rules cannot all be kept",
            lambda: conflicts.conflicts(proof(), job.events, job.kept["promises"], job.playbook),
        ),
        Step("conflict_edits", "what would free them", lambda: conflicts.edits(proof())),
        Step("conflict_boxes", "where they bite", lambda: conflicts.boxes(proof(), job.playbook)),
        Step(
            "conflict_cases",
            "whom they struck",
            lambda: conflicts.cases(proof(), job.events, job.kept["promises"], job.playbook),
        ),
        Step("rule_remarks", "what else the rules show", lambda: conflicts.remarks(proof(), job.events)),
    ]
