"""`aboveboard desk`: what the web application needs from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

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


@command.command("playbook")
@click.argument("path", metavar="FILE", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--why", help="The reason, for whoever reads this version later. Needed with FILE.")
@click.option(
    "--from", "from_when", metavar="TIME", help="From when it holds, such as 2026-12-01T00:00+01:00. Absent: at once."
)
@click.option("--base", type=int, help="The last version you have seen: refused where there is a later one.")
def playbook(path: Path | None, why: str | None, from_when: str | None, base: int | None) -> None:
    """Publish FILE as a new version of the playbook; without FILE, print the version that holds now.

    Every check of `aboveboard playbook check` is made first. A file without a change is not published again.
    """
    with told.plainly():
        ready()
        at = datetime.now(UTC)
        if path is None:
            click.echo(_held(at), nl=False)
            return
        if not why:
            raise click.UsageError("say --why: whoever reads this version later will ask")
        click.echo(_publish(path, why, _moment(from_when, at), at, base))


def _held(at: datetime) -> str:
    from aboveboard.desk.playbook import queries, rules

    found = queries.in_force(now=at)
    if found is None:
        raise rules.PlaybookVersionError("There is no playbook yet: aboveboard desk playbook FILE --why …")
    return found.text


def _publish(path: Path, why: str, from_when: datetime, at: datetime, base: int | None) -> str:
    from aboveboard.desk.playbook import actions, queries
    from aboveboard.playbook import reader

    # Read by its path first, so that problems name the file.
    reader.read(path)
    text = path.read_text(encoding="utf-8-sig")
    last = queries.latest()
    if last is not None and last.text == text:
        return f"This is version {last.number} already."
    made = actions.publish(by=None, text=text, why=why, effective_from=from_when, now=at, base=base)
    return f"Version {made.number} is published, from {made.effective_from.isoformat(timespec='seconds')}."


def _moment(written: str | None, at: datetime) -> datetime:
    if written is None:
        return at
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError(f"--from {written!r} is no time; write 2026-12-01T00:00+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
