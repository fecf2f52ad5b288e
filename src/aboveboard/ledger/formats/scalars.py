"""What texts in XES and OCEL logs say: truth values, whole numbers, UTC offsets."""

from __future__ import annotations

import re

TRUTHS = {"true": True, "1": True, "false": False, "0": False}

_INTEGER = re.compile(r"[+-]?\d{1,19}\Z", re.ASCII)
_OFFSET = re.compile(r"[+-]\d{2}:?\d{2}\Z")
_NO_OFFSET = ("+00:00", "+0000", "-00:00")


def whole_number(text: str) -> int | None:
    """The number that a text says, where it fits 64 bits."""
    return int(text) if _INTEGER.match(text) and is_long(int(text)) else None


def is_long(value: int) -> bool:
    """Whether a whole number fits 64 bits."""
    return -(2**63) <= value < 2**63


def offset_of(moment: str) -> str | None:
    """The UTC offset that a time was written with; None where there is none, or it is UTC."""
    found = _OFFSET.search(moment)
    return found[0] if found and found[0] not in _NO_OFFSET else None


def is_offset(value: object) -> bool:
    """Whether it is a UTC offset, as a time is written with."""
    return isinstance(value, str) and _OFFSET.fullmatch(value) is not None
