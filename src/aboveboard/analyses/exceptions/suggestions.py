"""What employees say about a rule, and how long they have been waiting for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aboveboard.analyses.exceptions.requests import RULE
from aboveboard.analyses.shared import arrays, horizon, spans
from aboveboard.engines.first_after import first_after

_DAY = 1440.0


def suggestions(events: Any, *, as_of: datetime | None = None) -> Mapping[str, dict[str, Any]]:
    """Per policy with suggestions: the three columns `suggestions_…` of table POLICIES, worked out.

    An answer is the first `suggestion.answered` about the same policy at or after it, on the same subject where the
    suggestion has one: one answer may serve several.
    """
    words = events.filter(events.type.isin(["suggestion.made", "suggestion.answered"]), events.rule.startswith(RULE))
    timed, now = horizon.until(words, as_of)
    if as_of is None:
        now = horizon.until(events.select("time"), None)[1]
    told = timed.select("id", "type", "at", policy=timed.rule.substr(len(RULE)), about=timed.subject.coalesce(""))
    answered = told.filter(told.type == "suggestion.answered").select("policy", "about", answered="at")
    made = told.filter(told.type == "suggestion.made")
    found = first_after(made, answered, by=["policy", "about"], at="at", end_at="answered", name="answered")
    waiting = found.answered.isnull()
    counted = found.group_by("policy").aggregate(
        suggestions_count=found.count().cast("int64"),
        suggestions_unanswered_count=found.count(where=waiting).cast("int64"),
        oldest=found.at.min(where=waiting),
    )
    days = spans.minutes(now - counted.oldest) / _DAY
    table = arrays.cells(counted.mutate(suggestions_unanswered_days=days).drop("oldest"))
    return {
        str(key): {name: values[0] for name, values in cells.items() if name != "policy"}
        for (key,), cells in arrays.groups(table, "policy")
    }
