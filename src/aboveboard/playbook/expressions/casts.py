"""What a cast gives, defined once: for plain Python here, for the engines beside it. What cannot be cast is NULL.

- text → double: an optional sign, digits with at most one point, an optional exponent of two digits; blanks around it.
  No `inf`, `nan`, hexadecimal, separators: engines disagree on those.
- number → integer, text → integer: the fraction is dropped (toward zero), no rounding.
- boolean → double, integer: 1 and 0. boolean → text: `true` and `false`.
- text → timestamp: the forms of `ledger.moments`; without an offset, in the playbook's time zone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import ibis

from aboveboard.ledger import engine_functions, moments
from aboveboard.playbook.expressions import tree

NUMBER = "^ *[+-]?(?:[0-9]{1,150}(?:[.][0-9]{0,150})?|[.][0-9]{1,150})(?:[eE][+-]?[0-9]{1,2})? *$"
_READ = re.compile(NUMBER)


def value(node: tree.Cast) -> Callable[[Any], Any]:
    """Return the function that casts one value, never None, as `node` says; it gives None where it cannot."""
    if node.to == "double":
        return _double
    if node.to == "integer":
        return _integer
    if node.to == "timestamp":
        return lambda text: moments.moment_of(text, node.zone)
    return lambda truth: "true" if truth else "false"


def _double(held: str | float | bool) -> float | None:
    if isinstance(held, str):
        return float(held) if "\n" not in held and _READ.fullmatch(held) else None
    return float(held)


def _integer(held: str | float | bool) -> float | None:
    number = _double(held)
    return None if number is None else float(math.trunc(number)) if math.isfinite(number) else number


def expression(node: tree.Cast, of: Any) -> Any:
    """Return the cast of an ibis expression, as `value` does it for one value."""
    if node.to == "timestamp":
        return moments.moment(of, node.zone)
    if node.to == "text":
        return ibis.cases((of, "true"), (~of, "false"))
    if node.of.type == "boolean":
        return ibis.cases((of, 1.0), (~of, 0.0))
    double = _from_text(of) if node.of.type == "text" else of
    return double if node.to == "double" else _truncated(double)


def _from_text(of: Any) -> Any:
    # `$` stands before a last line break in some engines, so line breaks are ruled out by themselves.
    readable = of.re_search(NUMBER) & ~of.contains("\n")
    # The cast itself sees only what is readable: an engine may work out constants before it looks at any CASE.
    clean = ibis.cases((readable, of))
    cast = clean.cast if ibis.get_backend(of).name == "postgres" else clean.try_cast
    return cast("float64")


def _truncated(of: Any) -> Any:
    if ibis.get_backend(of).name != "pyspark":
        return _trunc(of)
    # Spark's own cast drops the fraction. Beyond 2 ** 53 a double has none, and may not fit the integer.
    return ibis.cases((of.abs() < 2.0**53, of.cast("int64").cast("float64")), else_=of)


_trunc = engine_functions.unary("trunc", "float64", "float64")
