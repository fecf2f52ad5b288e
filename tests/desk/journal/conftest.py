"""An operational database for a test, SQLite and PostgreSQL in turn, emptied of everything by being made anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from aboveboard.web import configuration  # noqa: E402


def use(where: str) -> None:
    """Make this the default database of the process, and its tables what they should be."""
    connection.close()
    connections.settings = connections.configure_settings({"default": configuration.database(where)})
    del connections["default"]
    call_command("migrate", verbosity=0)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database, which the journal is in."""
    if request.param == "sqlite":
        where = str(tmp_path / "desk.db")
        use(where)
        yield where
        connection.close()
        return
    import psycopg

    server = request.getfixturevalue("postgres")
    name = f"desk_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**10}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        where = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        use(where)
        yield where
        connection.close()
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
