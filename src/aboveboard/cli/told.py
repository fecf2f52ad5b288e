"""How the command line reads times and tells errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from aboveboard.ledger.errors import AboveboardError


@contextmanager
def plainly() -> Iterator[None]:
    """Errors that the user can mend are said in words, with the exit code they carry; bugs keep their traceback."""
    try:
        yield
    except AboveboardError as error:
        click.echo(f"{click.style('error', fg='red', bold=True)}: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 time; without an offset it is read in `zone`."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is not a time; write it like 2026-11-21T19:15", param_hint="--as-of"
        ) from None
    return value if value.tzinfo else value.replace(tzinfo=zone)
