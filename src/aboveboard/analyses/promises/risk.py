"""Which running promises are more likely to break than to be kept."""

from __future__ import annotations

import math
from typing import Any

import ibis

BINS = 100
"""The age of a promise, elapsed ÷ allowed, is counted in hundredths; BINS itself is everything that outlived its time."""

ENOUGH = 20
"""Promises ended below which their own history says too little."""

# Half, less a breath: sums of logarithms differ in the last digit between engines, and exactly one half is not at risk.
_HALF = math.log(0.5 + 1e-9)


def with_outcome(stated: Any) -> Any:
    """The rows with their `outcome`: their `state`, where an open one may turn out to be at risk.

    Takes `promise`, `state` (kept, late, broken, open, cancelled, or absent), and on the promise's clock, as int64:
    `age` (from the start to when it was met or cancelled, or to now) and `allowed` (from the start to the time due).

    A promise still unmet at age u is kept with probability 1 − S(1) ÷ S(u), S being the Kaplan–Meier share of this
    promise that is unmet at each age (Kaplan and Meier 1958; open and cancelled ones censored, after the ones met at
    the same age). At risk is below one half. With fewer than ENOUGH ended ones, at risk is the last quarter of its time.
    """
    curve = _curve(stated)
    running = stated.state == "open"
    # Only a running one needs its place on the curve: the key of all others is absent, and the join passes them by.
    placed = stated.mutate(
        _place=ibis.ifelse(running, _bin(stated), ibis.null("int16")),
        _last_quarter=ibis.ifelse(running, _last_quarter(stated), False),
    )
    joined = placed.left_join(curve, [placed.promise == curve.risk_promise, placed["_place"] == curve.risk_bin])
    at_risk = ibis.ifelse(joined.risk_ended >= ENOUGH, joined.slim, joined["_last_quarter"])
    return joined.mutate(outcome=ibis.ifelse((joined.state == "open") & at_risk, "at risk", joined.state))


def _bin(stated: Any) -> Any:
    share = ibis.ifelse(stated.allowed > 0, (stated.age * BINS) // stated.allowed, BINS - 1).coalesce(BINS - 1)
    within = ibis.greatest(ibis.least(share, BINS - 1), 0)
    return ibis.ifelse(stated.state.isin(["late", "broken"]), BINS, within).cast("int16")


def _last_quarter(stated: Any) -> Any:
    return ((stated.age * 4 >= stated.allowed * 3) | (stated.allowed <= 0)).coalesce(False)


def _curve(stated: Any) -> Any:
    """Per promise and age: how many have ended in all, and whether one still unmet at that age will rather break."""
    dated = stated.mutate(_bin=_bin(stated)).filter(stated.state.notnull())
    counts = dated.group_by("promise", "_bin").agg(
        here=dated.count(),
        met=(dated.state == "kept").sum(),
        ended=dated.state.isin(["kept", "late", "broken"]).sum(),
    )
    from_here = ibis.window(group_by="promise", order_by="_bin", preceding=0, following=None)
    after = ibis.window(group_by="promise", order_by="_bin", following=(1, None))
    risky = counts.mutate(
        waiting=counts.here.sum().over(from_here), risk_ended=counts.ended.sum().over(ibis.window(group_by="promise"))
    )
    all_met = risky.met == risky.waiting
    steps = risky.mutate(
        survived=ibis.ifelse(all_met, 0.0, ((risky.waiting - risky.met) / risky.waiting).ln()),
        all_met=ibis.ifelse(all_met, 1, 0),
    )
    return steps.select(
        risk_promise=steps.promise,
        risk_bin=steps["_bin"],
        risk_ended=steps.risk_ended,
        slim=(steps.survived.sum().over(after).coalesce(0.0) > _HALF)
        & (steps.all_met.sum().over(after).coalesce(0) == 0),
    )
