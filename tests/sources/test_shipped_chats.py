"""The mappings of conversations with their acts, held to JSON written here in the shape of the published sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aboveboard.sources import mapping

Message = dict[str, Any]


def call(name: str, arguments: dict[str, Any], answer: str) -> list[Message]:
    """A tool call and its answer, as two messages."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    asked = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": function}],
    }
    return [asked, {"role": "tool", "tool_call_id": "c", "name": name, "content": answer}]


def said(role: str, words: str) -> Message:
    return {"role": role, "content": words}


def cancelled(reservation: str, *payments: int) -> str:
    return json.dumps({"reservation_id": reservation, "payment_history": [{"amount": amount} for amount in payments]})


TRAJ = [
    said("system", "The rules."),
    said("user", "Move my flight, and send me something for the wait."),
    *call("get_reservation_details", {"reservation_id": "R1"}, '{"reservation_id": "R1", "cabin": "economy"}'),
    *call("think", {"thought": "Economy may be moved."}, ""),
    said("assistant", "I have found it."),
    *call("update_reservation_flights", {"reservation_id": "R1"}, "Error: payment method not found"),
    *call("update_reservation_flights", {"reservation_id": "R1", "payment_id": "p"}, '{"reservation_id": "R1"}'),
    *call("send_certificate", {"user_id": "u_1", "amount": 50}, "Certificate added."),
    *call("send_certificate", {"user_id": "u_1", "amount": 99}, "Error: user not found"),
    *call("book_reservation", {"user_id": "u_1"}, '{"reservation_id": "R2"}'),
    *call("cancel_reservation", {"reservation_id": "R2"}, cancelled("R2", 120, 30, -120, -30)),
    *call("cancel_reservation", {"reservation_id": "R3"}, cancelled("R3", 80, -80)),
    *call("search_direct_flight", {"origin": "A"}, "[]"),
    *call("calculate", {"expression": "1 + 1"}, "2"),
    *call("water_the_plants", {}, "done"),
    *call("transfer_to_human_agents", {"summary": "More."}, "Transfer successful"),
    said("user", "Thank you! ###STOP###"),
    said("user", "###STOP###"),
    call("cancel_reservation", {"reservation_id": "R1"}, "never read")[0],
]
RUN = {"task_id": 3, "trial": 1, "reward": 1.0, "info": {"task": {"user_id": "u_1"}}, "traj": TRAJ}
SHORT = {**RUN, "task_id": 4, "trial": 0, "traj": [said("assistant", "Hello.")]}


def turn(number: int, speaker: str, button: str | None = None, *entered: str) -> Message:
    targets = ["flow", "take_action" if button else None, button, list(entered), -1]
    return {"speaker": speaker, "text": "lower case", "turn_count": number + 1, "targets": targets, "candidates": []}


TURNS = [
    ("agent", "Hi!"),
    ("customer", "Where is it?"),
    ("action", "Account pulled up.", "pull-up-account", "jo doe"),
    ("action", "Reason recorded.", "record-reason", "yesterday"),
    ("action", "A refund of 20.", "offer-refund", "20"),
    ("action", "A code.", "promo-code"),
    ("action", "Fee waived.", "update-order", "waive fee"),
    ("action", "Cancelled.", "update-order", "cancel shipment"),
    ("action", "Changed.", "update-order", "change address"),
    ("action", "Bought.", "make-purchase", "guess boots"),
    ("action", "A password.", "make-password"),
    ("action", "A link.", "send-link"),
    ("action", "Try again.", "try-again"),
    ("action", "The manager was told.", "notify-team", "manager"),
]
CHAT = {
    "convo_id": 7,
    "scenario": {"personal": {"username": "jdoe"}},
    "original": [[speaker, words] for speaker, words, *_ in TURNS],
    "delexed": [turn(number, one[0], *one[2:]) for number, one in enumerate(TURNS)],
}


