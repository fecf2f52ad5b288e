"""Timed work of promises: keep the clocks up to now."""

from __future__ import annotations

from datetime import datetime

from aboveboard.desk.promises import actions


def advance(*, now: datetime) -> int:
    """Read what is new in the journal, see how every promise stands at `now`, and weigh those that run; how many run.

    To be called every few seconds. Can be stopped at any moment and called by two at once: it goes on where it was.
    """
    while actions.read_on(now=now):
        pass
    while actions.settle(now=now):
        pass
    return actions.weigh(now=now)
