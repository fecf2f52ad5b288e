"""Ibis expressions as the SQL of an engine.

Ibis merges selects that stand in one another. Over many events that makes queries quicker; over few, where a report is hundreds
of queries, merging takes longer than it saves: a fifth of the time of a whole analysis. So the selects of a small ledger are left
as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import ibis

FEW = 250_000
"""Up to so many events a ledger is small."""
_small: WeakSet[Any] = WeakSet()


def expect(backend: Any, events: int) -> None:
    """Say over how many events the queries of a backend will run."""
    if events <= FEW:
        _small.add(backend)


def small(backend: Any) -> bool:
    """Whether few events are expected of a backend."""
    return backend in _small


def sql(backend: Any, expression: Any) -> str:
    """The SQL of the expression; tables in memory that it stands on are made known to the backend first."""
    backend._run_pre_execute_hooks(expression)
    with as_suits(backend):
        return str(backend.compile(expression))


@contextmanager
def as_suits(backend: Any) -> Iterator[None]:
    """Let Ibis merge selects while it compiles for this backend, or not, as suits the number of its events."""
    # The option is Ibis' own and global: whoever uses Ibis beside us finds it as it was.
    merged = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = merged and backend not in _small
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = merged
