"""`aboveboard journal`: the ledger in the operational database, from the terminal. `verify` has a command of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from aboveboard.cli import told
from aboveboard.ledger.errors import AboveboardError


class DatabaseError(AboveboardError):
    """The database cannot be reached, or does not hold a journal."""

    exit_code = 4


def opened() -> None:
    """Make the operational database that ABOVEBOARD_DATABASE names ready for use, its tables as they are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")
    import django

    django.setup()


@contextmanager
def reached() -> Iterator[None]:
    """What is done in here needs the database. Raises DatabaseError where that cannot be reached."""
    from django.db import OperationalError

    try:
        yield
    except OperationalError as error:
        raise DatabaseError(f"the database cannot be reached: {str(error).strip()}") from error


def there() -> None:
    """The same, and the journal must be in it. Raises DatabaseError where it is not, or the database cannot be reached."""
    opened()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with reached():
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise DatabaseError("the database has no journal yet, or an older one; make it ready: aboveboard journal init")


def ready() -> None:
    """The same, with its tables made, or brought up to date. Raises DatabaseError where the database cannot be reached."""
    opened()
    from django.core.management import call_command

    with reached():
        call_command("migrate", verbosity=0)


@click.group("journal")
def command() -> None:
    """The ledger in the operational database: append-only, sealed, copied to Parquet for the analyses.

    ABOVEBOARD_DATABASE says where: the path of an SQLite file (aboveboard.db unless told otherwise), or postgresql://….
    """


@command.command("init")
def init() -> None:
    """Make the database ready, or bring an older one up to date. Can be repeated."""
    with told.plainly():
        ready()
    click.echo("The journal is ready.")


@command.command("seal")
def seal() -> None:
    """Seal what was recorded since the last seal, so that nobody can change it unseen."""
    with told.plainly():
        there()
        from aboveboard.desk.journal import actions, queries

        made = actions.seal(now=datetime.now(UTC))
        left = queries.unsealed()
    click.echo(f"{sum(one.count for one in made):,} events sealed, {left:,} left.")


@command.command("copy")
@click.argument("folder", type=click.Path(path_type=Path))
def copy(folder: Path) -> None:
    """Bring the Parquet copy in FOLDER up to the last seal. Throw the folder away, and it is made again."""
    with told.plainly():
        there()
        from aboveboard.desk.journal import tasks

        added = tasks.copy(folder=folder)
        fresh = tasks.freshness(folder=folder)
    until = f", as of {fresh.recorded_at.isoformat(timespec='seconds')}" if fresh.recorded_at else ""
    click.echo(f"{added:,} events copied{until}; {fresh.behind:,} not yet sealed.")


@command.command("proof")
@click.argument("event")
def proof(event: str) -> None:
    """Print the proof that EVENT (its id) is in the journal as it stands there; `verify --proof` checks it anywhere."""
    with told.plainly():
        there()
        from aboveboard.desk.journal import queries

        found = queries.proof(event=event)
        click.echo(json.dumps(asdict(found), default=_written, ensure_ascii=False, indent=1))


@command.command("show")
@click.option("--subject", help="Of which subject, such as case:12.")
@click.option("--customer", help="Of which customer.")
@click.option("--most", type=int, default=500, show_default=True, help="The last so many.")
def show(subject: str | None, customer: str | None, most: int) -> None:
    """Print what happened to a subject or a customer, in order, one JSON object a line."""
    if not (subject or customer):
        raise click.UsageError("say whose: --subject, or --customer")
    with told.plainly():
        there()
        from aboveboard.desk.journal import queries

        for one in queries.happened(subject=subject, customer=customer, most=most):
            held = {name: value for name, value in asdict(one.event).items() if value not in (None, {})}
            click.echo(json.dumps(held, default=_written, ensure_ascii=False))


def _written(value: Any) -> str:
    return str(value.isoformat())
