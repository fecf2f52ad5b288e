"""What is said of single employees, in whose presence it could be said; and how the report shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from aboveboard.analyses.attribution.people_tables import OWN_CHARTS, PEOPLE
from aboveboard.analyses.attribution.substitution_tables import SUBSTITUTION
from aboveboard.findings import people
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook
from aboveboard.reports import run
from aboveboard.reports.sections import people as section

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = Playbook("A desk")
DAY = datetime(2025, 8, 2, tzinfo=UTC)


def _person(employee: str, verdict: str, **more: Any) -> dict[str, Any]:
    since = DAY if verdict in ("isolated", "shift") else None
    return dict.fromkeys(PEOPLE.columns) | {"employee": employee, "n": 900, "verdict": verdict, "since": since} | more


ISOLATED = _person("ann", "isolated", day_count=11, day_missed_count=8, day_missed_expected=1.5, days_isolated_count=1)
SHIFTED = _person(
    "bo", "shift", before_share=0.86, since_count=300, since_share=0.71, since_share_low=0.67, since_share_high=0.75
)


def _case(**more: Any) -> dict[str, Any]:
    found = {
        "kind": "note",
        "employee": "cy",
        "event": "c1",
        "subject": "order:1",
        "outcome": "unresolved",
        "note": "n1",
    }
    compared = {"contacts_count": 48, "peers_count": 26, "same_count": 41, "same_share": 0.854, "same_share_low": 0.71}
    found |= compared | {"same_share_high": 0.93, "alike": "touchpoint, situation", "verdict": "system-induced"}
    return dict.fromkeys(SUBSTITUTION.columns) | found | more


def _found(*rows: dict[str, Any], cases: list[dict[str, Any]] | None = None) -> list[Finding]:
    tables = {"people": pa.Table.from_pylist(list(rows))} if rows else {}
    if cases:
        tables["substitution"] = pa.Table.from_pylist(cases)
    return list(people.findings(tables, BOOK, as_of=AS_OF))


def test_a_bad_day_calls_for_a_reprieve() -> None:
    (finding,) = _found(ISOLATED | {"conduct_event": "shouted"})
    assert (finding.kind, finding.about) == ("person.bad-day", {"employee": "ann", "day": "2025-08-02"})
    assert finding.sentence == (
        "One day does not fit the record of ann, which is steady without it: on 2 Aug 2025, 8 of 11 contacts were not resolved, "
        "where 1 or 2 would be usual. A customer's conduct towards them is on record for that day."
    )
    assert "reprieve" in finding.action and finding.events == ("shouted",) and finding.weight == 0


def test_a_shift_calls_for_the_chart_first_and_then_a_talk() -> None:
    (finding,) = _found(SHIFTED)
    assert finding.sentence == (
        "Since about 2 Aug 2025, 71 % (67–75 %) of the contacts of bo have been resolved, the contacts made comparable; before "
        "it was 86 %."
    )
    assert finding.action.startswith("Show bo the chart first")


def test_who_is_steady_or_little_known_has_no_finding() -> None:
    assert _found(_person("dee", "steady"), _person("eve", "not enough data", apart=True)) == []
    assert _found() == []


def test_a_note_that_others_could_not_have_helped_does_not_stand() -> None:
    earlier = {"earlier_event": "p1", "earlier_employee": "boss", "earlier_fact": "order.placed, entered: wrong item"}
    (finding,) = _found(cases=[_case(**earlier, earlier_share=0.88, otherwise_share=0.06)])
    assert (finding.kind, finding.about) == ("person.note-refuted", {"employee": "cy", "note": "n1"})
    assert "41 of 48 contacts of 26 colleagues were not resolved either: 85 % (71–93 %)" in finding.sentence
    assert "p1 by boss; order.placed, entered: wrong item" in finding.sentence
    assert finding.events == ("n1", "c1", "p1")
    assert finding.action.startswith("Take the note back")


def test_a_note_that_cannot_be_told_waits_for_the_employees_account() -> None:
    unknown = dict.fromkeys(
        ("contacts_count", "peers_count", "same_count", "same_share", "same_share_low", "same_share_high")
    )
    cases = [
        _case(verdict="cannot tell", **unknown),
        _case(verdict="mostly ends well", same_share=0.1),
        _case(verdict="cannot tell", outcome="resolved"),
    ]
    findings = _found(cases=cases)
    assert {finding.kind for finding in findings} == {"person.note-open"}
    assert all(finding.action.startswith("Hear cy first") for finding in findings)
    assert "too few contacts of others" in findings[0].sentence
    assert "does not say why" in findings[1].sentence
    assert "was resolved" in findings[2].sentence


def _weeks(employee: str) -> list[dict[str, Any]]:
    return [
        dict.fromkeys(OWN_CHARTS.columns)
        | {
            "employee": employee,
            "start_at": DAY + timedelta(weeks=week - 6),
            "weeks_count": 1,
            "n": 25,
            "resolved_share": 0.8,
        }
        | {
            "expected_share": 0.85,
            "limit_low_share": 0.6,
            "limit_high_share": 1.0,
            "outside": week == 3,
            "alarm": week == 7,
        }
        | {"climb": 1.0, "climb_limit": 3.2}
        for week in range(9)
    ]


def test_the_section_counts_verdicts_and_shows_only_charts_that_are_asked_for() -> None:
    persons = [ISOLATED, SHIFTED, *(_person(f"p{number}", "steady") for number in range(5))]
    tables = {
        "people": pa.Table.from_pylist(persons),
        "own_charts": pa.Table.from_pylist(_weeks("ann") + _weeks("bo") + _weeks("p1")),
    }
    shown = section.section(run.Results(tables, (), AS_OF), BOOK)
    assert shown is not None
    assert shown.answer == "Of 7 records, 5 are steady, 1 holds one day that does not fit and 1 has changed."
    assert [figure.title for figure in shown.figures] == ["The own chart of ann", "The own chart of bo"]
    for figure, word in zip(shown.figures, ("one day 2 Aug 2025", "since about 2 Aug 2025"), strict=True):
        assert figure.drawing is not None and word in figure.drawing.wide and word in figure.drawing.narrow
        assert figure.table.rows_count == 9


def test_no_section_where_no_employee_is_known() -> None:
    assert section.section(run.Results({}, (), AS_OF), BOOK) is None
