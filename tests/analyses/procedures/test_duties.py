"""Was each step done right? Every rule of the three kinds, case by case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aboveboard.analyses import procedures
from aboveboard.analyses.procedures.tables import DUTIES
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

BOOK = reader.read("""
organisation: A patrol
procedures:
  visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}, ring: {kind: default}, water: {kind: offer}}
""")
WHY = "why"
# kind of step, what was done about it in turn (`why`: with a reason), met, because, answer
CASES: list[tuple[str, tuple[str, ...], bool | None, str | None, str | None]] = [
    ("greet", ("done",), True, None, "done"),
    ("greet", ("adapted why",), True, None, "adapted"),
    ("greet", ("adapted",), False, "adapted without a reason", "adapted"),
    ("greet", ("skipped why",), False, "skipped", "skipped"),
    ("greet", ("skipped",), False, "skipped without a reason", "skipped"),
    ("greet", ("done", "skipped"), True, None, "skipped"),
    ("greet", ("declined",), None, None, "declined"),
    ("greet", ("offered",), False, "not done", None),
    ("greet", (), False, "not done", None),
    ("ring", ("done",), True, None, "done"),
    ("ring", ("skipped why",), True, None, "skipped"),
    ("ring", ("skipped",), False, "skipped without a reason", "skipped"),
    ("ring", ("adapted",), False, "adapted without a reason", "adapted"),
    ("ring", ("declined",), True, None, "declined"),
    ("ring", (), False, "not done", None),
    ("water", ("offered", "done"), True, None, "done"),
    ("water", ("offered", "declined"), True, None, "declined"),
    ("water", ("done",), True, None, "done"),
    ("water", ("declined",), True, None, "declined"),
    ("water", ("offered", "adapted why"), True, None, "adapted"),
    ("water", ("offered",), False, "no answer on record", None),
    ("water", ("offered", "offered", "declined"), True, None, "declined"),
    ("water", ("offered", "declined", "offered", "done"), False, "offered again after a no", "done"),
    ("water", ("offered", "declined", "offered", "declined"), False, "offered again after a no", "declined"),
    ("water", ("offered", "declined", "done"), True, None, "done"),
    ("water", ("offered", "declined", "adapted"), True, None, "adapted"),
    ("greet", ("declined", "skipped"), None, None, "skipped"),
    ("water", ("skipped why",), False, "never offered", "skipped"),
    ("water", ("skipped",), False, "skipped without a reason", "skipped"),
    ("water", (), False, "never offered", None),
]


def acts(subject: str, step: str, at: float, words: tuple[str, ...]) -> list[tuple[float, str, dict[str, Any]]]:
    found = []
    for turn, word in enumerate(words):
        verb, _, why = word.partition(" ")
        columns: dict[str, Any] = {"subject": subject, "rule": f"step:visit/{step}"}
        found.append((at + turn, f"step.{verb}", columns | ({"attributes": {"reason": "so"}} if why else {})))
    return found


def started(subject: str, at: float, **columns: Any) -> tuple[float, str, dict[str, Any]]:
    return at, "visit.started", {"subject": subject, **columns}


def judged(led: Any, book: Playbook = BOOK, **options: Any) -> dict[tuple[str, str], dict[str, Any]]:
    table = led.arrow(procedures.duties(led.events, book, **options))
    assert tuple(table.column_names) == DUTIES.columns
    rows = {(row["visit"], row["step"].partition("/")[2]): row for row in table.to_pylist()}
    assert len(rows) == table.num_rows
    return rows


def test_every_rule_of_the_three_kinds(opened: Any, first: datetime) -> None:
    events = []
    places = []
    for number, (step, words, *_) in enumerate(CASES):
        places.append(f"e{len(events) + 1}")
        events += [started(f"visit:{number}", number), *acts(f"visit:{number}", step, number + 1, words)]
    rows = judged(opened(*events), as_of=first + timedelta(days=9))
    for place, (step, words, met, because, answer) in zip(places, CASES, strict=True):
        row = rows[place, step]
        assert (row["met"], row["unmet_because"], row["answer"]) == (met, because, answer), (step, words)
        assert row["events_count"] == len(words) and row["offers_count"] == words.count("offered")
        assert row["undertaken"] is any(word.split()[0] not in ("skipped",) for word in words), (step, words)
    assert "declined" not in {row["unmet_because"] for row in rows.values()}


def test_a_later_start_is_another_visit(opened: Any, first: datetime) -> None:
    led = opened(
        *acts("v", "greet", -5, ("done",)),
        started("v", 0), *acts("v", "greet", 3, ("done",)),
        started("v", 60), *acts("v", "water", 60, ("offered", "declined")),
        started("w", 0), *acts("w", "greet", 3, ("done",)),
    )  # fmt: skip
    rows = judged(led, as_of=first + timedelta(days=9))
    assert {visit for visit, _ in rows} == {"e2", "e4", "e7"}
    assert rows["e2", "greet"]["met"] and not rows["e4", "greet"]["met"]
    assert rows["e4", "water"]["met"] and rows["e2", "water"]["unmet_because"] == "never offered"
    assert rows["e2", "greet"]["events_count"] == 1, "what came before any visit belongs to none"


def test_what_is_young_is_neither_met_nor_unmet(opened: Any, first: datetime) -> None:
    led = opened(started("v", 0), *acts("v", "water", 1, ("offered",)), *acts("v", "ring", 1, ("skipped",)))
    young = judged(led, as_of=first + timedelta(hours=23))
    assert [young["e1", step]["met"] for step in ("greet", "ring", "water")] == [None, False, None]
    assert (young["e1", "greet"]["undertaken"], young["e1", "water"]["undertaken"]) == (None, True)
    old = judged(led, as_of=first + timedelta(hours=24))
    assert old["e1", "greet"]["unmet_because"] == "not done"
    assert old["e1", "water"]["unmet_because"] == "no answer on record"
    assert judged(led, as_of=first + timedelta(hours=1), settled_after=timedelta(0))["e1", "greet"]["met"] is False


def test_what_comes_after_as_of_has_not_happened(opened: Any, first: datetime) -> None:
    led = opened(started("v", 0), *acts("v", "greet", 60, ("done",)), started("w", 120))
    assert {visit for visit, _ in judged(led, as_of=first + timedelta(minutes=59))} == {"e1"}
    assert judged(led)["e1", "greet"]["met"], "by default everything counts"
    with pytest.raises(ValueError, match="no time zone"):
        procedures.duties(led.events, BOOK, as_of=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="settled_after"):
        procedures.duties(led.events, BOOK, settled_after=timedelta(days=-1))


def test_a_step_is_due_where_its_when_holds(opened: Any, first: datetime) -> None:
    book = reader.read("""
