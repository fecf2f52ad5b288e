"""Records events and says so, one a line, sealing and copying now and then, until it is killed: `writing.py NUMBER COPY`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")

import django

django.setup()

from aboveboard.desk.journal import actions, tasks  # noqa: E402
from aboveboard.ledger.event import Event  # noqa: E402


def main() -> None:
    """Go on until somebody ends it."""
    number, folder = sys.argv[1], Path(sys.argv[2])
    for count in range(1_000_000):
        name = f"{number}-{count}"
        actions.record(events=[Event(id=name, type="x", time=datetime.now(UTC))], now=datetime.now(UTC))
        print(name, flush=True)
        if count % 7 == 6:
            actions.seal(now=datetime.now(UTC))
        if count % 20 == 19:
            tasks.copy(folder=folder)


main()
