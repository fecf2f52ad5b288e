"""Journeys: the customers' own scores, journey by journey and touchpoint by touchpoint."""

from __future__ import annotations

from aboveboard.analyses import journeys
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""
    events, playbook, moment = job.events, job.playbook, job.as_of
    return [
        Step("journeys", "how each journey went", lambda: journeys.journeys(events, playbook, as_of=moment)),
        Step("touchpoints", "where journeys lose points", lambda: journeys.touchpoints(events, playbook, as_of=moment)),
    ]
