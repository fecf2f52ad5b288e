"""Procedures: was each step done right, who was asked again after a no, and which steps help, and where."""

from __future__ import annotations

from aboveboard.analyses import procedures
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""
    events, playbook, moment = job.events, job.playbook, job.as_of
    return [
        Step("duties", "holding visits against procedures", lambda: procedures.duties(events, playbook, as_of=moment)),
        Step("insistence", "who was asked again", lambda: procedures.insistence(events, playbook, as_of=moment)),
        Step(
            "steps",
            "which steps help the customer",
            lambda: procedures.steps(events, playbook, duties=job.kept["duties"], as_of=moment),
        ),
    ]
