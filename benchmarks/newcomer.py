"""A newcomer's first minutes, by the clock: a clone, `make demo`, and an own file to its first finding.

`python -m benchmarks.newcomer [--warm]` clones the newest commit into a temporary folder, has `make demo` install and serve
there, signs in over HTTP as one of the demo's people, brings a CSV whose columns are named as no system of ours names them
through the pages that a person uses, has everything analysed, and opens findings, the weightiest first, until one tells of the
team in that file. It prints the seconds of each step. Caches of packages are empty unless `--warm` says that those of this
machine may be used. What it started is stopped, and its port is free, when it ends.
"""

from __future__ import annotations

import contextlib
import html
import http.cookiejar
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

GOAL_SECONDS = 300
HERE = Path(__file__).resolve().parents[1]
TEAM = "Quayside Counter"
WHO, PASSWORD = "cora@example.org", "heron over the harbour"
_PATIENCE_SECONDS = 900
_MOST_LOOKED_AT = 60


@dataclass
class Times:
    """Seconds per step, in their order."""

    taken: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done in here, and say it at once."""
        started = time.monotonic()
        yield
        self.taken[name] = time.monotonic() - started
        print(f"{name}: {self.taken[name]:.1f} s", flush=True)


@dataclass
class Browser:
    """Fetches pages and sends the forms on them, as a person's browser would; it keeps cookies and follows redirects."""

    address: str
    page: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def open(self, path: str) -> str:
        """Go to a page."""
        return self._ask(urllib.request.Request(urllib.parse.urljoin(self.address, path)))  # noqa: S310 - our own

    def send(self, action: str, given: Mapping[str, str], file: tuple[str, str, str] | None = None) -> str:
        """Send the form on the page that goes to `action` ('' is the page itself), with what is in it and what is given."""
        form = self._form(action)
        fields = {**_fields(form), **given}
        body, kind = _multipart(fields, file) if file else (urllib.parse.urlencode(fields).encode(), "")
        where = urllib.parse.urljoin(self.at, action)
        headers = {"Referer": self.at, "Content-Type": kind or "application/x-www-form-urlencoded"}
        return self._ask(urllib.request.Request(where, body, headers))  # noqa: S310 - our own

    def links(self, pattern: str) -> list[str]:
        """Where the links of the page lead, those that match, each once."""
        return list(dict.fromkeys(html.unescape(one) for one in re.findall(rf'href="({pattern})"', self.page)))

    def _form(self, action: str) -> str:
        for form in re.findall(r"<form\b.*?</form>", self.page, re.DOTALL):
            if (found := re.search(r'^<form[^>]*action="([^"]*)"', form)) and html.unescape(found.group(1)) == action:
                return str(form)
            if not action and not found:
                return str(form)
        raise RuntimeError(f"no form goes to {action!r} on {self.at}")

    def _ask(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=120) as answer:
            self.page, self.at = answer.read().decode(), answer.geturl()
        return self.page


