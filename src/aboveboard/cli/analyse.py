"""`aboveboard analyse`: from files to findings, tables and the report."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from aboveboard.engines import Ledger
    from aboveboard.engines.ledgers import Engine
    from aboveboard.reports.run import Results


@click.command("analyse")
@click.argument("events", nargs=-1, required=True)
@click.option(
    "--playbook",
    "playbook_path",
    required=True,
    type=click.Path(path_type=Path),
    help="Playbook: a YAML file or a folder of them.",
)
@click.option(
    "--mapping",
    help="Mapping for files that are not ledger events: a YAML file, or the name of one that ships (olist, zendesk, …).",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark", "postgres"]),
    default="duckdb",
    show_default=True,
    help="Where to compute.",
)
@click.option(
    "--server",
    envvar="ABOVEBOARD_SERVER",
    show_envvar=True,
    help="Where the engine is: postgresql://user@host/database, or spark://host:7077 (default: Spark on this machine).",
)
@click.option(
    "--table", help="With EVENTS = postgresql://…: the table or view that holds the events (default: events)."
)
@click.option("--as-of", "as_of", help="Judge everything at this time (ISO 8601; default: the last event).")
@click.option(
    "--out",
    "out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for findings, tables and report.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    events: tuple[str, ...],
    playbook_path: Path,
    mapping: str | None,
    engine: Engine,
    server: str | None,
    table: str | None,
    as_of: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Analyse EVENTS (files, a ledger folder, or the address of a PostgreSQL database) against a playbook.

    Writes findings.json, one Parquet file per table, and report.html into --out.
    """
    from aboveboard.cli import progress, told

    with told.plainly():
        from aboveboard.engines import read
        from aboveboard.playbook import reader
        from aboveboard.reports import folder
        from aboveboard.reports.run import run

        playbook = reader.read(playbook_path)
        moment = told.moment(as_of, playbook.timezone) if as_of else None
        where: dict[str, Any] = {
            "mapping": mapping,
            "engine": engine,
            "timezone": playbook.timezone.key,
            "table": table,
            **at(engine, server),
        }
        with progress.steps(quiet=as_json) as step, read(*events, **where) as ledger:
            results = run(ledger, playbook, as_of=moment, progress=step)
            rejected = keep_rejects(ledger, out)
        folder.write(results, playbook, out)
    tell(results, out, as_json=as_json)
    if rejected:
        click.echo(f"{rejected:,} rows could not be used: see {out / 'rejects'}", err=True)
        sys.exit(1)


def at(engine: Engine, server: str | None) -> dict[str, str]:
    """The option by which an engine is told where it is."""
    if server is None or engine == "duckdb":
        return {}
    return {"url" if engine == "postgres" else "master": server}


def keep_rejects(ledger: Ledger, out: Path) -> int:
    """Copy the reject files of what was read beside the report; how many rows they hold."""
    kept = [receipt for receipt in ledger.receipts if receipt.rejects]
    for receipt in kept:
        (out / "rejects").mkdir(parents=True, exist_ok=True)
        shutil.copy(str(receipt.rejects), out / "rejects")
    return sum(receipt.rejected for receipt in kept)


def tell(results: Results, out: Path, *, as_json: bool, most: int = 10) -> None:
    """What was found, in short, on the terminal."""
    if as_json:
        click.echo(
            json.dumps([finding.as_dict() for finding in results.findings], indent=2, default=str, ensure_ascii=False)
        )
        return
    if not results.findings:
        click.echo("Nothing stands out in these events.")
    for number, finding in enumerate(results.findings[:most], start=1):
        click.echo(f"{number:>3}. {finding.sentence}\n     {click.style(finding.action, dim=True)}")
    if len(results.findings) > most:
        click.echo(f"     … and {len(results.findings) - most} more")
    click.echo(f"\nReport: {out / 'report.html'}")
