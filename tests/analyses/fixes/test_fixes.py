"""Planted companies: what was changed to a known effect gets the verdict it deserves, and only by what was known."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import fixes, promises
from aboveboard.analyses.fixes import looks
from aboveboard.analyses.problems.tables import OCCASIONS, PROBLEMS
from aboveboard.analyses.shared import arrays
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook
from aboveboard.simulate import planted_fixes
from aboveboard.simulate.planted_fixes import FIRST, Planted

Row = dict[str, Any]
WEEKS = {"weeks_before": 40, "weeks_after": 14}
COMPANY = (
    Planted("gone", keeps=0.1, plan={"window_weeks": 6}, **WEEKS),
    Planted("half", keeps=0.45, per_week=40, varies=0.1, plan={"reduce_by": 0.9, "window_weeks": 8}, **WEEKS),
    Planted("same", plan={"window_weeks": 8}, **WEEKS),
    Planted("more", keeps=1.0, plan={"window_weeks": 8}, **WEEKS),
    Planted("again", keeps=0.1, returns=8, plan={"window_weeks": 6}, **WEEKS),
    Planted("young", keeps=0.2, per_week=40, weeks_before=7, weeks_after=47, plan={"window_weeks": 4}),
    Planted("new", weeks_before=5, weeks_after=49, per_week=5),
    Planted("rare", per_week=0.1, **WEEKS),
)


@cache
def company() -> pa.Table:
    """`more` has its cases doubled after the change: those of a second problem of that name."""
    table = planted_fixes.events(COMPANY, 5)
    rows = [
        row
        for row in table.to_pylist()
        if row["id"].startswith("more-case") and row["time"] > FIRST + timedelta(weeks=40)
    ]
    double = [row | {"id": row["id"] + "b", "subject": row["subject"] + "b"} for row in rows for _ in range(1)]
    return pa.concat_tables([table, pa.Table.from_pylist(double, schema=SCHEMA)])


def judged(events: pa.Table, playbook: Playbook | None = None, **more: Any) -> tuple[dict[str, Row], list[Row]]:
    with Ledger.of(events) as led:
        studies = fixes.studies(led.events, playbook or Playbook(), **more)
        rows = led.arrow(fixes.fixes(studies)).to_pylist()
        return {row["problem"]: row for row in rows}, led.arrow(fixes.weeks(studies)).to_pylist()


@pytest.fixture(scope="module")
def found() -> tuple[dict[str, Row], list[Row]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "DRAWN", 300)
        return judged(company())


def test_each_gets_its_verdict(found: tuple[dict[str, Row], list[Row]]) -> None:
    verdicts = {problem: row["verdict"] for problem, row in found[0].items()}
    assert verdicts == {
        "gone": "fixed", "half": "partly", "same": "no evidence", "more": "worse", "again": "came back", "young": "fixed",
        "new": "no evidence", "rare": "no evidence",
    }  # fmt: skip


def test_the_effect_and_its_interval_are_of_the_size_that_was_planted(found: tuple[dict[str, Row], list[Row]]) -> None:
    gone, young = found[0]["gone"], found[0]["young"]
    assert gone["reduced_share_low"] < 0.9 < gone["reduced_share_high"] and gone["effect_high"] < 0
    assert gone["effect_low"] < -18 < gone["effect_high"] and gone["rate_before"] == pytest.approx(20, rel=0.2)
    assert (young["period"], gone["period"]) == ("day", "week") and young["reduced_share"] == pytest.approx(
        0.8, abs=0.15
    )
    assert found[0]["same"]["effect_low"] < 0 < found[0]["same"]["effect_high"]


def test_what_cannot_be_judged_says_why(found: tuple[dict[str, Row], list[Row]]) -> None:
    assert "shorter than 16 weeks" in found[0]["new"]["because"]
    assert "fewer than 10 breakdowns" in found[0]["rare"]["because"]
    assert found[0]["new"]["effect"] is None and found[0]["new"]["needed_weeks"] is None


def test_a_return_is_noticed_after_it_happened(found: tuple[dict[str, Row], list[Row]]) -> None:
    again = found[0]["again"]
    back = COMPANY[4].released_at + timedelta(weeks=8)
    assert back < again["came_back_at"] <= back + timedelta(weeks=3)
    assert found[0]["gone"]["came_back_at"] is None


def test_the_weeks_add_up_to_the_counts(found: tuple[dict[str, Row], list[Row]]) -> None:
    for problem in ("gone", "young"):
        row = found[0][problem]
        weeks = [week for week in found[1] if week["problem"] == problem]
        assert sum(week["breakdowns_count"] for week in weeks if not week["after"]) == row["breakdowns_before_count"]
        assert sum(week["breakdowns_count"] for week in weeks if week["in_window"]) == row["breakdowns_after_count"]
        assert [week["week"] for week in weeks] == list(range(-row["before_weeks"], weeks[-1]["week"] + 1))
        expected = [week["expected"] for week in weeks if week["in_window"]]
        assert sum(expected) / len(expected) == pytest.approx(row["expected"], rel=1e-6)
        assert all(
            week["expected_low"] <= week["expected"] <= week["expected_high"] for week in weeks if week["in_window"]
        )


def test_what_is_said_early_is_what_was_said_then() -> None:
    """With later events in the ledger, a look at an earlier moment gives what it gave at that moment."""
    events = company()
    moment = COMPANY[0].released_at + timedelta(weeks=3, hours=1)
    before = events.filter(pa.compute.less_equal(events["time"], pa.scalar(moment)))
    one, two = judged(events, as_of=moment)[0], judged(before, as_of=moment)[0]
    assert one == two
    assert one["same"]["verdict"] == "too early" and one["same"]["after_weeks"] == 3
    assert one["gone"]["verdict"] == "fixed" and one["gone"]["shown_at"] <= moment
    assert one["gone"]["breakdowns_after_count"] < 20


def test_the_tide_is_no_effect_where_other_teams_are_held_against_it() -> None:
    problem = Planted("tide", team="north", tide=0.5, keeps=0.3, plan={"window_weeks": 10}, **WEEKS)
    row = judged(planted_fixes.events([problem], 8))[0]["tide"]
    assert (row["part"], row["control"], row["verdict"]) == ("team north", "other teams", "fixed")
    other = Planted("tide", tide=0.5, others=200, plan={"window_weeks": 10}, **WEEKS)
    row = judged(planted_fixes.events([other], 8))[0]["tide"]
    assert (row["control"], row["verdict"]) == ("other matters", "no evidence")


def test_another_change_ends_the_series() -> None:
    events = planted_fixes.events([Planted("same", plan={"window_weeks": 12}, **WEEKS)], 5)
    release = next(row for row in events.to_pylist() if row["type"] == "fix.released")
    again = release | {"id": "second", "time": release["time"] + timedelta(weeks=3)}
    with_both = pa.concat_tables([events, pa.Table.from_pylist([again], schema=SCHEMA)])
    with Ledger.of(with_both) as led:
        first, second = led.arrow(fixes.fixes(fixes.studies(led.events, Playbook()))).to_pylist()
    assert first["after_weeks"] == 3 and first["verdict"] == "no evidence" and "something else" in first["because"]
    assert second["verdict"] == "no evidence" and "record before the change" in second["because"]


BOOK = reader.read("""
organisation: A desk
promises:
  answer:
    {says: Answered in a day., starts: type = 'case.opened', kept_by: type = 'case.closed', within: 1 day, objective: 0.9}
