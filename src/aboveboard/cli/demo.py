"""`aboveboard demo`: a company with planted causes at a desk of its own, analysed, and served on localhost."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

PASSWORD = "heron over the harbour"  # noqa: S105 - of invented people, printed when they are made
PEOPLE = (
    ("Cora", "cx-lead", None),
    ("Lea", "lead", "Northgate"),
    ("Fred", "frontline", "Northgate"),
    ("Olga", "policy-owner", None),
    ("Anna", "analyst", None),
    ("Ada", "admin", None),
    ("Audrey", "auditor", None),
)
"""Whoever works at the demo company's desk: name, role, and the team where it is held for one."""
_MATTERS = (
    "Nobody can say when it comes", "It arrived with a broken door", "I was told another price", "Three people, three answers",
    "The fitter did not come", "Where is my money?",
)  # fmt: skip
_PAGES = ("/", "/today/", "/cases/", "/findings/", "/reports/", "/playbook/", "/policies/", "/visits/")
_PATIENCE_SECONDS = 60


@click.command("demo")
@click.option("--check", is_flag=True, help="Build, analyse, fetch the pages once, say what was found, and exit.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out/demo"),
    show_default=True,
    help="Where to put it. What a demo left there before is replaced.",
)
@click.option("--port", type=int, default=8765, show_default=True, help="0 takes any free port.")
@click.option("--customers", type=int, default=4000, show_default=True, help="How large a company.")
@click.option("--seed", type=int, default=7, show_default=True, help="Which company: the same seed, the same company.")
def command(check: bool, out: Path, port: int, customers: int, seed: int) -> None:
    """Build the demo company with a desk of its own, analyse it, and serve the desk on localhost."""
    from aboveboard.cli import told

    port = _free() if check or not port else port
    _settle_in(out, port)
    with told.plainly():
        started = time.monotonic()
        click.echo(f"Inventing a company of {customers:,} customers …")
        _move_in(out, seed, customers)
        click.echo("Looking for what lets them down …")
        _analyse()
        _tell(time.monotonic() - started, most=5)
    click.echo(f"\nSign in at http://localhost:{port} with the password “{PASSWORD}” as")
    for name, role, team in PEOPLE:
        click.echo(f"  {name.lower()}@example.org".ljust(24) + role + (f" of {team}" if team else ""))
    if check:
        _fetch(port)
        return
    from aboveboard.cli import serve

    serve.command.callback(host="127.0.0.1", port=port, workers=1, worker=True, threads=4)  # type: ignore[misc] # click's own


def _settle_in(out: Path, port: int) -> None:
    """A fresh place for the desk, and the settings that name it."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("desk.db*"), *out.glob("desk.secret")):
        old.unlink()
    os.environ["ABOVEBOARD_DATABASE"] = str((out / "desk.db").absolute())
    os.environ["ABOVEBOARD_ADDRESS"] = f"http://localhost:{port}"
    # Whoever looks at the demo wants to read who can sign in, not every request.
    os.environ.setdefault("ABOVEBOARD_LOG_LEVEL", "warning")
    for name in ("ABOVEBOARD_FOLDER", "ABOVEBOARD_SECRET"):
        os.environ.pop(name, None)
    import shutil

    shutil.rmtree(out / "desk.files", ignore_errors=True)


def _move_in(out: Path, seed: int, customers: int) -> None:
    """The company's record into the journal, its playbook into force, its people to the desk, its open matters into cases."""
    from aboveboard.cli.journal import ready
    from aboveboard.simulate import company

    ready()
    from aboveboard.desk.journal import actions as journal
    from aboveboard.desk.playbook import actions as playbook
    from aboveboard.ledger import intake

    events, book = company.company(seed=seed, customers=customers).write(out)
    now = datetime.now(UTC)
    receipt = intake.take_file(events, into=out / "desk.files" / "incoming", recorded_at=now)
    if receipt.part is not None:
        journal.take(part=receipt.part)
    playbook.publish(
        by=None, text=book.read_text(), why="The playbook of the demo company", effective_from=now, now=now
    )
    people = _seated(now)
    _opened(people["Lea"], events, now)