def _fields(form: str) -> dict[str, str]:
    """What stands in a form already: hidden fields, and text fields with a value."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        held = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if held.get("type") in ("hidden", "text", "email", "password", None) and "name" in held:
            found[held["name"]] = held.get("value", "")
    return found


def _multipart(fields: Mapping[str, str], file: tuple[str, str, str]) -> tuple[bytes, str]:
    edge = "an-edge-that-no-file-of-ours-holds"
    name, filename, content = file
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{value}\r\n' for one, value in fields.items()
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: text/csv\r\n\r\n{content}\r\n--{edge}--\r\n"
    )
    return "".join(parts).encode(), f"multipart/form-data; boundary={edge}"


def own_file(*, rows: int = 600, seed: int = 3) -> str:
    """An export of tickets with names that are not ours, day-first dates, and days of waiting for every other ticket."""
    chance = random.Random(seed)  # noqa: S311 - an invented file
    lines = ["Ticket No;Customer No;Branch;Opened On;Closed On"]
    first = datetime.now() - timedelta(days=90)  # noqa: DTZ005 - as an export says it, on the clock of the desk
    for number in range(rows):
        raised = first + timedelta(hours=3 * number, minutes=chance.randrange(60))
        solved = raised + timedelta(hours=chance.uniform(1, 20) if number % 2 else chance.uniform(40, 100))
        desk = TEAM if number % 3 else "Hill Street"
        lines.append(f"T-{9000 + number};K{number % 170:04};{desk};{raised:%d.%m.%Y %H:%M};{solved:%d.%m.%Y %H:%M}")
    return "\n".join(lines) + "\n"


def walk(folder: Path, *, warm: bool) -> Times:
    """Do all of it once; the seconds of each step. Raises RuntimeError where a step does not lead on."""
    times, port = Times(), _free()
    clone = folder / "aboveboard"
    environment = _environment(folder, warm=warm)
    with times.step("clone"):
        subprocess.run(
            ["git", "clone", "--quiet", "--depth", "1", HERE.as_uri(), str(clone)], check=True, env=environment
        )
    with (folder / "demo.log").open("wb") as log:
        with times.step("`make demo`, until it answers"):
            serving = subprocess.Popen(
                ["make", "demo", f"ARGS=--port {port}"], cwd=clone, env=environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                _answers(port, serving, folder / "demo.log")
            except BaseException:
                _stop(serving, port)
                raise
        try:
            _at_the_desk(Browser(f"http://localhost:{port}"), times)
        finally:
            _stop(serving, port)
    return times


def _at_the_desk(browser: Browser, times: Times) -> None:
    with times.step("sign in"):
        browser.open("/account/login/")
        page = browser.send(_action(browser, "/account/login/"), {"login": WHO, "password": PASSWORD})
        if "Sign out" not in page:
            raise RuntimeError("nobody is signed in")
    with times.step("bring a CSV, see what is made of it"):
        browser.open("/events/")
        page = browser.send("/events/bring", {"timezone": "Europe/London"}, ("file", "tickets.csv", own_file()))
        if "would give 1,200 events" not in page:
            raise RuntimeError(f"the wizard makes something else of it: {_answer(page)}")
    with times.step("take its events in"):
        _do(browser, f"{urllib.parse.urlsplit(browser.at).path}take")
        if "1,200 are new events" not in browser.page:
            raise RuntimeError(f"not all of it came in: {_answer(browser.page)}")
    with times.step("analyse everything"):
        _do(browser, "/findings/run")
    with times.step("find one about the file, and open it"):
        print(f"\n{_first_about_the_file(browser)}\n", flush=True)


def _first_about_the_file(browser: Browser) -> str:
    browser.open("/findings/?" + urllib.parse.urlencode({"q": TEAM}))
    listed = browser.links(r"/findings/[^/\"?]+/")
    for path in listed[:_MOST_LOOKED_AT]:
        page = browser.open(path)
        if TEAM in page:
            return _answer(page)
    raise RuntimeError(f"no finding tells of {TEAM}; {len(listed)} were looked at")


def _do(browser: Browser, action: str) -> None:
    """Press a button that has a worker do something, and wait on its page until that leads on."""
    browser.send(action, {})
    end = time.monotonic() + _PATIENCE_SECONDS
    while "/chores/" in browser.at:
        if 'role="alert"' in browser.page or time.monotonic() > end:
            raise RuntimeError(f"{action} does not come to an end: {_answer(browser.page)}")
        time.sleep(0.5)
        browser.open(browser.at)


def _action(browser: Browser, least: str) -> str:
    """The action of the form whose address begins so: sign-in adds where to go on."""
    found = re.search(rf'<form[^>]*action="({re.escape(least)}[^"]*)"', browser.page)
    return html.unescape(found.group(1)) if found else ""


def _answer(page: str) -> str:
    """The title and what stands as the answer on a page, as text."""
    found = re.search(r"<h1.*?</h1>\s*(<p[^>]*>.*?</p>)?", page, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", found.group(0)) if found else page[:300]
    return " ".join(html.unescape(text).split())


def _environment(folder: Path, *, warm: bool) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("ABOVEBOARD_", "DJANGO_", "VIRTUAL_ENV", "PYTHON"))
    }
    if not warm:
        kept |= {"UV_CACHE_DIR": str(folder / "uv"), "PIP_CACHE_DIR": str(folder / "pip")}
    return kept


def _answers(port: int, serving: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and serving.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"the demo does not answer: {log.read_text(errors='replace')[-2000:]}")


def _stop(serving: subprocess.Popen[bytes], port: int) -> None:
    """Stop all that was started, and see that the port is free."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(serving.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            serving.wait(20)
        if _is_free(port):
            return
    raise RuntimeError(f"port {port} is not free")


def _is_free(port: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", port))
            return True
        time.sleep(0.2)
    return False


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    """Walk it and print the table; exit with 1 where it took longer than it should."""
    warm = "--warm" in sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="aboveboard-newcomer-", ignore_cleanup_errors=True) as folder:
        times = walk(Path(folder), warm=warm)
        whole = sum(times.taken.values())
        print(f"\n{_table(times, whole)}\n\n{_conditions(warm)}", flush=True)
    sys.exit(whole > GOAL_SECONDS)


def _table(times: Times, whole: float) -> str:
    lines = [f"| {name} | {seconds:.1f} |" for name, seconds in (*times.taken.items(), ("**all**", whole))]
    return "\n".join(["| step | seconds |", "|---|---:|", *lines])


def _conditions(warm: bool) -> str:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"Caches of packages {'of this machine' if warm else 'empty'}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at "
        f"the end; {used.ru_utime + used.ru_stime:.0f} processor seconds in all."
    )


if __name__ == "__main__":
    main()
