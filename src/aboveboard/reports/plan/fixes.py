"""Fixes: did each change end what it was made for, from one set of studies."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import fixes
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Promises, steps and problems are read where they were judged before."""

    @cache
    def studies() -> list[fixes.Study]:
        return fixes.studies(
            job.events,
            job.playbook,
            promises=job.kept.get("promises"),
            duties=job.kept.get("duties"),
            problems=job.kept.get("problems"),
            occasions=job.kept.get("occasions"),
            as_of=job.as_of,
        )

    return [
        Step("fixes", "whether fixes worked", lambda: fixes.fixes(studies())),
        Step("fix_weeks", "what would have been without them", lambda: fixes.weeks(studies())),
    ]
