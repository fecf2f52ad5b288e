"""The fix prover works on the desk's own record: what was written down and changed there is judged from the journal's copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.test import Client
from tests.desk.conftest import Joining

from aboveboard.analyses import fixes
from aboveboard.analyses.fixes import looks
from aboveboard.desk.followups import actions as followups
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import tasks as journal_tasks
from aboveboard.desk.people import rules as people
from aboveboard.desk.problems import actions, models, queries, rules, tasks
from aboveboard.engines import read
from aboveboard.ledger import store
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.simulate import planted_fixes
from aboveboard.simulate.planted_fixes import Planted

PLANTED = Planted("late-trucks", keeps=0.1, returns=8, weeks_before=30, weeks_after=12)
PROMISES = "promises: {trucks: {says: On time., starts: type = 'order.placed', kept_by: type = 'order.delivered', within: 2 hours}}"


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "DRAWN", 300)
    looks._drawn.cache_clear()


def imported(folder: Path) -> None:
    """What customers met, without a word of any plan or change."""
    table = planted_fixes.events([PLANTED], 5)
    kept = table.filter(pa.compute.invert(pa.compute.starts_with(table["type"], "fix.")))
    pa.parquet.write_table(kept, folder / "events.parquet")
    journal.take(part=folder / "events.parquet")


def judged(folder: Path, as_of: datetime, playbook: Playbook | None = None) -> dict[str, pa.Table]:
    """The tables of fixes, from the copy of the journal."""
    journal.seal(now=as_of)
    journal_tasks.copy(folder=folder / "ledger")
    with read(*store.Store(folder / "ledger").parts()) as ledger:
        studies = fixes.studies(ledger.events, playbook or Playbook(), as_of=as_of)
        return {"fixes": ledger.arrow(fixes.fixes(studies)), "fix_weeks": ledger.arrow(fixes.weeks(studies))}


def took(tables: dict[str, pa.Table], at: datetime) -> Any:
    ran = followups.Ran(
        as_of=at, started_at=at, playbook=1, folder=f"{at:%Y%m%d}", events_count=1, customers_count=1, first_at=at, last_at=at
    )  # fmt: skip
    run = followups.take(ran=ran, findings=[], now=at)
    tasks.take(run=run, read=queries.of_tables(tables), now=at)
    return models.Problem.objects.get()


def left(folder: Path, at: datetime, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Leave the tables where a run does."""
    place = folder / "runs" / f"{at:%Y%m%d}"
    place.mkdir(parents=True)
    for name, table in tables.items():
        pa.parquet.write_table(table, place / f"{name}.parquet")
    return tables


def test_what_was_changed_at_the_desk_is_judged_from_its_journal(
    joined: Joining, signed_in: Callable[[people.Person], Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "FOUND", replace(settings.FOUND, folder=tmp_path))
    cora = joined("cora", "cx-lead")
    imported(tmp_path)
    changed = PLANTED.released_at
    made = actions.open_problem(by=cora, title="Late trucks", breaks="They come late.", now=changed - timedelta(days=9))
    actions.set_criterion(
        by=cora, problem=made.pk, yardstick=rules.Yardstick("reduce by", 0.6, made.target, 6), now=changed - timedelta(days=3)
    )  # fmt: skip
    change = actions.make(
        by=cora, problem=made.pk, what="A second truck.", made_from=changed, now=changed + timedelta(hours=2)
    )
    # Moving the goal afterwards does not move it for what was done before.
    actions.set_criterion(
        by=cora, problem=made.pk, yardstick=rules.Yardstick("reduce by", 0.01, made.target, 2), why="A smaller step now.",
        now=changed + timedelta(days=1),
    )  # fmt: skip

    soon = judged(tmp_path, changed + timedelta(days=5))
    [row] = soon["fixes"].to_pylist()
    assert (row["fix"], row["problem"], row["criterion_from"]) == (change.event, "late-trucks", "record")
    assert (row["criterion"], row["criterion_value"], row["window_weeks"]) == ("reduce by", 0.6, 6)
    assert took(soon, changed + timedelta(days=5)).state == "watched"

    later = changed + timedelta(weeks=6, hours=1)
    assert took(left(tmp_path, later, judged(tmp_path, later)), later).state == "verdict"
    change.refresh_from_db()
    assert change.verdict == "fixed" and change.judged["reduced_share_low"] < 0.9 < change.judged["reduced_share_high"]
    assert change.judged["needed_weeks"] and change.judged["breakdowns_before_count"] > 400
    drawn = signed_in(cora).get(f"/reports/fixes/{change.pk}").content.decode()
    assert "<svg" in drawn and drawn.count("<tr>") == 1 + 30 + 6  # the weeks before the change, and since
    assert actions.close(by=cora, problem=made.pk, reason="", now=later).outcome == "fixed"

    end = changed + timedelta(weeks=12)
    assert took(judged(tmp_path, end), end).state == "came-back", "what had been mended broke again after eight weeks"


def test_a_change_of_a_rule_is_judged_by_the_rule(joined: Joining, tmp_path: Path) -> None:
    cora: people.Person = joined("cora", "cx-lead")
    from aboveboard.desk.playbook import actions as playbooks

    now = PLANTED.released_at
    playbooks.publish(by=None, text=PROMISES, why="first", effective_from=now, now=now)
    imported(tmp_path)
    made = actions.open_problem(by=cora, title="Late", breaks="Late.", target="promise:trucks", now=now)
    actions.set_criterion(
        by=cora, problem=made.pk, yardstick=rules.Yardstick("at most", 0.1, "promise:trucks", 9), now=now
    )
    actions.make(by=cora, problem=made.pk, what="A truck.", now=now + timedelta(hours=1), part="")
    [row] = judged(tmp_path, now + timedelta(days=1), reader.read(PROMISES))["fixes"].to_pylist()
    assert (row["problem"], row["rule"], row["criterion"]) == ("promise:trucks", "promise:trucks", "at most")
    assert (row["criterion_value"], row["criterion_from"], row["window_weeks"]) == (0.1, "record", 9)
