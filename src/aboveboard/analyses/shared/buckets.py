"""A lot drawn by name: the same on every engine, and nothing to do with what happened."""

from __future__ import annotations

from typing import Any

import ibis

from aboveboard.ledger import engine_functions

_md5 = engine_functions.unary("md5", "string", "string")


def bucket(name: Any) -> Any:
    """One of 256 (0–255) by the first two digits of the MD5 of a text column: int64."""
    digits, digest = ibis.literal("0123456789abcdef"), _md5(name)
    return (digits.find(digest.substr(0, 1)) * 16 + digits.find(digest.substr(1, 1))).cast("int64")
