"""Survey answers, each as a part of its own scale: 0 the worst answer, 1 the best."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.shared import horizon
from aboveboard.playbook.model import Measure, Playbook

LOW_IS_BEST = ("hard", "bad")


def answers(events: Any, playbook: Playbook, *, as_of: datetime | None) -> Any:
    """The answers at touchpoints: those of `given` that name one."""
    rated = given(events, playbook, as_of=as_of)
    return rated.filter(rated.touchpoint.notnull())


def given(events: Any, playbook: Playbook, *, as_of: datetime | None) -> Any:
    """One row per answer: event, time, subject, customer, touchpoint, channel, team, measure, value, quality (0–1), good.

    Subject, customer, touchpoint, channel and team are absent where the answer names none; `good` is a boolean, absent where
    the playbook says no `good_from`.

    An answer counts where it names a measure of the playbook and lies on that measure's scale: one outside it is a
    mistake of the export, not a customer more than delighted.
    """
    asked = claimed(events, playbook, as_of=as_of)
    rated = asked.mutate(
        quality=_by_measure(asked, playbook.measures.values(), _quality, "float64"),
        good=_by_measure(asked, playbook.measures.values(), _good, "boolean"),
    )
    on_scale = rated.filter(rated.quality >= 0, rated.quality <= 1)
    return on_scale.select(
        "time", "subject", "customer", "touchpoint", "channel", "team", "value", "quality", "good",
        event="id", measure="outcome",
    )  # fmt: skip


def claimed(events: Any, playbook: Playbook, *, as_of: datetime | None) -> Any:
    """The events `survey.answered` of a measure of the playbook that carry a value, on its scale or not."""
    timed, _ = horizon.until(events, as_of)
    return timed.filter(
        timed.type == "survey.answered",
        timed.outcome.isin(list(playbook.measures) or [""]),
        timed.value.notnull(),
    )


def whose(rated: Any) -> Any:
    """Who is the witness of an answer: the customer, else the subject, else nobody but the answer itself."""
    return ibis.coalesce(rated.customer, rated.subject, rated.event)


def _by_measure(asked: Any, measures: Iterable[Measure], value: Any, type: str) -> Any:
    cases = [(asked.outcome == measure.name, value(asked.value, measure)) for measure in measures]
    return ibis.cases(*cases, else_=ibis.null(type)).cast(type) if cases else ibis.null(type)


def _quality(value: Any, measure: Measure) -> Any:
    low, high = measure.scale
    share = (value - low) / (high - low)
    return 1 - share if measure.high_is in LOW_IS_BEST else share


def _good(value: Any, measure: Measure) -> Any:
    if measure.good_from is None:
        return ibis.null("boolean")
    return value <= measure.good_from if measure.high_is in LOW_IS_BEST else value >= measure.good_from
