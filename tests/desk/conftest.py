"""An operational database for a test, SQLite and PostgreSQL in turn, and somebody at the desk.

Tables are made once a run and copied for each test: making them takes a second, copying a hundredth.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")
os.environ.setdefault("ABOVEBOARD_SECRET", "a secret of the tests, which signs nothing that matters")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from aboveboard.desk.people import actions, models, queries, rules  # noqa: E402
from aboveboard.web import configuration  # noqa: E402

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "heron over the harbour"
# The password hash that people's log-ins get is slow on purpose.
FAST = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


def use(where: str, *, tables: bool = True) -> None:
    """Make this the default database of the process, and its tables what they should be, unless they are there."""
    connection.close()
    connections.settings = connections.configure_settings({"default": configuration.database(where)})
    del connections["default"]
    if tables:
        call_command("migrate", verbosity=0)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and nothing in them."""
    path = tmp_path_factory.mktemp("desk") / "empty.db"
    use(str(path))
    connection.close()
    return path


@pytest.fixture(scope="session")
def empty_postgresql(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes a copy of a PostgreSQL database with every table and nothing in them: name → its address."""
    import psycopg

    server = request.getfixturevalue("postgres")
    # More than one folder of tests may ask for it in one session: each gets an own.
    empty, names = f"desk_{os.getpid()}_{secrets.token_hex(4)}", []

    def address(name: str) -> str:
        return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{empty}"')
        use(address(empty))
        connection.close()

        def copied(name: str) -> str:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{empty}"')
            names.append(name)
            return address(name)

        yield copied
        for name in (*names, empty):
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with every table, which the process uses. PostgreSQL in the slow suite."""
    if request.param == "sqlite":
        where = str(tmp_path / "desk.db")
        shutil.copy(request.getfixturevalue("empty_sqlite"), where)
    else:
        name = f"desk_{os.getpid()}_{secrets.token_hex(6)}"
        where = request.getfixturevalue("empty_postgresql")(name)
    use(where, tables=False)
    with override_settings(**FAST):
        yield where
    connection.close()


Joining = Callable[..., rules.Person]


@pytest.fixture
def joined(database: str) -> Joining:
    """Lets somebody join: `joined("ada", "lead", team="North")` → the person; teams are made as they are named."""

    def join(name: str, role: str, *, team: str | None = None) -> rules.Person:
        if team:
            models.Team.objects.get_or_create(name=team)
        token = actions.invite(by=None, email=f"{name}@example.org", role=role, team=team, now=NOW)
        user = actions.join(token=token, name=name.title(), password=PASSWORD, language="en", now=NOW)
        return queries.person(user=user)

    return join


@pytest.fixture
def signed_in() -> Callable[[rules.Person], Client]:
    """A browser of theirs: `signed_in(person)`. Forged requests are not looked for (see `test_routes`)."""

    def client(person: rules.Person) -> Client:
        made = Client(headers={"host": "localhost"})
        made.force_login(models.User.objects.get(pk=person.id), "allauth.account.auth_backends.AuthenticationBackend")
        return made

    return client
