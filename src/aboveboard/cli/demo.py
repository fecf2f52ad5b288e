"""`aboveboard demo`: a company with planted causes, analysed, and its report on localhost."""

from __future__ import annotations

import sys
import time
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import click


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder without a line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@click.command("demo")
@click.option("--check", is_flag=True, help="Build, analyse, fetch the pages once, say what was found, and exit.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out/demo"),
    show_default=True,
    help="Where to put it.",
)
@click.option("--port", type=int, default=8765, show_default=True, help="0 takes any free port.")
@click.option("--customers", type=int, default=4000, show_default=True, help="How large a company.")
@click.option("--seed", type=int, default=7, show_default=True, help="Which company: the same seed, the same company.")
def command(check: bool, out: Path, port: int, customers: int, seed: int) -> None:
    """Build the demo company, analyse it and serve the report on localhost."""
    from aboveboard.cli import analyse, progress, told

    with told.plainly():
        from aboveboard.engines import read
        from aboveboard.playbook import reader
        from aboveboard.reports import folder
        from aboveboard.reports.run import run
        from aboveboard.simulate import company

        started = time.monotonic()
        click.echo(f"Inventing a company of {customers:,} customers …")
        events, playbook_path = company.company(seed=seed, customers=customers).write(out)
        playbook = reader.read(playbook_path)
        click.echo("Looking for what lets them down …")
        with progress.steps() as step, read(events, timezone=playbook.timezone.key) as ledger:
            results = run(ledger, playbook, progress=step)
        folder.write(results, playbook, out)
        click.echo(f"{results.facts['events_count']:,} events, {time.monotonic() - started:.1f} s\n")
        analyse.tell(results, out, as_json=False, most=5)
    serve(out, 0 if check else port, once=check)


def serve(folder: Path, port: int, *, once: bool) -> None:
    """Serve `folder` on localhost; with `once`, fetch its pages, say how large they are, and stop."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder)))
    address = f"http://127.0.0.1:{server.server_port}"
    if not once:
        click.echo(f"\nServing {address}/report.html (stop with Ctrl-C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped")
        return
    Thread(target=server.serve_forever, daemon=True).start()
    for page in ("report.html", "findings.json"):
        with urllib.request.urlopen(f"{address}/{page}", timeout=30) as answer:  # noqa: S310 - our own server
            body = answer.read()
        click.echo(f"{page}: {answer.status}, {len(body):,} bytes")
        if answer.status != 200 or len(body) < 1000:
            click.echo(f"{page} is not what it should be", err=True)
            sys.exit(1)
    server.shutdown()
