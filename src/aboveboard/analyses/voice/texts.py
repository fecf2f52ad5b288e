"""What customers said: one row per text of theirs, with the rating that came with it, if any."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes
from aboveboard.playbook.model import Measure, Playbook

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
SENTIMENTS = (NEGATIVE, NEUTRAL, POSITIVE)
TYPES = ("complaint.received", "message.received", "post.published", "review.posted", "survey.answered")
"""Types whose text is a customer's."""
SCALES = ((0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 10.0), (0.0, 100.0))
"""Where the playbook names no measure: of these the narrowest that holds all the values of the type and outcome."""
_NET = "nps"
_LOW, _HIGH = 0.4, 0.6
_COLUMNS = ("event", "type", "said_at", "at", "subject", "customer", "channel", "touchpoint", "team", "text")


def texts(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """Columns event, type, said_at, at, subject, customer, channel, touchpoint, team, text, rated, coded; no employee.

    `rated` is negative, neutral or positive by the event's value on its scale: below two fifths of it, above three fifths,
    or between; of the net promoter score 0–6, 7–8 and 9–10; where a measure says `good_from`, positive begins there. The
    scale is that of the measure named by `outcome`, else one of SCALES. `coded` is `attributes.reason`.
    """
    timed, _ = horizon.until(events, as_of)
    said = timed.filter(timed.type.isin(list(TYPES)), timed.text.notnull(), timed.text.strip() != "")
    said = said.filter(ibis.coalesce(said.audience != "internal", True))
    found = said.mutate(coded=attributes.text(said, "reason"), rated=_rated(said, playbook))
    renamed = {"event": "id", "said_at": "time"}
    return found.select(**{name: renamed.get(name, name) for name in _COLUMNS}, rated="rated", coded="coded")


def _rated(said: Any, playbook: Playbook) -> Any:
    """The label by the playbook's measures, and for what these do not name by the range of the values."""
    named = [(said.outcome == name, _by_measure(said.value, one)) for name, one in playbook.measures.items()]
    if _NET not in playbook.measures:
        named.append((said.outcome == _NET, _net(said.value)))
    # The type's own values tell its scale: a review of 1 to 5 and an answer of 0 to 10 are never one list.
    kind = said.type + "\n" + ibis.coalesce(said.outcome, "")
    low, high = said.value.min().over(group_by=kind), said.value.max().over(group_by=kind)
    guessed = ibis.cases(
        *(((low >= ends[0]) & (high <= ends[1]), _by_ends(said.value, *ends)) for ends in SCALES),
        else_=ibis.null("string"),
    )
    # What carries money or minutes is no rating: of messages and complaints only a named measure counts.
    free = ibis.ifelse(
        said.type.isin(["review.posted", "post.published", "survey.answered"]), guessed, ibis.null("string")
    )
    return ibis.cases(*named, else_=free)


def _by_measure(value: Any, measure: Measure) -> Any:
    low, high = measure.scale
    if measure.name == _NET:
        return _net(value)
    if measure.high_is in ("hard", "bad"):
        return _by_measure(low + high - value, Measure(measure.name, measure.scale, _turned(measure)))
    if measure.good_from is None:
        return _by_ends(value, low, high)
    # As far below the middle as `good_from` is above it; never above it.
    bad_to = min(low + high - measure.good_from, measure.good_from)
    inside = (value >= low) & (value <= high)
    label = ibis.cases((value >= measure.good_from, POSITIVE), (value <= bad_to, NEGATIVE), else_=NEUTRAL)
    return ibis.ifelse(inside, label, ibis.null("string"))


def _turned(measure: Measure) -> float | None:
    return None if measure.good_from is None else sum(measure.scale) - measure.good_from


def _by_ends(value: Any, low: float, high: float) -> Any:
    inside = (value >= low) & (value <= high)
    span = high - low
    label = ibis.cases((value <= low + _LOW * span, NEGATIVE), (value >= low + _HIGH * span, POSITIVE), else_=NEUTRAL)
    return ibis.ifelse(inside, label, ibis.null("string"))


def _net(value: Any) -> Any:
    """Detractors, passives and promoters (Reichheld 2003)."""
    label = ibis.cases((value < 7, NEGATIVE), (value < 9, NEUTRAL), else_=POSITIVE)
    return ibis.ifelse((value >= 0) & (value <= 10), label, ibis.null("string"))
