"""What would have happened under the proposed rule? Every request so far, answered once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aboveboard.analyses.exceptions import features, judging
from aboveboard.analyses.exceptions.tables import REPLAY
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.analyses.shared.survival import Estimate
from aboveboard.engines import ledgers
from aboveboard.playbook import conditions
from aboveboard.playbook.model import Playbook

DRAWS = 2000
_SEED = 41
Row = Mapping[str, Any]


def replay(events: Any, requests: Any, policies: Any, playbook: Playbook) -> Any:
    """One row per policy with a proposal, *change the rule* or *push authority down*: table REPLAY (see `tables`).

    `requests` and `policies` are the tables of those names. The proposed condition is asked of every asking event of
    the policy, on the engine; a request of which only the decision was written down is left out. A changed rule says yes
    at once wherever the condition holds. Authority pushed down is replayed over the requests that were decided above the
    level asked or are still waiting, as if the lower level always said yes: an upper bound of what would change.

    The costs of those flipped or answered are their own `value` where the request says one, else the mean cost of those
    granted in the region; its interval comes of 2,000 seeded draws from those costs. Executes.
    """
    known = features.asked(requests, events)
    proposals = policies.filter(policies.condition.notnull()).order_by("policy")
    rows = (_row(row, events, requests, known, playbook) for row in ledgers.arrow(proposals).to_pylist())
    return arrays.rows_to_table(REPLAY, rows)


def _row(policy: Row, events: Any, requests: Any, known: features.Asked, playbook: Playbook) -> dict[str, Any]:
    meeting = _meeting(events, requests, policy, playbook)
    of_policy = known.of(known.rows["policy"] == policy["policy"])
    inside = np.array([event in meeting for event in of_policy.rows["event"]], dtype=bool)
    outside = features.outside_support(of_policy, of_policy.rows["outcome"] == "granted")
    if policy["verdict"] == judging.PUSH:
        climbed = np.array([one is not None and one == 1 for one in of_policy.rows["climbed"]], dtype=bool)
        inside &= climbed | (of_policy.rows["outcome"] == "undecided")
    return {
        **{name: policy[name] for name in ("policy", "verdict", "region", "condition")},
        **_counted(of_policy, inside, outside),
    }


def _meeting(events: Any, requests: Any, policy: Row, playbook: Playbook) -> set[str]:
    """The asking events of the policy that meet the proposed condition, by id."""
    said = conditions.parse(policy["condition"], timezone=playbook.timezone)
    mine = requests.filter(requests.policy == policy["policy"], requests.asked_at.notnull())
    ids = mine.select(asked="event")
    joined = events.filter(events.type == "exception.requested").inner_join(ids, events.id == ids.asked)
    asking = joined.select(*events.columns)
    return set(arrays.cells(asking.filter(said.to_ibis(asking)).select("id"))["id"])


def _counted(known: features.Asked, inside: arrays.Array, outside: arrays.Array) -> dict[str, Any]:
    outcome, minutes = known.rows["outcome"], known.rows["waiting_minutes"].astype(float)
    granted = inside & (outcome == "granted")
    changed = inside & (outcome != "granted")
    within = int((changed & ~outside).sum())
    harmed, followed = int((inside & known.harmed).sum()), int((inside & known.followed).sum())
    low, high = intervals.wilson(harmed, followed)
    rate = float(intervals.share(harmed, followed))
    return {
        "requests_count": int(inside.sum()),
        "granted_count": int(granted.sum()),
        "flipped_count": int((inside & (outcome == "denied")).sum()),
        "answered_count": int((inside & (outcome == "undecided")).sum()),
        "outside_support_count": int((changed & outside).sum()),
        # Added up in whole seconds, so that the sum is the same in whatever order.
        "minutes_saved": float(np.nansum(np.round(minutes[inside] * 60)) / 60),
        **arrays.estimate_columns("cost", cost(known.rows["value"][changed], known.rows["cost"][granted])),
        **arrays.estimate_columns("harm_expected", Estimate(within * rate, within * float(low), within * float(high))),
    }


def cost(own: arrays.Array, paid: arrays.Array) -> Estimate:
    """What those that change would cost: their `own` amounts, and the mean of what was `paid` for each without one.

    The interval is the percentile bootstrap over `paid`: Efron, B. (1979). Bootstrap methods. Annals of Statistics 7, 1–26.
    NaN where an amount is missing and nothing was paid to learn from.
    """
    own, paid = own.astype(float), paid.astype(float)
    paid = np.sort(paid[~np.isnan(paid)])
    known, missing = float(np.nansum(own)), int(np.isnan(own).sum())
    if not missing:
        return Estimate(known, known, known)
    if not len(paid):
        return Estimate(np.nan, np.nan, np.nan)
    means = np.random.default_rng(_SEED).choice(paid, (DRAWS, len(paid))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(known + missing * float(paid.mean()), known + missing * float(low), known + missing * float(high))
