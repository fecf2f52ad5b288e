"""What must not matter does not matter: who somebody is by name, and that a customer said no."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import aboveboard as ab
from aboveboard.engines import Ledger
from aboveboard.reports import run

STORIES = Path(__file__).resolve().parents[2] / "stories"


def events_of(story: str) -> pa.Table:
    zone = ab.read_playbook(STORIES / story / "playbook.yaml").timezone.key
    with ab.read(STORIES / story / "events.csv", timezone=zone) as ledger:
        return ledger.arrow(ledger.events)


def results_of(story: str, events: pa.Table) -> run.Results:
    with Ledger.of(events) as ledger:
        return run.run(ledger, ab.read_playbook(STORIES / story / "playbook.yaml"))


def renamed(events: pa.Table) -> pa.Table:
    """Every employee under another key, in another order of names."""
    keys = pc.unique(events["employee"].drop_null()).to_pylist()
    new = {key: "staff-" + hashlib.sha256(key.encode()).hexdigest()[:10] for key in keys}
    names = pa.array([new.get(key) for key in events["employee"].to_pylist()], pa.string())
    return events.set_column(events.column_names.index("employee"), "employee", names)


def in_order(table: pa.Table) -> pa.Table:
    """Sorted; and to ten digits, for another order of rows adds up to another last digit."""
    for at, column in enumerate(table.column_names):
        if pa.types.is_floating(table.schema.field(column).type):
            table = table.set_column(at, column, pc.round(table[column], ndigits=10))
    return table.sort_by([(column, "ascending") for column in table.column_names])


def plain(value: Any) -> Any:
    """A finding as plain values, to ten digits."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return round(value, 10) if isinstance(value, float) else value


@pytest.mark.slow
@pytest.mark.parametrize("story", ["waiter", "water-bottle", "cinema"])
def test_renaming_employees_changes_nothing(story: str) -> None:
    events = events_of(story)
    before, after = results_of(story, events), results_of(story, renamed(events))
    said = [[plain(finding.as_dict()) for finding in results.findings] for results in (before, after)]
    assert said[0] == said[1]
    for name, table in before.tables.items():
        others = [column for column in table.column_names if column != "employee"]
        assert in_order(after.tables[name].select(others)).equals(in_order(table.select(others))), name


@pytest.mark.slow
def test_a_no_in_place_of_a_yes_lowers_no_score() -> None:
    """Every accepted offer of the water becomes a declined one: no visit scores less, no duty is less met."""
    events = events_of("water-bottle")
    offer = pc.and_(pc.equal(events["rule"], "step:breakdown-visit/offer-water"), pc.equal(events["type"], "step.done"))
    kinds = pc.if_else(pc.fill_null(offer, False), "step.declined", events["type"])
    assert pc.sum(pc.fill_null(offer, False)).as_py() > 100
    declined = events.set_column(events.column_names.index("type"), "type", kinds)
    before, after = results_of("water-bottle", events), results_of("water-bottle", declined)
    assert in_order(after.tables["journeys"]).equals(in_order(before.tables["journeys"]))
    met = [
        {(d["subject"], d["step"], d["visit"]): d["met"] for d in r.tables["duties"].to_pylist()}
        for r in (before, after)
    ]
    assert all(now or not met[0][key] for key, now in met[1].items() if met[0][key] is not None)
    assert set(met[0]) == set(met[1])
