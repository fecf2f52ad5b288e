"""Timed work of promises: keep the clocks up to now."""

from __future__ import annotations

from datetime import datetime
from time import sleep

from aboveboard.desk.promises import actions

_BREATH = 0.05
"""Seconds between two pieces of work. SQLite has one writer at a time and no queue: without a pause nobody else would come in."""


def advance(*, now: datetime) -> int:
    """Read what is new in the journal, see how every promise stands at `now`, and weigh those that run; how many run.

    To be called every few seconds. Can be stopped at any moment and called by two at once: it goes on where it was.
    """
    while actions.read_on(now=now):
        sleep(_BREATH)
    while actions.settle(now=now):
        sleep(_BREATH)
    return actions.weigh(now=now)
