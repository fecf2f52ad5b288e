"""The worker: takes chores that are due, gives signs of life while it is at one, and leaves nothing half done.

A chore is a row (`desk.chores`); what is done for it is a function of a `Work` in `web.jobs`. Short chores and long ones each
have a lane of their own, so that an analysis keeps nothing from being sealed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction

from aboveboard.desk.chores import actions, models
from aboveboard.desk.chores.rules import LEASE, ChoreError, LostError, StoppedError
from aboveboard.ledger.errors import AboveboardError
from aboveboard.web import logs

log = logging.getLogger("aboveboard.worker")
_SIGN_OF_LIFE = 2.0
_WELL = ("done", "stopped", "put back", "ended already")
_PAUSE, _PAUSE_WITHOUT_DATABASE = 1.0, 5.0


def now() -> datetime:
    """The worker's clock: it is an edge, as a page is."""
    return datetime.now(UTC)


@dataclass
class Work:
    """A chore in hand: where files go, what was asked (`about`), how far it is, and how it ends."""

    chore: models.Chore
    folder: Path
    leaving: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    _said: tuple[str, int, int] = ("", 0, 0)
    _refusal: AboveboardError | None = None

    @property
    def about(self) -> Mapping[str, Any]:
        """What was said when it was asked for."""
        return self.chore.about  # type: ignore[no-any-return]

    @property
    def now(self) -> datetime:
        """The time."""
        return now()

    def says(self, what: str, step: int = 0, steps: int = 0) -> None:
        """Say how far it is. Raises StoppedError or LostError where it must not go on; it reaches the page within two seconds."""
        self._said = (what, step, steps)
        self.go_on()

    def go_on(self) -> None:
        """Raise StoppedError or LostError where the work must not go on."""
        if self._refusal:
            raise self._refusal
        if self.leaving.is_set():
            raise StoppedError("The worker is going down.")

    @contextmanager
    def ending(self, **result: Any) -> Iterator[dict[str, Any]]:
        """What is done in here and the end of the chore are one transaction: both happen, or neither.

        Yields the result, to which the block may add.
        """
        told = dict(result)
        with transaction.atomic():
            yield told
            actions.finish(chore=self.chore, now=now(), result=told)
        self.ended = True

    def give_sign(self) -> None:
        """Renew the lease, with what was said last; keep what stands against going on for `go_on`."""
        says, step, steps = self._said
        try:
            actions.renew(chore=self.chore, now=now(), says=says, step=step, steps=steps)
        except (LostError, StoppedError) as error:
            self._refusal = error
        except Error:
            # The lease is long enough for the next sign, or the one after it.
            log.warning("%s: no sign of life could be given", self.chore.name, exc_info=True)


Job = Callable[[Work], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Recurring:
    """Something done every so often; `at` is the hour of the day (UTC) of what is done daily."""

    name: str
    every: timedelta
    at: int | None = None

    def first_at(self, moment: datetime) -> datetime:
        """When it is due for the first time."""
        if self.at is None:
            return moment
        today = moment.replace(hour=self.at, minute=0, second=0, microsecond=0)
        return today if today > moment else today + timedelta(days=1)


@dataclass(frozen=True)
class Worker:
    """Takes chores whose names have a job. `lanes` are worked side by side, each one chore at a time."""

    jobs: Mapping[str, Job]
    lanes: Sequence[Sequence[str]]
    recurring: Sequence[Recurring] = ()
    leaving: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until `leaving` is set."""
        moment = now()
        for one in self.recurring:
            actions.keep_up(
                name=one.name, every=one.every, first_at=one.first_at(moment), act="people.manage", now=moment
            )
        threads = [threading.Thread(target=self._lane, args=(names,), name=names[0]) for names in self.lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _lane(self, names: Sequence[str]) -> None:
        while not self.leaving.is_set():
            try:
                worked = self.once(names)
            except Error:
                log.warning("the database does not answer", exc_info=True)
                connection.close()
                self.leaving.wait(_PAUSE_WITHOUT_DATABASE)
                continue
            close_old_connections()
            if not worked:
                self.leaving.wait(_PAUSE)
        connection.close()

    def once(self, names: Sequence[str]) -> bool:
        """Take one chore of these names that is due, and do it; False where there is none."""
        chore = actions.claim(names=names, now=now())
        if chore is None:
            return False
        work = Work(chore, settings.FOUND.folder, self.leaving)
        started = time.perf_counter()
        outcome = self._done(chore, work)
        said = {"chore": chore.name, "number": chore.pk, "outcome": outcome, "ms": logs.milliseconds(started)}
        log.log(logging.INFO if outcome in _WELL else logging.WARNING, "chore", extra={"said": said})
        return True

    def _done(self, chore: models.Chore, work: Work) -> str:
        """Do it; how it ended."""
        try:
            with _signs_of_life(work):
                result = self.jobs[chore.name](work)
            if not work.ended:
                actions.finish(chore=chore, now=now(), result=result or {})
            return "done"
        except LostError:
            # Another worker has it by now; what was done here is thrown away.
            return "lost"
        except StoppedError:
            return self._stopped(chore)
        except AboveboardError as error:
            # What stands against it is on the chore's page; it can name files and people.
            return _failed(chore, str(error), mendable=True)
        except Exception as error:
            log.exception("broken")
            return _failed(chore, f"{type(error).__name__}: {error}", mendable=False)

    def _stopped(self, chore: models.Chore) -> str:
        if self.leaving.is_set():
            actions.put_back(chore=chore)
            return "put back"
        try:
            actions.stopped(chore=chore, now=now())
        except (LostError, ChoreError):
            return "ended already"
        return "stopped"


def _failed(chore: models.Chore, error: str, *, mendable: bool) -> str:
    try:
        actions.fail(chore=chore, now=now(), error=error, mendable=mendable)
    except LostError:
        return "lost"
    return "refused" if mendable else "failed"


@contextmanager
def _signs_of_life(work: Work) -> Iterator[None]:
    """Renew the lease from a thread of its own, since a step can take longer than a lease."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_SIGN_OF_LIFE):
            work.give_sign()
        connection.close()

    beating = threading.Thread(target=beat, name=f"{work.chore.name}-signs", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join(LEASE.total_seconds())
