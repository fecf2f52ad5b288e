"""How the command line reads times and tells errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from aboveboard.ledger.errors import AboveboardError

UNREADABLE = 3


@contextmanager
def plainly() -> Iterator[None]:
    """Errors that the user can mend are said in words, with the exit code they carry; bugs keep their traceback.

    A file that the system refuses to open or to write ends with 3.
    """
    try:
        yield
    except AboveboardError as error:
        wrong(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        wrong(f"{error.filename}: {error.strerror}")
        sys.exit(UNREADABLE)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)


def wrong(error: AboveboardError | str) -> None:
    """Say an error on standard error, in the form in which click says its own."""
    click.echo(f"{click.style('Error', fg='red', bold=True)}: {error}", err=True)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment in UTC that `--as-of` says: ISO 8601 (`ledger.moments` has the forms), without an offset read in `zone`."""
    from aboveboard.ledger import moments

    value = moments.moment_of(text.strip(), zone)
    if value is None:
        raise click.BadParameter(f"{text!r} is not a time; write it like 2026-11-21T19:15", param_hint="--as-of")
    return value
