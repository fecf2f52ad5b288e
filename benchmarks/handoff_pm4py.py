"""pm4py's nearest answers about hand-offs, run by a Python of its own (it is AGPL, and no part of Aboveboard loads it).

With the team as the activity, its directly-follows graph counts how often each pair of teams follows one another in a case.
Its handover-of-work network gives the same pairs with shares instead of counts. Neither knows of returns or of waiting.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pm4py


def log(file: str) -> Any:
    """The events that have a team as a log, prepared with `format_dataframe` as pm4py's documentation says."""
    events = pd.read_parquet(file, columns=["subject", "type", "time", "team"]).dropna(subset=["team"])
    return pm4py.format_dataframe(events, case_id="subject", activity_key="type", timestamp_key="time")


def directly_follows(log: Any) -> dict[str, int]:
    """Between how many pairs of teams, in how many hand-offs?"""
    graph, _, _ = pm4py.discover_dfg(log, activity_key="team")
    counts = [count for (sender, receiver), count in graph.items() if sender != receiver]
    return {"hand-offs": sum(counts), "pairs of teams": len(counts)}


def handover_of_work(log: Any) -> dict[str, int]:
    """Between how many pairs of teams?"""
    network = pm4py.discover_handover_of_work_network(log, resource_key="team")
    return {"pairs of teams": sum(sender != receiver for sender, receiver in network.connections)}
