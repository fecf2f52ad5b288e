"""`aboveboard verify`: is the journal as it was sealed?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import click

from aboveboard.cli import journal, told
from aboveboard.findings import sentences


@click.command("verify")
@click.option("--head", help="NUMBER:HASH of a seal, as printed earlier: it must still be there.")
@click.option(
    "--proof", "file", type=click.Path(path_type=Path), help="Check the proof of one event; needs no database."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(head: str | None, file: Path | None, as_json: bool) -> None:
    """Check every seal of the journal against its events: was anything changed, added or taken away since?

    Write the head that it prints down somewhere else: with --head it shows later whether the seals themselves were made anew.

    Exit codes: 0 all is whole; 1 something is not; 3 a proof cannot be read; 4 the database cannot be reached.
    """
    if file is not None:
        _check(file, head)
    with told.plainly():
        journal.there()
        from aboveboard.desk.journal import queries

        found = queries.verify(anchor=head)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
    else:
        for fault in found.faults:
            click.echo(f"NOT WHOLE: {fault}")
        seals, events = (
            sentences.counted(*told) for told in ((found.seals, "seal", "seals"), (found.events, "event", "events"))
        )
        click.echo(f"{seals} over {events}; {found.unsealed:,} not sealed yet.")
        if not found.faults:
            click.echo(f"All is as it was sealed. Head: {found.head}" if found.head else "Nothing is sealed yet.")
    sys.exit(1 if found.faults else 0)


def _check(file: Path, head: str | None) -> NoReturn:
    from aboveboard.desk.journal import rules

    with told.plainly():
        held = rules.read_proof(file)
    seal_ = f"{held.seal.number}:{held.seal.hash}"
    whole = held.holds() and head in (None, seal_)
    click.echo(f"{'The event stands under' if whole else 'NOT WHOLE: the event does not stand under'} seal {seal_}.")
    sys.exit(0 if whole else 1)
