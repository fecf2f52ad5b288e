"""The ways to count hand-offs between teams that `handoffs` holds against one another.

Each takes the ledger and gives how many hand-offs there are, how many of them bring the work back (A→B→A), and the whole
hours that work waited between hands. Every one reads only the columns it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Answer = dict[str, int]

SQL = """
with acts as (
  select subject, team, time, id, lag(team) over turn as sender, lag(time) over turn as sent
  from read_parquet('{file}') where team is not null and subject is not null
  window turn as (partition by subject order by time, id)
), hops as (
  select subject, sender, team as receiver, sent, time as received, id from acts where sender <> team
), marked as (
  select *, lag(sender) over (partition by subject order by received, id) = receiver as returned from hops
)
select count(*), count(*) filter (where returned), sum(epoch_us(received) // 1000000 - epoch_us(sent) // 1000000) from marked
"""


def ours(file: str) -> Answer:
    """The analysis as users call it, channels, vendors and told hand-offs included."""
    found = _asked(
        file,
        lambda hops: hops.aggregate(
            count=hops.count(), returned=hops.count(where=hops.returned), minutes=hops.waiting_minutes.sum()
        ),
    )
    return _answer(found["count"], found["returned"], found["minutes"] * 60)


def ours_per_pair(file: str) -> Answer:
    """Between how many pairs of teams, in how many hand-offs?"""
    return _asked(file, _per_pair)


def ours_pairs(file: str) -> Answer:
    """Between how many pairs of teams?"""
    return {"pairs of teams": ours_per_pair(file)["pairs of teams"]}


def _per_pair(hops: Any) -> Any:
    pairs = hops.group_by("sender", "receiver").agg(times=hops.count())
    return pairs.aggregate(**{"hand-offs": pairs.times.sum(), "pairs of teams": pairs.count()})


def _asked(file: str, question: Callable[[Any], Any]) -> dict[str, Any]:
    from aboveboard import engines
    from aboveboard.analyses import episodes

    with engines.read(file) as ledger:
        (row,) = ledger.arrow(question(episodes.handoffs(ledger.events))).to_pylist()
    return dict(row)


def _answer(count: float, returned: float, seconds: float) -> Answer:
    return {"hand-offs": int(count), "returns": int(returned), "hours waited": round(seconds / 3600)}


def duckdb_by_hand(file: str) -> Answer:
    """What a good analyst would write for this question alone."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        return _answer(*connection.execute(SQL.format(file=file)).fetchall()[0])


def polars_by_hand(file: str) -> Answer:
    """The same, lazily, sorted once."""
    import polars as pl

    acts = (
        pl.scan_parquet(file)
        .filter(pl.col("team").is_not_null(), pl.col("subject").is_not_null())
        .select("subject", "team", "time", "id")
        .sort("subject", "time", "id")
    )
    same = pl.col("subject") == pl.col("subject").shift()
    hops = acts.with_columns(
        sender=pl.when(same).then(pl.col("team").shift()), sent=pl.when(same).then(pl.col("time").shift())
    ).filter(pl.col("sender") != pl.col("team"))
    seconds = pl.col("time").dt.epoch("s") - pl.col("sent").dt.epoch("s")
    found = hops.with_columns(returned=same & (pl.col("sender").shift() == pl.col("team")))
    return _answer(*found.select(pl.len(), pl.col("returned").sum(), seconds.sum().alias("waited")).collect().row(0))
