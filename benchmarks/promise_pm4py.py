"""pm4py's nearest answer, run by a Python of its own (it is AGPL, and no part of Aboveboard loads it).

`ltl.eventually_follows` with a bound on the time between keeps the cases in which a start is followed by an end within it.
Both activities and times are columns of the log, so start and end become activities of their own names.
"""

from __future__ import annotations

import pandas as pd
import pm4py  # noqa: F401 - loaded before the clock starts
from pm4py.algo.filtering.pandas.ltl import ltl_checker
from pm4py.algo.filtering.pandas.ltl.ltl_checker import Parameters


def eventually_follows(file: str) -> dict[str, int]:
    """How many cases have a start that is followed by an end within 72 hours."""
    events = pd.read_parquet(file, columns=["type", "subject", "time", "outcome"])
    resolved = (events["type"] == "status.changed") & (events["outcome"] == "Resolved")
    activity = events["type"].mask(resolved, "resolved")
    log = events.assign(activity=activity).rename(
        columns={"subject": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"}
    )
    within = {Parameters.ENABLE_TIMESTAMP: True, Parameters.TIMESTAMP_DIFF_BOUNDARIES: [[0, 72 * 3600]]}
    followed = ltl_checker.eventually_follows(log, ["case.opened", "resolved"], parameters=within)
    return {"kept": int(followed["case:concept:name"].nunique())}
