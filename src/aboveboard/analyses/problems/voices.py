"""What customers said to us: what counts as a complaint, as another word, and as a bad answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

if TYPE_CHECKING:
    from aboveboard.playbook.model import Measure, Playbook

COMPLAINED, ASKED, SILENT = "complained", "asked", "silent"
_COMPLAINTS = ("complaint.received", "case.reopened")
_WORDS = (
    "contact.started",
    "message.received",
    "survey.answered",
    "review.posted",
    "exception.requested",
    "post.published",
)
_LOW_IS_BEST = ("hard", "bad")
_DETRACTOR = 6
REVIEWS = "review"
"""What reviews are called where they are scored, but answer no measure of the playbook: stars from 1 to 5."""


def rated(timed: Any, playbook: Playbook) -> Any:
    """Answers and reviews with a value on their scale: all columns of the events, `measure`, and `bad`.

    Bad is an answer in the worse half of its scale; of an NPS, a detractor (0–6). A review whose `outcome` names no
    measure of the playbook is read as 1 to 5 stars, 1 and 2 are bad.
    """
    heard = timed.filter(timed.type.isin(["survey.answered", "review.posted"]), timed.value.notnull())
    stars = (heard.type == "review.posted") & ~heard.outcome.isin(list(playbook.measures) or [""]).fill_null(False)
    cases = [
        (
            heard.outcome == each.name,
            heard.value.between(*each.scale).ifelse(_bad(heard.value, each), ibis.null("boolean")),
        )
        for each in playbook.measures.values()
    ]
    star = heard.value.between(1, 5).ifelse(heard.value <= 2, ibis.null("boolean"))
    bad = ibis.cases((stars, star), *cases, else_=ibis.null("boolean"))
    named = heard.mutate(measure=stars.ifelse(REVIEWS, heard.outcome), bad=bad)
    return named.filter(named.bad.notnull())


def _bad(value: Any, measure: Measure) -> Any:
    if measure.name == "nps":
        return value <= _DETRACTOR
    middle = sum(measure.scale) / 2
    return value > middle if measure.high_is in _LOW_IS_BEST else value < middle


def voices(timed: Any, playbook: Playbook) -> Any:
    """Every word of a customer to us: subject, customer, at (microseconds), loud (2 a complaint, 1 any other word)."""
    bad = rated(timed, playbook)
    complaints = timed.filter(timed.type.isin(_COMPLAINTS))
    words = timed.filter(timed.type.isin(_WORDS))
    parts = [(bad.filter(bad.bad), 2), (complaints, 2), (words, 1)]
    lines = [part.select("subject", "customer", "at", loud=ibis.literal(loud, type="int64")) for part, loud in parts]
    return ibis.union(*lines, distinct=False)
