"""The ways to count promise outcomes that `promise_outcomes` holds against one another.

Each takes the ledger and gives kept, late, broken and running. Every one reads only the columns it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Answer = dict[str, int]

PLAYBOOK = """
promises:
  resolved:
    says: Resolved within three days.
    starts: type = 'case.opened'
    kept_by: type = 'status.changed' and outcome = 'Resolved'
    within: 72 hours
"""
_ALLOWED_US = 72 * 3_600 * 1_000_000


def ours(file: str) -> Answer:
    """Aboveboard: open the ledger, read the playbook, count the outcomes."""
    import ibis

    from aboveboard import engines
    from aboveboard.analyses.promises.outcomes import outcomes
    from aboveboard.playbook import reader

    with engines.read(file) as ledger:
        rows = outcomes(ledger.events, reader.read(PLAYBOOK))
        running = rows.outcome.isin(["open", "at risk"])
        named = rows.mutate(outcome=ibis.ifelse(running, "running", rows.outcome))
        counts = ledger.arrow(named.group_by("outcome").agg(count=named.count()))
    return dict(zip(counts["outcome"].to_pylist(), counts["count"].to_pylist(), strict=True))


_JUDGED = """
select case when met <= due then 'kept' when met is not null then 'late' when due < {now} then 'broken' else 'running' end,
       count(*)
from ({rows}) group by 1
"""
_NOW = "(select max(time) from read_parquet('{file}'))"


def _duckdb(file: str, rows: str) -> Answer:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        query = _JUDGED.format(now=_NOW.format(file=file), rows=rows.format(file=file))
        return dict(connection.execute(query).fetchall())


def duckdb_asof(file: str) -> Answer:
    """The ASOF join that DuckDB has for this."""
    return _duckdb(
        file,
        """
        select made + interval 72 hour as due, met
        from (select subject, time as made from read_parquet('{file}') where type = 'case.opened') s
        asof left join (select subject, time as met from read_parquet('{file}')
                        where type = 'status.changed' and outcome = 'Resolved') e
        on s.subject = e.subject and s.made <= e.met
        """,
    )


def duckdb_window(file: str) -> Answer:
    """A minimum over the rows that follow in the same case."""
    return _duckdb(
        file,
        """
        select made + interval 72 hour as due, met
        from (select type, time as made,
                     min(case when type = 'status.changed' then time end) over (
                       partition by subject order by time range between current row and unbounded following) as met
              from read_parquet('{file}')
              where type = 'case.opened' or (type = 'status.changed' and outcome = 'Resolved'))
        where type = 'case.opened'
        """,
    )


def polars_asof(file: str) -> Answer:
    """Polars' as-of join, lazily from the file."""
    import polars as pl

    events = pl.scan_parquet(file)
    starts = events.filter(pl.col("type") == "case.opened").select("subject", "time")
    ends = events.filter((pl.col("type") == "status.changed") & (pl.col("outcome") == "Resolved"))
    ends = ends.select("subject", "time", met="time")
    joined = starts.sort("time").join_asof(ends.sort("time"), on="time", by="subject", strategy="forward")
    due = pl.col("time") + pl.duration(hours=72)
    now = events.select(pl.col("time").max()).collect().item()
    outcome = (
        pl.when(pl.col("met") <= due).then(pl.lit("kept"))
        .when(pl.col("met").is_not_null()).then(pl.lit("late"))
        .when(due < now).then(pl.lit("broken"))
        .otherwise(pl.lit("running"))
    )  # fmt: skip
    return dict(joined.group_by(outcome=outcome).len().collect().iter_rows())


def pandas_asof(file: str) -> Answer:
    """pandas' as-of join, over the columns it needs."""
    import numpy as np
    import pandas as pd

    events = pd.read_parquet(file, columns=["type", "subject", "time", "outcome"])
    starts = events.loc[events["type"] == "case.opened", ["subject", "time"]].sort_values("time")
    resolved = (events["type"] == "status.changed") & (events["outcome"] == "Resolved")
    ends = events.loc[resolved, ["subject", "time"]].assign(met=events["time"]).sort_values("time")
    joined: Any = pd.merge_asof(starts, ends, on="time", by="subject", direction="forward")
    due = joined["time"] + pd.Timedelta(hours=72)
    now = events["time"].max()
    outcome = np.select(
        [joined["met"] <= due, joined["met"].notna(), due < now], ["kept", "late", "broken"], default="running"
    )
    return dict(pd.Series(outcome).value_counts().items())


def ours_met_in_time(file: str) -> Answer:
    """Aboveboard: in how many cases was some start met in time?"""
    return {"cases with a start met in time": _cases(file, lambda rows: rows.outcome == "kept")}


def ours_never_met(file: str) -> Answer:
    """Aboveboard: in how many cases was some start never met?"""
    return {"cases with a start never met": _cases(file, lambda rows: rows.met_at.isnull())}


def _cases(file: str, such: Callable[[Any], Any]) -> int:
    from aboveboard import engines
    from aboveboard.analyses.promises.outcomes import outcomes
    from aboveboard.playbook import reader

    with engines.read(file) as ledger:
        rows = outcomes(ledger.events, reader.read(PLAYBOOK))
        found = rows.filter(such(rows))
        (row,) = ledger.arrow(found.aggregate(cases=found.subject.nunique())).to_pylist()
    return int(row["cases"])
