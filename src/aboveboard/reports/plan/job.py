"""One run in progress: the ledger, the playbook, the moment of judgement, and the tables made so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aboveboard.engines import Ledger
from aboveboard.playbook.model import Playbook


@dataclass(frozen=True)
class Job:
    """What a step may read. `kept` holds the tables made so far, on the ledger's engine, by name."""

    ledger: Ledger
    playbook: Playbook
    as_of: datetime
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def events(self) -> Any:
        """The events, as an Ibis table of ledger columns."""
        return self.ledger.events


@dataclass(frozen=True)
class Step:
    """One table to be made: its name, what is being done in words (for the progress bar), and the query."""

    table: str
    says: str
    build: Callable[[], Any]