def events(name: str, path: Path, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    path.write_text(json.dumps(records))
    with mapping.read(name).open([path]) as opened:
        made = opened.rows().to_arrow_table().to_pylist()
    for row in made:
        row["attributes"] = json.loads(row["attributes"])
    return sorted(made, key=lambda row: (row["subject"], row["time"], row["id"]))


@pytest.fixture
def run(tmp_path: Path) -> list[dict[str, Any]]:
    return [
        row for row in events("tau-bench", tmp_path / "runs.json", [RUN, SHORT]) if row["subject"] == "conversation:3-1"
    ]


def test_a_run_becomes_words_and_acts_in_their_order(run: list[dict[str, Any]]) -> None:
    assert [(row["attributes"]["message"], row["type"]) for row in run] == [
        (1, "message.received"),
        (3, "record.checked"),
        (5, "note.written"),
        (6, "message.sent"),
        (8, "attempt.failed"),
        (10, "booking.changed"),
        (12, "remedy.given"),
        (14, "attempt.failed"),
        (16, "booking.made"),
        (18, "booking.cancelled"),
        (18, "payment.refunded"),
        (20, "booking.cancelled"),
        (20, "payment.refunded"),
        (22, "record.checked"),
        (24, "record.checked"),
        (26, "tool.used"),
        (28, "escalation.opened"),
        (29, "message.received"),
    ]
    assert run[0]["time"] == "2024-12-04T20:00:01.000000Z"  # 203 days on, by New York's clock
    assert {row["customer"] for row in run} == {"u_1"}


def test_an_act_carries_its_arguments_from_the_message_above(run: list[dict[str, Any]]) -> None:
    acts = {row["attributes"]["message"]: row for row in run}
    assert acts[10]["attributes"]["arguments"] == {"reservation_id": "R1", "payment_id": "p"}
    assert acts[8]["attributes"]["tool"] == "update_reservation_flights"
    assert (acts[12]["outcome"], acts[12]["value"]) == ("certificate", "50.0")
    assert [acts[place]["outcome"] for place in (8, 14, 22, 24)] == ["failed", "failed", "none", None]
    assert acts[16]["attributes"]["reservation"] == "R2"  # only its answer knows
    assert (acts[5]["text"], acts[5]["audience"]) == ("Economy may be moved.", "internal")
    assert acts[28]["attributes"]["authority"] == "human agent"


def test_what_was_given_back_is_the_last_payment_of_the_answer(run: list[dict[str, Any]]) -> None:
    refunds = [(row["attributes"]["reservation"], row["value"]) for row in run if row["type"] == "payment.refunded"]
    assert refunds == [("R2", None), ("R3", "80.0")]  # of two at once an expression cannot tell the sum


def test_the_word_that_ends_the_simulation_is_not_the_customers(run: list[dict[str, Any]]) -> None:
    assert run[-1]["text"] == "Thank you!"


def test_a_chat_becomes_words_and_buttons(tmp_path: Path) -> None:
    made = events("abcd", tmp_path / "abcd.json", [CHAT])
    assert [(row["attributes"]["message"], row["type"], row["outcome"], row["value"]) for row in made] == [
        (0, "message.sent", None, None),
        (1, "message.received", None, None),
        (2, "record.checked", None, None),
        (3, "note.written", None, None),
        (4, "remedy.given", "refund", "20.0"),
        (5, "remedy.given", "promo code", None),
        (6, "remedy.given", "waive fee", None),
        (7, "order.cancelled", "cancel shipment", None),
        (8, "order.changed", "change address", None),
        (9, "order.placed", None, None),
        (10, "account.changed", None, None),
        (11, "link.sent", None, None),
        (12, "advice.given", None, None),
        (13, "escalation.opened", None, None),
    ]
    assert made[0]["text"] == "Hi!"  # the words as they were, not the copy without names
    assert made[13]["attributes"]["authority"] == "manager"
    assert made[2]["attributes"]["arguments"] == ["jo doe"]


@pytest.mark.parametrize(("name", "records"), [("tau-bench", [RUN, SHORT]), ("abcd", [CHAT])])
def test_nothing_of_a_conversation_is_refused_and_no_two_events_are_one(
    tmp_path: Path, name: str, records: list[dict[str, Any]]
) -> None:
    (tmp_path / "abcd.json").write_text(json.dumps(records))
    with mapping.read(name).open([tmp_path]) as opened:
        made = opened.rows().to_arrow_table()
    assert len(set(made["id"].to_pylist())) == len(made)
    assert "_fault" not in made.column_names or made["_fault"].null_count == len(made)
