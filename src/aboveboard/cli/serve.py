"""`aboveboard serve`: the desk in the browser, by granian, with the worker beside it."""

from __future__ import annotations

import click

from aboveboard.cli import told
from aboveboard.cli.journal import ready
from aboveboard.ledger.errors import AboveboardError


class NoSecretError(AboveboardError):
    """Nothing can be signed."""

    exit_code = 2


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=int, default=8765, show_default=True, help="Which port to listen on.")
@click.option("--workers", type=int, default=1, show_default=True, help="Processes that answer.")
@click.option("--threads", type=int, default=4, show_default=True, help="Requests that each answers at once.")
def command(host: str, port: int, workers: int, threads: int) -> None:
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

        click.echo(f"Aboveboard answers at {settings.FOUND.address} (stop with Ctrl-C)")
        Granian(
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
        ).serve()
