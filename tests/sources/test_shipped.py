"""The mappings that ship: each passes its check; Zendesk's are held to JSON written after the public field lists."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.analyses import claims
from aboveboard.engines import Ledger
from aboveboard.ledger import vocabulary
from aboveboard.sources import mapping

TICKET = {
    "id": 9,
    "url": "https://desk.example/9",
    "external_id": None,
    "via": {"channel": "web"},
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-03T09:00:00Z",
    "type": "task",
    "subject": "Parcel",
    "raw_subject": "Parcel",
    "description": "Where is it?",
    "priority": "high",
    "status": "solved",
    "requester_id": 501,
    "submitter_id": 501,
    "assignee_id": 77,
    "organization_id": 5,
    "group_id": 12,
    "due_at": "2026-03-02T10:00:00Z",
    "tags": ["late"],
    "satisfaction_rating": {"id": 1, "score": "bad", "comment": "slow"},
    "brand_id": 3,
    "from_messaging_channel": False,
    "metric_set": {"solved_at": "2026-03-02T18:00:00Z", "reopens": 1, "replies": 2},
}
OPEN = {
    "id": 10,
    "created_at": "2026-03-01T11:00:00Z",
    "updated_at": "2026-03-01T12:00:00Z",
    "status": "open",
    "requester_id": 502,
    "via": {"channel": "voice"},
    "satisfaction_rating": {"score": "unoffered"},
}


def audit(number: int, author: int, at: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": 9,
        "author_id": author,
        "created_at": at,
        "via": {"channel": "email"},
        "metadata": {},
        "events": events,
    }


def change(field: str, value: Any, before: Any) -> dict[str, Any]:
    return {"id": 1, "type": "Change", "field_name": field, "value": value, "previous_value": before}


AUDITS = [
    audit(
        1,
        501,
        "2026-03-01T10:00:00Z",
        {"type": "Comment", "author_id": 501, "body": "Where is it?", "public": True},
        {"type": "Create", "field_name": "status", "value": "new"},
        {"type": "Create", "field_name": "group_id", "value": "12"},
        {"type": "Notification", "subject": "Received", "body": "We got it.", "recipients": [501]},
        {"type": "Notification", "subject": "New", "body": "Look at 9.", "recipients": [77, 5012]},
        {
            "type": "SlaTargetChange",
            "field_name": "first_reply_time",
            "value": {"minutes": 60, "in_business_hours": False},
        },
        {
            "type": "SlaTargetChange",
            "field_name": "resolution_time",
            "value": {"minutes": 480, "in_business_hours": True},
        },
    ),
    audit(
        2,
        77,
        "2026-03-01T10:30:00Z",
        {"type": "Comment", "author_id": 77, "body": "Looks lost.", "public": False},
        {"type": "Comment", "author_id": 77, "body": "We are looking.", "public": True},
        change("status", "open", "new"),
        change("assignee_id", "77", None),
        change("priority", "high", "low"),
    ),
    audit(3, 77, "2026-03-02T18:00:00Z", change("status", "solved", "open")),
    audit(
        4,
        501,
        "2026-03-02T19:00:00Z",
        change("status", "open", "solved"),
        {"type": "SatisfactionRating", "score": "bad", "assignee_id": 77, "body": "slow"},
    ),
    audit(5, -1, "2026-03-09T00:00:00Z", change("status", "closed", "solved")),
]


def events(name: str, folder: Path, **files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for file, records in files.items():
        (folder / f"{file}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    with mapping.read(name).open([folder]) as opened:
        made = opened.rows().to_arrow_table().to_pylist()
    for row in made:
        row["attributes"] = json.loads(row["attributes"] or "{}")
    return sorted(made, key=lambda row: (row["time"], row["id"]))


def picked(rows: list[dict[str, Any]], kind: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows if row["type"] == kind]


@pytest.mark.parametrize("name", mapping.shipped())
def test_every_shipped_mapping_passes_its_check_and_says_what_it_is(name: str) -> None:
    found = mapping.read(name)
    assert found.about
    assert found.text.startswith("#")


def test_olist_reads_in_a_page() -> None:
    lines = [
        line for line in mapping.read("olist").text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    assert len(lines) < 100


@pytest.mark.parametrize("name", ["olist", "servicenow", "baltimore311", "zendesk", "zendesk-audits"])
def test_types_of_the_vocabulary_fill_the_columns_that_they_need(name: str) -> None:
    for block in mapping.read(name).blocks:
        known = vocabulary.VOCABULARY.get(block.name.split(" ")[0])
        if known and "type" not in block.columns and block.name != "survey.asked":
            filled = {*block.columns, "id", "type", "time"}
            missing = [need for need in known.needs if not filled & set(need.split(" or "))]
            assert not missing, (block.name, missing)


def test_zendesk_tickets(tmp_path: Path) -> None:
    made = events("zendesk", tmp_path, tickets=[TICKET, OPEN])
    assert picked(made, "case.opened", "subject", "customer", "channel", "team", "due", "text") == [
        ("ticket:9", "501", "web", "12", "2026-03-02T10:00:00.000000Z", "Where is it?"),
        ("ticket:10", "502", "phone", None, None, None),
    ]
    assert picked(made, "case.closed", "time", "outcome", "employee") == [
        ("2026-03-02T18:00:00.000000Z", "solved", "77")
    ]
    assert picked(made, "survey.answered", "outcome", "value", "text") == [("csat", "0", "slow")]


def test_a_zendesk_ticket_without_its_metrics_says_that_the_time_is_its_last_update(tmp_path: Path) -> None:
    made = events("zendesk", tmp_path, tickets=[{**TICKET, "metric_set": None}])
    (closed,) = [row for row in made if row["type"] == "case.closed"]
    assert (closed["time"], closed["attributes"]["time_is"]) == ("2026-03-03T09:00:00.000000Z", "last update")


def test_zendesk_audits_tell_both_sides_of_the_curtain(tmp_path: Path) -> None:
    made = events("zendesk-audits", tmp_path, audits=AUDITS)
    assert picked(made, "message.received", "text", "customer", "employee", "audience") == [
        ("Where is it?", "501", None, "customer")
    ]
    assert picked(made, "note.written", "text", "employee", "audience") == [("Looks lost.", "77", "internal")]
    assert sorted(picked(made, "message.sent", "text", "audience")) == [
        ("Look at 9.", "internal"),
        ("We are looking.", "customer"),
        ("We got it.", "customer"),
    ]


def test_zendesk_audits_tell_status_assignment_and_ratings(tmp_path: Path) -> None:
    made = events("zendesk-audits", tmp_path, audits=AUDITS)
    faces = picked(made, "status.changed", "audience", "outcome")
    assert [status for face, status in faces if face == "internal"] == ["new", "open", "solved", "open", "closed"]
    assert [status for face, status in faces if face == "customer"] == ["open", "open", "solved", "open", "solved"]
    assert picked(made, "case.assigned", "team", "employee") == [("12", None), (None, "77")]
    assert [len(picked(made, kind, "id")) for kind in ("case.opened", "case.closed", "case.reopened")] == [1, 1, 1]
    assert picked(made, "survey.answered", "value", "employee", "text") == [("0", "77", "slow")]


def test_a_zendesk_ticket_on_hold_is_shown_as_open(tmp_path: Path) -> None:
    """Five days on hold, which the customer reads as open: the analysis of claims lists it."""
    on_hold = [
        *AUDITS[:2],
        audit(6, 77, "2026-03-02T10:00:00Z", change("status", "hold", "open")),
        audit(7, 77, "2026-03-07T10:00:00Z", change("status", "solved", "hold")),
    ]
    made = pa.Table.from_pylist(
        [
            {
                "id": str(number),
                "type": row["type"],
                "time": datetime.fromisoformat(row["time"]),
                "recorded_at": datetime.fromisoformat(row["time"]),
                **{name: row[name] for name in ("subject", "audience", "outcome")},
            }
            for number, row in enumerate(events("zendesk-audits", tmp_path, audits=on_hold))
        ]
    )
    with Ledger.of(made) as ledger:
        (pair,) = [row for row in ledger.arrow(claims.dissonance(ledger.events)).to_pylist() if row["differs"]]
    assert (pair["shown"], pair["inside"], pair["minutes"], pair["longest_subject"]) == (
        "open",
        "hold",
        7200.0,
        "ticket:9",
    )


def test_a_zendesk_target_is_a_promise_with_its_own_clock_unless_only_office_hours_count(tmp_path: Path) -> None:
    made = events("zendesk-audits", tmp_path, audits=AUDITS)
    promised = {
        row["rule"]: (row["due"], row["attributes"]["minutes"]) for row in made if row["type"] == "promise.made"
    }
    assert promised == {
        "promise:first_reply_time": ("2026-03-01T11:00:00.000000Z", 60.0),
        "promise:resolution_time": (None, 480.0),
    }


def test_zendesk_tickets_and_users_say_who_the_customer_is(tmp_path: Path) -> None:
    """An agent wrote the ticket down for a customer: only the other files can tell."""
    audits = [
        audit(
            1, 77, "2026-03-01T10:00:00Z", {"type": "Comment", "author_id": 77, "body": "She called.", "public": True}
        )
    ]
    made = events("zendesk-audits", tmp_path, audits=audits, tickets=[TICKET], users=[{"id": 77, "role": "agent"}])
    assert picked(made, "message.sent", "customer", "employee") == [("501", "77")]
