"""The substitution test on small ledgers counted by hand: who is compared with whom, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import attribution
from aboveboard.analyses.attribution.substitution_tables import SUBSTITUTION
from aboveboard.analyses.shared import intervals
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
Row = dict[str, Any]


def contact(number: int, employee: str | None, resolved: bool, situation: str | None, **more: Any) -> Row:
    at = START + timedelta(minutes=more.pop("minutes", number))
    attributes = f'{{"situation": "{situation}"}}' if situation else None
    row = {"id": f"c{number:04}", "type": "contact.ended", "time": at, "recorded_at": at, "employee": employee}
    row |= {"outcome": "resolved" if resolved else "unresolved", "attributes": attributes, "touchpoint": "counter"}
    return row | {"subject": f"order:{number}"} | more


def found(rows: list[Row]) -> list[Row]:
    with Ledger.of(pa.Table.from_pylist(rows, schema=SCHEMA)) as ledger:
        table = ledger.arrow(attribution.substitution(ledger.events, Playbook("A counter")))
    assert tuple(table.column_names) == SUBSTITUTION.columns
    return list(table.to_pylist())


def counter(others: int, *, failing: int = 4, each: int = 5) -> list[Row]:
    """`others` colleagues with `each` hard contacts, of which `failing` fail, and an easy one each; and one hard of ours."""
    rows = []
    for other in range(others):
        for turn in range(each):
            rows.append(contact(len(rows), f"o{other:02}", turn >= failing, "hard"))
        rows.append(contact(len(rows), f"o{other:02}", True, "easy"))
    return [*rows, contact(900, "ours", False, "hard")]


def note(about: str, subject: str | None, kind: str = "disciplinary") -> Row:
    at = START + timedelta(minutes=5000)
    said = f'{{"about": "{about}", "kind": "{kind}"}}'
    row = {"id": f"n-{about}-{subject}", "type": "note.written", "time": at, "recorded_at": at, "employee": "boss"}
    return row | {"audience": "internal", "subject": subject, "attributes": said, "text": "Written warning."}


def entered(number: int, what: str, by: str) -> Row:
    at = START - timedelta(days=2)
    row = {"id": f"p{number}", "type": "order.placed", "time": at, "recorded_at": at, "employee": by}
    return row | {"subject": f"order:{number}", "attributes": f'{{"entered": "{what}", "odd": ["x"]}}'}


def with_orders(rows: list[Row], *, last_by: str) -> list[Row]:
    """The hard ones had been entered wrongly by a manager before anybody stood at the counter; ours by `last_by`."""
    return rows + [
        entered(
            int(row["id"][1:]),
            "wrong item" if "hard" in (row["attributes"] or "") else "as ordered",
            last_by if row["id"] == "c0900" else "manager",
        )
        for row in rows
    ]


def spread_out(rows: list[Row]) -> list[Row]:
    """The same at several hours and on two channels."""
    return [
        row | {"time": row["time"] + timedelta(hours=2 * (number % 5)), "channel": ("phone", "store")[number % 2]}
        for number, row in enumerate(rows)
    ]


def clustered() -> list[Row]:
    """Fourteen others who always fail in ten contacts, and six who never do."""
    rows = [
        contact(20 * other + turn, f"o{other:02}", other >= 14, "hard") for other in range(20) for turn in range(10)
    ]
    return [*rows, contact(900, "ours", False, "hard")]


def easy_one(rows: list[Row]) -> Row:
    return next(row for row in rows if row["employee"] == "o03" and row["outcome"] == "resolved")


SCENES: dict[str, list[Row]] = {
    "plain": counter(25),
    "nineteen": counter(19),
    "twenty": counter(20),
    "mine": [*counter(25, failing=1), *(contact(1000 + number, "ours", False, "hard") for number in range(300))],
    "spread": spread_out(counter(25)),
    "clustered": clustered(),
    "several": [*counter(30), contact(950, "ours", False, "easy"), contact(951, "ours", False, "nobody else's")],
    "entered": [*with_orders(counter(25), last_by="manager"), note("ours", "order:900")],
    "by ours": [*with_orders(counter(25), last_by="ours"), note("ours", "order:900")],
    "other notes": [*counter(25), note("ours", "order:900", "praise"), note("ours", "order:77777"), note("o03", None)],
    "resolved": [*counter(25), note("o03", easy_one(counter(25))["subject"])],
    "bare": [row | {"attributes": None, "touchpoint": None} for row in counter(25)] + [contact(1, None, False, "hard")],
}
"""Each is a counter of its own: nothing of one is like anything of another."""


def apart(scene: str, row: Row) -> Row:
    """A row whose keys and place are the scene's."""
    named = {key: f"{scene}/{row[key]}" for key in ("id", "employee", "subject", "touchpoint") if row.get(key)}
    return row | named | {"attributes": (row["attributes"] or "").replace('"about": "', f'"about": "{scene}/') or None}


