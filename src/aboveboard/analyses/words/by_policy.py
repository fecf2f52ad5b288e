"""Which policy breeds which words: the share of its messages against that of all others."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from aboveboard.analyses.shared import discoveries, intervals
from aboveboard.analyses.shared.arrays import cells, rows_to_table
from aboveboard.analyses.words.tables import BY_POLICY


def by_policy(wording: Any, read: Any) -> Any:
    """Table BY_POLICY (see `tables`), of the tables WORDING and READ. Words about customers are left out.

    A score test of each pair of policy and wording rule against all other messages (Fisher's exact test where few are
    expected), two-sided; those that have more are told apart at a false-discovery rate of 5 % over all pairs.
    """
    messages: Counter[str | None] = Counter()
    told = read.filter(read.audience == "customer", read.language.notnull())
    counted = cells(told.group_by("policy").aggregate(count=told.messages_count.sum().cast("int64")))
    messages.update(dict(zip(counted["policy"].tolist(), counted["count"].tolist(), strict=True)))
    said = wording.filter(wording.audience == "customer").select("event", "part", "policy", "rule").distinct()
    found = cells(said.group_by("policy", "rule").aggregate(count=said.event.count()))
    remarked = {
        (policy, rule): int(count)
        for policy, rule, count in zip(
            found["policy"].tolist(), found["rule"].tolist(), found["count"].tolist(), strict=True
        )
    }
    return rows_to_table(BY_POLICY, _rows(messages, remarked))


def _rows(messages: Counter[str | None], remarked: dict[tuple[str | None, str], int]) -> list[dict[str, Any]]:
    total = sum(messages.values())
    rules = sorted({rule for _, rule in remarked})
    of_rule = {rule: sum(count for (_, name), count in remarked.items() if name == rule) for rule in rules}
    policies = sorted(policy for policy in messages if policy is not None)
    rows = [
        _row(policy, rule, remarked.get((policy, rule), 0), messages[policy], of_rule[rule], total)
        for policy in policies
        for rule in rules
    ]
    real = discoveries.benjamini_hochberg([row["p"] for row in rows]) if rows else np.zeros(0, bool)
    for row, is_real in zip(rows, real, strict=True):
        row["differs"] = bool(is_real and row["z"] > 0)
    return rows


def _row(policy: str, rule: str, count: int, n: int, all_count: int, total: int) -> dict[str, Any]:
    low, high = intervals.wilson(count, n)
    z, p = discoveries.against_rest([count], [n], [all_count], [total])
    return {
        "policy": policy,
        "rule": rule,
        "messages_count": n,
        "remarked_count": count,
        "share": float(intervals.share(count, n)),
        "share_low": float(low),
        "share_high": float(high),
        "other_messages_count": total - n,
        "other_remarked_count": all_count - count,
        "other_share": float(intervals.share(all_count - count, total - n)),
        "z": z,
        "p": p if 0 < n < total else float("nan"),
    }
