"""A case for a test, and the way through its life."""

from __future__ import annotations

from typing import Any

from tests.desk.conftest import NOW

from aboveboard.desk.cases import actions, models
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.people import rules

PLAYBOOK = """
organisation: A phone company
promises:
  answer-in-a-day:
    says: You have our answer within a day.
    starts: type = 'complaint.received'
    kept_by: type = 'message.sent'
    within: 24 hours
policies:
  goodwill: {says: Money for trouble., authority: {frontline: 20, lead: 100}}
"""


def opened(by: rules.Person, **given: Any) -> models.Case:
    """A complaint of North's, unless told otherwise."""
    usual: dict[str, Any] = {
        "title": "The phones are not there", "kind": "complaint", "words": "You said three hours.", "customer": "c-1",
        "team": "North", "channel": "phone",
    } | given  # fmt: skip
    now = usual.pop("now", NOW)
    return actions.open_case(by=by, opening=case_rules.Opening(**usual), now=now)


def brought_to(by: rules.Person, case: models.Case, state: str) -> None:
    """Take a fresh case through its life until it is in this state."""
    same: dict[str, Any] = {"by": by, "case": case.number, "version": None, "now": NOW}
    steps = (
        ("acknowledged", lambda: actions.take_step(**same, step="acknowledge")),
        ("assessed", lambda: actions.take_step(**same, step="assess", severity=2)),
        ("working", lambda: actions.take_step(**same, step="work")),
        ("decided", lambda: actions.decide(**same, decision="You are right.", reason="It was late.", recourse="The ombudsman.")),
        ("told", lambda: actions.tell(**same, words="You are right. It was late.", channel=None)),
        ("closed", lambda: actions.close(**same, cause="promise", note="")),
    )  # fmt: skip
    for name, step in steps:
        step()
        if name == state:
            return
