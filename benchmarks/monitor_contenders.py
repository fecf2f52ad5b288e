"""Aboveboard's monitor on one long trace: read from the file by the engine, then valued at every event."""

from __future__ import annotations

from typing import Any

PAST = "(type <> 'closed') since[0, 2 hours] (type = 'asked')"
MIXED = "eventually[0, 30 minutes] (type = 'done') and once[0, 2 hours] (type = 'checked')"


def past(file: str) -> Any:
    """The trace and the past formula."""
    return _read(file, PAST)


def mixed(file: str) -> Any:
    """The trace and the formula of past and future."""
    return _read(file, MIXED)


def _read(file: str, text: str) -> Any:
    import numpy as np

    from aboveboard import engines
    from aboveboard.analyses.claims import monitor
    from aboveboard.ledger import epochs
    from aboveboard.playbook import formulas

    formula = formulas.parse(text)
    with engines.read(file) as ledger:
        events = ledger.events
        atoms = {f"atom_{n}": each.to_ibis(events).fill_null(False) for n, each in enumerate(formula.conditions)}
        rows = ledger.arrow(events.select("id", at=epochs.micros(events.time), **atoms).order_by("at", "id"))
    met = {each: rows[f"atom_{n}"].to_numpy() for n, each in enumerate(formula.conditions)}
    at = rows["at"].to_numpy()
    return formula.tree, monitor.Traces(np.zeros(len(at), dtype=np.int64), at, met, int(at[-1]))


def values(prepared: Any) -> dict[str, int]:
    """At how many events the formula is true on the record as it stands, and the sum of their numbers."""
    from aboveboard.analyses.claims import monitor

    true = (monitor.values(*prepared) >= monitor.Truth.PRESUMABLY_TRUE).nonzero()[0]
    return {"events at which it is true": len(true), "sum of their numbers": int(true.sum())}
