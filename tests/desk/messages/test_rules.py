"""Templates lose no words, promises are noticed as they are written, and every commitment has exactly one state."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aboveboard.analyses.claims import drafts
from aboveboard.desk.messages import rules
from aboveboard.desk.people.rules import Person
from aboveboard.playbook.model import Playbook

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""
NAMES = st.sampled_from([*rules.PLACEHOLDERS, "parcel number", "x"])
PIECES = st.lists(st.text(alphabet="abc \n{}", max_size=8) | NAMES.map(lambda name: "{{ " + name + " }}"), max_size=8)
MOMENTS = st.integers(-5_000, 5_000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(PIECES.map("".join), st.dictionaries(NAMES, st.none() | st.text(alphabet="xyz", min_size=1)))
def test_filling_in_changes_placeholders_and_nothing_else(text: str, values: dict[str, str | None]) -> None:
    filled = rules.filled(text, values)
    assert rules.placeholders(filled) == [name for name in rules.placeholders(text) if not values.get(name)]
    outside = re.split(r"\{\{\s*[^{}\n]{1,60}?\s*\}\}", text)
    at = 0
    for part in outside:
        at = filled.index(part, at) + len(part)


@given(PIECES.map("".join), PIECES.map("".join))
def test_a_template_leaves_what_was_written(text: str, template: str) -> None:
    joined = rules.joined(text, template)
    assert joined.startswith(text.rstrip()) or not text.strip()
    assert joined.endswith(template)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n", "no words"),
        ("a\x00", "no text"),
        ("a\ud800", "no text"),
        ("x" * 20_001, "20,001 characters"),
        ("Dear {{ name }}, of {{ x }}", "{{ name }}, {{ x }}"),
    ],
)
def test_what_is_not_finished_is_not_recorded(text: str, says: str) -> None:
    with pytest.raises(rules.MessagesError, match=re.escape(says)):
        rules.finished(text)


def test_line_ends_are_of_one_kind() -> None:
    assert rules.written(" one\r\ntwo\rthree\n") == "one\ntwo\nthree"


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["I will call you back by Friday.", "Thank you.", "We'll send it."]), max_size=5))
def test_each_commitment_has_a_key_of_its_own_wherever_it_stands(sentences: list[str]) -> None:
    text = " ".join(sentences)
    found = rules.noticed(text, drafts.read(text, Playbook(), said_at=NOW))
    assert len({one.key for one in found}) == len(found) == sum(one != "Thank you." for one in sentences)
    moved = "Hello.\n" + text
    again = rules.noticed(moved, drafts.read(moved, Playbook(), said_at=NOW))
    assert [one.key for one in again] == [one.key for one in found]


@given(made_at=MOMENTS, due=MOMENTS, settled_at=MOMENTS, how=st.sampled_from(["kept", "withdrawn", None]))
def test_a_commitment_is_in_one_state(made_at: datetime, due: datetime, settled_at: datetime, how: str | None) -> None:
    kept, withdrawn = (settled_at if how == one else None for one in ("kept", "withdrawn"))
    found = rules.state(made_at=made_at, due=due, kept_at=kept, withdrawn_at=withdrawn, now=NOW)
    if how == "withdrawn":
        assert found == "cancelled"
    elif how == "kept":
        assert found == ("kept" if settled_at <= due else "late")
    else:
        assert (found == "broken") == (due < NOW)


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(1, 3), st.text(min_size=1), st.text(min_size=1))
def test_a_form_makes_one_event_whoever_presses_it_again(one: int, other: int, token: str, second: str) -> None:
    def person(number: int) -> Person:
        return Person(number, "Bo", f"e-{number}", ())

    if not (token.strip() and second.strip()):
        return
    same = rules.name_of(person(one), "message", token) == rules.name_of(person(other), "message", second)
    assert same == (one == other and token == second)


def test_a_promise_needs_words_and_a_time_that_can_be_meant() -> None:
    for words, due, says in (
        (" ", NOW, "what is promised"),
        ("I call", None, "by when"),
        ("I call", NOW, "after now"),
        ("I call", NOW + timedelta(days=731), "two years"),
    ):
        with pytest.raises(rules.MessagesError, match=says):
            rules.promise(kind="call-back", text=words, due=due, now=NOW)


def test_a_promise_ends_where_the_next_begins() -> None:
    text = "I will call you back by Friday and we'll send the part within two hours. Thank you."
    found = rules.noticed(text, drafts.read(text, Playbook(), said_at=NOW))
    assert [one.text for one in found] == ["I will call you back by Friday", "we'll send the part within two hours."]
    assert rules.noticed("Thank you.", drafts.read("Thank you.", Playbook(), said_at=NOW)) == []
