"""Escalations: what became of each, then how often and how quickly."""

from __future__ import annotations

from aboveboard.analyses import escalations
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Episodes and the verdicts on policies are read where they were made before."""
    kept = job.kept
    return [
        Step(
            "escalations",
            "following every escalation",
            lambda: escalations.escalations(
                job.events,
                job.playbook,
                members=kept.get("episode_events"),
                policies=kept.get("policies"),
                as_of=job.as_of,
            ),
        ),
        Step(
            "escalation_summary",
            "what asking higher up changed",
            lambda: escalations.summary(kept["escalations"], as_of=job.as_of),
        ),
    ]
