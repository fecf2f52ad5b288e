"""Duties and insistence are the same rows on every engine and in plain Python; steps weigh the same on every engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st
from tests.agreement import procedures_reference as reference
from tests.agreement.gathered import gathered, together

from aboveboard.analyses import procedures
from aboveboard.engines.ledgers import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.simulate import planted_steps

Row = dict[str, Any]
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = FIRST + timedelta(hours=40)
SETTLED = timedelta(hours=12)
PLAYBOOK = reader.read("""
organisation: A patrol
procedures:
  visit:
    starts: type = 'visit.started'
    steps:
      greet: {kind: must}
      ring back: {kind: default, when: touchpoint = 'gate' or attributes.kind = 'new'}
      offer-water: {kind: offer}
  desk:
    steps:
      smile: {kind: default}
      offer-water: {kind: offer, when: team is not null}
""")
RULES = tuple(reference.rule(procedure, step) for procedure in PLAYBOOK.procedures.values() for step in procedure.steps)
VERBS = ("offered", "offered", "offered", "done", "declined", "declined", "adapted", "skipped")
ATTRIBUTES = (
    None,
    '{"reason": "late"}',
    '{"reason": "no time"}',
    '{"reason": " "}',
    '{"reason": null}',
    '{"kind": "new"}',
)


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(values))


# Few moments, so that many events share one; few subjects, so that visits follow and overlap one another. Each script is
# a visit as it might go (it may lack its start, or be about nothing): what is done about one step, one thing after another.
ACT = st.tuples(st.sampled_from(VERBS), st.integers(0, 1), st.sampled_from(ATTRIBUTES), maybe("desk"))
SCRIPT = st.tuples(
    st.sampled_from(("visit:1", "visit:2", "visit:ß", None)),
    st.integers(0, 10),
    st.sampled_from((True, True, False)),
    st.sampled_from((*RULES, RULES[2], "step:visit/unknown")),
    st.lists(ACT, max_size=5),
    st.fixed_dictionaries({"customer": maybe("ann", "Bö"), "touchpoint": maybe("gate"), "team": maybe("Ärger & Co")}),
    st.sampled_from(ATTRIBUTES),
)


def events(scripts: list[Any]) -> list[Row]:
    """The scripts as events, with ids in another order than their times."""
    rows: list[Row] = []
    for subject, hour, begins, rule, acts, line, held in scripts:
        if begins:
            rows.append({"type": "visit.started", "hour": hour, "subject": subject, "attributes": held, **line})
        for verb, later, reason, team in acts:
            hour += 4 * later
            row = {"type": f"step.{verb}", "hour": hour, "subject": subject, "rule": rule, "attributes": reason}
            rows.append(row | {"customer": line["customer"], "touchpoint": "yard", "team": team})
    blank = {"rule": None, "recorded_at": FIRST}
    return [
        {**blank, **row, "id": f"e{(n * 7) % 97:02d}", "time": FIRST + timedelta(hours=hour, microseconds=hour % 3)}
        for n, row in enumerate(rows)
        for hour in [row.pop("hour")]
    ]


LEDGERS = st.lists(SCRIPT, min_size=1, max_size=6).map(events)
LINE: Row = {"customer": "ann", "touchpoint": "gate", "team": None}
# What must occur, whatever hypothesis makes.
SURE = [
    ("visit:1", 0, True, RULES[0], [("skipped", 1, '{"reason": "late"}', None)], LINE, None),
    ("visit:2", 0, True, RULES[0], [("adapted", 1, None, None), ("skipped", 0, None, None)], LINE, None),
    ("visit:3", 0, True, RULES[0], [("declined", 1, None, None)], LINE, None),
    ("visit:4", 0, True, RULES[0], [("adapted", 1, None, None)], LINE, None),
    ("visit:5", 0, True, RULES[2], [("offered", 1, None, None)], LINE, None),
    ("visit:7", 0, True, RULES[2], [("offered", 1, None, None), ("done", 1, None, None)], LINE, None),
    ("visit:8", 0, True, RULES[2], [("done", 1, None, None), ("adapted", 1, None, None)], LINE, None),
    ("visit:6", 0, True, RULES[2], [(verb, 1, None, "desk") for verb in ("offered", "declined", "offered", "offered", "done")],
     LINE, None),
]  # fmt: skip


COMPANY = planted_steps.events(planted_steps.visits(3, count=700))
COMPANY_BOOK = reader.read(planted_steps.playbook())


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def plain(rows: list[Row]) -> list[Row]:
    utc = [{k: v.astimezone(UTC) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]
    return sorted(utc, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def agree(opened: Opener, rows: list[Row]) -> None:
    duties = reference.duties(rows, PLAYBOOK, as_of=AS_OF, settled_after=SETTLED)
    insistence = reference.insistence(rows, PLAYBOOK, as_of=AS_OF)
    # The comparison says something only where everything occurs.
    assert {row["unmet_because"] for row in duties} >= {
        "not done", "skipped", "skipped without a reason", "adapted without a reason", "never offered", "no answer on record",
        "offered again after a no",
    }  # fmt: skip
    assert {row["met"] for row in duties} == {True, False, None} and {row["times"] for row in insistence} >= {1, 2}
    with opened(table(rows)) as led:
        found = led.arrow(procedures.duties(led.events, PLAYBOOK, as_of=AS_OF, settled_after=SETTLED))
        assert plain(found.to_pylist()) == plain(duties)
        found = led.arrow(procedures.insistence(led.events, PLAYBOOK, as_of=AS_OF))
        assert plain(found.to_pylist()) == plain(insistence)


def test_each_engine_gives_what_plain_python_gives(opened: Opener) -> None:
    agree(opened, together([events(SURE), *gathered(LEDGERS, 200)]))


def said_no(rows: list[Row]) -> list[Row]:
    """Every `done` of an offer after which it is not offered again becomes `declined`."""
    offers = {rule for rule in RULES if rule.endswith("/offer-water")}

    def again(row: Row) -> bool:
        later = (
            r for r in rows if (r["subject"], r["rule"]) == (row["subject"], row["rule"]) and r["time"] >= row["time"]
        )
        return any(other["type"] == "step.offered" for other in later)

    return [
        row | {"type": "step.declined"}
        if row["type"] == "step.done" and row["rule"] in offers and not again(row)
        else row
        for row in rows
    ]


def test_a_no_in_place_of_a_yes_lowers_nothing() -> None:
    ledgers = [events(SURE), *gathered(LEDGERS, 60)]
    before, after = together(ledgers), together([said_no(rows) for rows in ledgers])
    assert sum(one != other for one, other in zip(before, after, strict=True)) >= 3
    judged = []
    for rows in (before, after):
        with Ledger.of(table(rows)) as led:
            found = led.arrow(procedures.duties(led.events, PLAYBOOK, as_of=AS_OF, settled_after=SETTLED)).to_pylist()
            insisting = led.arrow(procedures.insistence(led.events, PLAYBOOK, as_of=AS_OF))
        judged.append(({(row["visit"], row["step"]): row["met"] for row in found}, set(insisting["event"].to_pylist())))
    assert judged[0] == judged[1]


@pytest.mark.slow
def test_spark_gives_what_plain_python_gives(opened_on_spark: Opener) -> None:
    agree(opened_on_spark, together([events(SURE), *gathered(LEDGERS, 200)]))


@cache
def weighed() -> list[Row]:
    """A company's steps as DuckDB gives them."""
    with Ledger.of(COMPANY) as led:
        return list(led.arrow(procedures.steps(led.events, COMPANY_BOOK)).to_pylist())


def weighed_alike(opened: Opener) -> None:
    assert sum(row["effect"] is not None for row in weighed()) > 5
    with opened(COMPANY) as led:
        found = led.arrow(procedures.steps(led.events, COMPANY_BOOK)).to_pylist()
    for one, other in zip(found, weighed(), strict=True):
        for name, value in other.items():
            assert one[name] == (pytest.approx(value, rel=1e-6, abs=1e-9) if isinstance(value, float) else value), name


def test_steps_weigh_the_same_on_postgres(postgres: str) -> None:
    weighed_alike(lambda events: Ledger.of(events, engine="postgres", url=postgres))


@pytest.mark.slow
def test_steps_weigh_the_same_on_spark(opened_on_spark: Opener) -> None:
    weighed_alike(opened_on_spark)
