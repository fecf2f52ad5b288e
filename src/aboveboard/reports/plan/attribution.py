"""System or person: what of the differences between cases goes with whom, from one set of models."""

from __future__ import annotations

from functools import cache
from typing import Any

from aboveboard.analyses import attribution
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. Whether promises were kept is read where they were followed before."""

    @cache
    def models() -> list[attribution.Model]:
        return attribution.models(job.events, job.kept.get("promises"), job.playbook, as_of=job.as_of)

    @cache
    def judged() -> attribution.Judged:
        resolved = next((model for model in models() if model.cells.outcome == "resolved"), None)
        return attribution.judged(job.events, resolved, job.playbook, as_of=job.as_of)

    def substitution() -> Any:
        return attribution.substitution(job.events, job.playbook, as_of=job.as_of)

    return [
        Step("variance", "what is the system's and what the person's", lambda: attribution.variance(models())),
        Step("effects", "what goes with each team, rule and hour", lambda: attribution.effects(models())),
        Step("people", "a bad day, a change, or neither", lambda: attribution.people(judged())),
        Step("own_charts", "each employee's own record", lambda: attribution.own_charts(judged())),
        Step("substitution", "how it ended when others stood there", substitution),
        Step("ratings", "what each rating was caused by", lambda: _ratings(job)),
    ]


def _ratings(job: Job) -> Any:
    """Divided by the breakdowns that the other families found."""
    kept = job.kept
    return attribution.ratings(
        job.events,
        as_of=job.as_of,
        promises=kept.get("promises"),
        handoffs=kept.get("handoffs"),
        claims=kept.get("claims"),
        contradictions=kept.get("contradictions"),
        insistence=kept.get("insistence"),
    )
