"""`aboveboard export`: write a ledger out again, whole, in an open format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from aboveboard.cli.progress import Count

FORMATS = {
    "csv": "csv",
    "parquet": "parquet",
    "jsonl": "jsonl",
    "xes": "xes",
    "ocel-json": "ocel_json",
    "ocel-sqlite": "ocel_sqlite",
    "ocel-xml": "ocel_xml",
}


@click.command("export")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--to", "to", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@click.option("--format", "name", type=click.Choice(list(FORMATS)), help="Default: as the suffix of the file says.")
@click.option(
    "--spreadsheet-safe", is_flag=True, help="CSV: an apostrophe before what a spreadsheet takes for a formula."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(ledger: Path, to: Path, name: str | None, spreadsheet_safe: bool, force: bool) -> None:
    """Write LEDGER (a ledger's folder, or any file of events) to one file.

    By suffix: .csv, .parquet, .jsonl, .xes, .xes.gz, and OCEL 2.0 as .jsonocel or .json, .sqlite, .xmlocel or .xml.
    Imported again, the file gives the same ledger (but with --spreadsheet-safe, which changes words). The file appears
    when it is whole.

    Exit codes: 0 written; 2 the command line is wrong; 3 the ledger could not be read or the file not written.
    """
    from aboveboard.cli import progress, told

    with told.plainly():
        from aboveboard.ledger import formats

        form = formats.to_write(to, FORMATS.get(name or "", name))
        if spreadsheet_safe and form.name != "csv":
            raise click.UsageError("--spreadsheet-safe is for CSV; other formats are not opened as spreadsheets")
        _check_place(to, ledger, force=force)
        options = {"spreadsheet_safe": True} if spreadsheet_safe else {}
        with progress.count(to.name) as count, _events(ledger, count) as (events, seen):
            form.module.write(events, to, **options)
        click.echo(f"{to}: {seen[0]:,} events as {form.title}")


def _check_place(to: Path, ledger: Path, *, force: bool) -> None:
    from aboveboard.ledger.errors import LedgerError

    if not to.parent.is_dir():
        raise LedgerError(f"{to}: there is no folder {to.parent}; make it first")
    if to.exists() and (not force or to.samefile(ledger)):
        own = to.samefile(ledger) if ledger.exists() else False
        raise LedgerError(f"{to}: this is the ledger itself" if own else f"{to}: exists already; --force replaces it")


@contextmanager
def _events(ledger: Path, count: Count | None) -> Iterator[tuple[pa.RecordBatchReader, list[int]]]:
    """The ledger's events as a stream, and a list whose one number is how many have passed."""
    import pyarrow as pa

    from aboveboard.ledger import columns

    seen = [0]

    def watched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            seen[0] += batch.num_rows
            if count:
                count(seen[0])
            yield batch

    with _batches(ledger) as batches:
        yield pa.RecordBatchReader.from_batches(columns.SCHEMA, watched(batches)), seen


@contextmanager
def _batches(ledger: Path) -> Iterator[Iterator[pa.RecordBatch]]:
    import pyarrow.parquet as pq

    from aboveboard.ledger import columns, store

    if store.is_ledger(ledger):
        parts = store.Store(ledger).parts()
        yield (
            batch.cast(columns.SCHEMA)
            for part in parts
            for batch in pq.ParquetFile(part).iter_batches(columns=list(columns.NAMES))
        )
        return
    from aboveboard import engines

    with engines.read(ledger) as found:
        table = found.arrow(found.events).select(columns.NAMES).cast(columns.SCHEMA)
        yield iter(table.to_batches())
