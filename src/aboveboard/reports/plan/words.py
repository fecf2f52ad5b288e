"""Wording: what was said, remarked on, and under which policy."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import words
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order; the texts are read once for all of them."""

    @cache
    def read() -> words.Read:
        return words.read(job.events, job.playbook, as_of=job.as_of)

    return [
        Step("wording_read", "reading what was said", lambda: read().counts),
        Step("wording", "which words it was said in", lambda: words.wording(read())),
        Step(
            "wording_by_policy",
            "which rule breeds which words",
            lambda: words.by_policy(job.kept["wording"], job.kept["wording_read"]),
        ),
    ]