def _seated(now: datetime) -> dict[str, Any]:
    from aboveboard.desk.people import actions, models, queries

    made = {}
    for name, role, team in PEOPLE:
        if team:
            models.Team.objects.get_or_create(name=team)
        token = actions.invite(by=None, email=f"{name.lower()}@example.org", role=role, team=team, now=now)
        user = actions.join(token=token, name=name, password=PASSWORD, language="en", now=now)
        made[name] = queries.person(user=user)
    return made


def _opened(by: Any, events: Path, now: datetime) -> None:
    """The last customers who asked about an order, each with a case."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from aboveboard.desk.cases import actions
    from aboveboard.desk.cases import rules as case_rules

    table = pq.read_table(events, columns=["type", "time", "subject", "customer", "channel"])
    asked = pc.and_(pc.equal(table["type"], "contact.started"), pc.starts_with(table["subject"], "order:"))
    last = table.filter(asked).sort_by([("time", "descending")]).slice(0, 2 * len(_MATTERS)).to_pylist()
    for number, one in enumerate(last):
        title = _MATTERS[number % len(_MATTERS)]
        actions.open_case(
            by=by,
            opening=case_rules.Opening(
                title=title,
                words=f"{title}. I have asked before.",
                customer=one["customer"],
                team="Northgate",
                about=one["subject"],
                channel=one["channel"],
            ),
            now=now,
        )


def _analyse() -> None:
    """What the worker does every night, now; how far it is is read where its page reads it."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    from aboveboard.cli import progress
    from aboveboard.desk.chores import actions, queries
    from aboveboard.ledger.errors import AboveboardError

    actions.ask(by=None, name="analyse", act="findings.work", now=datetime.now(UTC))
    over = threading.Event()
    with progress.steps() as step:
        watching = threading.Thread(target=_watch, args=(step, over), daemon=True)
        watching.start()
        import_string(settings.WORKER)().once(["analyse"])
        over.set()
        watching.join()
    done = queries.latest(name="analyse")
    if done is None or done.outcome != "done":
        raise AboveboardError(f"the analysis did not end: {done.last_error if done else 'it was not begun'}")


def _watch(step: Any, over: threading.Event) -> None:
    from django.db import connection

    from aboveboard.desk.chores import queries

    while step and not over.wait(0.5):
        found = queries.under_way(name="analyse")
        if found and found.steps:
            step(found.says, found.step, found.steps)
    connection.close()


def _tell(seconds: float, *, most: int) -> None:
    from aboveboard.desk.followups import models, queries

    run = queries.last_run()
    assert run, "it was analysed"
    click.echo(f"{run.events_count:,} events, {run.found_count} findings, {seconds:.1f} s\n")
    for number, one in enumerate(models.Followup.objects.filter(found=True).order_by("-weight")[:most], start=1):
        click.echo(f"{number:>3}. {one.sentence}\n     {click.style(one.action, dim=True)}")


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _fetch(port: int) -> None:
    """Serve the desk, sign in, fetch each page once, say how large it is, and stop; exit with 1 where one is not right."""
    address = f"http://127.0.0.1:{port}"
    with _served(port):
        reader = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = _body(reader, f"{address}/account/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "a form has its token"
        given = {"login": "cora@example.org", "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
        ask = urllib.request.Request(  # noqa: S310 - our own server
            f"{address}/account/login/",
            urllib.parse.urlencode(given).encode(),
            {"Referer": f"{address}/account/login/"},
        )
        _body(reader, ask)
        wrong = []
        for path in _PAGES:
            body = _body(reader, address + path)
            click.echo(f"{path}: {len(body):,} characters")
            if "Sign out" not in body:
                wrong.append(path)
    if wrong:
        click.echo(f"not as they should be: {', '.join(wrong)}", err=True)
        sys.exit(1)


def _body(reader: urllib.request.OpenerDirector, asked: str | urllib.request.Request) -> str:
    with reader.open(asked, timeout=30) as answer:
        return str(answer.read().decode())


@contextmanager
def _served(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "aboveboard.cli", "serve", "--port", str(port), "--no-worker"]
    serving = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                if time.monotonic() > end or serving.poll() is not None:
                    click.echo("the desk does not answer", err=True)
                    sys.exit(1)
                time.sleep(0.2)
        yield
    finally:
        serving.terminate()
        serving.wait(30)
