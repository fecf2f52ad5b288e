"""Enablement: what teams miss, whether they were answered, and the promises that they break."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import enablement
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""
    kept = job.kept

    @cache
    def study() -> enablement.Study:
        return enablement.studied(job.events, job.playbook, as_of=job.as_of)

    return [
        Step(
            "pulse",
            "what teams miss",
            lambda: enablement.pulse(study(), promises=kept.get("promises"), zone=job.playbook.timezone),
        ),
        Step("pulse_replies", "whether they were answered", lambda: enablement.replies(study())),
        Step("pulse_links", "what goes with broken promises", lambda: enablement.links(kept["pulse"])),
    ]
