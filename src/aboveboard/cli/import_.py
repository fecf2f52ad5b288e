"""`aboveboard import`: check files and add their events to a ledger."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from aboveboard.cli import progress, told
from aboveboard.ledger import intake, receipts
from aboveboard.ledger.errors import AboveboardError

NEEDS_ATTENTION = 1


@dataclass(frozen=True)
class Outcome:
    """What came of one file, or of all the files of a mapping: a receipt, or the error that stopped it."""

    name: str
    receipt: receipts.Receipt | None = None
    error: AboveboardError | None = None


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), help="The ledger's folder; made if absent.")
@click.option(
    "--journal", "to_journal", is_flag=True, help="Into the operational database instead (ABOVEBOARD_DATABASE)."
)
@click.option("--mapping", type=click.Path(path_type=Path), help="The mapping that makes events of these files.")
@click.option("--timezone", default="UTC", show_default=True, help="Where times without an offset are read.")
@click.option("--source", help="The system that told, for rows that do not say.")
@click.option("--dry-run", is_flag=True, help="Show what the mapping would make of the files; import nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def command(
    files: tuple[Path, ...],
    into: Path | None,
    to_journal: bool,
    mapping: Path | None,
    timezone: str,
    source: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Check FILES (CSV, Parquet, JSON lines, XES, OCEL 2.0; plain, .gz or .zip) and add their events to a ledger.

    An event that the ledger has is not added again, so an import can always be repeated. Rows that cannot be used go to
    a reject file with their line, column and reason. Nothing else happens: imports send no message to anyone.

    Exit codes: 0 every row was recorded or known; 1 some rows were rejected; 2 a mapping is wrong; 3 a file could not
    be read, or the ledger not written (the other files are imported all the same).
    """
    if dry_run:
        _show_dry_run(files, mapping, as_json=as_json)
    if (into is None) != to_journal:
        raise click.UsageError("Say where to: either '--into' with a folder, or '--journal'.")
    options = {"recorded_at": datetime.now(UTC), "timezone": timezone, "source": source}
    outcomes = []
    with told.plainly(), _place(into) as (folder, settle):
        options |= {"into": folder}
        for outcome in _mapped(files, mapping, options, settle) if mapping else _each(files, options, settle):
            outcomes.append(outcome)
            if not as_json:
                _say(outcome)
    if as_json:
        click.echo(json.dumps(_as_json(outcomes), indent=2, ensure_ascii=False))
    elif len(outcomes) > 1:
        _say(Outcome("all", receipts.total(outcome.receipt for outcome in outcomes if outcome.receipt)))
    sys.exit(_exit_code(outcomes))


Settle = Callable[[receipts.Receipt], receipts.Receipt]


@contextmanager
def _place(into: Path | None) -> Iterator[tuple[Path, Settle]]:
    """The ledger to import into, and what is then done with each receipt.

    For the journal that is a ledger for the time of the import, whose checked parts go on into the database.
    """
    if into is not None:
        yield into, lambda receipt: receipt
        return
    from aboveboard.cli import journal

    journal.there()
    with tempfile.TemporaryDirectory(prefix="aboveboard-import-") as folder:
        yield Path(folder, "ledger"), _journalled


def _journalled(receipt: receipts.Receipt) -> receipts.Receipt:
    """Hand the checked events to the journal, and the rejects to whoever imports."""
    from aboveboard.desk.journal import actions

    if receipt.part is not None:
        taken = actions.take(part=receipt.part)
        receipt = replace(receipt, recorded=taken.recorded, known=receipt.known + taken.known, part=None)
    if receipt.rejects is not None:
        kept = Path("rejects", receipt.rejects.name)
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(receipt.rejects, kept)
        receipt = replace(receipt, rejects=kept)
    return receipt


def _show_dry_run(files: tuple[Path, ...], mapping: Path | None, *, as_json: bool) -> NoReturn:
    """The dry run of `sources try`, with its exit codes."""
    from aboveboard.cli import sources

    if mapping is None:
        raise click.UsageError("--dry-run needs --mapping.")
    sources.show_dry_run(str(mapping), tuple(map(str, files)), as_json=as_json)


def _each(files: tuple[Path, ...], options: dict[str, Any], settle: Settle) -> Iterator[Outcome]:
    for file in files:
        with progress.share(file.name) as share:
            outcome = _tried(str(file), lambda: settle(intake.take_file(file, progress=share, **options)))  # noqa: B023
        yield outcome


def _mapped(files: tuple[Path, ...], path: Path, options: dict[str, Any], settle: Settle) -> Iterator[Outcome]:
    from aboveboard.sources import mapping

    def take() -> receipts.Receipt:
        with mapping.read(path).open(files) as opened:
            return settle(intake.take(opened.rows(), name=path.stem, progress=share, **options))

    with progress.share(path.name) as share:
        outcome = _tried(", ".join(map(str, files)), take)
    yield outcome


def _tried(name: str, take: Callable[[], receipts.Receipt]) -> Outcome:
    try:
        return Outcome(name, take())
    except AboveboardError as error:
        return Outcome(name, error=error)


def _say(outcome: Outcome) -> None:
    if outcome.error:
        told.wrong(outcome.error)
    if receipt := outcome.receipt:
        click.echo(
            f"{outcome.name}: read {receipt.read:,} = recorded {receipt.recorded:,} + known already {receipt.known:,} "
            f"+ rejected {receipt.rejected:,}"
        )
        for line in _details(receipt):
            click.echo(f"  {line}")


def _details(receipt: receipts.Receipt) -> Iterator[str]:
    yield from receipt.notes
    for reason, count in receipt.by_reason.items():
        yield f"rejected {count:,}: {reason}"
    if receipt.rejects:
        yield f"the rejected rows are in {receipt.rejects}"
    for what, count in receipt.lacking.items():
        yield f"recorded, but {count:,} {what}"


def _as_json(outcomes: list[Outcome]) -> dict[str, Any]:
    total = receipts.total(outcome.receipt for outcome in outcomes if outcome.receipt)
    return {**_counts(total), "files": [_file(outcome) for outcome in outcomes]}


def _file(outcome: Outcome) -> dict[str, Any]:
    if outcome.receipt is None:
        return {"file": outcome.name, "error": str(outcome.error)}
    receipt = outcome.receipt
    rejects = str(receipt.rejects) if receipt.rejects else None
    return {"file": outcome.name, **_counts(receipt), "rejects": rejects, "notes": list(receipt.notes)}


def _counts(receipt: receipts.Receipt) -> dict[str, Any]:
    return {
        "read": receipt.read,
        "recorded": receipt.recorded,
        "known": receipt.known,
        "rejected": receipt.rejected,
        "by_reason": dict(receipt.by_reason),
        "lacking": dict(receipt.lacking),
    }


def _exit_code(outcomes: list[Outcome]) -> int:
    codes = [outcome.error.exit_code for outcome in outcomes if outcome.error]
    rejected = any(outcome.receipt and outcome.receipt.rejected for outcome in outcomes)
    return max(codes, default=NEEDS_ATTENTION if rejected else 0)