""")


def answered(late_before: int, late_after: int) -> pa.Table:
    """Twenty cases a week, of which every so many is answered late."""
    rows: list[Row] = []
    release = FIRST + timedelta(weeks=30)
    for number in range(20 * 45):
        at = FIRST + timedelta(hours=8.4 * number)
        late = (number * 7919) % 100 < (late_before if at < release else late_after)
        line = {**dict.fromkeys(SCHEMA.names), "subject": f"case:{number}", "recorded_at": at, "source": "x"}
        rows.append(line | {"id": f"o{number}", "type": "case.opened", "time": at})
        rows.append(line | {"id": f"c{number}", "type": "case.closed", "time": at + timedelta(hours=40 if late else 5)})
    fix = {**dict.fromkeys(SCHEMA.names), "id": "fix", "type": "fix.released", "time": release, "recorded_at": release}
    return pa.Table.from_pylist([*rows, fix | {"rule": "promise:answer", "text": "One inbox."}], schema=SCHEMA)


@pytest.mark.parametrize(("after", "verdict"), [(5, "fixed"), (20, "partly")])
def test_a_promise_is_judged_by_its_objective(after: int, verdict: str) -> None:
    events = answered(45, after)
    with Ledger.of(events) as led:
        moment = max(events["time"].to_pylist())
        outcomes = led.keep(promises.outcomes(led.events, BOOK, as_of=moment), "promises")
        [row] = led.arrow(fixes.fixes(fixes.studies(led.events, BOOK, promises=outcomes))).to_pylist()
    assert row["measure"] == "share of promises not kept" and row["criterion_from"] == "playbook"
    assert (row["criterion"], row["criterion_value"]) == ("at most", pytest.approx(0.1))
    assert row["rate_before"] == pytest.approx(0.45, abs=0.05) and row["rate_after"] == pytest.approx(
        after / 100, abs=0.04
    )
    assert row["verdict"] == verdict


def test_a_ledger_without_fixes_gives_no_rows() -> None:
    events = planted_fixes.events([Planted("x", per_week=5, weeks_before=3, weeks_after=1)], 1)
    none = events.filter(pa.compute.not_equal(events["type"], "fix.released"))
    assert judged(none) == ({}, [])


def test_a_problem_found_by_its_occasions_is_judged_by_their_share() -> None:
    """Where the problem is, of its kind: elsewhere and of other kinds nothing counts; what is younger than 28 days neither."""
    release = FIRST + timedelta(weeks=40, hours=10)
    blank = dict.fromkeys(SCHEMA.names)
    fix = blank | {"type": "fix.released", "time": release, "recorded_at": release}
    events = [fix | {"id": name, "subject": f"problem:{name}"} for name in ("north", "by the hour")]
    events.append(fix | {"id": "end", "type": "note.written", "time": FIRST + timedelta(weeks=56)})
    spots = [(team, kind) for team in ("north", "south") for kind in ("hand-off lost", "complaint")]
    made = []
    for number in range(4_000):
        at, (team, kind) = FIRST + timedelta(hours=2.3 * number), spots[number % 4]
        often = 45 if (team, kind) == ("north", "hand-off lost") and at < release else 8
        made.append(
            {"kind": kind, "event": f"o{number}", "at": at, "team": team, "broken": number * 7919 % 101 < often}
        )
    known = [
        {"problem": "north", "kind": "hand-off lost", "team": "north"},
        {"problem": "by the hour", "kind": "hand-off lost", "hours": "16–20"},
    ]
    with Ledger.of(pa.Table.from_pylist(events, schema=SCHEMA)) as led:
        occasions = led.keep(arrays.rows_to_table(OCCASIONS, made), "occasions")
        problems = led.keep(arrays.rows_to_table(PROBLEMS, known), "problems")
        found = fixes.studies(led.events, Playbook(), problems=problems, occasions=occasions)
        rows = {row["problem"]: row for row in led.arrow(fixes.fixes(found)).to_pylist()}
    row = rows["north"]
    assert (row["measure"], row["verdict"]) == ("share of occasions that went wrong", "fixed")
    assert row["rate_before"] == pytest.approx(0.45, abs=0.05) and row["rate_after"] == pytest.approx(0.08, abs=0.05)
    assert row["breakdowns_before_count"] < 400
    [north] = [one.series for one in found if one.series is not None]
    assert north.known == 11  # of the sixteen weeks since, less the hours and the 28 days
    assert rows["by the hour"]["verdict"] == "no evidence"
