"""What the environment says, checked: `ABOVEBOARD_DATABASE` and nothing else so far.

Wrong settings are told at the start, by name, with what to write instead; none is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aboveboard.ledger.errors import AboveboardError

DATABASE = "ABOVEBOARD_DATABASE"
_KNOWN = (DATABASE,)
# Settings of ours that are no configuration of the database's: where tests find public data, and so on.
_OTHERS = ("ABOVEBOARD_DATA",)
_POSTGRES = ("postgresql", "postgres")
_BUSY_SECONDS = 20


class ConfigurationError(AboveboardError):
    """A setting is wrong or unknown; the text names it and says what to write."""


@dataclass(frozen=True)
class Configuration:
    """The settings of this installation. `database` is what Django takes as its default database."""

    database: Mapping[str, Any]


def read(environment: Mapping[str, str]) -> Configuration:
    """The configuration that the environment names. Raises ConfigurationError for a setting that is wrong or unknown."""
    unknown = sorted(n for n in environment if n.startswith("ABOVEBOARD_") and n not in (*_KNOWN, *_OTHERS))
    if unknown:
        raise ConfigurationError(f"there is no setting {unknown[0]}; there is {', '.join(_KNOWN)}")
    return Configuration(database(environment.get(DATABASE) or "aboveboard.db"))


def database(where: str) -> dict[str, Any]:
    """A database as Django takes it: the path of an SQLite file, or `postgresql://user:password@host:port/name`.

    Raises ConfigurationError for another kind of address, or one that names no database.
    """
    address = urlsplit(where)
    if address.scheme in _POSTGRES:
        return _postgres(where)
    if "://" in where:
        raise ConfigurationError(
            f"{DATABASE}: {address.scheme}:// is not known; write the path of a file (SQLite) or postgresql://…"
        )
    return _sqlite(Path(where))


def _sqlite(path: Path) -> dict[str, Any]:
    # A writer takes its lock when it begins, so that two never meet halfway; and what is committed is on the disk.
    pragmas = (
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY"
    )
    options = {"transaction_mode": "IMMEDIATE", "timeout": _BUSY_SECONDS, "init_command": pragmas}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path.absolute()), "OPTIONS": options}


def _postgres(where: str) -> dict[str, Any]:
    address = urlsplit(where)
    name = unquote(address.path.lstrip("/"))
    if not name:
        raise ConfigurationError(f"{DATABASE}: the address names no database: postgresql://host:5432/NAME")
    try:
        port = address.port
    except ValueError as error:
        raise ConfigurationError(f"{DATABASE}: {error}") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(address.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(address.query)),
    }
