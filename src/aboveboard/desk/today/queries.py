"""Reads of the first page: how fresh what it shows is, and what is still missing before it can show anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aboveboard.desk.chores import models as chores_models
from aboveboard.desk.chores import queries as chores
from aboveboard.desk.followups import models as followups_models
from aboveboard.desk.followups import queries as followups
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.journal import tasks
from aboveboard.desk.playbook import queries as playbook

_WORKER_MISSED = timedelta(minutes=3)


@dataclass(frozen=True)
class Standing:
    """What there is: events, a playbook in force, a run; and the analysis that waits or runs, if one does."""

    has_events: bool
    has_playbook: bool
    run: followups_models.Run | None
    analysing: chores_models.Chore | None


@dataclass(frozen=True)
class Fresh:
    """How fresh: events recorded after the last run's, events that the copy lacks, and what keeps it from getting fresher.

    `recorded_at` is when the journal learned of the last event in the copy; None while that is empty. `worker_missed`: work is
    due, and nobody has been at it for minutes.
    """

    behind: int
    recorded_at: datetime | None
    worker_missed: bool
    failing: tuple[chores_models.Chore, ...]


def standing(*, now: datetime) -> Standing:
    """What there is so far."""
    return Standing(
        has_events=journal.has_more_than_notes(),
        has_playbook=playbook.in_force(now=now) is not None,
        run=followups.last_run(),
        analysing=chores.under_way(name="analyse"),
    )


def fresh(*, folder: Path, now: datetime) -> Fresh:
    """How fresh the copy in `folder` is, and whether somebody keeps it so."""
    held = tasks.freshness(folder=folder)
    since = chores.waiting_longest(now=now)
    missed = since is not None and now - since > _WORKER_MISSED
    return Fresh(held.behind, held.recorded_at, missed, tuple(chores.failing()))
