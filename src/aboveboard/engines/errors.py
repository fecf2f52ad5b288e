"""What can go wrong on the way to an engine."""

from __future__ import annotations

from aboveboard.ledger.errors import AboveboardError


class EngineError(AboveboardError):
    """An engine is not installed, cannot be reached, or cannot hold the events."""

    exit_code = 4


def missing_extra(engine: str, extra: str, problem: Exception) -> EngineError:
    """The error for a part of Aboveboard that was not installed."""
    return EngineError(f"{engine} is not installed ({problem}); install it with: pip install 'aboveboard[{extra}]'")
