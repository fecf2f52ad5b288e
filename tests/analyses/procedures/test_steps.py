"""Which steps help, and where? A company of known worth, measures of every origin, and what must change nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from benchmarks import planted_steps as benchmark

from aboveboard.analyses import procedures
from aboveboard.analyses.procedures import acts, case_mix, visits
from aboveboard.analyses.shared import horizon, telling
from aboveboard.engines import Ledger
from aboveboard.playbook import reader
from aboveboard.simulate import planted_steps

Row = dict[str, Any]
BOOK = reader.read(planted_steps.playbook())
SMALL = 1_200


@cache
def company() -> list[benchmark.Weighed]:
    return benchmark.company(1)


def small(**options: Any) -> pa.Table:
    return planted_steps.events(planted_steps.visits(5, count=SMALL), **options)


def weighed(events: pa.Table, book: Any = BOOK) -> list[Row]:
    with Ledger.of(events) as led:
        return list(led.arrow(procedures.steps(led.events, book)).to_pylist())


@cache
def as_it_was() -> list[Row]:
    return weighed(small())


def test_what_is_planted_is_found() -> None:
    assert benchmark.advised(company(), planted_steps.USELESS + planted_steps.HARMFUL, "drop") == (3, 3)
    assert benchmark.advised(company(), planted_steps.USEFUL, "keep") == (2, 2)
    assert benchmark.contexts_found(company()) == (2, 2)
    right = [one for one in company() if planted_steps.IN_CONTEXT.get(one.step) in one.row["context"].split()]
    assert [one.row["advice"] for one in right] == ["keep", "keep"]


def test_intervals_hold_the_truth_where_the_plain_difference_does_not() -> None:
    whole = [one for one in company() if one.plain]
    assert len(whole) == 7
    assert sum(one.held for one in whole) >= 6
    assert sum(one.plain[0] <= one.truth <= one.plain[1] for one in whole if one.plain) == 0
    assert all(one.row["naive"] - one.truth > 0.15 for one in whole), "who is in a hurry leaves steps out"


def test_what_nobody_leaves_out_cannot_be_weighed() -> None:
    greet = as_it_was()[0]
    assert (greet["step"], greet["advice"], greet["effect"]) == ("breakdown-visit/greet", "not enough data", None)
    assert greet["met_share"] > 0.99 and greet["says"].startswith("All visits: too few comparable visits")


def test_a_decline_changes_neither_score_nor_advice() -> None:
    events = small()
    offers = pc.is_in(
        events["rule"], value_set=pa.array([f"step:breakdown-visit/offer-{what}" for what in ("water", "insurance")])
    )
    done = pc.and_(pc.fill_null(offers, False), pc.equal(events["type"], "step.done"))
    declined = events.set_column(1, "type", pc.if_else(done, "step.declined", events["type"]))
    assert pc.sum(done).as_py() > 500
    for one, other in zip(as_it_was(), weighed(declined), strict=True):
        answers = ("done_count", "declined_count")
        assert {k: v for k, v in one.items() if k not in answers} == {
            k: v for k, v in other.items() if k not in answers
        }


def test_names_of_employees_change_nothing() -> None:
    names = [f"{(7 * number) % 24:02d}-somebody" for number in range(planted_steps.EMPLOYEES)]
    for one, other in zip(as_it_was(), weighed(small(people=names)), strict=True):
        for name, value in one.items():
            assert other[name] == (pytest.approx(value, rel=1e-6, abs=1e-9) if isinstance(value, float) else value)


def test_where_a_step_is_not_due_it_is_neither_counted_nor_compared() -> None:
    book = reader.read(
        planted_steps.playbook().replace("kind: offer,", "kind: offer, when: touchpoint = 'roadside',", 1)
    )
    drawn = planted_steps.visits(5, count=SMALL)
    water = next(row for row in weighed(small(), book) if row["step"].endswith("offer-water"))
    assert water["visits_count"] == (drawn.touchpoint == 0).sum()
    assert water["scored_count"] == (drawn.answered & (drawn.touchpoint == 0)).sum()


def answer(measure: str, value: float) -> tuple[float, str, Row]:
    return 30.0, "survey.answered", {"outcome": measure, "value": value}


# What comes after the n-th visit of each procedure: minutes after its start, type and columns.
AFTER: dict[str, Any] = {
    "survey": lambda n, water: [answer("csat", 4.0 + water * (n % 4 > 0)), *([answer("nps", 0)] if n < 150 else [])],
    "hard": lambda n, water: [answer("effort", 5.0 - water + n % 3)],
    "ended": lambda n, water: [(40.0, "contact.ended", {"outcome": "resolved" if n % 5 or water else "abandoned"})],
    "back": lambda n, water: [] if water else [(m, "contact.started", {}) for m in range(10, 10 + n % 3)],
    "silent": lambda n, water: [answer("csat", 5)] if n < 30 else [],
}


@pytest.fixture(scope="module")
def measured(opened: Any) -> dict[str, Row]:
    """By procedure, its one row: 200 visits each, in every second of which water was offered and declined."""
    book = "organisation: A patrol\nmeasures: {effort: {scale: [1, 7], high_is: hard}}\nprocedures:\n"
    events: list[tuple[float, str, Row]] = []
    for name, after in AFTER.items():
        book += f"  {name}: {{starts: type = '{name}.started', steps: {{water: {{kind: offer}}}}}}\n"
        for n in range(200):
            at, water, line = 60.0 * n, n % 2 == 0, {"subject": f"{name}:{n}"}
            step = {**line, "rule": f"step:{name}/water", "team": "patrol"}
            events.append((at, f"{name}.started", line))
            events.append((at + 1, "step.offered" if water else "step.skipped", step))
            events += [(at + 2, "step.declined", step)] if water else []
            events += [(at + minutes, type, line | columns) for minutes, type, columns in after(n, water)]
    led = opened(*events)
    rows = led.arrow(procedures.steps(led.events, reader.read(book))).to_pylist()
    return {row["procedure"]: row for row in rows}


def test_the_survey_on_most_visits_is_the_measure(measured: dict[str, Row]) -> None:
    row = measured["survey"]
    assert (row["measure"], row["scored_count"], row["undertaken_count"]) == ("csat", 200, 100)
    assert row["effect"] == pytest.approx(0.5, abs=0.05) and row["effect_low"] > 0.3 and row["advice"] == "keep"
    assert row["done_count"] == 0 and row["met_share"] == pytest.approx(0.5, abs=0.01)


def test_where_low_is_good_a_lower_answer_is_worth_more(measured: dict[str, Row]) -> None:
    assert measured["hard"]["effect"] == pytest.approx(1.0, abs=0.1) and measured["hard"]["advice"] == "keep"


def test_without_surveys_being_resolved_is_the_measure(measured: dict[str, Row]) -> None:
    assert measured["ended"]["measure"] == "resolved"
    assert measured["ended"]["effect"] == pytest.approx(0.2, abs=0.05)


def test_without_either_fewer_contacts_are_better(measured: dict[str, Row]) -> None:
    row = measured["back"]
    assert (row["measure"], row["scored_count"]) == ("contacts", 200)
    assert row["effect"] == pytest.approx(1.0, abs=0.1) and row["advice"] == "keep"


def test_without_any_nothing_is_advised(measured: dict[str, Row]) -> None:
    row = measured["silent"]
    assert (row["measure"], row["effect"], row["advice"]) == (None, None, "not enough data")
    assert row["says"] == "All visits: too few of these visits have a score on record."


def test_an_answer_scores_the_visit_before_it(opened: Any) -> None:
    """Visits follow one another on one subject: each is scored by what came between it and the next."""
    events = []
    for n in range(200):
        line = {"subject": "machine:1", "rule": "step:visit/water"}
        events.append((60.0 * n, "visit.started", {"subject": "machine:1"}))
        events.append((60.0 * n + 1, "step.offered" if n % 2 else "step.skipped", line))
        events.append(
            (60.0 * n + 30, "survey.answered", {"subject": "machine:1", "value": 4.0 + n % 2, "outcome": "csat"})
        )
    book = reader.read(
        "organisation: A\nprocedures: {visit: {starts: type = 'visit.started', steps: {water: {kind: offer}}}}\n"
    )
    led = opened(*events)
    (row,) = led.arrow(procedures.steps(led.events, book)).to_pylist()
    assert (row["effect"], row["scored_count"]) == (pytest.approx(1.0, abs=0.05), 200)


def test_each_procedure_has_its_own_measure_and_its_own_contexts(opened: Any) -> None:
    """At the desk a tip helps new customers, said in surveys; in the yard a check has it resolved for big cars."""
    book = reader.read("""
