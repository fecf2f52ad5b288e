"""`aboveboard stories`: run the five stories and say in plain words what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click
import pyarrow as pa
from rich.console import Console
from rich.text import Text

import aboveboard
from aboveboard.cli import told
from aboveboard.findings import expectations
from aboveboard.ledger.errors import AboveboardError

MARKS = {"met": ("✓", "green"), "not yet": ("…", "yellow"), "not met": ("✗", "red")}


class StoryError(AboveboardError):
    """A story is unknown, or the folder of the stories cannot be found."""


def folder() -> Path:
    """Return where the stories are: packaged with the installed command, or in the repository it runs from."""
    package = Path(aboveboard.__file__).parent
    for place in (package / "_stories", package.parent.parent / "stories"):
        if place.is_dir():
            return place
    raise StoryError("the folder of the stories is missing: run from a checkout, or install the package whole")


def names() -> list[str]:
    """Return the stories there are, by name."""
    return sorted(path.parent.name for path in folder().glob("*/expected.yaml"))


def tell(name: str) -> list[expectations.Answer]:
    """Run one story at each of its moments and hold every expectation against what came out.

    The table `events` of the answers is the ledger itself, so that a story can also say what is on record.
    """
    from aboveboard import engines
    from aboveboard.playbook import reader
    from aboveboard.reports import run

    place = folder() / name
    story = expectations.read(place / "expected.yaml")
    playbook = reader.read(place / "playbook.yaml")
    answers: dict[int, expectations.Answer] = {}
    with engines.read(place / "events.csv", timezone=playbook.timezone.key) as ledger:
        record: pa.Table = ledger.events.to_pyarrow()
        for moment, as_of in story.moments.items():
            results = run.run(ledger, playbook, as_of=as_of)
            tables: Mapping[str, pa.Table] = {**results.tables, "events": record}
            for number, expectation in enumerate(story.expectations):
                if expectation.moment == moment:
                    answers[number] = expectations.judge(expectation, tables, results.findings)
    return [answers[number] for number in sorted(answers)]


@click.command("stories")
@click.argument("stories", metavar="[NAME…]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per story and line.")
def command(stories: tuple[str, ...], as_json: bool) -> None:
    """Run the stories and say which of their expectations came out.

    ✓ met; … not yet possible, because an analysis it needs is not there; ✗ not met.
    Exit code 1 if one that should hold does not.
    """
    with told.plainly():
        console = Console(highlight=False)
        failed = 0
        for name in _asked(stories):
            answers = tell(name)
            failed += sum(answer.state == "not met" for answer in answers)
            if as_json:
                click.echo(json.dumps(_as_dict(name, answers), ensure_ascii=False))
            else:
                _print(console, name, answers)
    raise SystemExit(1 if failed else 0)


def _asked(stories: tuple[str, ...]) -> list[str]:
    """Return the stories asked for, all of them where none is; each must exist."""
    known = names()
    if unknown := [name for name in stories if name not in known]:
        raise StoryError(f"no story {unknown[0]!r}; there are {', '.join(known)}")
    return list(stories) or known


def _as_dict(name: str, answers: list[expectations.Answer]) -> dict[str, object]:
    lines = [
        {
            "says": answer.expectation.says,
            "never": answer.expectation.never,
            "moment": answer.expectation.moment,
            "needs": answer.expectation.needs,
            "state": answer.state,
            "because": answer.because,
        }
        for answer in answers
    ]
    return {"story": name, "met": sum(answer.state == "met" for answer in answers), "expectations": lines}


def _print(console: Console, name: str, answers: list[expectations.Answer]) -> None:
    counts = {state: sum(answer.state == state for answer in answers) for state in MARKS}
    console.print(
        Text(name, style="bold"), Text(", ".join(f"{n} {state}" for state, n in counts.items() if n), style="dim")
    )
    for answer in answers:
        mark, colour = MARKS[answer.state]
        line = Text(f"  {mark} ", style=colour)
        line.append(answer.expectation.says, style="default")
        if answer.state != "met":
            line.append(f"  ({answer.because})", style="dim")
        console.print(line)
    console.print()
