"""Every analysis over one ledger and one playbook: the tables, the findings, and the moment they were judged at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from aboveboard.engines import Ledger
from aboveboard.findings import collect
from aboveboard.findings.model import Finding
from aboveboard.playbook.model import Playbook
from aboveboard.reports import plan

Progress = Callable[[str, int, int], None]
"""Called before each step with what it does, its number and how many there are."""


@dataclass(frozen=True)
class Results:
    """What came out: Arrow tables by name (see docs/reference/tables), findings, and counts for the head of a report."""

    tables: Mapping[str, pa.Table]
    findings: tuple[Finding, ...]
    as_of: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


def run(
    ledger: Ledger, playbook: Playbook, *, as_of: datetime | None = None, progress: Progress | None = None
) -> Results:
    """Run all analyses on the ledger's engine.

    `as_of` is the moment everything is judged at; events after it do not exist. It defaults to the last event's time.
    Raises ValueError where it has no time zone.
    """
    if as_of is not None:
        if as_of.tzinfo is None:
            raise ValueError(f"as_of={as_of} has no time zone: say it in UTC")
        # DuckDB knows zones by name, not by offset: "-05:00" would be refused.
        as_of = as_of.astimezone(UTC)
    facts = _facts(ledger, as_of)
    moment: datetime = as_of or facts["last_at"]
    tables: dict[str, pa.Table] = {}
    job = plan.Job(ledger, playbook, moment)
    steps = plan.steps(job)
    for number, step in enumerate(steps, start=1):
        if progress:
            progress(step.says, number, len(steps) + 1)
        job.kept[step.table] = ledger.keep(step.build(), step.table)
        tables[step.table] = ledger.arrow(job.kept[step.table])
    if progress:
        progress("writing down what was found", len(steps) + 1, len(steps) + 1)
    findings = tuple(collect.collect(tables, playbook, as_of=moment))
    return Results(tables, findings, moment, facts)


def _facts(ledger: Ledger, as_of: datetime | None) -> dict[str, Any]:
    events = ledger.events
    if as_of is not None:
        events = events.filter(events.time <= as_of)
    row = events.aggregate(
        events_count=events.id.count(),
        customers_count=events.customer.nunique(),
        subjects_count=events.subject.nunique(),
        first_at=events.time.min(),
        last_at=events.time.max(),
    )
    return dict(ledger.arrow(row).to_pylist()[0])