organisation: A patrol
procedures:
  visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}, water: {kind: offer, when: touchpoint = 'roadside' and attributes.kind = 'new'}}
""")
    led = opened(
        started("a", 0, touchpoint="roadside", attributes={"kind": "new"}),
        started("b", 0, touchpoint="roadside"),
        started("c", 0, touchpoint="home", attributes={"kind": "new"}),
    )
    assert sorted(judged(led, book, as_of=first + timedelta(days=9))) == [
        ("e1", "greet"), ("e1", "water"), ("e2", "greet"), ("e3", "greet"),
    ]  # fmt: skip


def test_without_starts_a_visit_begins_with_its_first_step(opened: Any, first: datetime) -> None:
    book = reader.read(
        "organisation: A desk\nprocedures: {visit: {steps: {greet: {kind: must}, water: {kind: offer}}}}\n"
    )
    led = opened(*acts("v", "water", 1, ("offered", "done")), (9, "step.done", {"rule": "step:visit/greet"}))
    rows = judged(led, book, as_of=first + timedelta(days=9))
    assert list(rows) == [("e1", "greet"), ("e1", "water")] or set(rows) == {("e1", "greet"), ("e1", "water")}
    assert (rows["e1", "greet"]["met"], rows["e1", "water"]["met"]) == (False, True)


def test_insistence_is_an_offer_after_a_no(opened: Any, first: datetime) -> None:
    told = {"customer": "ruth", "team": "patrol"}
    led = opened(
        started("v", 0, **told),
        *acts("v", "water", 5, ("offered",)), *acts("v", "water", 5, ("declined",)),
        *acts("v", "water", 6, ("offered", "offered", "declined", "offered", "done")),
        *acts("v", "ring", 7, ("offered", "done", "offered")),
        started("w", 0, **told), *acts("w", "water", 1, ("offered", "declined")),
        started("w", 9, **told), *acts("w", "water", 10, ("offered",)),
    )  # fmt: skip
    rows = led.arrow(procedures.insistence(led.events, BOOK)).to_pylist()
    found = [
        (r["event"], r["declined_event"], r["times"], r["accepted"]) for r in sorted(rows, key=lambda r: r["times"])
    ]
    assert found == [("e4", "e3", 1, True), ("e5", "e3", 2, True), ("e7", "e6", 3, True)]
    assert {(r["visit"], r["customer"], r["team"], r["step"]) for r in rows} == {
        ("e1", "ruth", "patrol", "visit/water")
    }


@pytest.mark.parametrize("book", [BOOK, reader.read("organisation: Nobody\n")])
def test_nothing_gives_tables_with_the_right_columns(opened: Any, book: Playbook) -> None:
    bare = [
        (float(n), kind, {})
        for n, kind in enumerate(("visit.started", "step.done", "survey.answered", "contact.ended"))
    ]
    for led in (opened(), opened(*bare)):
        for table, spec in zip(
            (procedures.duties, procedures.insistence, procedures.steps), procedures.TABLES, strict=True
        ):
            found = led.arrow(table(led.events, book))
            assert tuple(found.column_names) == spec.columns
            assert found.num_rows == (3 if spec.name == "steps" and book is BOOK else 0)
