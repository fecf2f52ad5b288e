"""pm4py's nearest answers, run by a Python of its own (it is AGPL, and no part of Aboveboard loads it).

`ltl.eventually_follows` with a bound on the time between keeps the cases in which a start is followed by an end within it.
DECLARE's response says of each case whether every start is followed by an end, however late. Activities are one column of a
log, so that "status changed to Resolved" must become an activity of its own name first.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pm4py
from pm4py.algo.filtering.pandas.ltl import ltl_checker
from pm4py.algo.filtering.pandas.ltl.ltl_checker import Parameters

START, END = "case.opened", "resolved"


def log(file: str) -> Any:
    """The file as a log, the way pm4py's documentation prepares a data frame: named, typed and sorted by `format_dataframe`."""
    return pm4py.format_dataframe(_events(file), case_id="subject", activity_key="activity", timestamp_key="time")


def as_it_lies(file: str) -> Any:
    """The file as a log without that: columns renamed, and the order of rows trusted, which here is that of time."""
    names = {"subject": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"}
    return _events(file).rename(columns=names)


def _events(file: str) -> Any:
    events = pd.read_parquet(file, columns=["type", "subject", "time", "outcome"])
    resolved = (events["type"] == "status.changed") & (events["outcome"] == "Resolved")
    events["activity"] = events["type"].mask(resolved, END)
    return events


def eventually_follows(log: Any) -> dict[str, int]:
    """How many cases have a start that is followed by an end within 72 hours."""
    within = {Parameters.ENABLE_TIMESTAMP: True, Parameters.TIMESTAMP_DIFF_BOUNDARIES: [[0, 72 * 3600]]}
    followed = ltl_checker.eventually_follows(log, [START, END], parameters=within)
    return {"cases with a start met in time": int(followed["case:concept:name"].nunique())}


def declare_response(log: Any) -> dict[str, int]:
    """How many cases have a start that is followed by no end at all."""
    model = {"response": {(START, END): {"support": 1, "confidence": 1}}}
    checked = pm4py.conformance_declare(log, model)
    return {"cases with a start never met": sum(not case["is_fit"] for case in checked)}
