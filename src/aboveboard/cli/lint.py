"""`aboveboard lint`: which words put customers in debt, hide behind rules, blame, guess, or speak with contempt."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from aboveboard.wording import Linter
    from aboveboard.wording.files import Linted, Wanted
    from aboveboard.wording.model import Audience


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--audience",
    type=click.Choice(["customer", "internal"]),
    help="Words to customers, or words about them among colleagues. Default: as a ledger says, else customer.",
)
@click.option("--language", help="en or de. Default: found out.")
@click.option(
    "--playbook",
    "playbook_path",
    type=click.Path(path_type=Path, exists=True),
    help="Rules switched off for a reason, and rules of your own: its section `wording`.",
)
@click.option("--column", "columns", multiple=True, help="The column of a table that holds the words (again for more).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="For a person, a program, or a code host (SARIF 2.1.0).",
)
@click.option("--fix", is_flag=True, help="Print what would be better as a unified diff, and change nothing.")
@click.option("--write", is_flag=True, help="With --fix: make the changes.")
@click.option("--list-rules", is_flag=True, help="The rules, and whether they are on.")
@click.option("--explain", metavar="RULE", help="What a rule is for, with examples.")
def command(
    paths: tuple[Path, ...],
    audience: Audience | None,
    language: str | None,
    playbook_path: Path | None,
    columns: tuple[str, ...],
    form: str,
    fix: bool,
    write: bool,
    list_rules: bool,
    explain: str | None,
) -> None:
    """Lint PATHS: text, Markdown, HTML, YAML, templates, CSV, Parquet, ledgers, folders of them; - is standard input.

    A comment silences a rule where its words are meant: aboveboard: allow RULE -- reason (the next or the same line), or
    aboveboard: allow-file RULE -- reason.

    Exit codes: 0 nothing to remark on; 1 remarks; 2 the command line or the playbook is wrong; 3 a file cannot be read.
    """
    from aboveboard.cli import told

    with told.plainly():
        linter = _linter(playbook_path)
        if list_rules or explain:
            click.echo(_explained(linter, explain) if explain else _listed(linter))
            return
        if not paths:
            raise click.UsageError("name files or folders, or - for standard input")
        if write and not fix:
            raise click.UsageError("--write goes with --fix")
        from aboveboard.wording import files
        from aboveboard.wording.linter import checked

        if language:
            checked(language)
        wanted = files.Wanted(audience, language, columns)
        linted, unreadable = _lint(paths, linter, wanted)
        _tell(linted, linter, form, fix=fix, write=write)
    if unreadable:
        sys.exit(told.UNREADABLE)
    sys.exit(1 if any(one.located for one in linted) else 0)


def _linter(playbook_path: Path | None) -> Linter:
    from aboveboard.wording import Linter, rulebook

    if playbook_path is None:
        return Linter()
    from aboveboard.playbook import reader

    return Linter(*rulebook.of(reader.read(playbook_path)))


def _lint(paths: tuple[Path, ...], linter: Linter, wanted: Wanted) -> tuple[list[Linted], bool]:
    """What became of each file. One that cannot be read is told, and the others are linted all the same."""
    from aboveboard.cli import told
    from aboveboard.wording import files
    from aboveboard.wording.errors import UnreadableError

    linted, unreadable = [], False
    for path in files.found([path for path in paths if str(path) != "-"]):
        try:
            linted.append(files.lint(path, linter, wanted))
        except UnreadableError as error:
            told.wrong(error)
            unreadable = True
        except OSError as error:
            told.wrong(f"{path}: {error.strerror}")
            unreadable = True
    if Path("-") in paths:
        text = files.decoded(sys.stdin.buffer.read(), "<stdin>")
        linted.append(files.lint_text(text, linter, wanted, file="<stdin>"))
    return linted, unreadable


def _tell(linted: list[Linted], linter: Linter, form: str, *, fix: bool, write: bool) -> None:
    from aboveboard import __version__
    from aboveboard.wording import telling

    if fix:
        for one in linted:
            click.echo(telling.diff(one), nl=False)
            if write:
                _write(one)
        left = sum(1 for one in linted for located in one.located if located.remark.edit is None)
        if left:
            click.echo(
                f"{left} {'remark needs' if left == 1 else 'remarks need'} a person: run without --fix", err=True
            )
    elif form == "sarif":
        click.echo(json.dumps(telling.sarif(linted, linter.rules, __version__), ensure_ascii=False, indent=1))
    elif form == "json":
        remarks = [telling.as_dict(located) for one in linted for located in one.located]
        unread = {one.file: one.unread for one in linted if one.unread}
        click.echo(json.dumps({"remarks": remarks, "unread": unread}, ensure_ascii=False, indent=1))
    else:
        for one in linted:
            for line in telling.lines(one):
                click.echo(line)
        _summed(linted)


def _summed(linted: list[Linted]) -> None:
    count = sum(len(one.located) for one in linted)
    click.echo(
        f"{count or 'no'} remark{'' if count == 1 else 's'} in {len(linted)} file{'' if len(linted) == 1 else 's'}",
        err=True,
    )
    for one in linted:
        if one.unread:
            texts = "its text is" if one.unread == 1 and not one.read else f"{one.unread} texts are"
            click.echo(
                f"{one.file}: {texts} in no language that has rules, and not read (--language says which)", err=True
            )


def _write(one: Linted) -> None:
    """Put the mended text in the file's place, whole or not at all, in its own encoding of line ends."""
    from aboveboard.ledger import places
    from aboveboard.wording import telling

    text = telling.mended(one)
    if text is not None and one.file != "<stdin>":
        path = Path(one.file)
        mark = path.read_bytes()[:3] == b"\xef\xbb\xbf"
        with places.replacing(path) as fresh:
            fresh.write_bytes(text.encode("utf-8-sig" if mark else "utf-8"))


def _listed(linter: Linter) -> str:
    width = max(len(rule.id) for rule in linter.rules)
    return "\n".join(
        f"{rule.id:{width}}  {rule.audience:8}  {rule.severity:7}  {rule.name}{'  (off)' if rule.id in linter.off else ''}"
        for rule in linter.rules
    )


def _explained(linter: Linter, name: str) -> str:
    from aboveboard.wording import rulebook

    rulebook.known(name, linter.rules)
    rule = next(rule for rule in linter.rules if rule.id == name)
    parts = [f"{rule.id}: {rule.name}", f"{rule.why}", f"audience {rule.audience}, severity {rule.severity}"]
    for code, wordings in sorted(rule.wordings.items(), reverse=True):
        parts += [f"\n{code}: {wordings.better}"]
        parts += [f"  remarked on: {one}" for one in wordings.flagged] + [
            f"  fine:        {one}" for one in wordings.fine
        ]
    return "\n".join(parts)