organisation: Two places
procedures:
  desk: {starts: type = 'desk.visit', steps: {greet: {kind: must}, tip: {kind: offer}}}
  yard: {starts: type = 'yard.visit', steps: {check: {kind: default}}}
""")
    events: list[tuple[float, str, Row]] = []
    for n in range(800):
        desk, yard, at = {"subject": f"d:{n}"}, {"subject": f"y:{n}"}, 60.0 * n
        taken, new, big, luck = n % 2 == 0, n % 4 < 2, n % 8 < 4, n % 5 > 0
        way = ("offered", "done") if taken else ("skipped", "skipped")
        events += [
            (at, "desk.visit", desk | {"attributes": {"kind": "new" if new else "old"}}),
            (at + 1, f"step.{way[0]}", desk | {"rule": "step:desk/tip"}),
            (at + 9, "survey.answered", desk | {"outcome": "csat", "value": 3.0 + (taken and new) + luck}),
            (at, "yard.visit", yard | {"attributes": {"car": "big" if big else "small"}}),
            (at + 1, f"step.{way[1]}", yard | {"rule": "step:yard/check"}),
            (at + 9, "contact.ended", yard | {"outcome": "resolved" if luck and (taken or not big) else "unresolved"}),
        ]
    led = opened(*events)
    rows = {(row["step"], row["context"]): row for row in led.arrow(procedures.steps(led.events, book)).to_pylist()}
    assert {key: (row["measure"], row["advice"]) for key, row in rows.items()} == {
        ("desk/greet", "all"): ("csat", "not enough data"),
        ("desk/tip", "all"): ("csat", "make conditional"),
        ("desk/tip", "kind new"): ("csat", "keep"),
        ("desk/tip", "kind old"): ("csat", "make conditional"),
        ("yard/check", "all"): ("resolved", "make conditional"),
        ("yard/check", "car big"): ("resolved", "keep"),
        ("yard/check", "car small"): ("resolved", "make conditional"),
    }
    assert rows["desk/tip", "all"]["proposed_when"] == "attributes.kind = 'new'"
    assert rows["yard/check", "all"]["proposed_when"] == "attributes.car = 'big'"
    assert rows["yard/check", "car big"]["effect"] == pytest.approx(0.8, abs=0.06)


def test_who_took_the_steps_stands_for_a_start_that_names_nobody(opened: Any) -> None:
    step = {"rule": "step:visit/water", "team": "patrol"}
    led = opened(
        (0, "visit.started", {"subject": "a"}),
        (1, "step.offered", {"subject": "a", "employee": "zoe", **step}),
        (2, "step.done", {"subject": "a", "employee": "ann", **step}),
        (0, "visit.started", {"subject": "b", "employee": "bob", "team": "desk"}),
        (1, "step.skipped", {"subject": "b", "employee": "ann", **step}),
        (0, "visit.started", {"subject": "c"}),
    )
    book = reader.read(
        "organisation: A\nprocedures: {visit: {starts: type = 'visit.started', steps: {water: {kind: offer}}}}\n"
    )
    timed, _ = horizon.until(led.events, None)
    begun = visits.starts(timed, book)
    crewed = case_mix.with_crew(begun, acts.told(timed, begun, book))
    found = {row["subject"]: (row["employee"], row["team"]) for row in led.arrow(crewed).to_pylist()}
    assert found == {"a": ("zoe", "patrol"), "b": ("bob", "desk"), "c": (None, None)}


def test_a_context_is_never_a_person(opened: Any) -> None:
    def told(n: int) -> Row:
        return {
            "crew": f"emp-{n % 3}",
            "kind": ("new", "old")[n % 2],
            "note": f"n{n}",
            "one": "same",
            'odd"key': "ab"[n % 2],
        }

    led = opened(
        *(
            (n, "visit.started", {"subject": f"v:{n}", "employee": f"emp-{n % 3}", "attributes": told(n)})
            for n in range(60)
        )
    )
    assert telling.keys(led.events, by="type", order="id") == {"visit.started": ["kind"]}
