"""The desk as it is served, on SQLite and on PostgreSQL, and browsers of the people who work there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

PASSWORD = "heron over the harbour"
_PATIENCE_SECONDS = 120
_MOVED = Path(__file__).parent / "moved"


@dataclass
class Desk:
    """A served desk: its address, and what it is run with."""

    address: str
    environment: dict[str, str]
    folder: Path

    def set_clock(self, moment: datetime) -> None:
        """Let it be this moment at the desk, from where its clock goes on. For a module that says with `BEGINS` when it begins."""
        ahead = (moment - datetime.now(UTC)).total_seconds()
        place = Path(self.environment["DESK_CLOCK"])
        fresh = place.with_suffix(".new")
        fresh.write_text(str(ahead))
        fresh.replace(place)

    def run(self, *arguments: str) -> str:
        """`aboveboard …` with the settings of this desk; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "aboveboard.cli", *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A fresh desk, served by `aboveboard serve` until the module is done. BEGINS of the module: when it is there; else now."""
    folder = tmp_path_factory.mktemp("served")
    where = str(folder / "desk.db")
    if request.param == "postgresql":
        import psycopg

        server = request.getfixturevalue("postgres")
        name = f"served_{os.getpid()}_{abs(hash(request.module.__name__)) % 10**8}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        where = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    environment = {"ABOVEBOARD_DATABASE": where, "ABOVEBOARD_FOLDER": str(folder / "files")}
    with served(folder, environment, begins=getattr(request.module, "BEGINS", None)) as found:
        yield found


@contextmanager
def served(folder: Path, environment: Mapping[str, str], *, begins: datetime | None = None) -> Iterator[Desk]:
    """A desk that `aboveboard serve` serves meanwhile, with these settings; its clock at `begins`, or as it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ABOVEBOARD_")},
        "ABOVEBOARD_SECRET": "a secret of the journeys, which signs nothing that matters",
        "ABOVEBOARD_ADDRESS": f"http://localhost:{port}",
        **environment,
    }
    if begins:
        settings |= {"PYTHONPATH": str(_MOVED), "DESK_CLOCK": str(folder / "clock")}
    found = Desk(f"http://localhost:{port}", settings, folder)
    if begins:
        found.set_clock(begins)
    found.run("journal", "init")
    log = (folder / "serve.log").open("w")
    serving = subprocess.Popen(
        [sys.executable, "-m", "aboveboard.cli", "serve", "--port", str(port)],
        env=settings, cwd=folder, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait(found, serving, folder / "serve.log")
        yield found
    finally:
        serving.terminate()
        serving.wait(30)
        log.close()


def _wait(found: Desk, serving: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and serving.poll() is None:
        try:
            with urllib.request.urlopen(f"{found.address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the desk is not served: {log.read_text()}")


class Tab:
    """A browser's page at the desk, which notices what the page complains of."""

    def __init__(self, context: Any, desk: Desk) -> None:
        self.page = context.new_page()
        self.desk = desk
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    def open(self, path: str) -> Any:
        """Go to a path of the desk, or to a whole address."""
        self.page.goto(path if path.startswith("http") else self.desk.address + path)
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in with the password."""
        page = self.open("/account/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    def join(self, link: str, name: str) -> None:
        """Take an invitation."""
        page = self.open(link)
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Join").click()

    def serious(self) -> list[str]:
        """What axe finds on this page that is serious or worse, each with the element."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def fits(self) -> bool:
        """Whether the page is no wider than the screen."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture
def tab(chromium: Any, desk: Desk) -> Iterator[Callable[..., Tab]]:
    """Opens a browser of somebody's: `tab()`, or `tab(width=390, scheme="dark")`."""
    contexts = []

    def opened(*, width: int = 1440, scheme: str = "light") -> Tab:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Tab(context, desk)

    yield opened
    for context in contexts:
        context.close()
