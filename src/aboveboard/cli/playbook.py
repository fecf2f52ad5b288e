"""`aboveboard playbook`: check what a playbook says, show it in plain words, give editors its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aboveboard.cli import told

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook
    from aboveboard.playbook.problems import PlaybookError

_PATH = click.Path(path_type=Path, exists=True)


@click.group("playbook")
def command() -> None:
    """Check a playbook; show what it says.

    \b
    aboveboard playbook check playbook.yaml   every problem, with its line
    aboveboard playbook show playbook.yaml    what is promised, by whom, how often
    aboveboard playbook schema > schema.json  for editors that complete and check YAML
    """


@command.command()
@click.argument("path", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_context
def check(context: click.Context, path: Path, as_json: bool) -> None:
    """Check a playbook (a file, or a folder of them) and tell every problem.

    Exit codes: 0 it is right; 2 it is not.
    """
    from aboveboard.playbook import reader

    try:
        book = reader.read(path)
        _check_wording(book, path)
    except reader.PlaybookError as error:
        _tell_problems(error, as_json)
        context.exit(error.exit_code)
    if as_json:
        click.echo(json.dumps({"problems": [], "holds": _counts(book)}, indent=1))
    else:
        held = ", ".join(_counted(name, count) for name, count in _counts(book).items() if count)
        click.echo(f"{path} is right. It holds {held or 'nothing yet'}.")


def _check_wording(book: Playbook, path: Path) -> None:
    """What the playbook's layer cannot know: whether the rules of words that it names exist, and its patterns are any."""
    if not book.wording:
        return
    from aboveboard.playbook import problems
    from aboveboard.wording import Linter, WordingError, rulebook

    try:
        Linter(*rulebook.of(book)).check()
    except WordingError as error:
        raise problems.PlaybookError([problems.Problem(str(path), 0, str(error))]) from None


def _tell_problems(error: PlaybookError, as_json: bool) -> None:
    if as_json:
        found = [
            {"file": each.file, "line": each.line, "message": each.message, "suggestion": each.suggestion}
            for each in error.problems
        ]
        click.echo(json.dumps({"problems": found}, ensure_ascii=False, indent=1))
        return
    for problem in error.problems:
        click.echo(str(problem), err=True)
    count = len(error.problems)
    click.echo(f"{count} problem{'' if count == 1 else 's'}", err=True)


def _counts(book: Playbook) -> dict[str, int]:
    from aboveboard.playbook import keys

    named = {section.name: len(getattr(book, section.name)) for section in keys.SECTIONS}
    return named | {"touchpoints": len(book.touchpoints), "journeys": len(book.journeys)}


def _counted(name: str, count: int) -> str:
    plural = {"situation": "facts", "wording": "wording rules"}.get(name, name)
    return (
        f"{count} {plural}"
        if count != 1
        else f"1 {plural.removesuffix('ies')}y"
        if plural.endswith("ies")
        else f"1 {plural[:-1]}"
    )


@command.command()
@click.argument("path", type=_PATH)
def show(path: Path) -> None:
    """Show what is promised: the words, the owner, the clock, how often it is meant to hold."""
    from aboveboard.playbook import reader, wording

    with told.plainly():
        click.echo(wording.summary(reader.read(path)))


@command.command()
def schema() -> None:
    """Print the JSON Schema of a playbook: editors complete and check YAML by it."""
    from aboveboard.playbook import schema as schemas

    found: dict[str, Any] = schemas.schema()
    click.echo(json.dumps(found, indent=1))
