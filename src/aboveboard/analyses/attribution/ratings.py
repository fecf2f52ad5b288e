"""What was each rating caused by? Weights over employees, policies, promises, processes and products: table RATINGS.

A rating is of all that came before it, not of whoever held the ticket last. What came before is a row of moments: touches (all
that one party did towards the customer without a pause of half an hour is one) and breakdowns that befell the customer between
them. Every moment counts the same (the touch share of linear multi-touch attribution). In a moment take part whoever acted and
all breakdowns known by then, and each had to be there for the moment to be what it was. That is a sum of unanimity games, and
Shapley's value divides each equally among those who take part (Shapley 1953, A value for n-person games, Annals of
Mathematics Studies 28, 307–317: efficiency, symmetry, dummy and additivity allow no other division).

Weights hang on nothing that came after the rating, so they are frozen when it is given: to assign the ticket anew, to close it or
to keep the promise at last changes none of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.attribution import moments
from aboveboard.analyses.attribution.ratings_table import RATINGS
from aboveboard.analyses.shared import horizon
from aboveboard.ledger import epochs

PAUSE = timedelta(minutes=30)
"""What one party does without a longer pause is one touch."""
REACH = timedelta(days=7)
"""The customer's other matters belong to the rating back to the first pause as long as this; its own subject's always do."""
_CAUSE = ("cause", "name", "employee")


def ratings(
    events: Any,
    *,
    as_of: datetime | None = None,
    pause: timedelta = PAUSE,
    reach: timedelta = REACH,
    promises: Any = None,
    handoffs: Any = None,
    claims: Any = None,
    contradictions: Any = None,
    insistence: Any = None,
) -> Any:
    """Weigh every `survey.answered` and `review.posted` that has a value: table RATINGS, as a query.

    The tables are those of these names, where they were made before. A breakdown counts where its event came before the rating,
    on its subject or to its customer, and was known by then: a promise whose time was over, a hand-off lost for as long as makes
    it lost, a claim whose time to be borne out was over. `as_of` defaults to
    the last time in the events.
    """
    timed, _ = horizon.until(events, as_of)
    rated = _rated(timed, reach)
    before = _before(timed, rated, reach)
    found = {"promises": promises, "handoffs": handoffs, "claims": claims, "contradictions": contradictions}
    known = moments.breakdowns(before, found | {"insistence": insistence})
    touched = moments.touches(before, horizon.width(pause, name="pause"))
    divided = _divided(touched, known)
    return _shaped(rated, divided)


def _rated(timed: Any, reach: timedelta) -> Any:
    asked = timed.type.isin(["survey.answered", "review.posted"]) & timed.value.notnull()
    rows = _in_matters(timed, reach).filter(asked)
    return rows.select(
        rating="id",
        rated_at="at",
        given_at="time",
        measure=(rows.type == "review.posted").ifelse("review", rows.outcome),
        score="value",
        subject="subject",
        customer="customer",
        matter="matter",
    )


def _in_matters(timed: Any, reach: timedelta) -> Any:
    """The events with `matter`: how many long pauses the customer's record had up to then. Later events do not change it."""
    in_turn = ibis.window(group_by="customer", order_by=["at", "id"])
    gap = timed.at - timed.at.lag().over(in_turn)
    begun = timed.mutate(new=(gap > horizon.width(reach, name="reach")).fill_null(False).ifelse(1, 0))
    sums = begun.new.sum().over(ibis.cumulative_window(group_by="customer", order_by=["at", "id"]))
    return begun.mutate(matter=begun.customer.isnull().ifelse(ibis.null("int64"), sums.cast("int64")))


def _before(timed: Any, rated: Any, reach: timedelta) -> Any:
    """The events up to each rating, on its subject or in the same matter of its customer, once each; ratings are no cause."""
    acts = _in_matters(timed, reach)
    acts = acts.filter(~acts.type.isin(["survey.answered", "review.posted"]))
    whose = rated.select("rating", "rated_at", r_subject="subject", r_customer="customer", r_matter="matter")
    same_subject = acts.inner_join(whose, [acts.subject == whose.r_subject, acts.at <= whose.rated_at])
    same_matter = acts.inner_join(
        whose, [acts.customer == whose.r_customer, acts.matter == whose.r_matter, acts.at <= whose.rated_at]
    )
    columns = [*timed.columns, "rating", "rated_at"]
    other = same_matter.filter((same_matter.subject != same_matter.r_subject).fill_null(True))
    return same_subject.select(columns).union(other.select(columns))


def _divided(touched: Any, known: Any) -> Any:
    """Each rating's causes with their parts: every moment the same, and each equally among those who take part."""
    own = known.filter(known.moment).select(*moments.MOMENT, *_CAUSE)
    actors = touched.select(*moments.MOMENT, *_CAUSE).union(own)
    there = actors.select(*moments.MOMENT).inner_join(known.select("rating", *_CAUSE, known_from="at"), "rating")
    standing = there.filter(there.known_from <= there.until).select(*moments.MOMENT, *_CAUSE)
    parts = actors.union(standing).distinct()
    parts = parts.mutate(sharers=parts.count().over(group_by=["rating", "number"]))
    total = actors.group_by("rating").aggregate(of_count=actors.number.nunique())
    joined = parts.inner_join(total, "rating")
    return joined.group_by("rating", *_CAUSE, "of_count").aggregate(
        weight=(1 / joined.sharers / joined.of_count).sum(),
        moments_count=joined.number.nunique(),
        first_at=joined.at.min(),
    )


def _shaped(rated: Any, divided: Any) -> Any:
    rows = rated.left_join(divided, "rating")
    cause = ibis.coalesce(rows.cause, "unknown")
    return rows.mutate(
        cause=cause,
        side=ibis.cases((cause == "employee", "employee"), (cause == "unknown", "unknown"), else_="system"),
        weight=ibis.coalesce(rows.weight, 1.0).cast("float64"),
        moments_count=ibis.coalesce(rows.moments_count, 0).cast("int64"),
        of_count=ibis.coalesce(rows.of_count, 0).cast("int64"),
        first_at=epochs.moment(rows.first_at),
    ).select(*RATINGS.columns)
