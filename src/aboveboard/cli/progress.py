"""How far a command is, on standard error, while somebody watches: where nobody does, nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aboveboard.ledger.recording import Progress as Share
    from aboveboard.reports.run import Progress as Step

Count = Callable[[int], None]


@contextmanager
def share(name: str) -> Iterator[Share | None]:
    """A bar for what says which share of it is done, from 0 to 1."""
    with _task(name, total=1.0) as update:
        yield update and (lambda done: update(completed=done))


@contextmanager
def count(name: str) -> Iterator[Count | None]:
    """A running count of events, where nobody knows how many there will be."""
    with _task(name, "spinner", "{task.description}", "elapsed") as update:
        yield update and (lambda done: update(description=f"{name}: {done:,} events"))


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Step | None]:
    """A bar for what goes by steps that have a name; `quiet` where the output is read by a machine."""
    if quiet:
        yield None
        return
    with _task("reading", "{task.description}", "bar", "elapsed") as update:
        yield update and (lambda says, number, of: update(description=f"{says:<34}", completed=number - 1, total=of))


@contextmanager
def _task(name: str, *columns: str, total: float | None = None) -> Iterator[Callable[..., None] | None]:
    """Yield what brings the shown line up to date, None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress
    from rich.console import Console

    kinds: dict[str, Any] = {
        "spinner": progress.SpinnerColumn,
        "bar": partial(progress.BarColumn, bar_width=24),
        "elapsed": progress.TimeElapsedColumn,
    }
    drawn = [kinds[column]() if column in kinds else column for column in columns]
    with progress.Progress(*drawn, console=Console(stderr=True), transient=True) as shown:
        yield partial(shown.update, shown.add_task(name, total=total))
