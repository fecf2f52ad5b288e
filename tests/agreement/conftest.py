"""Every engine, opened once for the tests that hold them to one another."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from aboveboard.engines import Ledger

_HERE = Path(__file__).parent
Opener = Callable[[pa.Table], AbstractContextManager[Ledger]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for PostgreSQL by name is of the slow suite, as `opened` on it is; DuckDB is of the default one."""
    for item in items:
        if _HERE in item.path.parents and "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """`reference.py` beside this file: the analyses in plain Python."""
    spec = importlib.util.spec_from_file_location("promise_reference", Path(__file__).with_name("reference.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", params=["duckdb", pytest.param("postgres", marks=pytest.mark.slow)])
def opened(request: pytest.FixtureRequest) -> Opener:
    """A function that opens a table of events on the engine."""
    if request.param == "duckdb":
        return lambda events: Ledger.of(events)
    url = request.getfixturevalue("postgres")
    return lambda events: Ledger.of(events, engine="postgres", url=url)


@pytest.fixture(scope="session")
def opened_on_spark(spark: Any) -> Opener:
    """A function that opens a table of events on the Spark cluster."""
    return lambda events: Ledger.of(events, engine="spark", session=spark)
