"""Exceptions and authority: what was asked, what came of it, which rules should change, and what that would have done."""

from __future__ import annotations

from aboveboard.analyses import exceptions
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""
    kept, book, moment = job.kept, job.playbook, job.as_of
    return [
        Step(
            "exception_requests",
            "who asked for an exception",
            lambda: exceptions.requests(job.events, book, as_of=moment),
        ),
        Step(
            "policy_ordinary",
            "what becomes of ordinary cases",
            lambda: exceptions.ordinary(job.events, kept["exception_requests"], book, as_of=moment),
        ),
        Step(
            "policy_relaxations",
            "which part of a rule does no harm",
            lambda: exceptions.relaxations(kept["exception_requests"], job.events, kept["policy_ordinary"], book),
        ),
        Step(
            "policies",
            "which rules should change",
            lambda: exceptions.policies(
                job.events,
                kept["exception_requests"],
                kept["policy_ordinary"],
                kept["policy_relaxations"],
                book,
                as_of=moment,
            ),
        ),
        Step(
            "policy_clauses",
            "which clause of them",
            lambda: exceptions.clauses(job.events, kept["exception_requests"], kept["policy_ordinary"], book),
        ),
        Step(
            "policy_replay",
            "what would have happened",
            lambda: exceptions.replay(job.events, kept["exception_requests"], kept["policies"], book),
        ),
    ]
