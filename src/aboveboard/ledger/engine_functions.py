"""Functions that the engines have built in and Ibis does not name: declared once, typed, and called like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis

MOMENT = "timestamp('UTC', 6)"


def unary(name: str, takes: str, gives: str) -> Callable[[Any], Any]:
    """Return the engine's function of one value; `takes` and `gives` are ibis types."""

    def declared(value: Any) -> Any:
        """Stand for the engine's function: the engine runs its own, never this."""

    return _builtin(declared, name, (takes,), gives)


def binary(name: str, takes: tuple[str, str], gives: str) -> Callable[[Any, Any], Any]:
    """Return the engine's function of two values; `takes` and `gives` are ibis types."""

    def declared(left: Any, right: Any) -> Any:
        """Stand for the engine's function: the engine runs its own, never this."""

    return _builtin(declared, name, takes, gives)


def _builtin(declared: Callable[..., Any], name: str, takes: tuple[str, ...], gives: str) -> Callable[..., Any]:
    declared.__name__ = name
    function: Callable[..., Any] = ibis.udf.scalar.builtin(declared, name=name, signature=(takes, gives))
    return function
