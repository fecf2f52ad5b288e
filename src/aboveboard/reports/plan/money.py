"""Money: what customers do after they were let down, and what it costs. The ledger is read once for all of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from aboveboard.analyses import money
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Promise outcomes, and whom a problem struck, are read where they were made before."""

    @cache
    def study() -> money.Study:
        return money.study(job.events, job.kept.get("promises"), job.playbook, members=_members(job), as_of=job.as_of)

    return [
        Step("consequences", "what customers do after they were let down", lambda: money.consequences(study())),
        Step("value_at_stake", "what it costs", lambda: money.value_at_stake(study())),
        Step("cost_to_serve", "where the work after it goes", lambda: money.cost_to_serve(study())),
    ]


def _members(job: Job) -> Any | None:
    """The customers of the problems that are of a promise: problem, promise, customer."""
    if "problems" not in job.kept or "problem_cases" not in job.kept:
        return None
    of = job.kept["problems"].select("problem", "promise")
    return (
        job.kept["problem_cases"]
        .select("problem", "customer")
        .inner_join(of, "problem")
        .select("problem", "promise", "customer")
    )
