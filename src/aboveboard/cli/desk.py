"""`aboveboard desk`: what the web application needs from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aboveboard.cli import told
from aboveboard.cli.journal import ready


@click.group("desk")
def command() -> None:
    """The web application: invite its first people.

    ABOVEBOARD_DATABASE says where its data are: the path of an SQLite file (aboveboard.db unless told otherwise), or postgresql://….
    """


@command.command("invite")
@click.argument("email")
@click.option(
    "--role",
    default="admin",
    show_default=True,
    help="Such as admin, cx-lead, lead or frontline.",
)
def invite(email: str, role: str) -> None:
    """Print a link with which EMAIL can join, once, within seven days. Makes the database ready where it is not."""
    with told.plainly():
        ready()
        from django.conf import settings
        from django.urls import reverse

        from aboveboard.desk.people import actions

        token = actions.invite(by=None, email=email, role=role, team=None, now=datetime.now(UTC))
        click.echo(f"{settings.FOUND.address}{reverse('people:join', args=[token])}")
