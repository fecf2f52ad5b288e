"""Clocks are the same however the events came: piece by piece, from nothing, and as the analysis of the same events says."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agreement import reference
from tests.agreement.test_promises import ANCHORS, EVENT, PLAYBOOK, ledger_of
from tests.desk.conftest import NOW

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.promises import actions, models, queries, rules, tasks
from aboveboard.ledger.columns import SCHEMA

Row = dict[str, Any]
LAST = datetime(2027, 1, 1, tzinfo=NOW.tzinfo)


def take(rows: Sequence[Row], folder: Path) -> None:
    """Into the journal, whatever they are."""
    part = folder / "part.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), part)
    journal.take(part=part)
    with connection.cursor() as cursor:
        # PostgreSQL drops it with the transaction, and here one holds several of them.
        cursor.execute("DROP TABLE IF EXISTS incoming")


def stand(now: datetime) -> list[tuple[Any, ...]]:
    """Every clock, without what the analysis says in a way of its own: whether an open one is at risk."""
    return sorted(
        (
            one.promise, one.event, one.subject, one.started_at, one.due_at, _known(one.met_at, now), _known(one.cancelled_at, now),
            "open" if one.state == rules.AT_RISK else one.state,
        )
        for one in models.Clock.objects.exclude(state=rules.AHEAD)
    )  # fmt: skip


def expected(rows: Sequence[Row], now: datetime) -> list[tuple[Any, ...]]:
    """The same of the plain-Python reference, to which every engine's analysis is held."""
    return sorted(
        (
            one["promise"], one["event"], one["subject"], one["made_at"], one["due_at"], one["met_at"], one["cancelled_at"],
            {None: rules.UNDATED, "at risk": "open"}.get(one["outcome"], one["outcome"]),
        )
        for one in reference.outcomes(rows, PLAYBOOK, now)
    )  # fmt: skip


def _known(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    rows=st.lists(EVENT, max_size=25),
    cuts=st.lists(st.integers(0, 25), max_size=3),
    nows=st.sets(st.sampled_from(ANCHORS), max_size=3),
)
def test_piece_by_piece_is_from_nothing_is_the_analysis(
    database: str, tmp_path: Path, rows: list[Row], cuts: list[int], nows: set[datetime]
) -> None:
    events = ledger_of(rows)
    with pytest.MonkeyPatch.context() as patched, transaction.atomic():
        patched.setattr(queries, "reading", lambda *, now: (rules.Reading(PLAYBOOK), "these"))
        moments = sorted(nows) or [LAST]
        places = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
        for number, (start, end) in enumerate(itertools.pairwise(places)):
            take(events[start:end], tmp_path)
            tasks.advance(now=moments[min(number, len(moments) - 1)])
        for now in (moments[-1], LAST):
            tasks.advance(now=now)
            piecewise = stand(now)
            assert piecewise == expected(events, now)
        actions.forget(now=LAST)
        tasks.advance(now=LAST)
        assert stand(LAST) == piecewise
        transaction.set_rollback(True)


TEXT = """\
organisation: A shop
timezone: UTC
promises:
  soon: {says: Soon., owner: North, starts: type = 'a', kept_by: type = 'b', within: 2 hours, objective: 0.9}
"""


def row(number: int, kind: str, at: datetime, subject: str) -> Row:
    return dict.fromkeys(SCHEMA.names) | {
        "id": f"{kind}{number}", "type": kind, "time": at, "recorded_at": at, "subject": subject, "team": "North",
        "customer": f"of {subject}",
    }  # fmt: skip


