"""What the environment says, checked. `SETTINGS` lists every setting with what it is for.

Wrong settings are told at the start, by name, with what to write instead; none is ignored.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aboveboard.ledger.errors import AboveboardError
from aboveboard.web.logs import FORMS, LEVELS

DATABASE = "ABOVEBOARD_DATABASE"
SECRET, ADDRESS, FOLDER = "ABOVEBOARD_SECRET", "ABOVEBOARD_ADDRESS", "ABOVEBOARD_FOLDER"
API_RATE = "ABOVEBOARD_API_RATE"
LOG, LOG_LEVEL = "ABOVEBOARD_LOG", "ABOVEBOARD_LOG_LEVEL"
SETTINGS: Mapping[str, str] = {
    DATABASE: "where the desk keeps its data: the path of an SQLite file (aboveboard.db), or postgresql://user:password@host/name",
    SECRET: "what signs log-ins and links, 50 characters or more; with SQLite it is made and kept beside the database",
    ADDRESS: "the address people open in the browser, such as https://care.example.org (http://localhost:8765)",
    API_RATE: "how many requests a key of the API may make in a minute (1200)",
    FOLDER: "where reports and the copy of the ledger are kept (a folder beside the database)",
    LOG: "the form of the lines on standard error: text, or json, an object a line (text)",
    LOG_LEVEL: "which lines: debug, info, warning or error and what is worse (info)",
}
"""Every setting: its name, and what it is for, with what holds where it is not given in brackets."""
# Settings of ours that are no configuration of the database's: where tests find public data, and so on.
_OTHERS = ("ABOVEBOARD_DATA",)
_POSTGRES = ("postgresql", "postgres")
_BUSY_SECONDS = 20
_KEPT_SECONDS = 600
_LEAST_SECRET = 50


class ConfigurationError(AboveboardError):
    """A setting is wrong or unknown; the text names it and says what to write."""


@dataclass(frozen=True)
class Configuration:
    """The settings of this installation.

    `database` is what Django takes as its default database; `address` has no slash at its end; `folder` holds what can be
    made anew: reports, and the copy of the ledger.
    """

    database: Mapping[str, Any]
    secret: str
    address: str
    folder: Path
    api_rate: int
    log: str = "text"
    log_level: str = "info"

    @property
    def host(self) -> str:
        """The host name in `address`."""
        return urlsplit(self.address).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether people reach this installation by https."""
        return self.address.startswith("https://")


def read(environment: Mapping[str, str]) -> Configuration:
    """The configuration that the environment names. Raises ConfigurationError for a setting that is wrong or unknown."""
    unknown = sorted(n for n in environment if n.startswith("ABOVEBOARD_") and n not in (*SETTINGS, *_OTHERS))
    if unknown:
        raise ConfigurationError(f"there is no setting {unknown[0]}; there are {', '.join(SETTINGS)}")
    where = environment.get(DATABASE) or "aboveboard.db"
    found = database(where)
    beside = Path(where).absolute() if "sqlite" in found["ENGINE"] else None
    folder = environment.get(FOLDER)
    return Configuration(
        database=found,
        secret=_secret(environment.get(SECRET), beside),
        address=_address(environment.get(ADDRESS) or "http://localhost:8765"),
        api_rate=_count(API_RATE, environment.get(API_RATE) or "1200"),
        log=_one_of(LOG, environment.get(LOG) or "text", FORMS),
        log_level=_one_of(LOG_LEVEL, environment.get(LOG_LEVEL) or "info", LEVELS),
        folder=Path(folder).absolute() if folder else (beside or Path("aboveboard").absolute()).with_suffix(".files"),
    )


def _secret(given: str | None, beside: Path | None) -> str:
    if given is not None:
        if len(given) < _LEAST_SECRET:
            raise ConfigurationError(
                f"{SECRET}: {len(given)} characters are too few to sign with; take {_LEAST_SECRET} or more"
            )
        return given
    if beside is None:
        # Without one, every process would sign with its own, and nobody would stay signed in: it must be given. What reads
        # and writes the journal alone, in a terminal, signs nothing.
        return ""
    kept = beside.with_suffix(".secret")
    try:
        return kept.read_text()
    except FileNotFoundError:
        return _kept(kept)


def _kept(path: Path) -> str:
    made = secrets.token_urlsafe(_LEAST_SECRET)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(made)
    except FileExistsError:
        return path.read_text()
    except OSError:
        # Where no file can be written there is no database either, which says so itself.
        return ""
    return made


def _count(name: str, given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise ConfigurationError(f"{name}: {given!r} is no count; write a whole number from 1 on")
    return int(given)


def _one_of(name: str, given: str, known: Sequence[str]) -> str:
    if given not in known:
        raise ConfigurationError(f"{name}: {given!r} is not known; write {' or '.join(known)}")
    return given


def _address(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{ADDRESS}: {given!r} is no address; write it like https://care.example.org")
    return given.rstrip("/")


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
        # PostgreSQL begins a process for each connection, which costs more than most requests: a thread keeps its own, and
        # asks before each request whether it still stands.
        "CONN_MAX_AGE": _KEPT_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(address.query)),
    }
