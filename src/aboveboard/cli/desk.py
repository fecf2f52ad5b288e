"""`aboveboard desk`: what the web application needs from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from aboveboard.cli import told
from aboveboard.cli.journal import opened, reached, ready


@click.group("desk")
def command() -> None:
    """The web application: invite its first people, publish its playbook, back it up and restore it.

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


@command.command("backup")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Write all that the desk holds, as it is at this moment, to FILE. The desk can go on serving.

    Every table and every file of ABOVEBOARD_FOLDER but the Parquet copy of the journal, which is made anew. Not in it:
    ABOVEBOARD_SECRET, which signs links (keep it elsewhere), and who is signed in.
    """
    with told.plainly(), reached():
        settings, backups = _backups()
        made = backups.write(path, folder=settings.folder, secret=settings.secret, now=datetime.now(UTC))
        files = sum(name.startswith("files/") for name in made["members"])
        rows = sum(one["rows"] for one in made["tables"].values())
        click.echo(f"{path}: {rows:,} rows of {len(made['tables'])} tables, {files:,} files.")
        click.echo(_head(made["journal"]["head"]))


@command.command("restore")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Take away what the database and the folder hold. Stop the desk first.")
@click.option("--check", is_flag=True, help="Read all of FILE, compare it with its checksums, and change nothing.")
def restore(path: Path, replace: bool, check: bool) -> None:
    """Put what `backup` wrote to FILE into an empty desk, on SQLite or PostgreSQL, whichever wrote it.

    All of it is put in, after the file and the journal in it have been checked, or nothing. An older one is brought up to date.
    Exit codes: 3 the file is damaged, or something is in the way; 4 the database cannot be reached.
    """
    with told.plainly(), reached():
        settings, backups = _backups()
        if check:
            with backups.opened(path) as held:
                held.check()
                click.echo(f"{path} is as it was written, {held.manifest['made_at']}.")
                click.echo(_head(held.manifest["journal"]["head"]))
            return
        done = backups.restore(path, folder=settings.folder, secret=settings.secret, replace=replace)
        later = f", brought up to date by {done.upgraded} migrations" if done.upgraded else ""
        click.echo(f"{done.rows:,} rows and {done.files:,} files are back{later}. {_head(done.head)}")
        if not done.same_secret:
            click.echo(
                "ABOVEBOARD_SECRET is not the one of before: links to customers that were signed with that do not work."
            )


def _backups() -> tuple[Any, Any]:
    opened()
    from django.conf import settings

    return settings.FOUND, import_module(settings.BACKUPS)


def _head(head: str | None) -> str:
    return f"The journal's head: {head}" if head else "Nothing in the journal is sealed."


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
