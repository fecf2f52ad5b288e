"""`aboveboard sources`: the mappings for other systems' exports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from aboveboard.cli import told

if TYPE_CHECKING:
    from aboveboard.sources import dry_run


@click.group("sources")
def command() -> None:
    """Mappings for other systems' exports.

    \b
    aboveboard sources list                            what ships
    aboveboard sources guess orders.csv --out my.yaml  a first mapping for your own files
    aboveboard sources try my.yaml orders.csv          what it would make of them
    """


def _names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from aboveboard.sources import mapping

    return [name for name in mapping.shipped() if name.startswith(incomplete)]


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def list_(as_json: bool) -> None:
    """The mappings that ship, by name."""
    from aboveboard.sources import mapping

    read = {name: mapping.read(name) for name in mapping.shipped()}
    if as_json:
        patterns = {name: [e.pattern for e in found.files.values() if e.pattern] for name, found in read.items()}
        listed = {name: {"about": found.about, "files": patterns[name]} for name, found in read.items()}
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    width = max(map(len, read))
    for name, found in read.items():
        click.echo(f"{name:{width}}  {found.about}")


@command.command()
@click.argument("name", shell_complete=_names)
def show(name: str) -> None:
    """The YAML of a mapping that ships: a start for your own."""
    from aboveboard.sources import mapping

    with told.plainly():
        click.echo(mapping.read(name).text, nl=False)


@command.command()
@click.argument("file", shell_complete=_names)
def check(file: str) -> None:
    """Check a mapping without any files: keys, expressions, joins. Exit code 2 if something is wrong."""
    from aboveboard.sources import mapping

    with told.plainly():
        found = mapping.read(file)
    blocks, files = len(found.blocks), sum(not export.of for export in found.files.values())
    click.echo(f"{file}: fine. Blocks of events: {blocks}; files: {files}. `aboveboard sources try` runs it over them.")


@command.command("try")
@click.argument("mapping", shell_complete=_names)
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def try_(mapping: str, files: tuple[str, ...], as_json: bool) -> None:
    """Run a mapping over files and show what would come out; nothing is imported.

    FILES are files, folders or zips, or ALIAS=PATH where a name does not fit the mapping's pattern. Exit code 1 if lines
    could not be read or times fit no date format.
    """
    show_dry_run(mapping, files, as_json=as_json)


@command.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of to the screen.")
def guess(files: tuple[str, ...], out: Path | None) -> None:
    """Look at files and write a first mapping, with what is doubtful as comments."""
    from aboveboard.sources.guess import guess as guessed

    with told.plainly():
        text = guessed(files)
        if out is None:
            click.echo(text, nl=False)
            return
        out.write_text(text, encoding="utf-8")
    doubts = text.count("# doubt:")
    click.echo(f"{out}: written, with {doubts} doubts to look at. Next: aboveboard sources try {out} {' '.join(files)}")


def show_dry_run(mapping: str, files: tuple[str, ...], *, as_json: bool) -> NoReturn:
    """Print the dry run of a mapping (a path or a shipped name), and end with its exit code; never returns."""
    from aboveboard.sources import dry_run
    from aboveboard.sources import mapping as mappings

    with told.plainly():
        done = dry_run.run(mappings.read(mapping), files)
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1))
    else:
        _tables(done)
    sys.exit(1 if done.faulty or done.unread else 0)


def _tables(done: dry_run.DryRun) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160)  # a pipe is not eighty columns wide

    def say(text: str, style: str = "") -> None:
        console.print(Text(text, style=style, no_wrap=True, overflow="ellipsis"))

    for block in done.blocks:
        left_out = f"; {block.left_out:,} left out by where or changed" if block.left_out else ""
        say(f"\n{block.name}: {block.events:,} events from {block.read:,} rows of {block.file}{left_out}", "bold")
        if block.undecided:
            say(f"{block.undecided:,} rows of which where cannot be computed", "red")
        if len(block.types) > 1:
            say("types: " + ", ".join(f"{kind} {number:,}" for kind, number in list(block.types.items())[:20]))
        width = max(len(column.name) for column in block.columns)
        say(f"{'':{width}}  {'values':>9}  {'missing':>9}  examples", "dim")
        for column in block.columns:
            missing = f"{column.missing:,}" if column.missing else "·"
            examples = " | ".join(_short(example) for example in column.examples)
            refused = f"{column.unread:,} cannot be read: " if column.unread else ""
            counts = f"{column.filled - column.unread:>9,}  {missing:>9}"
            say(f"{column.name:{width}}  {counts}  {refused}{examples}", "red" if refused else "")
    say(f"\n{done.events:,} events of {done.source}. Nothing was imported.", "bold")
    if done.faulty:
        say(f"{done.faulty:,} lines are no rows (fields too few or too many, no JSON): an import rejects them.", "red")
    if done.unread:
        say(
            f"{done.unread:,} values cannot be read, most often times that fit none of `dates`: an import rejects those rows.",
            "red",
        )
    for file in done.unused:
        say(f"{file}: no file of the mapping is called so; not read.", "dim")


def _short(example: str, width: int = 40) -> str:
    text = " ".join(example.split())
    return text if len(text) <= width else f"{text[: width - 1]}…"
