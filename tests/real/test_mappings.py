"""The shipped mappings over the real exports: figures found by hand must come out of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aboveboard.ledger import intake
from aboveboard.sources import dry_run, guess, mapping

pytestmark = pytest.mark.slow

CSV_SETS = [
    "airline-tweets/*.csv",
    "airline-satisfaction/*.csv",
    "telco-churn/*.csv",
    "ocel/*.csv",
    "servicenow/*.zip",
]


@contextmanager
def events(name: str, real_data: Path) -> Iterator[Any]:
    """Asks SQL of the events, which stand in `e`."""
    with mapping.read(name).open([real_data / name]) as opened:
        rows = opened.rows()
        opened.connection.register("arrived", rows.to_arrow_table())
        yield lambda sql: opened.connection.execute(sql.replace(" e ", " arrived ")).fetchall()


KEPT = """
SELECT count(*), count(*) FILTER (end_.time::timestamptz <= start.due::timestamptz),
       count(*) FILTER (end_.time::timestamptz > start.due::timestamptz), count(*) FILTER (end_.time IS NULL)
FROM (SELECT * FROM e WHERE type = '{starts}') AS start
LEFT JOIN (SELECT * FROM e WHERE type = '{ends}') AS end_ ON end_.subject = start.subject
WHERE start.due IS NOT NULL
"""


def test_baltimore(real_data: Path) -> None:
    with events("baltimore311", real_data) as ask:
        (counts,) = ask(KEPT.format(starts="case.opened", ends="case.closed"))
    # Of 10,000 requests 9,714 carry a due time; 9,555 of them are closed as well.
    assert counts == (9_714, 7_988, 1_567, 159)


def test_olist_promises_a_day_and_not_an_hour(real_data: Path) -> None:
    with events("olist", real_data) as ask:
        ((_, kept, late, _),) = ask(KEPT.format(starts="order.placed", ends="order.delivered"))
        types = dict(ask("SELECT type, count(*) FROM e GROUP BY type"))
    assert (kept + late, late) == (5_170, 343)
    assert types["order.placed"] == 8_135
    assert types["review.posted"] == 8_225
    # Every seller of every order has his own promise to the carrier.
    assert types["promise.made"] == 7_433


def test_servicenow(real_data: Path) -> None:
    with events("servicenow", real_data) as ask:
        types = dict(ask("SELECT type, count(DISTINCT subject) FROM e GROUP BY type"))
        assert types["case.opened"] == types["case.closed"] == 24_918
        ((changes, groups),) = ask("SELECT count(*), count(DISTINCT team) FROM e WHERE type = 'case.assigned'")
        ((unread,),) = ask("SELECT count(*) FROM e WHERE try_cast(time AS TIMESTAMPTZ) IS NULL")
        ((made,),) = ask(
            "SELECT count(*) FROM e WHERE type = 'case.closed' AND json_extract_string(attributes, '$.made_sla') = 'true'"
        )
    assert unread == 0
    assert changes > 24_918
    assert groups == 78  # `?` is not one of them
    assert made == 15_803


def test_bpic2013(real_data: Path) -> None:
    with events("bpic2013", real_data) as ask:
        types = dict(ask("SELECT type, count(*) FROM e GROUP BY type"))
        ((cases, teams),) = ask(
            "SELECT count(DISTINCT subject), count(DISTINCT team) FROM e WHERE type = 'status.changed'"
        )
        ((several,),) = ask(
            "SELECT count(*) FROM (SELECT subject FROM e WHERE type = 'status.changed' "
            "GROUP BY subject HAVING count(DISTINCT team) > 1)"
        )
    assert (types["status.changed"], cases, teams) == (65_533, 7_554, 649)
    assert several == 3_820
    assert types["case.opened"] == 7_554


def test_helpdesk(real_data: Path) -> None:
    with events("helpdesk", real_data) as ask:
        ((every, cases),) = ask("SELECT count(*), count(DISTINCT subject) FROM e WHERE type <> 'case.opened'")
        ((opened,),) = ask("SELECT count(*) FROM e WHERE type = 'case.opened'")
    assert (every, cases, opened) == (21_348, 4_580, 4_580)


@pytest.mark.parametrize("name", ["olist", "baltimore311"])
def test_the_whole_path_into_a_ledger_and_the_same_again_is_known(name: str, real_data: Path, tmp_path: Path) -> None:
    found = mapping.read(name)

    def take() -> Any:
        with found.open([real_data / name]) as opened:
            now = datetime(2026, 1, 1, tzinfo=UTC)
            return intake.take(opened.rows(), into=tmp_path / "ledger", recorded_at=now, timezone=found.timezone)

    first, again = take(), take()
    assert (first.rejected, first.known) == (0, 0)
    assert (again.known, again.recorded) == (first.recorded, 0)


@pytest.mark.parametrize("files", CSV_SETS)
def test_a_guess_runs_without_a_touch_and_every_time_is_read(files: str, real_data: Path) -> None:
    paths = sorted(real_data.glob(files))
    done = dry_run.run(mapping.parse(guess.guess(paths)), paths)
    assert done.events > 0
    assert (done.unread, done.faulty) == (0, 0)
    assert all(block.events for block in done.blocks)


@pytest.mark.parametrize(
    ("files", "starts", "ends", "late"),
    [
        ("baltimore311/*.csv", "case.opened", "case.closed", 1_567),
        ("olist/*.csv", "order.placed", "order.delivered", 343),
    ],
)
def test_a_guess_finds_the_promises(files: str, starts: str, ends: str, late: int, real_data: Path) -> None:
    """The control figures come out of mappings that nobody wrote (in UTC, which moves both ends alike)."""
    paths = sorted(real_data.glob(files))
    with mapping.parse(guess.guess(paths)).open(paths) as opened:
        done = dry_run.report(opened)
        opened.connection.register("arrived", opened.rows().to_arrow_table())
        sql = KEPT.format(starts=starts, ends=ends).replace(" e ", " arrived ")
        (counts,) = opened.connection.execute(sql).fetchall()
    assert counts[2] == late
    assert (done.unread, done.faulty) == (0, 0)
    assert all(block.events for block in done.blocks)
