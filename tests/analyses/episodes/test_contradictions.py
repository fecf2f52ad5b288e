"""When are two statements a contradiction, and when is the later one news?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aboveboard.analyses import episodes
from aboveboard.analyses.episodes.contradictions import disagreements
from aboveboard.analyses.episodes.tables import CONTRADICTIONS


def event(hour: float, channel: str | None, *, says: Any = None, shows: Any = None, **columns: Any) -> dict[str, Any]:
    held = {key: value for key, value in (("says", says), ("shows", shows)) if value is not None}
    return {
        "id": f"{channel}@{hour}", "type": "message.sent", "time": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour),
        "subject": "order:1", "customer": None, "channel": channel, "team": None, "audience": "customer",
        "attributes": json.dumps(held), **columns,
    }  # fmt: skip


def pairs(*events: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    return ((row["first_event"], row["second_event"], row["against"]) for row in disagreements(events))


def test_two_channels_disagree() -> None:
    (row,) = disagreements(
        [
            event(2, "store", says={"order": "never arrived"}, team="Mill Lane"),
            event(1, "web", says={"order": "placed"}),
        ]
    )
    assert (row["first_by"], row["first_says"], row["second_by"], row["second_says"]) == (
        "web", "placed", "store / Mill Lane", "never arrived",
    )  # fmt: skip


@pytest.mark.parametrize("other", [" Placed ", "PLACED", "placed"])
def test_case_and_spaces_do_not_make_another_value(other: str) -> None:
    assert not list(pairs(event(1, "web", says={"order": "placed"}), event(2, "store", says={"order": other})))


def test_the_same_voice_updates_itself() -> None:
    ready = [event(hour, "web", says={"ready": value}) for hour, value in ((1, "today"), (2, "tomorrow"))]
    assert not list(pairs(*ready))
    unknown_team = event(3, "web", says={"ready": "on Friday"}, team="desk")
    assert not list(pairs(*ready, unknown_team))


def test_two_teams_on_one_channel_are_two_voices() -> None:
    one, other = (event(h, "phone", says={"n": h}, team=team) for h, team in ((1, "sales"), (2, "support")))
    assert list(pairs(one, other)) == [("phone@1", "phone@2", "channel")]


def test_each_statement_is_set_against_the_one_before() -> None:
    told = [
        event(h, c, says={"x": v})
        for h, c, v in ((1, "web", "a"), (2, "chat", "a"), (3, "phone", "b"), (4, "web", "b"))
    ]
    assert list(pairs(*told)) == [("chat@2", "phone@3", "channel")]


def test_a_record_that_changed_in_between_makes_it_an_update() -> None:
    before, after = event(1, "web", says={"order": "placed"}), event(3, "store", says={"order": "ready"})
    assert list(pairs(before, event(2, None, shows={"order": "ready"}), after)) == []
    unchanged = [event(0, None, shows={"order": "placed"}), event(2, None, shows={"order": "placed"})]
    assert list(pairs(unchanged[0], before, unchanged[1], after)) == [
        ("store@3", "None@0", "record"), ("web@1", "store@3", "channel"),
    ]  # fmt: skip


def test_a_statement_against_the_record_counts_once() -> None:
    record = event(0, None, shows={"order": "placed"}, type="order.paid")
    denials = [event(h, "store", says={"order": "never arrived"}) for h in (1, 2)]
    assert list(pairs(record, *denials)) == [("store@1", "None@0", "record")]


def test_what_the_record_shows_later_does_not_make_a_liar_of_anybody() -> None:
    assert not list(pairs(event(1, "web", says={"ready": "today"}), event(9, None, shows={"ready": "tomorrow"})))


def test_only_what_the_customer_was_told_counts() -> None:
    ours = event(1, "web", says={"order": "placed"})
    for columns in ({"audience": "internal"}, {"type": "message.received"}, {"type": "note.written", "audience": None}):
        assert not list(pairs(ours, event(2, "store", says={"order": "gone"}, **columns)))
    assert list(pairs(ours, event(2, "store", says={"order": "gone"}, type="contact.ended", audience=None)))


@pytest.mark.parametrize(
    "attributes", [None, "", "[1]", '{"says": "hello"}', "{broken", '{"says": {"order": null}}', "[" * 99_999]
)
def test_what_is_no_statement_says_nothing(attributes: str | None) -> None:
    odd = {**event(2, "store"), "attributes": attributes}
    assert not list(pairs(event(1, "web", says={"order": "placed"}), odd))


def test_values_need_not_be_text() -> None:
    told = [event(h, c, says={"left": v, "box": {"b": 1, "a": 2}}) for h, c, v in ((1, "web", 3), (2, "chat", 0))]
    (row,) = disagreements(told)
    assert (row["fact"], row["first_says"], row["second_says"]) == ("left", "3", "0")


def test_the_table_has_its_columns_when_empty_too(opened: Any) -> None:
    table = episodes.contradictions(opened().events).to_pyarrow()
    assert tuple(table.column_names) == CONTRADICTIONS.columns
    assert table.num_rows == 0
