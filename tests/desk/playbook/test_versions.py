"""Versions of the playbook follow one another; the one in force is the last whose time has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions, queries, rules
from aboveboard.playbook.problems import PlaybookError

TEXT = "organisation: {name}\ntimezone: Europe/London\n"
LATER = NOW + timedelta(days=1)


def publish(by: people.Person | None, name: str, **more: object) -> int:
    given = {"why": "as agreed", "effective_from": NOW, "now": NOW} | more
    return actions.publish(by=by, text=TEXT.format(name=name), **given).number  # type: ignore[arg-type]


def test_a_version_holds_from_its_time(joined: Joining) -> None:
    owner = joined("ada", "policy-owner")
    with pytest.raises(rules.PlaybookVersionError, match="no playbook yet"):
        queries.current(now=NOW)
    assert publish(None, "One") == 1
    assert publish(owner, "Two", effective_from=LATER) == 2
    assert queries.current(now=NOW).organisation == "One"
    assert queries.current(now=LATER).organisation == "Two"
    assert publish(owner, "Three") == 3
    assert queries.current(now=LATER).organisation == "Three", "made later, it is the one that was meant"


def test_what_is_wrong_is_not_stored(joined: Joining) -> None:
    owner = joined("ada", "policy-owner")
    for fault, says in (({"why": " "}, "Say why"), ({"effective_from": NOW - timedelta(1)}, "a time that is over")):
        with pytest.raises(rules.PlaybookVersionError, match=says):
            publish(owner, "One", **fault)
    with pytest.raises(PlaybookError):
        actions.publish(by=owner, text="promises: 3", why="x", effective_from=NOW, now=NOW)
    with pytest.raises(people.ForbiddenError, match="Policy owner"):
        publish(joined("bo", "frontline"), "One")
    assert not queries.versions()
