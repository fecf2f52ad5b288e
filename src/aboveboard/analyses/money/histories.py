"""What each customer had done before a case and did after it, read from the ledger once for all causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from aboveboard.analyses.money.cases import DAY
from aboveboard.analyses.shared import arrays, buckets, telling
from aboveboard.ledger import local_time

REVENUE = ("payment.received", "order.paid", "order.placed")
"""What counts as money earned: the first of these types that is on record with values."""
PURCHASES = ("order.paid", "order.placed")
FOLDS = 5
YES = ("left", "bought_again")
OUTCOMES = (*YES, "spent", "refunded", "remedies", "contacts", "contact_minutes")
_STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000)
_FEW = (0, 1, 2, 3, 5, 10, 20)
_AGES = (0, 1, 7, 30, 90, 180, 365, 730)
COVARIATES = (
    "touchpoint", "channel", "team", "part_of_day", "weekend", "month", "amount", "allowed", "known_for", "orders_before",
    "contacts_before", "paid_before",
)  # fmt: skip


def histories(
    cases: Any, timed: Any, windows: Mapping[str, int], zone: ZoneInfo, end: int
) -> tuple[Any, tuple[str, ...]]:
    """One row per case whose window was over at `end` (see `cases.window`), and the names of the columns of its case mix.

    Columns: cause, customer, struck, fold, the case mix as text (see COVARIATES, and up to five text attributes of the starting
    event: `attribute_0`, …), OUTCOMES as numbers (yes and no as 1 and 0), paid (money up to the time due). A customer who had
    left before the time due is no case. Everything in the case mix was known when the case began.
    """
    length = ibis.cases(
        *((cases.cause == cause, days * DAY) for cause, days in windows.items()), else_=ibis.null("int64")
    )
    mine = cases.mutate(until=cases.due + length)
    mine = mine.filter(mine.until.notnull(), mine.until <= end)
    lived = _lived(mine, timed)
    joined = mine.inner_join(lived, ["cause", "customer"]).filter(lambda t: t.gone_before == 0)
    return _with_mix(
        joined.select(*mine.columns, *(c for c in lived.columns if c not in ("cause", "customer"))), timed, zone
    )


def _lived(mine: Any, timed: Any) -> Any:
    """Everything counted of each case's customer, before it and in its window."""
    revenue, purchase = _types(timed)
    told = timed.filter(timed.customer.notnull()).select("type", "at", "value", "customer", other_subject=timed.subject)
    pairs = told.inner_join(mine.select("cause", "customer", "subject", "made", "due", "until"), "customer")
    amount = pairs.value.fill_null(0.0)
    before, after = pairs.at < pairs.made, (pairs.at > pairs.due) & (pairs.at <= pairs.until)
    elsewhere = (pairs.other_subject != pairs.subject).fill_null(True)

    def number(condition: Any) -> Any:
        return condition.ifelse(1, 0).sum().cast("int64")

    def total(condition: Any) -> Any:
        return condition.ifelse(amount, 0.0).sum().cast("float64")

    again = after & elsewhere & (pairs.type == purchase)
    return (
        pairs.group_by(["cause", "customer"])
        .aggregate(
            gone_before=number((pairs.type == "customer.left") & (pairs.at <= pairs.due)),
            first_at=pairs.at.min(),
            n_orders=number(before & (pairs.type == purchase)),
            n_contacts=number(before & (pairs.type == "contact.started")),
            n_paid=total(before & (pairs.type == revenue)),
            paid=total((pairs.at <= pairs.due) & (pairs.type == revenue)),
            left=number(after & (pairs.type == "customer.left")),
            bought_again=number(again),
            spent=total(after & elsewhere & (pairs.type == revenue)),
            refunded=total(after & (pairs.type == "payment.refunded")),
            remedies=total(after & (pairs.type == "remedy.given")),
            contacts=number(after & (pairs.type == "contact.started")).cast("float64"),
            contact_minutes=total(after & (pairs.type == "contact.ended")),
        )
        .mutate(**{name: lambda t, name=name: (t[name] > 0).ifelse(1.0, 0.0) for name in YES})
    )


def _types(timed: Any) -> tuple[str, str]:
    """Which type is money earned, and which one a purchase, in this ledger."""
    known = timed.filter(timed.type.isin(list(REVENUE)))
    held = arrays.cells(known.group_by("type").aggregate(valued=known.value.count()))
    valued = {type for type, n in zip(held["type"], held["valued"], strict=True) if n}
    revenue = next((type for type in REVENUE if type in valued), REVENUE[0])
    return revenue, next((type for type in PURCHASES if type in set(held["type"])), PURCHASES[0])


def on_record(timed: Any) -> set[str]:
    """The outcomes of which the ledger holds any event: what nobody writes down cannot be told from never."""
    types = {
        "left": ("customer.left",), "bought_again": PURCHASES, "spent": REVENUE, "refunded": ("payment.refunded",),
        "remedies": ("remedy.given",), "contacts": ("contact.started",), "contact_minutes": ("contact.ended",),
    }  # fmt: skip
    seen = set(arrays.cells(timed.select("type").distinct())["type"])
    return {name for name, of in types.items() if seen & set(of)}


def _with_mix(rows: Any, timed: Any, zone: ZoneInfo) -> tuple[Any, tuple[str, ...]]:
    start = timed.select(
        "touchpoint",
        "channel",
        "team",
        "value",
        "attributes",
        event=timed.id,
        employee=timed.employee,
        began=timed.time,
    )
    full = rows.inner_join(start, "event")
    keys = telling.keys(full.select("cause", "event", "customer", "employee", "attributes"), by="cause", order="event")
    held = {name: telling.attribute(full, keys, place, by="cause") for name, place in telling.places(keys)}
    local = full.mutate(local=local_time.local(full.began, zone), **held)
    hour, day = local.local % 86_400 // 3600, (local.local / 86_400).floor().cast("int64")
    mixed = local.mutate(
        part_of_day=(hour // 3).cast("string"),
        # Day 0 of the count is a Thursday.
        weekend=((day + 3) % 7 >= 5).cast("string"),
        month=(day // 30).cast("string"),
        amount=_band(local.value, _STEPS),
        allowed=_band((local.due - local.made).cast("float64") / DAY, _AGES),
        known_for=_band((local.made - local.first_at).cast("float64") / DAY, _AGES),
        orders_before=_band(local.n_orders.cast("float64"), _FEW),
        contacts_before=_band(local.n_contacts.cast("float64"), _FEW),
        paid_before=_band(local.n_paid, _STEPS),
        fold=buckets.bucket(local.customer) % FOLDS,
    )
    names = (*COVARIATES, *held)
    return mixed.select("cause", "customer", "struck", "fold", *names, *OUTCOMES, "paid"), names


def _band(value: Any, steps: tuple[int, ...]) -> Any:
    """The step that a number has reached, as text: bands keep the cells few."""
    cases = [(value >= step, str(step)) for step in reversed(steps)]
    return ibis.cases(*cases, else_=ibis.ifelse(value.isnull(), ibis.null("string"), "below"))
