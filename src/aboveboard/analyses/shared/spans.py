"""Lengths of time, counted in microseconds (see `ledger.epochs`) and told in minutes: the same on every engine."""

from __future__ import annotations

from typing import Any

from aboveboard.ledger import epochs


def whole_seconds(count: Any) -> Any:
    """Microseconds cut down to whole seconds (towards the past), still counted in microseconds."""
    return (count // epochs.SECOND) * epochs.SECOND


def minutes(length: Any) -> Any:
    """A length in microseconds as minutes, float64."""
    # Cast first: Spark would read the divisor as a decimal and round the quotient to ten places.
    return length.cast("float64") / (60 * epochs.SECOND)
