"""Promises: what became of each, then everything that is asked of the outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aboveboard.analyses import claims, promises
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""

    def of_outcomes(analysis: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: analysis(job.kept["promises"], job.playbook, as_of=job.as_of)

    return [
        Step(
            "promises",
            "following every promise",
            lambda: promises.outcomes(_with_words(job), job.playbook, as_of=job.as_of),
        ),
        Step("promise_summary", "how often each is kept", of_outcomes(promises.summary)),
        Step("every_time", "for whom every one was kept", of_outcomes(promises.every_time)),
        Step("promise_slices", "where they break", of_outcomes(promises.slices)),
        Step("promise_trend", "whether it gets better", of_outcomes(promises.trend)),
        Step("error_budgets", "how fast budgets are spent", of_outcomes(promises.budgets)),
        Step("deliverability", "what could be promised", of_outcomes(promises.deliverability)),
    ]


def _with_words(job: Job) -> Any:
    """The events, with what was promised in messages where anything was."""
    made = job.kept["commitments"]
    some = job.ledger.arrow(made.filter(made.counted).limit(1)).num_rows
    return claims.with_promises(job.events, made) if some else job.events
