"""`aboveboard worker`: the timed work of the desk, until it is stopped."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

import click

from aboveboard.cli import told
from aboveboard.cli.journal import there
from aboveboard.ledger.errors import AboveboardError


class NoSuchWorkError(AboveboardError):
    """A chore was named that there is not."""

    exit_code = 2


@click.command("worker")
@click.option("--once", metavar="NAME", help="Do one chore of this name now, if it is due, and end.")
@click.option("--with-parent", type=int, hidden=True, help="End when this process is no longer our parent.")
def command(once: str | None, with_parent: int | None) -> None:
    """Do the timed work of the desk: seal the journal, keep its copy fresh, analyse, import, clean up.

    `aboveboard serve` starts one. More may run, on other machines too: a chore is done by one of them. Stop it with Ctrl-C; what
    it was at is left to the next. One that dies is missed after a minute, and its chore done again from the start.
    """
    with told.plainly():
        there()
        from django.conf import settings
        from django.utils.module_loading import import_string

        worker = import_string(settings.WORKER)()
        if once is not None:
            if once not in worker.jobs:
                raise NoSuchWorkError(f"there is no work {once!r}; there is {', '.join(worker.jobs)}")
            worker.once([once])
            return

        def leave(_number: int, _frame: FrameType | None) -> None:
            worker.leaving.set()

        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGINT, leave)
        if with_parent is not None:
            threading.Thread(target=_leave_with, args=(with_parent, worker.leaving), daemon=True).start()
        worker.run()


def _leave_with(parent: int, leaving: threading.Event) -> None:
    """A server that is killed cannot stop its worker: the worker sees that it has another parent."""
    while not leaving.wait(2):
        if os.getppid() != parent:
            leaving.set()
