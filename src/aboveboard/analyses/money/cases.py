"""Who was let down, and who was not: each customer's first case of a cause, and what was known when it began."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.ledger import attributes, epochs

PROMISE, PROBLEM = "promise:", "problem:"
ENDED = ("kept", "late", "broken")
WINDOWS = (365, 180, 90, 60, 30, 21, 14, 7)
"""Days for which customers may be followed: the longest is taken for which half of them have been."""
DAY = 86_400 * epochs.SECOND
_COLUMNS = ("cause", "customer", "event", "subject", "struck", "made", "due")


def of_promises(promises: Any) -> Any:
    """The first ended promise of each kind to each customer: cause, customer, event, subject, struck (0 or 1), made, due.

    The first alone, because later ones are made only to those who stayed: who was let down and left has none. Times are
    microseconds since 1970.
    """
    ended = promises.filter(
        promises.outcome.isin(list(ENDED)),
        promises.customer.notnull(),
        promises.due_at.notnull(),
        promises.event.notnull(),
    )
    told = ended.select(
        "customer",
        "event",
        "subject",
        cause=ibis.literal(PROMISE) + ended.promise,
        struck=(ended.outcome == "kept").ifelse(0, 1).cast("int64"),
        made=epochs.micros(ended.made_at),
        due=epochs.micros(ended.due_at),
    )
    return first(told.select(*_COLUMNS))


def of_problems(timed: Any, promise_cases: Any | None, members: Any | None) -> Any:
    """The same for known problems.

    `members` names the customers of problems that are of a promise (problem, promise, customer): their cases are those of
    the promise, the kept ones being the peers. Problems that only the events name (`attributes.problem`) are set against the
    first subjects of the same type (`order:…`) of customers without the problem, followed from when the subject began.
    """
    recorded = _of_attributes(timed)
    if members is None or promise_cases is None:
        return recorded
    known = _of_members(promise_cases, members)
    # A problem that is both of a promise and on record is one problem.
    rest = recorded.anti_join(known.select("cause").distinct(), "cause")
    return ibis.union(known, rest, distinct=False)


def first(told: Any) -> Any:
    """The earliest case of each cause and customer."""
    ranked = told.mutate(rank=ibis.row_number().over(group_by=["cause", "customer"], order_by=[told.made, told.event]))
    return ranked.filter(ranked["rank"] == 0).drop("rank")


def struck_customers(promises: Any) -> Any:
    """How many customers were ever let down, per promise: cause, struck."""
    missed = promises.filter(promises.outcome.isin(["late", "broken"]), promises.customer.notnull())
    return missed.group_by(cause=ibis.literal(PROMISE) + missed.promise).aggregate(struck=missed.customer.nunique())


def followed(cases: Any, end: Any) -> Any:
    """Per cause, how many first cases have been followed for each of WINDOWS, and how many there are."""
    columns = {f"days_{days}": (cases.due + days * DAY <= end).ifelse(1, 0).sum().cast("int64") for days in WINDOWS}
    return cases.group_by("cause").aggregate(n=cases.count(), **columns)


def window(counts: dict[str, int]) -> int | None:
    """The longest window for which at least half of the cases have been followed; None where there is none."""
    return next((days for days in WINDOWS if 2 * counts[f"days_{days}"] >= counts["n"]), None)


def _of_members(promise_cases: Any, members: Any) -> Any:
    mine = members.filter(members.promise.notnull(), members.customer.notnull())
    cause, of = ibis.literal(PROBLEM) + mine.problem, ibis.literal(PROMISE) + mine.promise
    named = mine.select("customer", problem_cause=cause, cause=of).distinct()
    hit = promise_cases.filter(promise_cases.struck == 1).inner_join(named, ["cause", "customer"])
    spared = promise_cases.filter(promise_cases.struck == 0).inner_join(
        named.select("problem_cause", "cause").distinct(), "cause"
    )
    both = ibis.union(
        hit.select("problem_cause", *_COLUMNS[1:]), spared.select("problem_cause", *_COLUMNS[1:]), distinct=False
    )
    return both.rename(cause="problem_cause").select(*_COLUMNS)


def _of_attributes(timed: Any) -> Any:
    tied = timed.filter(timed.subject.notnull())
    named = tied.select("subject", "customer", "at", "id", problem=attributes.text(tied, "problem"))
    typed = named.mutate(sort=named.subject.re_extract("^([^:]*):", 1))
    known = typed.filter(typed.problem.notnull())
    kinds = known.group_by(["problem", "sort"]).aggregate(n=known.count())
    begun = typed.group_by(["sort", "subject"]).aggregate(
        customer=typed.customer.min(), made=typed["at"].min(), event=typed.id.min()
    )
    own = begun.filter(begun.customer.notnull()).inner_join(kinds.select("problem", "sort"), "sort")
    hit = known.select("problem", "subject").distinct().mutate(hit=ibis.literal(1, type="int64"))
    joined = own.left_join(hit, ["problem", "subject"])
    told = joined.select(
        "customer", "event", "subject", "made", cause=ibis.literal(PROBLEM) + joined.problem,
        struck=joined.hit.fill_null(0).cast("int64"), due=joined.made,
    )  # fmt: skip
    return first(told.select(*_COLUMNS))
