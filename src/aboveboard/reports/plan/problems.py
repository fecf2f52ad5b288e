"""Problems: which cases share a cause, who was affected, and what contributes, from everything that was found before."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import problems
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. They read what the other families made; what is missing is left out."""
    events, playbook, moment, kept = job.events, job.playbook, job.as_of, job.kept

    @cache
    def found() -> problems.Clusters:
        return problems.clusters(events, kept["occasions"], playbook, as_of=moment)

    return [
        Step(
            "occasions",
            "gathering what went wrong",
            lambda: problems.occasions(events, playbook, tables=kept, as_of=moment),
        ),
        Step(
            "problem_cases",
            "looking for cases with one cause",
            lambda: problems.cases(events, found(), playbook, as_of=moment),
        ),
        Step(
            "problems",
            "counting whom each struck",
            lambda: problems.problems(found(), kept["problem_cases"], playbook),
        ),
        Step(
            "problem_factors",
            "what contributes to each",
            lambda: problems.factors(events, found(), playbook, tables=kept, as_of=moment),
        ),
    ]
