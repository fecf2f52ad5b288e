"""JSON as the ledger keeps it in `attributes`: objects only, numbers that JSON knows, text that UTF-8 can hold."""

from __future__ import annotations

import json
import math
from typing import Any

Json = Any


def dumps(value: Json) -> str:
    """JSON text; characters as they are, except lone surrogates, which only an escape can carry."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or encodable(text) else json.dumps(value, separators=(",", ":"))


def dumps_ascii(value: Json) -> str:
    """JSON text in ASCII, control characters escaped: any XML or SQLite can hold it."""
    return json.dumps(value, separators=(",", ":"))


def canonical(value: Json) -> str:
    """The same text for the same value, whatever the order of its members; 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def loads(text: str) -> Json:
    """The value of a JSON text. Raises ValueError, also for NaN and Infinity, which are not JSON."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as problem:
        raise ValueError("JSON nested too deeply") from problem


def loads_object(text: str | None) -> dict[str, Json] | None:
    """The members of a JSON object that writing and reading keeps; None for anything else, `{}` among it."""
    if text is None:
        return None
    try:
        found = loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found else None


def encodable(text: str) -> bool:
    """Whether UTF-8 can hold the text: no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number
