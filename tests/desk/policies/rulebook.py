"""The playbook that the tests of policies work by."""

from __future__ import annotations

from tests.desk.conftest import NOW

from aboveboard.desk.people.rules import Matter
from aboveboard.desk.playbook import actions as playbook

TEXT = """\
organisation: A shop
timezone: Europe/London
currency: EUR
policies:
  refund:  # asked for every day
    says: Refunds within 30 days.
    owner: finance
    authority: {rep: 20, lead: 100, manager: 1000}  # in euro
  nuts:
    says: No dish is promised to be free of nuts.
    owner: kitchen
    authority: {rep: 0, lead: 0}
    evidence: safety
promises:
  ready:
    says: Ready in three hours.
    owner: stores
    starts: type = 'order.paid'
    kept_by: type = 'order.ready'
    within: 3 hours
procedures:
  visit:
    starts: type = 'visit.started'
    owner: field
    steps:
      water: {kind: offer, why: Who waits may be thirsty.}
"""
MATTER = Matter("order:7", "c-1", "North", "phone")


def published(text: str = TEXT) -> None:
    """Put the playbook in force, from the terminal."""
    playbook.publish(by=None, text=text, why="as agreed", effective_from=NOW, now=NOW)