def test_another_playbook_reads_everything_anew(database: str, tmp_path: Path) -> None:
    playbook.publish(by=None, text=TEXT, why="x", effective_from=NOW, now=NOW)
    take([row(1, "a", NOW, "o:1"), row(2, "b", NOW + timedelta(hours=3), "o:1")], tmp_path)
    later = NOW + timedelta(hours=4)
    assert tasks.advance(now=later) == 0
    assert [one.state for one in models.Clock.objects.all()] == ["late"]
    first = models.Clock.objects.get().pk
    changed = TEXT.replace("Soon.", "Soon!").replace("# x", "")
    playbook.publish(by=None, text=TEXT + "policies: {p: {says: P.}}\n", why="x", effective_from=later, now=later)
    tasks.advance(now=later)
    assert models.Clock.objects.get().pk == first, "policies are nothing to clocks"
    playbook.publish(by=None, text=changed.replace("2 hours", "5 hours"), why="x", effective_from=later, now=later)
    tasks.advance(now=later)
    assert [one.state for one in models.Clock.objects.all()] == ["kept"]


def test_a_kept_share_of_the_hour_and_the_age_warns(database: str, tmp_path: Path) -> None:
    """In the morning all are met within an hour, in the evening a quarter of them after half of the time."""
    playbook.publish(by=None, text=TEXT, why="x", effective_from=NOW, now=NOW)
    rows: list[Row] = []
    for day in range(1, 31):
        for hour in (9, 20):
            at, number = NOW.replace(hour=hour) - timedelta(days=day), day * 100 + hour
            rows.append(row(number, "a", at, f"o:{number}"))
            if hour == 9 or day % 4 == 0:
                rows.append(row(number, "b", at + timedelta(minutes=50 if hour == 9 else 90), f"o:{number}"))
    morning, evening = NOW.replace(hour=9), NOW.replace(hour=20)
    rows += [row(1, "a", morning, "o:morning"), row(2, "a", evening, "o:evening")]
    take(rows, tmp_path)
    tasks.advance(now=morning + timedelta(minutes=30))
    one = models.Clock.objects.get(subject="o:morning")
    assert (one.state, one.chance_count, one.chance_share, one.chance_by_hour) == ("open", 30, 1.0, True)
    tasks.advance(now=morning + timedelta(minutes=70))
    one.refresh_from_db()
    # Nobody of the morning was ever that late: those of every hour say what they can.
    assert (one.state, one.chance_count, one.chance_share, one.chance_by_hour) == ("at risk", 30, 7 / 30, False)
    tasks.advance(now=evening)
    one = models.Clock.objects.get(subject="o:evening")
    assert (one.state, one.chance_count, one.chance_share) == ("at risk", 30, 7 / 30)
    assert one.chance_low is not None and one.chance_high is not None and one.chance_low < 7 / 30 < one.chance_high
    assert set(models.Alert.objects.values_list("subject", "what")) >= {
        ("o:morning", "at risk"),
        ("o:evening", "at risk"),
    }


def test_without_a_past_the_last_quarter_is_at_risk(database: str, tmp_path: Path) -> None:
    playbook.publish(by=None, text=TEXT, why="x", effective_from=NOW, now=NOW)
    take([row(1, "a", NOW, "o:1")], tmp_path)
    for minutes, state in ((0, "open"), (89, "open"), (90, "at risk"), (120, "at risk"), (121, "broken")):
        tasks.advance(now=NOW + timedelta(minutes=minutes))
        one = models.Clock.objects.get()
        assert (one.state, one.chance_share) == (state, None), minutes


@given(
    past=st.dictionaries(st.tuples(st.integers(0, 23), st.integers(0, 100)), st.integers(1, 9), max_size=40),
    hour=st.integers(0, 23), age=st.integers(0, 99),
)  # fmt: skip
def test_the_chance_is_counted(past: dict[tuple[int, int], int], hour: int, age: int) -> None:
    met = [(at, place) for (at, place), count in past.items() for _ in range(count) if place > age]
    same = [place for at, place in met if at == hour]
    counted = same if len(same) >= 20 else [place for _, place in met]
    found = rules.chance(past, hour=hour, age=age)
    if len(counted) < 20:
        assert found is None
    else:
        assert found is not None and found.share == sum(place < 100 for place in counted) / len(counted)
        assert (found.count, found.by_hour) == (len(counted), len(same) >= 20)
        assert found.low <= found.share <= found.high
