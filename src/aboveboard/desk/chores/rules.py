"""When a chore is due again, how long a worker holds it, and when it is given up: no database, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from aboveboard.ledger.errors import AboveboardError

LEASE = timedelta(seconds=60)
"""How long a claim holds without a sign of life: a worker that died is missed after that."""
MOST_ATTEMPTS = 4
_LONGEST_PAUSE = timedelta(hours=1)


class ChoreError(AboveboardError):
    """A chore cannot be asked for, found or stopped; the text says why."""

    exit_code = 2


class LostError(AboveboardError):
    """The chore is no longer this worker's: its lease ran out, and another took it. What was done of it is thrown away."""


class StoppedError(AboveboardError):
    """Somebody asked for the chore to be stopped, or the worker is going down."""


def again_at(*, attempts: int, now: datetime) -> datetime:
    """When to try again after so many attempts: half a minute, then twice as long each time, an hour at most."""
    return now + min(timedelta(seconds=30) * (1 << max(attempts - 1, 0)), _LONGEST_PAUSE)


def next_due(*, due_at: datetime, every: timedelta, now: datetime) -> datetime:
    """The next time of a chore that recurs: in its own rhythm, and the times that were missed are not made up for."""
    missed = max((now - due_at) // every, 0)
    return due_at + (missed + 1) * every


def given_up(*, attempts: int, mendable: bool) -> bool:
    """Whether one that failed is left: at once where somebody has to mend something, else after a few attempts."""
    return mendable or attempts >= MOST_ATTEMPTS
