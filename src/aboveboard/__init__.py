"""One honest record of what customers were promised, told and given, and what follows from it.

>>> import aboveboard as ab
>>> led = ab.read("events.parquet")                      # doctest: +SKIP
>>> playbook = ab.read_playbook("playbook.yaml")         # doctest: +SKIP
>>> ab.promises.outcomes(led, playbook)                  # doctest: +SKIP

The names below load what they need when first used, so that `import aboveboard` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "read": ("aboveboard.engines", "read"),
    "Ledger": ("aboveboard.engines", "Ledger"),
    "read_playbook": ("aboveboard.playbook.reader", "read"),
    "lint": ("aboveboard.wording", "lint"),
    "promises": ("aboveboard.reports.notebook", "promises"),
    "episodes": ("aboveboard.reports.notebook", "episodes"),
    "journeys": ("aboveboard.reports.notebook", "journeys"),
    "claims": ("aboveboard.reports.notebook", "claims"),
    "money": ("aboveboard.reports.notebook", "money"),
    "procedures": ("aboveboard.reports.notebook", "procedures"),
    "conflicts": ("aboveboard.reports.notebook", "conflicts"),
    "prove": ("aboveboard.prover", "prove"),
    "voice": ("aboveboard.reports.notebook", "voice"),
    "fixes": ("aboveboard.reports.notebook", "fixes"),
    "people": ("aboveboard.reports.notebook_people", "people"),
    "problems": ("aboveboard.reports.notebook", "problems"),
    "enablement": ("aboveboard.reports.notebook", "enablement"),
}

__all__ = [
    "Ledger",
    "__version__",
    "claims",
    "conflicts",
    "enablement",
    "episodes",
    "fixes",
    "journeys",
    "lint",
    "money",
    "people",
    "problems",
    "procedures",
    "promises",
    "prove",
    "read",
    "read_playbook",
    "voice",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'aboveboard' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
