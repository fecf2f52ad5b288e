"""`aboveboard serve`: the desk in the browser, by granian, with the worker beside it."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from aboveboard.cli import told
from aboveboard.cli.journal import ready
from aboveboard.ledger.errors import AboveboardError

_AGAIN, _GRACE = 5.0, 10.0
"""Seconds until a worker that died is begun anew, and for one that is to stop."""


class NoSecretError(AboveboardError):
    """Nothing can be signed."""

    exit_code = 2


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=int, default=8765, show_default=True, help="Which port to listen on.")
@click.option("--workers", type=int, default=1, show_default=True, help="Processes that answer.")
@click.option(
    "--worker/--no-worker", default=True, show_default=True, help="Start a worker beside it for the timed work."
)
@click.option("--threads", type=int, default=4, show_default=True, help="Requests that each answers at once.")
def command(host: str, port: int, workers: int, worker: bool, threads: int) -> None:
    """Serve the desk. Makes the database ready, or brings it up to date, before it answers.

    Settings come from the environment: ABOVEBOARD_DATABASE, ABOVEBOARD_SECRET, ABOVEBOARD_ADDRESS, ABOVEBOARD_FOLDER.
    """
    with told.plainly():
        ready()
        from django.conf import settings

        if not settings.FOUND.secret:
            raise NoSecretError(
                "ABOVEBOARD_SECRET is not given, and none is kept beside the database: give 50 characters or more"
            )
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        click.echo(f"Aboveboard answers at {settings.FOUND.address} (stop with Ctrl-C)")
        server = Granian(
            "aboveboard.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            websockets=False,
            # A process that dies is served again by itself.
            respawn_failed_workers=True,
            log_access=False,
            log_level=LogLevels(settings.FOUND.log_level),
            log_dictconfig=copy.deepcopy(settings.LOGGING),
        )
        with _worker() if worker else nullcontext():
            server.serve()


@contextmanager
def _worker() -> Iterator[None]:
    """A worker in a process of its own, begun anew where it dies, and stopped with the server."""
    leaving = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not leaving.is_set():
            command = [sys.executable, "-m", "aboveboard.cli", "worker", "--with-parent", str(os.getpid())]
            running[:] = [subprocess.Popen(command)]  # noqa: S603 - our own command
            running[0].wait()
            leaving.wait(_AGAIN)

    keeping = threading.Thread(target=keep, daemon=True)
    keeping.start()
    try:
        yield
    finally:
        leaving.set()
        for process in running:
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
        keeping.join(_GRACE)
