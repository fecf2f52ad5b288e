"""Journeys: the customers' own scores, what they are made of, what is left of the budgets, and what to do first."""

from __future__ import annotations

from aboveboard.analyses import journeys
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Promise outcomes are read where they were made before; so are the others' tables."""
    events, playbook, moment, kept = job.events, job.playbook, job.as_of, job.kept
    return [
        Step("measure_scores", "how we are rated", lambda: journeys.measures(events, playbook, as_of=moment)),
        Step(
            "survey_response",
            "who answered",
            lambda: journeys.response(events, playbook, promises=kept.get("promises"), as_of=moment),
        ),
        Step("measure_trend", "how far from perfect", lambda: journeys.trend(events, playbook, as_of=moment)),
        Step("journeys", "how each journey went", lambda: journeys.journeys(events, playbook, as_of=moment)),
        Step("touchpoints", "where journeys lose points", lambda: journeys.touchpoints(events, playbook, as_of=moment)),
        Step(
            "drivers",
            "what satisfaction is made of",
            lambda: journeys.drivers(events, playbook, promises=kept.get("promises"), as_of=moment),
        ),
        Step(
            "touchpoint_budgets",
            "what may still go wrong",
            lambda: journeys.budgets(events, playbook, promises=kept.get("promises"), as_of=moment),
        ),
        Step("small_steps", "what to do first", lambda: journeys.small_steps(events, kept, playbook, as_of=moment)),
    ]
