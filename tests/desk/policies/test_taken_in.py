"""What an analysis finds of a rule is put to its owner once, and the findings of abuse in force are those of the last run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from tests.desk.conftest import NOW, Joining
from tests.desk.policies.rulebook import TEXT

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.chores import queries as chore_queries
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.policies import actions, models, queries, rules, tasks
from aboveboard.findings import kinds
from aboveboard.findings.model import Evidence, Finding
from aboveboard.ledger.event import Event
from aboveboard.web import jobs

PUSH = Finding(
    "policy.push-authority-down", {"policy": "refund"}, "They wait.", Evidence(90, 0.97, "share"), "Let them."
)
KEEP = Finding("policy.keep-and-explain", {"policy": "refund"}, "It does harm.", Evidence(90, 0.2, "share"), "Keep it.")
UNKNOWN = replace(PUSH, about={"policy": "of-last-year"})
ABUSE = {
    "customer": "c-1",
    "appeal": "9 of 10 on record, until March.",
    "found_at": NOW,
    "expires_at": NOW + timedelta(days=9),
}


@pytest.fixture(autouse=True)
def book(database: str) -> None:
    playbook.publish(by=None, text=TEXT, why="first", effective_from=NOW, now=NOW)


def test_a_rule_that_should_change_is_put_to_its_owner_once(joined: Joining) -> None:
    assert tasks.take(findings=[PUSH, KEEP, UNKNOWN], abuse=[], now=NOW) == 1
    tasks.take(findings=[replace(PUSH, sentence="They wait longer.")], abuse=[], now=NOW + timedelta(days=1))
    [made] = queries.proposals()
    assert (made.rule, made.sentence, made.finding, made.evidence["n"]) == (
        "policy:refund",
        "They wait longer.",
        PUSH.id,
        90,
    )
    actions.refuse(
        by=joined("cora", "cx-lead"), proposal=made.pk, reason="The bank says no.", now=NOW + timedelta(days=2)
    )
    tasks.take(findings=[PUSH], abuse=[], now=NOW + timedelta(days=3))
    assert [one.state for one in queries.proposals()] == ["refused"], "what was decided stands"


def test_the_findings_of_abuse_are_those_of_the_last_run() -> None:
    tasks.take(findings=[], abuse=[ABUSE, ABUSE | {"customer": "c-2"}], now=NOW)
    found = queries.abuse_of(customer="c-1", now=NOW)
    assert found and found.says == ABUSE["appeal"] and len(found.finding) == 12
    tasks.take(findings=[], abuse=[ABUSE | {"customer": "c-2"}], now=NOW)
    assert queries.abuse_of(customer="c-1", now=NOW) is None
    assert models.Abuse.objects.count() == 1


def test_the_kinds_that_propose_are_kinds_of_findings() -> None:
    assert set(rules.PROPOSING) <= {one.name for one in kinds.KINDS}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "FOUND", replace(settings.FOUND, folder=tmp_path / "files"))
    yield tmp_path / "files"


def test_a_run_hands_them_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = Event(id="o", type="order.placed", time=NOW, subject="order:1", customer="c-1")
    journal.record(events=[placed], now=NOW)
    found = {"events_count": 1, "customers_count": 1, "first_at": NOW, "last_at": NOW}
    abuse = pa.Table.from_pylist([ABUSE])

    def ran(*given: Any, **more: Any) -> jobs.runs.Results:
        return jobs.runs.Results({"abuse": abuse}, (PUSH,), NOW, found)

    monkeypatch.setattr(jobs.runs, "run", ran)
    monkeypatch.setattr(jobs, "_written", lambda work, results, held, out: None)
    chore = chores.ask(by=None, name="analyse", act="findings.work", now=NOW)
    assert jobs.worker().once(["analyse"])
    assert chore_queries.one(chore=chore.pk).outcome == "done"
    assert [one.rule for one in queries.proposals()] == ["policy:refund"]
    assert models.Abuse.objects.get().customer == "c-1"
