"""Denials and abuse: whose record is unlike that of honest customers, what was refused, and on what evidence."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import exceptions
from aboveboard.analyses.exceptions import Judgement
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables, in order. Records are judged once, for the findings of today and the refusals of then."""

    @cache
    def judgement() -> Judgement:
        return exceptions.judge(job.events, as_of=job.as_of)

    return [
        Step("abuse", "whose record of abuse is long", lambda: exceptions.abuse(judgement())),
        Step(
            "denials",
            "what was refused, and why",
            lambda: exceptions.denials(job.events, judgement(), as_of=job.as_of),
        ),
        Step(
            "denial_summary",
            "which rules are refused without evidence",
            lambda: exceptions.denial_summary(job.kept["denials"]),
        ),
    ]