@cache
def all_scenes() -> list[Row]:
    everything = [apart(scene, row) for scene, rows in SCENES.items() for row in rows]
    return found(everything)


def of(scene: str) -> list[Row]:
    return [row for row in all_scenes() if str(row["employee"]).startswith(f"{scene}/")]


def case(scene: str, event: str = "c0900") -> Row:
    return next(row for row in of(scene) if row["event"] == f"{scene}/{event}")


def test_where_others_fare_no_better_it_is_the_system() -> None:
    row = case("plain")
    assert (row["kind"], row["employee"], row["verdict"]) == ("breakdown", "plain/ours", "system-induced")
    assert (row["contacts_count"], row["peers_count"], row["same_count"]) == (125, 25, 100)
    assert row["alike"] == "touchpoint, situation"
    low, high = (float(end) for end in intervals.wilson(100, 125))
    assert (row["same_share_low"], row["same_share_high"]) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("scene", "verdict"), [("nineteen", "cannot tell"), ("twenty", "system-induced")])
def test_below_twenty_others_nothing_can_be_told(scene: str, verdict: str) -> None:
    row = case(scene)
    assert row["verdict"] == verdict
    assert (row["same_share"] is None) == (scene == "nineteen")


def test_ones_own_contacts_do_not_speak_for_oneself() -> None:
    row = case("mine")
    assert (row["contacts_count"], row["same_count"], row["verdict"]) == (125, 25, "mostly ends well")


def test_circumstances_are_dropped_from_the_last_until_enough_others_are_left() -> None:
    assert case("spread")["alike"] == "touchpoint, situation, channel"


def test_contacts_of_one_person_hang_together() -> None:
    row = case("clustered")
    assert row["same_share"] == pytest.approx(0.7)
    low = float(intervals.wilson(14, 20)[0])
    assert row["same_share_low"] == pytest.approx(low, abs=0.03)
    assert row["verdict"] == "cannot tell"


def test_an_employees_breakdowns_together() -> None:
    together = next(row for row in of("several") if row["kind"] == "all" and row["employee"] == "several/ours")
    assert (together["cases_count"], together["matched_count"]) == (3, 2)
    # Others fail in 120 of 150 hard ones and in none of 30 easy ones.
    assert together["same_share"] == pytest.approx(0.4)
    assert together["same_share_low"] < 0.4 < together["same_share_high"]


def test_a_note_finds_its_contact_and_what_had_happened_before() -> None:
    row = case("entered")
    assert (row["kind"], row["verdict"]) == ("note", "system-induced")
    assert (row["earlier_event"], row["earlier_employee"]) == ("entered/p900", "entered/manager")
    assert row["earlier_fact"] == "order.placed, entered: wrong item"
    assert row["earlier_share"] == pytest.approx(0.8)
    assert row["otherwise_share"] == 0.0


def test_what_the_employee_entered_is_not_somebody_elses_doing() -> None:
    assert case("by ours")["kind"] == "note"
    assert case("by ours")["earlier_event"] is None


def test_notes_of_another_kind_and_notes_without_a_contact() -> None:
    assert case("other notes")["kind"] == "breakdown"
    alone = sorted(
        (row["subject"] or "", row["employee"], row["verdict"]) for row in of("other notes") if row["kind"] == "note"
    )
    assert alone == [
        ("", "other notes/o03", "cannot tell"),
        ("other notes/order:77777", "other notes/ours", "cannot tell"),
    ]


def test_a_note_on_a_contact_that_was_resolved_cannot_be_told() -> None:
    row = case("resolved", easy_one(counter(25))["id"])
    assert (row["kind"], row["cases_count"], row["verdict"]) == ("note", 0, "cannot tell")


def test_no_contacts_no_rows() -> None:
    assert found([]) == []


def test_nothing_known_of_the_situation_nothing_told() -> None:
    row = case("bare")
    assert (row["verdict"], row["same_share"]) == ("cannot tell", None)
